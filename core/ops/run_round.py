"""Run a round of a labelling project: learn from the labels, measure, and choose what to ask for next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from core.annotation.queue_file import QueueRead, read_queue
from core.annotation.round_folder import FROZEN, METRICS, alone_in, has_step, read_step
from core.annotation.round_since import changes_since
from core.annotation.round_start import Turn
from core.annotation.rounds import RoundOptions, RoundResult, run_turn
from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.annotation import Item, ItemKind, Project, QueueEntry, Round
from core.domain.split import Split
from core.errors import UserError
from core.job import JobContext
from core.media.identity import content_key
from core.ops.item_view import FRAMES
from core.ops.round_exchange import rounds_home
from core.paths import DataPaths, data_paths
from core.storage.database import utc_now

if TYPE_CHECKING:
    from core.annotation.label_errors import LabelDoubt
    from core.annotation.workshop import Workshop
    from core.scan.embedding import Embedder

__all__ = [
    "FirstQueue",
    "RoundOptions",
    "RoundResult",
    "first_queue",
    "import_queue",
    "label_errors",
    "needs_first_queue",
    "run",
    "stopped",
]


def run(
    db: ProcessedDB,
    project_name: str,
    number: int,
    options: RoundOptions | None = None,
    ctx: JobContext | None = None,
    paths: DataPaths | None = None,
) -> tuple[RoundResult, Changes]:
    """Run round `number`, or what is left of it after it was cancelled or killed; its queue then comes first.

    The newest round can be run again: with the same options it is what it was, with others it is made anew from the
    labels of now. The test set stays even then.

    Args:
        number: 0 for the first; every other one needs the one before it.
        paths: None for the data folder that the history lies in.

    Raises:
        UserError: there is no such project, no label, too few videos, nothing to tell apart, no round before, it is
            being run elsewhere, or its folder holds something else.
        EnvironmentProblem: weights are missing, or something cannot be written.
        LeakError: a video of the test set came where it must not be.
        Cancelled: through `ctx`; what was finished is kept.
    """
    options, ctx = options or RoundOptions(), ctx or JobContext()
    paths = paths or data_paths(db.path.parent)
    project = db.annotation.get(project_name)
    rounds = _earlier(db, project, number)
    folder = _folder(paths, project, options, rounds) / f"round_{number:02d}"
    turn = _turn(db, project, number, folder, rounds, _frozen(db, project, number))
    with alone_in(turn.folder), _Open(db, project, options, paths) as workshop:
        result = run_turn(turn, options, workshop, lambda part: _agreement(db, project, part), ctx)
    with db.write():
        db.annotation.set_queue(project.id, number, result.entries)
        db.annotation.set_round(project.id, Round(number, str(turn.folder), utc_now(), result.metrics))
    return result, Changes.of(Kind.LABELS)


@dataclass(frozen=True)
class FirstQueue:
    """What to label before there is anything to learn from, and {item key: one sentence} of what cannot be read."""

    entries: tuple[QueueEntry, ...]
    unread: dict[str, str]


def needs_first_queue(db: ProcessedDB, project: Project) -> bool:
    """Whether nobody has answered anything, so that there is nothing to learn from."""
    store = db.annotation
    return not (store.rounds(project.id) or store.answered_by(project.id) or store.gold(project.id))


def first_queue(
    db: ProcessedDB,
    project: Project,
    options: RoundOptions | None = None,
    ctx: JobContext | None = None,
    paths: DataPaths | None = None,
) -> tuple[FirstQueue, Changes]:
    """Choose what to label first, as the queue of round 0, which then learns from it; see `needs_first_queue`.

    Raises:
        UserError: somebody has answered already, or nothing can be read.
        EnvironmentProblem: weights are missing, or something cannot be written.
        Cancelled: through `ctx`.
    """
    from core.annotation import first_queue as first

    options, ctx, paths = options or RoundOptions(), ctx or JobContext(), paths or data_paths(db.path.parent)
    items = db.annotation.items(project.id)
    if not items or not needs_first_queue(db, project):
        why = "Something is labelled already" if items else "It has no items"
        raise UserError(f"Nothing can be chosen to begin {project.name} with", why, "Label items of it, or add some")
    # Deleted in the end, so of a name that leads nowhere else.
    folder = paths.cache / "first-queue" / rounds_home(paths, project).name
    try:
        with _Open(db, project, options, paths) as workshop:
            entries, unread = first.first_queue(items, workshop, options, folder, ctx)
    finally:
        rmtree(folder, ignore_errors=True)
    if not entries:
        raise UserError(f"No item of {project.name} can be read", next(iter(unread.values())), "Check its files")
    db.annotation.set_queue(project.id, 0, entries)
    return FirstQueue(entries, unread), Changes.of(Kind.LABELS)


def stopped(db: ProcessedDB, project: Project, number: int, paths: DataPaths | None = None) -> tuple[str, ...]:
    """What a round that was cancelled or killed would say about going on with the labels it was begun with.

    Nothing where there is no such round in the folder of the project's rounds.

    Raises:
        UserError: its files are damaged.
    """
    rounds = [one for one in db.annotation.rounds(project.id) if one.finished_at and one.number < number]
    folder = _folder(paths or data_paths(db.path.parent), project, RoundOptions(), rounds) / f"round_{number:02d}"
    if (folder / METRICS).is_file() or not has_step(folder, "labels"):
        return ()
    return changes_since(_turn(db, project, number, folder, rounds), read_step(folder, "labels"), finished=False)


def import_queue(db: ProcessedDB, project_name: str, number: int, path: Path) -> tuple[QueueRead, Changes]:
    """Take a queue.csv that was edited by hand as the queue of a round. Rows of unknown items, and of the test set, are
    told, not taken.

    Raises:
        UserError: there is no such project or round, the round's files are gone, the file is no queue, or nothing in it
            is known.
    """
    project = db.annotation.get(project_name)
    known = {one.number: one for one in db.annotation.rounds(project.id)}
    if number not in known:
        raise UserError(f"{project.name} has no round {number}", "", "Run it first")
    items = db.annotation.items(project.id)
    test = Split.from_json(read_step(Path(known[number].folder), "split")).test
    found = read_queue(path, items, _names(db, items), test)
    if not found.entries:
        why = f"Line {found.unknown[0][0]}: {found.unknown[0][1]}" if found.unknown else "It has no rows"
        raise UserError(f"Nothing in {path.name} belongs to {project.name}", why, "Choose a queue.csv of this project")
    db.annotation.set_queue(project.id, number, found.entries)
    return found, Changes.of(Kind.LABELS)


def label_errors(
    db: ProcessedDB, project: Project, ctx: JobContext | None = None, paths: DataPaths | None = None
) -> tuple[LabelDoubt, ...]:
    """Labels that are likely wrong, the most doubtful first. Nothing is changed; see `core.annotation.label_errors`.

    Raises:
        UserError: no round has been run, or its files are gone.
        Cancelled: through `ctx`.
    """
    from core.annotation.label_errors import find_doubts

    rounds = db.annotation.rounds(project.id)
    if not rounds:
        raise UserError(
            f"Likely label errors of {project.name} cannot be told yet", "No round was run", "Run round 0 first"
        )
    return find_doubts(
        project,
        Path(rounds[-1].folder),
        db.annotation.items(project.id),
        db.annotation.answers(project.id),
        db.annotation.gold(project.id),
        ctx or JobContext(),
    )


class _Open:
    """The workshop of a project's kind of items, for the length of a block."""

    def __init__(self, db: ProcessedDB, project: Project, options: RoundOptions, paths: DataPaths) -> None:
        self._db, self._project, self._options, self._paths = db, project, options, paths
        self._embedder: Embedder | None = None

    def __enter__(self) -> Workshop:
        options = self._options
        if self._project.kind is ItemKind.FRAME:
            return self._frames()
        from core.annotation.window_workshop import WindowWorkshop
        from core.ops.cache import open_embedder
        from core.scan.embedding import EmbeddingKey

        self._embedder = open_embedder(self._paths, options.device)
        key = EmbeddingKey.of(options.embedding)
        return WindowWorkshop(self._embedder, key, self._find, options.head, options.seed)

    def _frames(self) -> Workshop:
        from core.annotation.frame_workshop import FrameWorkshop
        from core.media.frame_cache import FrameCache
        from core.models.frame_embeddings import FrameEmbeddings
        from core.models.frame_options import FrameTraining
        from core.models.weights import WeightStore

        options, cache = self._options, self._paths.cache
        training = FrameTraining(
            options.backbone, options.frozen, options.epochs, image_px=options.image_px, seed=options.seed
        )
        return FrameWorkshop(
            FrameCache(cache / FRAMES),
            self._find,
            training,
            options.weights,
            WeightStore.at(self._paths),
            FrameEmbeddings(cache / "frame-embeddings"),
            options.device,
        )

    def __exit__(self, *_error: object) -> None:
        if self._embedder is not None:
            self._embedder.close()

    def _find(self, key: str) -> Path:
        """Where the file of this content is.

        Raises:
            UserError: it is not on this machine, or another file took its place.
        """
        media = self._db.media.by_key(key)
        if media is None:
            raise UserError(f"The file {key[:8]}… is not on this machine", "", "Open it in 8-cut once")
        if content_key(media.path) != key:
            raise UserError(f"{media.name} is not the file it was", "It was replaced", "Bring the old one back")
        return Path(media.path)


def _turn(
    db: ProcessedDB, project: Project, number: int, folder: Path, rounds: list[Round], frozen: Split | None = None
) -> Turn:
    items = db.annotation.items(project.id)
    return Turn(
        project,
        number,
        items,
        db.annotation.answers(project.id),
        db.annotation.gold(project.id),
        _names(db, items),
        folder,
        tuple(Path(one.folder) for one in rounds),
        tuple(one.metrics for one in rounds),
        frozen,
    )


def _earlier(db: ProcessedDB, project: Project, number: int) -> list[Round]:
    """The rounds before this one, complete and with their files.

    Raises:
        UserError: one is missing, or this one is not the newest any more.
    """
    rounds = [one for one in db.annotation.rounds(project.id) if one.finished_at]
    if number < 0:
        raise UserError(f"There is no round {number}", "", "Rounds are counted from 0")
    later = [one.number for one in rounds if one.number > number]
    if later:
        raise UserError(
            f"Round {number} cannot be run again", f"Round {later[-1]} was built on it", f"Run round {later[-1] + 1}"
        )
    earlier = [one for one in rounds if one.number < number]
    if [one.number for one in earlier] != list(range(number)):
        have = ", ".join(str(one.number) for one in earlier) or "none"
        raise UserError(
            f"Round {number} needs round {number - 1}", f"Rounds of {project.name}: {have}", f"Run round {len(earlier)}"
        )
    if earlier and not (Path(earlier[-1].folder) / METRICS).is_file():
        raise UserError(
            f"The files of round {number - 1} are gone",
            f"They were in {earlier[-1].folder}",
            f"Bring the folder back, or run round {number - 1} again",
        )
    return earlier


def _frozen(db: ProcessedDB, project: Project, number: int) -> Split | None:
    """The split that round 0 was finished with; None before, and where its folder is gone."""
    done = [one for one in db.annotation.rounds(project.id) if one.finished_at and one.number == number == 0]
    if not done or not Path(done[0].folder).is_dir():
        return None
    folder = Path(done[0].folder)
    return Split.from_json(read_step(folder, "split" if has_step(folder, "split") else FROZEN))


def _folder(paths: DataPaths, project: Project, options: RoundOptions, rounds: list[Round]) -> Path:
    """Where the folders of a project's rounds lie: as asked for, else beside the last one, else in the data folder."""
    if options.out is not None:
        return options.out.expanduser().absolute()
    if rounds:
        return Path(rounds[-1].folder).parent
    return rounds_home(paths, project)


def _names(db: ProcessedDB, items: tuple[Item, ...]) -> dict[str, str]:
    """Content key -> file name, of the videos this history knows."""
    found = {}
    for key in {item.content_key for item in items}:
        media = db.media.by_key(key)
        if media is not None:
            found[key] = media.name
    return found


def _agreement(db: ProcessedDB, project: Project, ctx: JobContext) -> dict[str, Any] | None:
    from core.ops.agreement import report

    found = report(db, project, ctx).to_json()
    for task in found["tasks"]:
        # The window lists them anew; here they would fill the history.
        task["disagreements"] = len(task["disagreements"])
    return found
