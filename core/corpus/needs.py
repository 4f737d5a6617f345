"""What an extractor needs to be there, asked before a run of hours and not in the middle of it."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from core.errors import EnvironmentProblem
from core.job import JobContext
from core.models.weights import WeightStore

if TYPE_CHECKING:
    from core.corpus.extractor import Extractor, Settings
    from core.models.base import WeightFile


def need_package(one: Extractor, module: str, package: str = "") -> None:
    """Make sure that a Python package can be found, without loading it.

    Args:
        package: what it is called where it is installed from, if not like its module.

    Raises:
        EnvironmentProblem: it cannot.
    """
    if importlib.util.find_spec(module) is None:
        raise EnvironmentProblem(
            f"The feature {one.name} cannot be extracted here",
            f"The Python package {package or module} is not installed",
            "Run ./setup_env.sh, or leave the feature out",
        )


def need_weights(one: Extractor, settings: Settings, file: WeightFile, ctx: JobContext) -> None:
    """Make sure that trained weights are there and are the right ones; fetches them where there is a network.

    Raises:
        EnvironmentProblem: they are not, with the file, where it comes from and where it belongs.
        Cancelled: through `ctx`.
    """
    try:
        WeightStore.at(settings.paths).obtain(file, ctx)
    except EnvironmentProblem as problem:
        raise EnvironmentProblem(
            f"The feature {one.name} cannot be extracted here", str(problem).rstrip("."), "Or leave the feature out"
        ) from problem
