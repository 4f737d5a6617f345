"""The table of extractors keeps its promises, one line is enough to add one, and a failure is a row with its reason."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from core.corpus import extractor as table
from core.corpus.extractor import EXTRACTORS, Row, Settings, extractor, extractors
from core.corpus.extractors import gaze
from core.corpus.features import Failure, Features
from core.errors import EnvironmentProblem, UserError
from core.models.detector import PersonDetector, build_network
from core.paths import DataPaths

TOY = '''
"""A toy: how bright a video is."""
from core.corpus.extractor import Column


class Brightness:
    name, version, needs, wants = "brightness", 3, "cpu", "samples"
    columns = (Column("mean", "levels", "float", "mean brightness, 0-255"), Column("frames", "", "int", "looked at"))

    def __init__(self, settings):
        pass

    def check(self, ctx):
        pass

    def extract(self, frames, info):
        levels = [float(frame.rgb.mean()) for frame in frames]
        return {"frames": len(levels), "mean": sum(levels) / len(levels)}

    def close(self):
        pass
'''
BROKEN = {
    "raises": "raise KeyError('lost')",
    "no_memory": "raise MemoryError",
    "machine": "raise EnvironmentProblem('The disk is full')",
    "no_row": "return None",
    "other_columns": "return {'mean': 1.0}",
}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Adds an extractor as a person would: a file, and a line in the table."""

    def add(name: str, code: str) -> str:
        module = f"toy_{tmp_path.name}_{name}"
        (tmp_path / f"{module}.py").write_text(code, encoding="utf-8")
        monkeypatch.setitem(EXTRACTORS, name, f"{module}:Brightness")
        return name

    monkeypatch.syspath_prepend(str(tmp_path))
    yield add
    for module in [name for name in sys.modules if name.startswith(f"toy_{tmp_path.name}")]:
        del sys.modules[module]


def broken(kind: str) -> str:
    body = TOY.partition("        levels =")[0] + f"        {BROKEN[kind]}\n" + "\n    def close(self):\n        pass\n"
    return body.replace('"brightness"', f'"{kind}"').replace(
        "import Column", "import Column\nfrom core.errors import EnvironmentProblem"
    )


def extract(path: Path, names: list[str]) -> dict[str, Row | Failure]:
    with Features(names) as features:
        return features.extract(path, "key")


def test_one_file_and_one_line_add_an_extractor(media, toy) -> None:
    name = toy("brightness", TOY)
    rows = extract(media("tiny"), [name, "cuts"])
    assert list(rows) == ["brightness", "cuts"]
    assert list(rows["brightness"]) == ["mean", "frames"]
    assert rows["brightness"]["frames"] == 5 and 70 < rows["brightness"]["mean"] < 180
    assert rows["cuts"]["fps"] == 25


@pytest.mark.allow_warnings
def test_a_broken_extractor_does_not_stop_the_others(media, toy) -> None:
    names = [toy(kind, broken(kind)) for kind in BROKEN]
    rows = extract(media("tiny"), [*names, "cuts"])
    assert isinstance(rows.pop("cuts"), dict)
    assert all(isinstance(row, Failure) for row in rows.values())
    assert "lost" in rows["raises"].reason and "KeyError" in rows["raises"].details
    assert "The disk is full" in rows["machine"].reason and not rows["machine"].details
    assert {kind: row.environment for kind, row in rows.items()} == {
        "raises": False, "no_memory": True, "machine": True, "no_row": False, "other_columns": False,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["text", "empty", "directory", "truncated", "audio_only"])
def test_a_broken_video_is_a_reason_for_each(media, kind: str) -> None:
    rows = extract(media(kind), ["cuts", "density"])
    assert list(rows) == ["cuts", "density"]
    for row in rows.values():
        assert isinstance(row, Failure) and row.reason.endswith(".") and not row.details and not row.environment


@pytest.mark.parametrize("kind", ["tiny", "vfr", "rotated90", "one_frame"])
def test_every_extractor_gives_what_its_columns_declare(
    media, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The networks that have to be fetched are replaced by one with random weights and one that sees no face."""

    class Blind:
        def setInput(self, blob: np.ndarray) -> None:
            self.shape = (blob.shape[2] // 4, blob.shape[3] // 4)

        def forward(self, names: tuple[str, ...]) -> tuple[np.ndarray, ...]:
            return tuple(np.zeros((1, channels, *self.shape), np.float32) for channels in (1, 2, 2, 10))

    monkeypatch.setattr(gaze, "load_network", lambda *_: Blind())
    monkeypatch.setattr(PersonDetector, "load", lambda *_args, **_more: PersonDetector(build_network(), "cpu"))
    path = media("tiny", seconds=0.04) if kind == "one_frame" else media(kind, seconds=3)
    with Features(EXTRACTORS, Settings(DataPaths(tmp_path), "cpu")) as features:
        rows = features.extract(path, "key")
        declared = {one.name: one.columns for one in features.extractors}
    kinds = {"int": int, "float": (float, int), "str": str, "bool": bool, "json": (list, dict), "array": np.ndarray}
    for name, row in rows.items():
        assert not isinstance(row, Failure), (name, row)
        assert list(row) == [column.name for column in declared[name]]
        for column in declared[name]:
            value = row[column.name]
            assert value is None or isinstance(value, kinds[column.type]), (name, column.name, value)
            if column.type == "array":
                assert value.dtype == np.float32 and value.ndim == 1
            else:
                # Plain values and no NaN, so that every kind of table can hold them.
                json.dumps(value, allow_nan=False)


def test_the_table_is_sound() -> None:
    for name in EXTRACTORS:
        one = extractor(name)
        assert one.name == name and one.version >= 1
        assert one.needs in ("cpu", "gpu") and one.wants in ("nothing", "samples", "pairs", "all")
        names = [column.name for column in one.columns]
        assert len(set(names)) == len(names) and all(part.isidentifier() for part in names)
        assert all(column.about for column in one.columns)


def test_every_column_is_in_the_manual() -> None:
    manual = (Path(table.__file__).parents[2] / "docs" / "corpus.md").read_text(encoding="utf-8")
    for one in extractors(EXTRACTORS):
        for column in one.columns:
            assert f"| `{one.name}_{column.name}` | {column.unit or '–'} |" in manual, (one.name, column.name)


def test_names_that_do_not_exist_are_told_before_anything_runs() -> None:
    for names in (["cuts", "nonsense"], ["cuts-fast"], []):
        with pytest.raises(UserError):
            Features(names)


def test_a_name_given_twice_is_one_extractor() -> None:
    assert [one.name for one in extractors(["cuts", "density", "cuts"])] == ["cuts", "density"]


def test_what_is_missing_is_told_before_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "scenedetect" else there(name))
    with (
        Features(["density", "cuts"], Settings(DataPaths(tmp_path))) as features,
        pytest.raises(EnvironmentProblem, match="scenedetect-headless is not installed"),
    ):
        features.check()


def test_making_and_checking_loads_no_heavy_library() -> None:
    """`corpus status` and the window ask for columns and versions; that must not cost seconds."""
    import subprocess

    code = (
        "import sys\n"
        "from core.corpus.extractor import EXTRACTORS, extractors\n"
        "from core.corpus.features import Features\n"
        "extractors(EXTRACTORS)\n"
        "print(','.join(sorted({'cv2', 'scenedetect', 'rapidocr', 'onnxruntime', 'torch', 'av'} & set(sys.modules))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120, cwd=Path.cwd()
    )
    assert done.stdout.strip() == ""
