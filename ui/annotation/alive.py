"""Results of jobs that come home when the window they were for is closed already."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from PyQt6 import sip
from PyQt6.QtCore import QObject


def while_alive(owner: QObject, act: Callable[..., object]) -> Callable[..., None]:
    """`act`, but nothing once Qt has deleted `owner`."""

    @wraps(act)
    def guarded(*values: object) -> None:
        if not sip.isdeleted(owner):
            act(*values)

    return guarded
