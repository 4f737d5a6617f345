"""What waits to be stored is stored once, in order, whoever does it."""

from __future__ import annotations

import threading

import pytest

from core.changes import Changes, Kind
from core.errors import UserError
from ui.annotation.outbox import Outbox


def test_whoever_drains_it_each_delivery_is_made_once_and_in_order() -> None:
    outbox, made = Outbox(), []

    def deliver(number: int):
        def delivery() -> Changes:
            made.append(number)
            return Changes.of(Kind.LABELS)

        return delivery

    for number in range(200):
        outbox.put(deliver(number))
    workers = [threading.Thread(target=outbox.drain) for _ in range(4)]
    for worker in workers:
        worker.start()
    for number in range(200, 260):
        outbox.put(deliver(number))
    for worker in workers:
        worker.join()
    outbox.drain()
    assert made == list(range(260))
    assert len(outbox) == 0


def test_what_fails_waits_on_with_all_behind_it() -> None:
    outbox, made, broken = Outbox(), [], [True]

    def second() -> Changes:
        if broken:
            raise UserError("Not now")
        made.append(2)
        return Changes()

    for delivery in (lambda: made.append(1) or Changes(), second, lambda: made.append(3) or Changes.of(Kind.LABELS)):
        outbox.put(delivery)
    with pytest.raises(UserError):
        outbox.drain()
    assert (made, len(outbox)) == ([1], 2)
    broken.clear()
    assert outbox.drain() == Changes.of(Kind.LABELS)
    assert made == [1, 2, 3]
