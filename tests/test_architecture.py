"""The doors between the rooms, checked in the source: docs/architecture.md says the same in words."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [*sorted(path for top in ("core", "ui") for path in (ROOT / top).rglob("*.py")), ROOT / "main.py"]

# What a room may never import, by prefix of the module it lives in.
FORBIDDEN = {
    "core": ("ui", "PyQt6", "mpv", "pyqtgraph"),
    "core.domain": (
        "core.storage",
        "core.media",
        "core.models",
        "core.learning",
        "core.scan",
        "core.ops",
        "core.db",
        "core.cli",
        "core.paths",
        "core.job",
    ),
    "core.storage": ("core.media", "core.models", "core.learning", "core.scan", "core.ops", "core.db", "core.cli"),
    "core.media": ("core.storage", "core.ops", "core.db", "core.cli", "core.models", "core.learning", "core.scan"),
    "core.models": ("core.storage", "core.ops", "core.db", "core.cli", "core.learning", "core.scan"),
    "core.scan": ("core.storage", "core.ops", "core.db", "core.cli"),
    "core.corpus": ("core.storage", "core.ops", "core.db", "core.cli"),
    "core.learning": ("core.storage", "core.ops", "core.db", "core.cli"),
    "core.annotation": ("core.storage", "core.ops", "core.db", "core.cli"),
    "ui": ("torch", "sklearn", "torchaudio", "transformers", "timm", "av"),
    "ui.timeline": ("core.storage", "core.ops", "core.db", "core.media", "ui.player", "ui.main_window", "ui.jobs"),
    "ui.player": ("core.storage", "core.ops", "core.db", "core.media", "ui.timeline", "ui.main_window", "ui.jobs"),
    "ui.theme": ("core.storage", "core.ops", "core.db", "core.media", "ui.main_window"),
    "ui.widgets": ("core.storage", "core.ops", "core.db", "core.media", "ui.main_window", "ui.timeline", "ui.player"),
}

# Each dangerous thing has one owner.
OWNERS = {
    "sqlite3": ("core.storage",),
    "subprocess": ("core.media.process",),
    "multiprocessing": ("core.corpus",),
    "concurrent": ("core.media", "core.corpus"),
    "mpv": ("ui.player.mpv_player",),
    "torch": ("core.models", "core.learning"),
    "torchaudio": ("core.models",),
    "torchvision": ("core.models",),
    "transformers": ("core.models",),
    "timm": ("core.models",),
    "sklearn": ("core.learning",),
    "skops": ("core.learning",),
    "av": ("core.media",),
    "cv2": ("core.corpus.extractors",),
    "scenedetect": ("core.corpus.extractors",),
    "rapidocr": ("core.corpus.extractors",),
    "onnxruntime": ("core.corpus.extractors", "core.models.speech"),
    "ray": ("core.corpus",),
    "fsspec": ("core.corpus",),
    "s3fs": (),
    "gcsfs": (),
    "pyarrow": ("core.corpus",),
    "pickle": (),
    "joblib": (),
}
# Names that have one owner wherever they are imported from.
NAME_OWNERS = {
    "QThread": ("ui.jobs",),
    "QThreadPool": (),
    "QSettings": ("ui.settings",),
    "QMessageBox": ("ui.dialogs",),
    "QProcess": (),
}
MAX_MODULE_LINES, MAX_CLASS_LINES, MAX_FUNCTION_LINES = 500, 300, 60
FORBIDDEN_FILE_NAMES = {"utils.py", "helpers.py", "misc.py", "manager.py", "common.py"}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> list[tuple[int, str, str]]:
    """(line, module, imported name) of every import in a file, those inside functions included."""
    found = []
    module = module_name(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                parent = ".".join(parts[: len(parts) - node.level + 1])
                base = f"{parent}.{base}" if base else parent
            found += [(node.lineno, base, alias.name) for alias in node.names]
    return found


def within(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_rooms_use_only_their_doors(path: Path) -> None:
    module = module_name(path)
    wrong = []
    for line, imported, name in imports(path):
        for room, forbidden in FORBIDDEN.items():
            full = f"{imported}.{name}" if name else imported
            if within(module, (room,)) and (within(imported, forbidden) or within(full, forbidden)):
                wrong.append(f"{path.relative_to(ROOT)}:{line} {room} may not use {full}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_each_dangerous_thing_has_one_owner(path: Path) -> None:
    module = module_name(path)
    wrong = []
    for line, imported, name in imports(path):
        owners = OWNERS.get(imported.split(".")[0])
        if owners is not None and not within(module, owners):
            wrong.append(f"{path.relative_to(ROOT)}:{line} imports {imported}, owned by {owners or 'nobody'}")
        owners = NAME_OWNERS.get(name)
        if owners is not None and not within(module, owners):
            wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}, owned by {owners or 'nobody'}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_rooms_stay_liveable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    too_long = []
    if text.count("\n") > MAX_MODULE_LINES:
        too_long.append(f"{path.relative_to(ROOT)} has {text.count(chr(10))} lines")
    for node in ast.walk(tree):
        limit = MAX_CLASS_LINES if isinstance(node, ast.ClassDef) else MAX_FUNCTION_LINES
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.end_lineno - node.lineno >= limit:
            too_long.append(
                f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
            )
    assert path.name not in FORBIDDEN_FILE_NAMES
    assert not too_long, "\n".join(too_long)


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path.relative_to(ROOT)} has no docstring"


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_no_silent_or_shell_code(path: Path) -> None:
    wrong = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler) and len(node.body) == 1 and isinstance(node.body[0], ast.Pass):
            wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} an exception is swallowed without a word")
        if isinstance(node, ast.keyword) and node.arg == "shell" and getattr(node.value, "value", None) is True:
            wrong.append(f"{path.relative_to(ROOT)}:{node.value.lineno} shell=True")
        if isinstance(node, ast.Attribute) and node.attr == "executescript":
            wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} executescript commits behind one's back")
    assert not wrong, "\n".join(wrong)


def test_the_window_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys, ui.app\n"
        "heavy = {'torch', 'torchaudio', 'torchvision', 'sklearn', 'transformers', 'timm', 'av', 'scipy', 'cv2'}\n"
        "print(','.join(sorted(heavy & set(sys.modules))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
