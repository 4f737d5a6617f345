"""Train a classifier from what was cut."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.timespan import Span
from core.errors import UserError
from core.job import JobContext, PartOfJob
from core.media.identity import content_key
from core.ops.models import Classifier, as_classifier, model_store, name_in_label
from core.paths import DataPaths
from core.scan.embedding import DEFAULT_GRAIN_S, EmbeddingKey

if TYPE_CHECKING:
    from core.learning.examples import MediaExamples, TrainOptions
    from core.learning.trained import Trained
    from core.scan.embedding import Embedder
    from core.storage.training import MarkedMedia

_log = logging.getLogger(__name__)
_WHOLE_S = 1e6


@dataclass(frozen=True)
class TrainRequest:
    """What to train, and on what.

    Args:
        positives, negatives: classes, the names of export folders.
        model: the embedding model.
        grain_s: how much sound is judged at once, 1, 2, 4 or 8 s.
        head: one of `core.learning.examples.HEADS`.
        name: tells apart classifiers of one profile and model.
        neg_margin_s: automatic negatives keep this far from every marker.
        video_folder: where to look for sources that are not where they were.
    """

    profile: str
    positives: tuple[str, ...]
    negatives: tuple[str, ...] = ()
    model: str = "LOGMEL"
    encoding: str = "exact"
    grain_s: float = DEFAULT_GRAIN_S
    head: str = "auto"
    name: str = ""
    neg_margin_s: float = 30.0
    use_hard_negatives: bool = True
    include_scan_exports: bool = False
    video_folder: str = ""

    @property
    def key(self) -> EmbeddingKey:
        return EmbeddingKey.of(self.model, self.encoding, self.grain_s)


@dataclass(frozen=True)
class MarkedFile:
    """A recording on disk and the marks in it; see `core.learning.examples.MediaExamples`."""

    path: str
    positives: tuple[Span, ...]
    soft: tuple[Span, ...] = ()
    negatives: tuple[Span, ...] = ()
    hard: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True)
class TrainOutcome:
    """What came of it; `problems` has a sentence per file that had to be left out."""

    classifier: Classifier
    problems: tuple[str, ...]
    changes: Changes


def train(
    db: ProcessedDB, paths: DataPaths, embedder: Embedder, request: TrainRequest, ctx: JobContext | None = None
) -> TrainOutcome:
    """Train from the profile's clips and store the result as the classifier's newest version.

    Raises:
        UserError: the data cannot make a classifier; says why and what to do.
        EnvironmentProblem: weights are missing, or something cannot be written.
        Cancelled: through `ctx`; what was embedded is kept.
    """
    from core.learning.examples import TrainOptions

    ctx = ctx or JobContext()
    options = TrainOptions(
        head=request.head,
        neg_margin_s=request.neg_margin_s,
        use_hard_negatives=request.use_hard_negatives,
        embedding=request.key.meta,
    )
    trained, problems = train_on(marked_files(db, request), request.key, options, embedder, ctx)
    ctx.check()
    return store_trained(paths, trained, request, problems)


def store_trained(paths: DataPaths, trained: Trained, request: TrainRequest, problems: Sequence[str]) -> TrainOutcome:
    """Keep a classifier as the newest version under the request's name.

    Raises:
        UserError: it has gone right after it was saved.
        EnvironmentProblem: it cannot be written.
    """
    store = model_store(paths)
    version = store.save(trained, request.profile, request.model, request.name)
    path = store.path(request.profile, request.model, request.name)
    saved = store.load(path)
    if saved is None:
        raise UserError(f"The classifier {path.stem} has gone right after it was saved", str(version.path), "Try again")
    return TrainOutcome(as_classifier(path, saved), tuple(problems), Changes.of(Kind.MODELS))


def marked_files(db: ProcessedDB, request: TrainRequest) -> list[MarkedFile]:
    """The marks a request would train on.

    Raises:
        UserError: a class has no clips.
    """
    profile_id = db.profiles.id_of(request.profile)
    known = db.training.export_folders(profile_id, request.include_scan_exports)
    for name in (*request.positives, *request.negatives):
        if name not in known:
            fix = "There are: " + ", ".join(known) if known else "Cut some clips first"
            raise UserError(f"The class {name} has no clips in the profile {request.profile}", "", fix)
    if not request.positives:
        raise UserError("There is nothing to learn", "No positive class was chosen", "Choose at least one")
    both = set(request.positives) & set(request.negatives)
    if both:
        raise UserError(f"{', '.join(sorted(both))} cannot be positive and negative at once", "", "Choose one of them")
    found = db.training.marked(
        profile_id,
        request.positives,
        request.negatives,
        request.video_folder,
        request.include_scan_exports,
        request.use_hard_negatives,
        # What a classifier of another sound took for its own may well be this one.
        lambda label: name_in_label(label) in ("", request.name),
    )
    return [_marked_file(media) for media in found]


def _marked_file(media: MarkedMedia) -> MarkedFile:
    soft = media.soft
    if len(media.hard) == len(media.negatives) and not media.positives:
        # Somebody looked at what a scan found here and rejected some of it: the rest may well hold the sound.
        soft = (Span(0.0, _WHOLE_S),)
    return MarkedFile(media.path, media.positives, soft, media.negatives, media.hard)


def train_on(
    files: Sequence[MarkedFile], key: EmbeddingKey, options: TrainOptions, embedder: Embedder, ctx: JobContext
) -> tuple[Trained, list[str]]:
    """Embed recordings and train on their marks; returns the result and a sentence per file that was left out.

    Raises:
        UserError: the data cannot make a classifier.
        EnvironmentProblem, Cancelled: as `Embedder.embed`.
    """
    from core.learning.training import train as learn

    examples, problems = _examples(files, key, embedder, ctx)
    if problems and not any(example.positives for example in examples):
        raise UserError("There is nothing to learn from", problems[0], "Bring the files back, or relink them")
    return learn(examples, options, PartOfJob(ctx, len(files), len(files) + 1, "Learning")), problems


def _examples(
    files: Sequence[MarkedFile], key: EmbeddingKey, embedder: Embedder, ctx: JobContext
) -> tuple[list[MediaExamples], list[str]]:
    from core.learning.examples import MediaExamples

    examples, problems = [], []
    for number, file in enumerate(files):
        ctx.check()
        step = PartOfJob(ctx, number, len(files) + 1, Path(file.path).name)
        try:
            group = content_key(file.path)
            embedded = embedder.embed(file.path, group, key, step)
        except UserError as error:
            _log.info("Left out of training: %s", error)
            problems.append(str(error))
            continue
        examples.append(MediaExamples(group, embedded, file.positives, file.soft, file.negatives, file.hard))
    return examples, problems
