"""The folder of trained models: one current file for each, and its versions, listed, pinned, pruned and restored.

`models/{profile}_{MODEL}[_{name}].safetensors` is the current one; `models/versions/{the same}/{stamp}.safetensors` are
all of them, the current included. A stamp is the UTC time of saving, `%Y%m%d_%H%M%S_%f`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core import __version__
from core.errors import EnvironmentProblem, NewerDataError, UserError
from core.learning import model_file
from core.learning.trained import Trained

DEFAULT_VERSIONS = 10
_STAMP = "%Y%m%d_%H%M%S_%f"


@dataclass(frozen=True)
class ModelVersion:
    """One stored version of a model; `meta` and `report` as training left them."""

    stamp: str
    path: Path
    current: bool
    pinned: bool
    meta: dict[str, Any]
    report: dict[str, Any]


class ModelStore:
    """Models in one folder.

    Args:
        folder: `DataPaths.models`.
        now: the clock.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.folder = folder
        self._now = now

    def path(self, profile: str, model: str, name: str = "") -> Path:
        """Where the current file of a model lies or will lie."""
        return self.folder / (_file_stem(profile, model, name) + model_file.SUFFIX)

    def save(
        self, trained: Trained, profile: str, model: str, name: str = "", *, keep: int = DEFAULT_VERSIONS
    ) -> ModelVersion:
        """Store a new version and make it the current one; older ones beyond `keep` go, pinned ones stay.

        Raises:
            EnvironmentProblem: it cannot be written; what was there is as it was.
        """
        meta = {**trained.meta, "profile": profile, "model": model, "name": name}
        return self.save_at(self.path(profile, model, name), dataclasses.replace(trained, meta=meta), keep=keep)

    def save_at(self, path: Path, trained: Trained, *, keep: int = DEFAULT_VERSIONS) -> ModelVersion:
        """`save` under a path of the caller's choice.

        Raises:
            UserError: a file that 8-cut did not write lies there.
            EnvironmentProblem: as `save`.
        """
        self._archive_current(path)
        stamp = self._free_stamp(path)
        meta = {**trained.meta, "version": stamp, "code_version": __version__}
        stored = dataclasses.replace(trained, meta=meta)
        version = self._version_path(path, stamp)
        model_file.write(version, stored)
        try:
            model_file.replace_file(path, version.read_bytes())
        except EnvironmentProblem:
            # What could not become the current one was not saved: it shall not stand in the history either.
            version.unlink(missing_ok=True)
            raise
        self.prune(path, keep)
        return ModelVersion(stamp, version, True, False, stored.meta, stored.report)

    def load(self, path: Path) -> Trained | None:
        """The model of a file; None where there is none. Raises as `model_file.read`."""
        return model_file.read(Path(path))

    def models(self) -> list[Path]:
        """The current file of every model, by name. A file that 8-cut did not write is listed too: loading explains."""
        return sorted(self.folder.glob("*" + model_file.SUFFIX)) if self.folder.is_dir() else []

    def history(self, path: Path) -> list[ModelVersion]:
        """All versions of a model, newest first. One that cannot be read is left out.

        Raises:
            EnvironmentProblem: the folder cannot be read.
        """
        current, pins = self._current_stamp(path), self._pins(path)
        found = []
        for version in sorted(self._versions(path).glob("*" + model_file.SUFFIX), reverse=True):
            card = _readable_card(version)
            if card is not None:
                stamp = version.stem
                found.append(ModelVersion(stamp, version, stamp == current, stamp in pins, **card))
        return found

    def restore(self, path: Path, stamp: str) -> Trained:
        """Make an older version the current one. The one it replaces stays among the versions.

        Raises:
            UserError: there is no such version, or it is refused; the current one is as it was.
        """
        version = self._version_path(path, stamp)
        trained = model_file.read(version)
        if trained is None:
            raise UserError(f"{path.stem} has no version {stamp}", "", "Choose one of its history")
        self._archive_current(path)
        model_file.replace_file(path, version.read_bytes())
        return trained

    def pin(self, path: Path, stamp: str, pinned: bool = True) -> None:
        """Keep a version whatever is pruned, or let it go with the others again.

        Raises:
            UserError: there is no such version.
        """
        if pinned and not self._version_path(path, stamp).is_file():
            raise UserError(f"{path.stem} has no version {stamp}", "", "Choose one of its history")
        pins = self._pins(path) | {stamp} if pinned else self._pins(path) - {stamp}
        model_file.replace_file(self._versions(path) / "pins.json", json.dumps(sorted(pins)).encode())

    def prune(self, path: Path, keep: int = DEFAULT_VERSIONS) -> list[str]:
        """Delete all but the newest `keep` versions, the pinned ones and the current one; returns what went."""
        spared = self._pins(path) | {self._current_stamp(path)}
        gone = []
        for version in sorted(self._versions(path).glob("*" + model_file.SUFFIX), reverse=True)[max(0, keep) :]:
            if version.stem not in spared:
                version.unlink(missing_ok=True)
                gone.append(version.stem)
        return gone

    def _versions(self, path: Path) -> Path:
        return path.parent / "versions" / path.stem

    def _version_path(self, path: Path, stamp: str) -> Path:
        if not re.fullmatch(r"\d{8}_\d{6}_\d{6}", stamp):
            raise UserError(f"{stamp!r} is not a version", "", "Choose one of the model's history")
        return self._versions(path) / (stamp + model_file.SUFFIX)

    def _pins(self, path: Path) -> set[str]:
        pins = self._versions(path) / "pins.json"
        return set(json.loads(pins.read_text(encoding="utf-8"))) if pins.is_file() else set()

    def _current_stamp(self, path: Path) -> str:
        card = _readable_card(path)
        return str(card["meta"].get("version", "")) if card else ""

    def _archive_current(self, path: Path) -> None:
        """A current file that came here by hand becomes a version before it is replaced.

        Raises:
            UserError: 8-cut did not write it.
        """
        card = model_file.read_card(path)
        if card is None:
            return
        stamp = str(card["meta"].get("version", ""))
        known = re.fullmatch(r"\d{8}_\d{6}_\d{6}", stamp) is not None
        version = self._version_path(path, stamp if known else self._free_stamp(path))
        if not version.is_file():
            model_file.replace_file(version, path.read_bytes())

    def _free_stamp(self, path: Path) -> str:
        moment = self._now()
        while self._version_path(path, moment.strftime(_STAMP)).exists():
            moment += timedelta(microseconds=1)
        return moment.strftime(_STAMP)


def _readable_card(path: Path) -> dict[str, Any] | None:
    try:
        return model_file.read_card(path)
    except (UserError, NewerDataError):
        return None


def _file_stem(profile: str, model: str, name: str) -> str:
    wanted = "_".join(part for part in (profile, model, name) if part)
    safe = re.sub(r"[^\w\-. ]", "_", wanted).strip(". ") or "model"
    # Two names that differ only in what a file name cannot hold stay apart.
    return safe if safe == wanted else f"{safe}-{hashlib.sha256(wanted.encode()).hexdigest()[:6]}"
