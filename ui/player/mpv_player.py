"""The player on libmpv, and the only importer of `mpv`.

Two threads meet here. `EventReader` runs on mpv's event thread and hands plain numbers over by queued signals. All else
runs on the GUI thread and only sends asynchronous commands, because a synchronous one can wait for a picture that only
this thread can draw. Properties are never assigned: assigning one that is unavailable would hide it for good.
"""

from __future__ import annotations

import ctypes.util
import locale
import logging
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QTransform

from core.errors import EightCutError, EnvironmentProblem
from ui.player.audio_output import audio_outputs
from ui.player.file_problem import file_problem
from ui.player.mpv_events import EventReader
from ui.player.player import OpenedMedia, Player

log = logging.getLogger(__name__)

LIBRARY_VARIABLE = "EIGHTCUT_LIBMPV"  # path of the library where it is not in a usual place
MISSED_BY_S, PLAYED_ON_S = 0.005, 0.25
LOOK_BACKS_S = (2.0, 8.0, 30.0, 120.0)
OPTIONS = {
    # Nothing of the person's own mpv: no scripts, keys, texts, resumed positions, files opened beside this one.
    "config": False,
    "load_scripts": False,
    "ytdl": False,
    "osc": False,
    "osd_level": 0,
    "input_default_bindings": False,
    "input_vo_keyboard": False,
    "terminal": False,
    "sub_auto": "no",
    "sid": "no",
    "audio_file_auto": "no",
    "cover_art_auto": "no",
    "autoload_files": False,
    "resume_playback": False,
    "ordered_chapters": False,
    "stop_screensaver": False,
    "idle": True,
    "pause": True,
    "keep_open": True,
    "hr_seek": True,
    # The demuxer that ffmpeg and the frame times use: mpv's own one for Matroska starts the clock elsewhere. It also
    # leaves folders and playlists closed.
    "demuxer": "lavf",
    "audio_fallback_to_null": True,
    "audio_pitch_correction": True,
    "gapless_audio": "no",  # else the last tenths of a second are cut off at each end of a loop
    # Decoding on the CPU starts fastest after a seek; asking for none of the rest keeps drivers' messages away.
    "hwdec": "no",
    "gpu_hwdec_interop": "no",
}


def load_library() -> ModuleType:
    """python-mpv with libmpv loaded. Raises EnvironmentProblem where the library is missing."""
    named = os.environ.get(LIBRARY_VARIABLE)
    find_library = ctypes.util.find_library
    if named:
        ctypes.util.find_library = lambda name: named if "mpv" in name else find_library(name)
    try:
        import mpv
    except (OSError, ImportError) as error:
        log.warning("No libmpv: %s", error)
        raise EnvironmentProblem(
            "Video cannot be played",
            f"libmpv was not found: {named}" if named else "libmpv was not found on this machine",
            "Install it (Debian, Ubuntu: sudo apt-get install libmpv2; Fedora: sudo dnf install mpv-libs; "
            "macOS: brew install mpv; Windows: run setup-windows.ps1) and start 8-cut again",
        ) from error
    finally:
        ctypes.util.find_library = find_library
    # libmpv refuses to start with a comma as the decimal point, and QApplication sets the locale of the system.
    locale.setlocale(locale.LC_NUMERIC, "C")
    return mpv


class Picture:
    """mpv's render context. Every call needs the GL context current that was current when it was made."""

    def __init__(self, mpv: ModuleType, core: Any, address_of: Callable[[bytes], int], on_update: Callable) -> None:
        self._address_of = mpv.MpvGlGetProcAddressFn(lambda _context, name: address_of(name))
        self._context = mpv.MpvRenderContext(core, "opengl", opengl_init_params={"get_proc_address": self._address_of})
        self._context.update_cb = on_update

    def draw(self, framebuffer: int, width_px: int, height_px: int) -> bool:
        """Draw the current frame, letterboxed; whether it is one that was not drawn before."""
        fresh = self._context.update()
        target = {"fbo": framebuffer, "w": width_px, "h": height_px}
        self._context.render(flip_y=True, opengl_fbo=target, block_for_target_time=False)
        return fresh

    def free(self) -> None:
        """Give the GL objects back. Keep this object for as long as the core lives: taking the callback away, or
        letting it be collected, pulls the code from under mpv's thread while that may be calling it."""
        self._context.free()


class MpvPlayer(Player):
    """See Player. Raises EnvironmentProblem when libmpv is missing or does not start.

    Args:
        video_problem: why no picture can be shown here; positions, frames and sound work all the same.
    """

    picture_wanted = pyqtSignal()  # from mpv's render thread; connect it queued

    def __init__(self, parent: QObject | None = None, video_problem: EightCutError | None = None) -> None:
        super().__init__(parent)
        self._mpv = load_library()
        self._video_problem = video_problem
        self._core: Any = self._start_core()
        self._opening = 0
        self._waits_for_surface = False
        self._frame_length_s = 0.0
        self._flying = (0.0, False)
        self._look_back_s = 0.0
        self._may_retry = True
        self._picture: Picture | None = None
        self._freed: list[Picture] = []
        self._release_surface: Callable[[], None] | None = None
        self._reader = EventReader(self._mpv, self._core)
        queued = Qt.ConnectionType.QueuedConnection
        self._reader.opened.connect(self._on_opened, queued)
        self._reader.failed.connect(self._on_failed, queued)
        self._reader.position.connect(self._on_position, queued)
        self._reader.sought.connect(self._on_sought, queued)
        self._reader.ended.connect(self._on_ended, queued)

    def _start_core(self) -> Any:
        output = "null" if self._video_problem else "libmpv"
        try:
            return self._mpv.MPV(vo=output, ao=audio_outputs(), log_handler=_pass_on_log, loglevel="error", **OPTIONS)
        except (ValueError, TypeError, AttributeError, SystemError, RuntimeError) as error:
            raise EnvironmentProblem(
                "Video cannot be played", f"libmpv does not start: {error}", "Install libmpv 0.35 or newer"
            ) from error

    @property
    def engine_version(self) -> str:
        return self._core.mpv_version

    @property
    def video_problem(self) -> EightCutError | None:
        return self._video_problem

    @property
    def is_shut_down(self) -> bool:
        return self._core is None

    # -- for the surface ----------------------------------------------------------------------------------------------

    def make_picture(self, address_of: Callable[[bytes], int], release: Callable[[], None]) -> Picture:
        """The picture for the GL context that is current now. `release` is called before the player goes away and must
        free it with that context current. Raises EnvironmentProblem when this GL cannot show video."""
        try:
            self._picture = Picture(self._mpv, self._core, address_of, self.picture_wanted.emit)
        except (ValueError, TypeError, SystemError, RuntimeError) as error:
            raise EnvironmentProblem(
                "The picture cannot be shown",
                f"This machine's OpenGL is not enough for video ({error})",
                "Update the graphics driver; cutting by time still works",
            ) from error
        self._release_surface = release
        self._surface_is_ready()
        return self._picture

    def do_without_picture(self, problem: EightCutError) -> None:
        """The surface cannot draw: go on with positions and sound only."""
        self._video_problem = problem
        self._send("set", "vo", "null")
        self._surface_is_ready()

    def picture_freed(self) -> None:
        self._freed.append(self._picture)
        self._picture = None
        self._release_surface = None

    def _surface_is_ready(self) -> None:
        if self._waits_for_surface:
            self._waits_for_surface = False
            self._load(self._path)
        elif self.is_open and self._picture:  # the widget got another GL context: the video output starts again
            self._send("set", "vid", "no")
            self._send("set", "vid", "auto")
            if self.paused:  # else it starts again a few frames away
                self.seek(self.wanted_s)

    # -- Player -------------------------------------------------------------------------------------------------------

    def shutdown(self) -> None:
        super().shutdown()
        if self._core is None:
            return
        core, self._core = self._core, None
        if self._release_surface is not None:
            self._release_surface()
        self._reader.stop()
        core.terminate()

    def screenshot(self) -> QImage:
        if self._core is None or self.display_size is None:
            return QImage()
        raw = self._core.command("screenshot-raw", "video")
        image = QImage(raw["data"], raw["w"], raw["h"], raw["stride"], QImage.Format.Format_RGB32)
        turn = int((self._core.video_params or {}).get("rotate") or 0)
        if turn % 180 == 0 or (raw["w"], raw["h"]) != self.display_size:  # newer versions of mpv turn it themselves
            image = image.transformed(QTransform().rotate(turn))
        return image.copy()  # the bytes belong to this call

    def _do_open(self, path: str) -> None:
        self._opening += 1
        if self._picture is None and self._video_problem is None:
            self._waits_for_surface = True
        else:
            self._load(path)

    def _load(self, path: str) -> None:
        opening, reader = self._opening, self._reader
        self._may_retry = True
        self._set_look_back(0.0)
        # An absolute path is never taken for an option, a protocol or standard input.
        name = os.fsencode(Path(path).absolute())
        self._send("loadfile", name, "replace", on_reply=lambda _accepted: reader.load_replied(opening))

    def _do_close(self) -> None:
        self._opening += 1
        self._waits_for_surface = False
        self._send("stop")

    def _do_seek(self, time_s: float, exact: bool) -> None:
        self._flying = (time_s, exact)
        opening, reader = self._opening, self._reader
        flags = "absolute+exact" if exact else "absolute+keyframes"
        self._send("seek", f"{time_s:.6f}", flags, on_reply=lambda accepted: reader.seek_replied(opening, accepted))

    def _do_pause(self, paused: bool) -> None:
        self._do_loop(self._loop)
        self._send("set", "pause", "yes" if paused else "no")

    def _do_loop(self, loop: tuple[float, float] | None) -> None:
        # mpv jumps back from the loop's end while paused too, as soon as its buffers are full up to there.
        loop = None if self._paused else loop
        start, end = (f"{loop[0]:.6f}", f"{loop[1]:.6f}") if loop else ("no", "no")
        self._send("set", "ab-loop-a", start)
        self._send("set", "ab-loop-b", end)

    def _do_speed(self, speed: float) -> None:
        self._send("set", "speed", f"{speed:.6f}")

    def _do_volume(self, percent: float, muted: bool) -> None:
        self._send("set", "volume", f"{percent:.2f}")
        self._send("set", "mute", "yes" if muted else "no")

    def _do_audio_track(self, index: int) -> None:
        self._send("set", "aid", str(index + 1))

    def _do_frame_length_s(self) -> float:
        return self._frame_length_s

    def _send(self, *command: str | bytes, on_reply: Callable[[bool], None] | None = None) -> None:
        """Send a command without waiting; `on_reply` gets whether mpv accepted it, on mpv's event thread."""
        if self._core is None:
            return

        def replied(error: BaseException | None, _result: object) -> None:
            if error is not None:
                log.debug("mpv refused %s: %s", command, error)
            if on_reply is not None:
                on_reply(error is None)

        self._core.command_async(*command, callback=replied)

    # -- what arrives from the event thread ---------------------------------------------------------------------------

    def _on_opened(self, opening: int, media: OpenedMedia, frame_length_s: float) -> None:
        if opening == self._opening and self._core is not None:
            self._frame_length_s = frame_length_s
            self._report_opened(media)

    def _on_failed(self, opening: int) -> None:
        if opening != self._opening or not self._path:
            return
        self._send("stop")
        self._report_failed(file_problem(self._path))

    def _on_position(self, opening: int, time_s: float) -> None:
        # During a seek mpv names the time that was asked for; the frame's own comes with the end of the seek.
        if opening == self._opening and not self._seeks.busy:
            self._report_position(time_s)

    def _on_sought(self, opening: int, time_s: float) -> None:
        if opening != self._opening or self._retry(time_s):
            return
        target_s, exact = self._flying
        # Sound has no frames: an exact seek lands where it was sent, mpv's clock may still count what was buffered.
        self._report_seek_finished(target_s if exact and self.display_size is None else time_s)

    def _retry(self, landed_s: float) -> bool:
        """Transport streams have no index: mpv may start to decode too late for the frame asked for. Then seek once
        more from further back, and keep that for the file; where nothing helps the file is damaged, and stays so."""
        target_s, exact = self._flying
        # While it plays, the clock has gone on by some frames before anybody could look.
        missed_by_s = MISSED_BY_S if self._paused else PLAYED_ON_S
        missed = exact and self._times is not None and self.snap(landed_s) - target_s > missed_by_s
        if not missed or not self._may_retry or self._seeks.has_newer:
            return False
        further = [look_back for look_back in LOOK_BACKS_S if look_back > self._look_back_s]
        self._may_retry = bool(further)
        self._set_look_back(further[0] if further else 0.0)
        if further:
            self._do_seek(target_s, exact)
        return bool(further)

    def _set_look_back(self, seconds: float) -> None:
        self._look_back_s = seconds
        self._send("set", "hr-seek-demuxer-offset", f"{seconds:.1f}")

    def _on_ended(self, opening: int) -> None:
        if opening == self._opening:
            self._report_ended()


def _pass_on_log(level: str, prefix: str, text: str | bytes) -> None:
    # Decoders say the same about a damaged file at each seek.
    severity = logging.INFO if prefix == "cplayer" else logging.DEBUG
    log.log(severity, "mpv %s [%s] %s", level, prefix, text.strip() if isinstance(text, str) else text)
