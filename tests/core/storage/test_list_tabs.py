from __future__ import annotations

import threading
from pathlib import Path

from core.db import ProcessedDB


def test_threads_that_begin_at_once_share_the_first_list(tmp_path: Path) -> None:
    with ProcessedDB(tmp_path / "history.db") as db:
        together = threading.Barrier(4)
        found: list[int] = []

        def begin() -> None:
            together.wait()
            found.append(db.list_tabs.ensure("default"))

        threads = [threading.Thread(target=begin) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(found)) == 1
        assert len(db.list_tabs.tabs("default")) == 1
