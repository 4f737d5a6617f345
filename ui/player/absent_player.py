"""The player of machines without libmpv: it opens nothing and says so each time, the rest of the app works on."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QTimer

from core.errors import EnvironmentProblem
from ui.player.player import Player


class AbsentPlayer(Player):
    """Fails every `open` with the problem it was made with; nothing else can happen."""

    def __init__(self, problem: EnvironmentProblem, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._problem = problem
        self._answer = QTimer(self, singleShot=True, interval=0)
        self._answer.timeout.connect(lambda: self._report_failed(self._problem))

    @property
    def video_problem(self) -> EnvironmentProblem:
        return self._problem

    def _do_open(self, path: str) -> None:
        self._answer.start()

    def _do_close(self) -> None:
        self._answer.stop()

    def _do_pause(self, paused: bool) -> None:
        """Nothing plays."""

    def _do_speed(self, speed: float) -> None:
        """Nothing plays."""

    def _do_volume(self, percent: float, muted: bool) -> None:
        """Nothing sounds."""
