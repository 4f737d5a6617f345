"""What was answered and is not in the history yet. Nothing is lost between the two, also when the program closes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from core.changes import Changes

Delivery = Callable[[], Changes]


class Outbox:
    """Deliveries in order; whoever drains it, the worker or the closing program, carries each out exactly once."""

    def __init__(self) -> None:
        self._waiting: deque[Delivery] = deque()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, delivery: Delivery) -> None:
        self._waiting.append(delivery)

    def drain(self) -> Changes:
        """Carry out all that waits.

        Raises:
            EightCutError: of the delivery that failed; it and those behind it wait on.
        """
        changes = Changes()
        with self._lock:
            while self._waiting:
                changes |= self._waiting[0]()
                self._waiting.popleft()
        return changes
