"""Making clips: encode takes, cut them into clips, audit each, and only then give it its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.domain.export import Audit, ExportSettings, PlannedClip
from core.domain.frame_size import kept_rect
from core.domain.media import MediaInfo, VideoStream
from core.errors import UserError
from core.job import JobContext
from core.media import process
from core.media.abilities import Abilities, ffmpeg_abilities
from core.media.audit import FirstFrame
from core.media.encoder_options import ENCODER_TITLES, SOFTWARE_ENCODER
from core.media.encoders import device_for, plain_reason
from core.media.ffmpeg_args import TakeFiles, command, is_full_range, tone_maps
from core.media.formats import AudioCodec, OutputFormat, audio_codec, output_format
from core.media.naming import disk_full, make_folder, partial_path, write_problem
from core.media.packaging import Packaging, Parts, packaging_of
from core.media.pts import FrameTimes, frame_times
from core.media.slicing import BrokenTake
from core.media.source_frames import seek_time_s, source_thumbs, start_time_s
from core.media.takes import Piece, Take, groups, picture_takes, sound_takes
from core.media.tools import find_tool

OnDone = Callable[[PlannedClip, Audit], None]
OnFailed = Callable[[PlannedClip, str], None]
# Cutting, auditing and renaming are the rest of the work.
_ENCODING_SHARE = 0.95
_DISK_FULL = "No space left on device"


def export_clips(
    info: MediaInfo,
    clips: Sequence[PlannedClip],
    settings: ExportSettings,
    ctx: JobContext,
    on_done: OnDone,
    on_failed: OnFailed,
    *,
    job_id: int = 0,
) -> tuple[str, ...]:
    """Make the files of these clips; each is reported once, by `on_done` or by `on_failed` with the reason.

    Returns what was done otherwise than asked: an encoder that fails is replaced by the software one.

    A clip has round(duration × fps) frames, the first of which is the source's frame shown at its start, and sound of
    the same length to the sample. A file that has the clip's name already is never replaced: when it passes the audit
    it is the clip itself, finished before a crash, otherwise the clip fails. Nothing unfinished is left behind, but by
    a crash: hidden files with `job_id` in their name.

    Raises:
        UserError: the source cannot be read, or has nothing of what is to be exported.
        EnvironmentProblem: ffmpeg is missing, the disk is full, the folder cannot be written to.
        Cancelled: `ctx` was cancelled; clips reported as done stay.
    """
    exporter = _Exporter.prepare(info, settings, ctx, job_id)
    reports = _Reports(on_done, on_failed, ctx, sum(clip.duration_s for clip in clips), len(clips))
    takes = exporter.takes(exporter.recognise(clips, reports))
    for group in groups(takes):
        exporter.make(group, reports)
    return tuple(exporter.encoder.notes)


def audio_track(info: MediaInfo, settings: ExportSettings) -> int | None:
    """The number of the track that goes into the clips, None for clips without sound.

    Raises:
        UserError: the source has fewer tracks, or this one cannot be decoded; or it has no picture where there must be
            one.
    """
    into = output_format(settings.format)
    if into.frames and not info.video:
        raise UserError(f"{Path(info.path).name} has no picture", "WebP clips are pictures", "Choose WAV or FLAC")
    if not info.audio or (settings.audio == "none" and into.picture and info.video):
        if info.video and into.picture:
            return None
        raise UserError(
            f"{Path(info.path).name} has no audio", f"{into.name} files hold only audio", "Choose MP4, MKV or MOV"
        )
    if not 0 <= settings.audio_track < len(info.audio):
        raise UserError(
            f"{Path(info.path).name} has no audio track {settings.audio_track + 1}",
            f"It has {len(info.audio)}",
            "Choose another track",
        )
    if not info.audio[settings.audio_track].sample_rate_hz:
        raise UserError(
            f"The audio of {Path(info.path).name} cannot be read",
            f"Its codec is {info.audio[settings.audio_track].codec}",
            "Choose another track, or export without audio",
        )
    return settings.audio_track


@dataclass
class _Reports:
    """Tells the caller what became of each clip, and how far all of it is."""

    on_done: OnDone
    on_failed: OnFailed
    ctx: JobContext
    total_s: float
    count: int
    finished: int = 0
    finished_s: float = 0.0
    _before_s: float = 0.0
    _encoded_s: float = 0.0

    def encoding(self, seconds: float) -> None:
        """So many seconds of the clips of the present group are encoded; 0 begins a group."""
        if not seconds:
            self._before_s = self.finished_s
        self._encoded_s = seconds
        self._show()

    def done(self, clip: PlannedClip, audit: Audit) -> None:
        self._finish(clip)
        self.on_done(clip, audit)

    def failed(self, clip: PlannedClip, reason: str) -> None:
        self._finish(clip)
        self.ctx.log(f"{Path(clip.path).name}: {reason}")
        self.on_failed(clip, reason)

    def _finish(self, clip: PlannedClip) -> None:
        self.finished += 1
        self.finished_s += clip.duration_s
        self._show()

    def _show(self) -> None:
        cut_s = self.finished_s - self._before_s
        done = self._before_s + self._encoded_s * _ENCODING_SHARE + cut_s * (1 - _ENCODING_SHARE)
        if self.finished == self.count:
            done = self.total_s
        self.ctx.progress(done, self.total_s, f"Clip {min(self.finished + 1, self.count)} of {self.count}")


@dataclass
class _Encoder:
    """Which encoder is in use; software takes over for good when another one fails."""

    name: str
    device: str | None
    ctx: JobContext
    notes: list[str] = field(default_factory=list)

    @property
    def may_fail(self) -> bool:
        return self.name != SOFTWARE_ENCODER

    def say(self, note: str) -> None:
        """Something is done otherwise than asked."""
        self.notes.append(note)
        self.ctx.log(note)

    def fall_back(self, reason: str) -> None:
        """Remember why; a second failure of what was encoded together says nothing new."""
        if not self.may_fail:
            return
        title = ENCODER_TITLES.get(self.name, self.name)
        self.say(f"{title} failed ({reason}): the clips were made with {ENCODER_TITLES[SOFTWARE_ENCODER]}")
        self.name, self.device = SOFTWARE_ENCODER, None


@dataclass(frozen=True)
class _Exporter:
    """Everything that stays the same for all clips of one source with one choice of settings."""

    info: MediaInfo
    settings: ExportSettings
    into: OutputFormat
    video: VideoStream | None
    codec: AudioCodec | None
    abilities: Abilities
    times: FrameTimes | None
    ctx: JobContext
    zero_s: float
    job: str
    packaging: Packaging
    encoder: _Encoder

    @classmethod
    def prepare(cls, info: MediaInfo, settings: ExportSettings, ctx: JobContext, job_id: int) -> _Exporter:
        into = output_format(settings.format)
        track = audio_track(info, settings)
        abilities = ffmpeg_abilities()
        video = info.video if into.picture else None
        encoder = _Encoder(SOFTWARE_ENCODER if into.frames else settings.encoder, device_for(settings.encoder), ctx)
        if video and video.hdr and not tone_maps(video, abilities):
            encoder.say("This ffmpeg lacks the filter zscale: HDR is not tone-mapped, the clips keep its tags")
        return cls(
            # Absolute: a relative name such as "data:x.mp4" would mean a protocol to ffmpeg.
            info=replace(info, path=str(Path(info.path).absolute())),
            settings=settings,
            into=into,
            video=video,
            codec=None if track is None else audio_codec(into, settings.audio, info.audio[track], abilities.version),
            abilities=abilities,
            times=frame_times(info.path, ctx) if video else None,
            ctx=ctx,
            zero_s=start_time_s(info.path),
            # A process that was killed may leave an ffmpeg that still writes: its files never get these names.
            job=f"{job_id}-{os.getpid()}",
            packaging=packaging_of(into),
            encoder=encoder,
        )

    def takes(self, clips: Sequence[PlannedClip]) -> list[Take]:
        if self.video is None or self.times is None:
            return sound_takes(clips)
        variable = self.video.variable_rate or self.times.variable_rate
        fps = self.settings.rate(self.video.fps)
        takes = picture_takes(clips, self.times, fps, variable, resampled=fps != self.video.fps)
        return [replace(take, seek_s=seek_time_s(self.info.path, take.start_s)) for take in takes]

    def recognise(self, clips: Sequence[PlannedClip], reports: _Reports) -> list[PlannedClip]:
        """Report those whose file is there already; returns the others."""
        there = [clip for clip in clips if self.packaging.is_there(Path(clip.path))]
        for take in self.takes(there):
            first_frames = self._first_frames(take)
            for piece in take.pieces:
                if (audit := self._audit(Path(piece.clip.path), piece, take, first_frames)).ok:
                    reports.done(piece.clip, audit)
                else:
                    reports.failed(piece.clip, "Another file has its name")
        return [clip for clip in clips if clip not in there]

    def make(self, group: Sequence[Take], reports: _Reports) -> None:
        """Encode a group of takes and finish their clips; when ffmpeg fails on several, each is tried alone."""
        folder = Path(group[0].pieces[0].clip.path).parent
        make_folder(folder)
        planned = [(take, self._files(take, folder)) for take in group]
        again: Sequence[Take] = ()
        try:
            for take in group if self.video else ():
                self.packaging.prepare(self._raw_picture(take, folder))
            replaceable = self.encoder.may_fail
            failure = self._encode(planned, folder, reports)
            if failure and replaceable:
                self.encoder.fall_back(plain_reason(failure))
                again = group
            elif failure and len(group) == 1:
                for piece in group[0].pieces:
                    reports.failed(piece.clip, f"ffmpeg failed: {failure}")
            elif not failure:
                again = [left for take, files in planned if (left := self._finish(take, files, reports, replaceable))]
        finally:
            for take, files in planned:
                self.packaging.remove(self._raw_picture(take, folder))
                for file in files.sounds:
                    Path(file).unlink(missing_ok=True)
        if again:
            self.make(again, reports)
        elif failure and len(group) > 1:
            for take in group:
                self.make([take], reports)

    def _raw_picture(self, take: Take, folder: Path) -> Path:
        return partial_path(folder, self.job, f"{take.pieces[0].clip.index}-picture")

    def _files(self, take: Take, folder: Path) -> TakeFiles:
        picture = self.packaging.raw_picture(self._raw_picture(take, folder)) if self.video else None
        sounds = [str(partial_path(folder, self.job, f"{piece.clip.index}-sound")) for piece in take.pieces]
        return TakeFiles(picture, tuple(sounds) if self.codec else ())

    def _encode(self, planned: Sequence[tuple[Take, TakeFiles]], folder: Path, reports: _Reports) -> str | None:
        """Run ffmpeg; returns why it failed, None when it did not."""
        ffmpeg = str(find_tool("ffmpeg"))
        cores = os.cpu_count() or 1
        settings = replace(self.settings, encoder=self.encoder.name)
        args = command(
            ffmpeg,
            self.info,
            planned,
            settings,
            self.codec,
            self.abilities,
            self.zero_s,
            cores,
            self.encoder.device,
        )
        lengths = [take.length_s for take, _ in planned]
        clips_s = sum(piece.length_s for take, _ in planned for piece in take.pieces)

        def watch(line: str) -> None:
            key, _, value = line.partition("=")
            # Both are microseconds; only the second exists in every release. It is N/A until something is written.
            if key == "out_time_ms" and value.isdigit():
                reached = int(value) / 1_000_000
                reports.encoding(clips_s * sum(min(reached, length) for length in lengths) / sum(lengths))

        reports.encoding(0.0)
        completed = process.stream(args, watch, ctx=self.ctx)
        if completed.stderr.strip():
            self.ctx.log(completed.stderr.strip())
        if completed.returncode == 0:
            reports.encoding(clips_s)
            return None
        if _DISK_FULL in completed.stderr:
            raise disk_full(folder)
        return completed.reason

    def _finish(self, take: Take, files: TakeFiles, reports: _Reports, replaceable: bool) -> Take | None:
        """Cut, audit and name the clips of an encoded take; returns what is to be made again with another encoder,
        where the one it was made with is `replaceable`.
        """
        first_frames = self._first_frames(take)
        picture = self._raw_picture(take, Path(take.pieces[0].clip.path).parent) if self.video else None
        for number, piece in enumerate(take.pieces):
            parts = (picture, Path(files.sounds[number]) if files.sounds else None)
            try:
                audit = self._finish_one(piece, take, parts, first_frames)
            except FileExistsError:
                reports.failed(piece.clip, "Another file took its name meanwhile")
                continue
            if isinstance(audit, Audit):
                reports.done(piece.clip, audit)
            elif replaceable:
                self.encoder.fall_back(audit)
                return replace(take, pieces=take.pieces[number:])
            else:
                reports.failed(piece.clip, audit)
        return None

    def _finish_one(self, piece: Piece, take: Take, parts: Parts, first_frames: dict[int, FirstFrame]) -> Audit | str:
        """The audit of a clip that now has its name, or what is wrong with what was encoded.

        Raises:
            FileExistsError: it is right, but its name was taken meanwhile.
        """
        final = Path(piece.clip.path)
        made = partial_path(final.parent, self.job, f"{piece.clip.index}-clip")
        try:
            self.packaging.write(made, piece, take.fps, parts, self.ctx)
            audit = self._audit(made, piece, take, first_frames)
            if audit.ok:
                self.packaging.place(made, final, self.codec is not None)
        except BrokenTake as error:
            return str(error)
        except FileExistsError:
            raise
        except OSError as error:
            raise write_problem(error, final.parent) from error
        finally:
            self.packaging.remove(made)
        return audit if audit.ok else ". ".join(audit.problems)

    def _first_frames(self, take: Take) -> dict[int, FirstFrame]:
        """What each clip's picture must begin with, by clip index; frames that cannot be decoded are left out."""
        if self.video is None or self.times is None:
            return {}
        around = {
            piece.clip.index: (piece.start_s, self.times.previous(piece.start_s), self.times.next(piece.start_s))
            for piece in take.pieces
        }
        wanted = {time for times in around.values() for time in times}
        step = self.settings.side_step
        window = kept_rect(self.video.width, self.video.height, take.crop, self.settings.short_side, step)
        whole = (window.width, window.height) == (self.video.width // 2 * 2, self.video.height // 2 * 2)
        thumbs = source_thumbs(self.info.path, self.video, wanted, self.ctx, None if whole else window)
        regraded = self.video.hdr or is_full_range(self.video)
        return {
            index: FirstFrame(
                thumbs[asked],
                tuple(thumbs[time] for time in neighbours if time in thumbs and time != asked),
                regraded,
            )
            for index, (asked, *neighbours) in around.items()
            if asked in thumbs
        }

    def _audit(self, path: Path, piece: Piece, take: Take, first_frames: dict[int, FirstFrame]) -> Audit:
        first = first_frames.get(piece.clip.index)
        return self.packaging.audit(path, piece, take.fps, self.codec is not None, first)
