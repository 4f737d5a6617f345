from __future__ import annotations

import threading
from pathlib import Path

import pytest

from core.db import ProcessedDB


def test_threads_that_begin_at_once_share_the_first_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ProcessedDB(tmp_path / "history.db") as db:
        both_looked = threading.Barrier(2, timeout=20)
        really_shown, looked, found = db.list_tabs.shown, set[int](), list[int]()

        def shown(profile: str) -> int | None:
            """The real answer; the first time, no thread goes on before both have theirs."""
            answer = really_shown(profile)
            if threading.get_ident() not in looked:
                looked.add(threading.get_ident())
                both_looked.wait()
            return answer

        monkeypatch.setattr(db.list_tabs, "shown", shown)
        threads = [threading.Thread(target=lambda: found.append(db.list_tabs.ensure("default"))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 2
        assert len(set(found)) == 1
        assert len(db.list_tabs.tabs("default")) == 1
