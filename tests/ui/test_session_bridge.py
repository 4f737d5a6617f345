"""The session's announcements arrive as signals."""

from __future__ import annotations

from core.changes import Changes, Kind
from core.domain.media import Media
from core.session import Session
from ui.session_bridge import SessionBridge


def test_changes_and_focus_become_signals(qtbot) -> None:
    session = Session()
    bridge = SessionBridge(session)
    changes = Changes.of(Kind.CLIPS, 3)
    with qtbot.waitSignal(bridge.changed) as heard:
        session.publish(changes)
    assert heard.args == [changes]
    with qtbot.waitSignal(bridge.focus_changed):
        session.open_media(Media(1, "b3-1-x", "/a.mp4"))
    with qtbot.waitSignal(bridge.focus_changed):
        session.switch_profile("other")
    with qtbot.assertNotEmitted(bridge.changed):
        session.publish(Changes())
    assert bridge.session is session
