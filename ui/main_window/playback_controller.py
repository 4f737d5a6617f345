"""Turns transport keys and mouse gestures into player commands and cursor moves."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from ui.main_window.cutting_state import CuttingState
from ui.main_window.ends_loop import EndsLoop
from ui.player.player import Player

JUMP_S = 1.0
VOLUME_STEP = 5.0


class PlaybackController(QObject):
    """Playing loops the pending batch; the cursor moves only when it is meant to."""

    def __init__(self, state: CuttingState, player: Player) -> None:
        super().__init__(state)
        self._state = state
        self._player = player
        self.reaction_s = 0.0
        self._ends = EndsLoop(player, self)
        self._only_ends = False
        self._free = False
        state.cursor_changed.connect(self._follow_span)
        state.batch_changed.connect(self._follow_span)
        state.facts_changed.connect(self._pass_on_frame_times)
        player.duration_changed.connect(state.set_player_duration)

    def toggle_play(self) -> None:
        """Play the pending batch in a loop, or pause where it is."""
        if not self._state.media:
            return
        if self._player.paused and not self._player.reversing:
            self._free = False
            self._follow_span()
            if not self._only_ends and not self._state.batch.span.contains(self._player.position_s):
                self._player.seek(self._state.cursor_s)
            self._player.play()
        else:
            self._player.pause()

    def shuttle(self, direction: int) -> None:
        """J (-1), K (0), L (+1) of an editor: free of the batch, which plays again with the next Play."""
        if not self._state.media:
            return
        self._free = direction != 0
        self._follow_span()
        self._player.shuttle(direction)

    def set_reaction(self, reaction_s: float) -> None:
        """How much later than the moment they mean a person presses a key."""
        self.reaction_s = reaction_s

    def set_only_ends(self, only_ends: bool) -> None:
        """Whether Play plays the first and the last second of each clip instead of the whole batch."""
        self._only_ends = only_ends
        self._follow_span()

    def check_cut(self) -> None:
        """Play the ends of the clips at once."""
        if self._state.media and self._player.paused:
            self.toggle_play()

    def change_volume(self, percent: float) -> None:
        """Louder or quieter; louder is heard even where the sound was off."""
        self._player.set_volume(self._player.volume + percent)
        if percent > 0:
            self._player.set_muted(False)

    def next_track(self) -> int | None:
        """Hear the next audio track, around the end; returns its index, None where there is no other."""
        tracks = [track.index for track in self._player.audio_tracks]
        if len(tracks) < 2:
            return None
        current = self._player.audio_track
        chosen = tracks[(tracks.index(current) + 1) % len(tracks)] if current in tracks else tracks[0]
        self._player.set_audio_track(chosen)
        return chosen

    def pause_and_snap(self) -> None:
        """Pause and go back to the cursor."""
        self._player.pause()
        self._player.seek(self._state.cursor_s)

    def step(self, frames: int) -> None:
        """Move the cursor by frames; a locked cursor stays and only the picture moves."""
        if not self._state.media:
            return
        self._player.pause()
        if self._state.locked:
            self._player.step(frames)
            return
        time_s = self._state.cursor_s
        times = self._state.times
        for _ in range(abs(frames)):
            if times:
                time_s = times.next(time_s) if frames > 0 else times.previous(time_s)
            else:
                time_s += (1 if frames > 0 else -1) * self._frame_s
        self.move_cursor(time_s)

    def jump(self, seconds: float) -> None:
        """Move the cursor by seconds (or the picture, when the cursor is locked)."""
        if not self._state.media:
            return
        if self._state.locked:
            self._player.seek(self._inside(self._player.position_s + seconds))
        else:
            self.move_cursor(self._state.cursor_s + seconds)

    def move_cursor(self, time_s: float) -> None:
        """Put the cursor on the frame at this time and show it."""
        self._state.set_cursor(time_s)
        self._player.seek(self._state.cursor_s)

    def scrub(self, time_s: float, final: bool) -> None:
        """Show another moment without touching the cursor."""
        self._player.scrub(self._inside(time_s), final)

    def set_start(self) -> None:
        """Take the playhead as the start, minus the reaction time when it was caught while playing."""
        if self._state.media:
            self._state.set_cursor(self._marked_s)

    def set_end(self) -> None:
        """Let the batch end at the playhead, minus the reaction time when it was caught while playing."""
        if self._state.media:
            self._state.end_batch_at(self._marked_s)

    def fit_clips(self) -> None:
        """As many clips as fit between the cursor and the playhead."""
        if self._state.media:
            self._state.fit_clips_up_to(self._player.position_s)

    @property
    def _marked_s(self) -> float:
        """The moment a person means who presses a key now."""
        return self._player.position_s - (0.0 if self._player.paused else self.reaction_s * self._player.speed)

    @property
    def _frame_s(self) -> float:
        video = self._state.info.video if self._state.info else None
        return float(1 / video.fps) if video and video.fps else 0.04

    def _inside(self, time_s: float) -> float:
        return min(max(0.0, time_s), self._state.duration_s or time_s)

    def _follow_span(self, *_: object) -> None:
        batch, length_s = self._state.batch, self._state.duration_s
        if self._only_ends and not self._free:
            self._ends.follow(batch.spans, length_s)
            return
        self._ends.stop()
        if self._free:
            self._player.set_loop(None)
            return
        span = batch.span
        self._player.set_loop(span.start_s, min(span.end_s, length_s or span.end_s))

    def _pass_on_frame_times(self) -> None:
        self._player.set_frame_times(self._state.times)
