"""Where 8-cut keeps what it remembers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from core.errors import EnvironmentProblem

HOME_VARIABLE = "EIGHTCUT_HOME"
WEIGHTS_VARIABLE = "EIGHTCUT_WEIGHTS"


@dataclass(frozen=True)
class DataPaths:
    """The layout of the data folder. Nothing outside this class joins paths onto it."""

    root: Path
    weights_override: Path | None = None

    @property
    def database(self) -> Path:
        return self.root / "history.db"

    @property
    def settings(self) -> Path:
        return self.root / "settings.ini"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def cache(self) -> Path:
        """Holds only what can be computed again."""
        return self.root / "cache"

    @property
    def cache_limit(self) -> Path:
        """How much the cache of embeddings may take. Not in the cache itself, which may be emptied."""
        return self.root / "cache-limit.json"

    @property
    def trash(self) -> Path:
        return self.root / "trash"

    @property
    def models(self) -> Path:
        """Classifiers the user trained."""
        return self.root / "models"

    @property
    def rounds(self) -> Path:
        """What rounds of labelling made, a folder per project."""
        return self.root / "rounds"

    @property
    def weights(self) -> Path:
        """Downloaded weights of embedding models."""
        return self.weights_override or self.root / "weights"

    def prepare(self) -> DataPaths:
        """Make the root writable and present, or say why it cannot be.

        Raises:
            EnvironmentProblem: the folder cannot be made or written to.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            probe = self.root / f".write-test-{os.getpid()}"
            probe.write_bytes(b"8-cut")
            probe.unlink()
        except OSError as error:
            raise EnvironmentProblem(
                f"The data folder {self.root} cannot be written to",
                error.strerror or str(error),
                f"Make it writable, or choose another with --data-dir or {HOME_VARIABLE}",
            ) from error
        return self


def data_paths(
    data_dir: str | os.PathLike[str] | None = None, weights_dir: str | os.PathLike[str] | None = None
) -> DataPaths:
    """Choose the data folder: the argument, else EIGHTCUT_HOME, else the system's place for it. Touches no disk."""
    chosen = data_dir or os.environ.get(HOME_VARIABLE)
    weights = weights_dir or os.environ.get(WEIGHTS_VARIABLE)
    if chosen:
        root = Path(chosen).expanduser().absolute()
    else:
        from platformdirs import user_data_path

        root = user_data_path("8-cut", appauthor=False)
    return DataPaths(root, Path(weights).expanduser().absolute() if weights else None)
