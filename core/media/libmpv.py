"""Asking the system's libmpv for its version without a player: the player itself belongs to the window."""

from __future__ import annotations

import ctypes
import ctypes.util
import sys

from core.errors import EnvironmentProblem

# In the order in which the window's player looks for them.
_WINDOWS_NAMES = ("mpv-2.dll", "libmpv-2.dll", "mpv-1.dll")
INSTALL = {
    "linux": "sudo apt-get install libmpv2 (Debian, Ubuntu), or the libmpv of your system",
    "darwin": "brew install mpv",
    "win32": "put libmpv-2.dll where setup-windows.ps1 says",
}


def libmpv_version() -> str:
    """Such as `mpv 0.35.1`. Loads the library for good, so ask in a child process.

    Raises:
        EnvironmentProblem: there is no libmpv, or it does not start.
    """
    names = _WINDOWS_NAMES if sys.platform == "win32" else ("mpv",)
    path = next(filter(None, map(ctypes.util.find_library, names)), None)
    if path is None:
        raise _problem("It is not installed")
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise _problem(str(error)) from error
    library.mpv_create.restype = ctypes.c_void_p
    library.mpv_get_property_string.restype = ctypes.c_void_p
    for name in ("mpv_initialize", "mpv_get_property_string", "mpv_free", "mpv_terminate_destroy"):
        getattr(library, name).argtypes = [ctypes.c_void_p]
    library.mpv_get_property_string.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    handle = library.mpv_create()
    if not handle or library.mpv_initialize(handle) < 0:
        raise _problem("It is installed but does not start")
    text = library.mpv_get_property_string(handle, b"mpv-version")
    version = ctypes.string_at(text).decode("utf-8", "replace") if text else "of an unknown version"
    library.mpv_free(text)
    library.mpv_terminate_destroy(handle)
    return version


def _problem(why: str) -> EnvironmentProblem:
    return EnvironmentProblem("libmpv was not found", why, f"Install it: {INSTALL.get(sys.platform, INSTALL['linux'])}")
