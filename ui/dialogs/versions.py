"""What 8-cut runs on: versions and licences, read from the installed packages without importing them."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from email.message import Message
from importlib import metadata

from PyQt6.QtCore import PYQT_VERSION_STR, qVersion

from core import APP_NAME, __version__

LICENCE = "GPL-3.0-or-later"

# Distribution: what 8-cut needs it for
DEPENDENCIES = {
    "PyQt6": "the window",
    "python-mpv": "playing",
    "av": "reading media",
    "numpy": "numbers",
    "blake3": "knowing media by content",
    "platformdirs": "where data belongs",
    "natsort": "files in the order people count",
    "rich": "the command line",
    "torch": "embedding models",
    "torchaudio": "embedding models",
    "torchvision": "embedding models",
    "transformers": "embedding models",
    "timm": "embedding models",
    "safetensors": "weights of models",
    "scikit-learn": "classifiers",
    "threadpoolctl": "sharing the cores",
    "silero-vad": "where someone speaks",
    "onnxruntime": "speech, text in pictures",
    "opencv-python-headless": "features of videos",
    "scenedetect-headless": "features of videos",
    "rapidocr": "text in pictures",
    "ray": "corpus runs on several machines",
    "fsspec": "corpus runs from addresses",
    "s3fs": "corpus runs from addresses",
    "gcsfs": "corpus runs from addresses",
    "pyarrow": "tables of corpus runs",
}
# Programs and libraries that are not Python packages
PROGRAMS = (
    ("Qt", "LGPL-3.0-only", "the window"),
    ("FFmpeg", "LGPL-2.1-or-later or GPL-2.0-or-later, as built", "cutting"),
    ("libmpv", "LGPL-2.1-or-later or GPL-2.0-or-later, as built", "playing"),
)


@dataclass(frozen=True)
class Component:
    """A part of 8-cut; `version` is empty for one that is not installed or not asked for."""

    name: str
    version: str
    licence: str
    purpose: str


def components() -> list[Component]:
    """8-cut itself, what is not a Python package, and the packages."""
    python = Component("Python", platform.python_version(), "PSF-2.0", "everything")
    versions = {"Qt": qVersion() or ""}
    programs = [Component(name, versions.get(name, ""), licence, purpose) for name, licence, purpose in PROGRAMS]
    own = Component(APP_NAME, __version__, LICENCE, "")
    return [own, python, *programs, *(package(name, purpose) for name, purpose in DEPENDENCIES.items())]


def package(name: str, purpose: str = "") -> Component:
    """A Python package as installed."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return Component(name, "", "", purpose)
    return Component(name, about["Version"], licence_of(about), purpose)


def licence_of(about: Message) -> str:
    """The licence a package declares: the expression, else the first line of the old field, else the classifiers."""
    expression = about.get("License-Expression")
    if expression:
        return expression
    old = (about.get("License") or "").strip().splitlines()
    if old and len(old[0]) <= 60:
        return old[0]
    kinds = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier", []) if line.startswith("License :: ")]
    return ", ".join(kinds) or "see the package"


def system_report() -> str:
    """The lines at the head of a crash report."""
    lines = [
        f"{APP_NAME} {__version__}",
        f"Python {sys.version.split()[0]} on {platform.platform()}",
        f"Qt {qVersion()}, PyQt {PYQT_VERSION_STR}",
    ]
    packages = [package(name) for name in DEPENDENCIES if name != "PyQt6"]
    lines.append(", ".join(f"{part.name} {part.version}" for part in packages if part.version))
    return "\n".join(lines)
