"""Scanning thousands of recordings with a classifier: the regions of each, as one result a recording."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.corpus.extractor import Column
from core.corpus.features import Failure
from core.corpus.results import Key, Result
from core.corpus.runner import Plan, Wanted
from core.corpus.sources import Corpus
from core.errors import EnvironmentProblem, UserError
from core.job import JobContext
from core.ops import corpus
from core.ops.cache import open_embedder
from core.ops.corpus import RunReport, RunRequest
from core.ops.models import Classifier, model_store, open_classifier
from core.ops.scan import rule_for
from core.paths import DataPaths
from core.scan.embedding import EmbeddingKey
from core.scan.engine import score_file
from core.scan.regions import find_regions

if TYPE_CHECKING:
    from core.domain.scan import RegionRule

_PREFIX = "scan-"
SCAN_COLUMNS = (
    Column("regions", "", "int", "how many stretches were found"),
    Column("seconds", "s", "float", "how long they are together"),
    Column("best", "share", "float", "the highest probability anywhere in the recording"),
    Column("threshold", "share", "float", "the probability from which on something counts"),
    Column("spans", "s", "json", "start, end and highest probability of each stretch"),
)


def is_scan(key: Key) -> bool:
    """Whether these are results of a scan."""
    return key.extractor.startswith(_PREFIX)


@dataclass(frozen=True)
class ScanRecipe:
    """Opens a classifier and its embedding model in a worker.

    Args:
        classifier: its file.
        version: that it must be of: a run takes days, and somebody may train it anew meanwhile.
    """

    paths: DataPaths
    classifier: str
    version: str
    rule: RegionRule
    device: str

    @classmethod
    def of(cls, paths: DataPaths, classifier: Classifier, rule: RegionRule, device: str) -> ScanRecipe:
        """For this version of a classifier, which lies in a file of its own that training does not replace."""
        versions = [each.path for each in model_store(paths).history(classifier.path)]
        own = next((path for path in versions if path.stem == classifier.version), classifier.path)
        return cls(paths, str(own), classifier.version, rule, device)

    def make(self, names: Sequence[str]) -> _ScanSet:
        return _ScanSet(self, names[0])


class _ScanSet:
    def __init__(self, recipe: ScanRecipe, name: str) -> None:
        self._rule, self._name = recipe.rule, name
        self._classifier = open_classifier(recipe.paths, recipe.classifier)
        if self._classifier.version != recipe.version:
            raise EnvironmentProblem(
                f"{self._classifier.name} is not the classifier it was when this run began",
                f"{recipe.classifier} was replaced",
                "Start the same command again, for results of the new one",
            )
        self._paths, self._embedder = recipe.paths, open_embedder(recipe.paths, recipe.device)

    def check(self, ctx: JobContext) -> None:
        need_weights_of(self._paths, self._classifier)

    def extract(self, path: Path, content_key: str, ctx: JobContext) -> Mapping[str, dict[str, Any] | Failure]:
        try:
            windows = score_file(self._embedder, path, content_key, self._classifier.trained, ctx)
        except (UserError, EnvironmentProblem) as error:
            return {self._name: Failure(str(error), isinstance(error, EnvironmentProblem))}
        hits = find_regions(windows, self._rule)
        row = {
            "regions": len(hits),
            "seconds": round(sum(hit.end_s - hit.start_s for hit in hits), 3),
            "best": round(float(windows.scores.max()), 4) if len(windows.scores) else None,
            "threshold": self._rule.threshold,
            "spans": [[round(hit.start_s, 3), round(hit.end_s, 3), round(hit.score, 4)] for hit in hits],
        }
        return {self._name: row}

    def close(self) -> None:
        self._embedder.close()


def scan(
    paths: DataPaths,
    request: RunRequest,
    classifier: str,
    threshold: float | None = None,
    fuse_s: float | None = None,
    device: str = "auto",
    ctx: JobContext | None = None,
    on_start: Callable[[Corpus, Plan], None] | None = None,
    on_result: Callable[[Result], None] | None = None,
) -> RunReport:
    """Where a sound is in each recording. Another threshold or gap, or a classifier trained anew, is another result.

    Args:
        classifier: as `core.ops.models.classifier_path` finds it.
        threshold, fuse_s: None for what the classifier suggests.

    Raises:
        UserError: there is no such classifier, it does not fit this program, or the request makes no sense.
        EnvironmentProblem: weights or a disk is missing; said before anything is done.
    """
    found = open_classifier(paths, classifier)
    need_weights_of(paths, found)
    rule = rule_for(found, threshold, fuse_s)
    key = scan_key(found, threshold, fuse_s)
    recipe = ScanRecipe.of(paths, found, rule, device)
    wanted = (Wanted(key, corpus.lane_of("gpu", device, request.engine)),)
    return corpus.run(paths, request, wanted, recipe, ctx, on_start, on_result)


def need_weights_of(paths: DataPaths, classifier: Classifier) -> None:
    """Make sure that the weights of a classifier's embedding model are on this machine. Raises EnvironmentProblem."""
    from core.models.weights import WeightStore

    spec = EmbeddingKey.from_meta(classifier.trained.embedding).spec
    if spec.weights is not None and not WeightStore.at(paths).present(spec.weights):
        raise EnvironmentProblem(
            f"The weights of {spec.name} are not here",
            f"The classifier {classifier.name} needs them",
            f"Fetch them first: 8cut.sh models fetch {spec.name}",
        )


def scan_key(classifier: Classifier, threshold: float | None, fuse_s: float | None) -> Key:
    """What results of this scan are kept under: the classifier, what a person asked otherwise, and its version."""
    asked = [f"t{float(threshold)}"] if threshold is not None else []
    asked += [f"f{float(fuse_s)}"] if fuse_s is not None else []
    name = re.sub(r"[^\w.-]+", "_", "-".join([classifier.name, *asked]))
    # A time stamp down to the microsecond: as milliseconds it still fits 64 bits.
    return Key(_PREFIX + name, int(re.sub(r"\D", "", classifier.version)[:17] or 0))
