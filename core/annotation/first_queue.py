"""What to label first in a project that has no label yet, when nobody can say what a model would be unsure of.

Of windows, where what is looked for is often rare, those that are typical of what is there; of frames those that differ
most. What chance would have done, and each of the two, is in docs/annotation.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.annotation.rounds import RoundOptions
from core.annotation.rows import Rows, read_rows, write_rows
from core.annotation.selection import DIVERSE, TYPICAL, Pool, Rules, select_first
from core.annotation.workshop import Workshop, group_of
from core.domain.annotation import Item, ItemKind, QueueEntry
from core.job import JobContext, PartOfJob

_STEPS = 3


def first_queue(
    items: Sequence[Item], workshop: Workshop, options: RoundOptions, folder: Path, ctx: JobContext
) -> tuple[tuple[QueueEntry, ...], dict[str, str]]:
    """The items to begin with, and {item key: one sentence} of those that cannot be read.

    Args:
        options: of the round that will learn from them: how many, of one video at most, how far apart, seed.
        folder: for the vectors of all items while the choice is made.

    Raises:
        EnvironmentProblem: weights are missing, or the folder cannot be written to.
        Cancelled: through `ctx`; what was read is kept in the cache.
    """
    unread = workshop.prepare(items, PartOfJob(ctx, 0, _STEPS, "Reading"))
    items = [item for item in items if item.key not in unread]
    if not items:
        return (), unread
    write_rows(folder / "first.npy", len(items), workshop.embed(items, PartOfJob(ctx, 1, _STEPS)))
    ctx.check()
    ctx.progress(2, _STEPS, "Choosing")
    nothing = np.zeros(len(items))
    pool = Pool(
        tuple(item.key for item in items),
        tuple(group_of(item.key) for item in items),
        np.array([(item.start_s + item.end_s) / 2 for item in items]),
        nothing,
        nothing,
        Rows(read_rows(folder / "first.npy")),
    )
    apart_s = workshop.apart_s if options.apart_s is None else options.apart_s
    reason = TYPICAL if items[0].kind is ItemKind.WINDOW else DIVERSE
    return select_first(pool, options.top_k, reason, Rules(options.per_video, apart_s), options.seed), unread
