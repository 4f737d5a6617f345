"""A Ray cluster of two nodes, one of which lacks weights: `python -m tests.core.corpus.cluster_limits SOURCE OUT`.

It prints a JSON object: how many tasks are wanted at once by --workers, and how a run ends. A program of its own, as
`cluster_story`.
"""

from __future__ import annotations

import json
import os
import sys

# Read when Ray is imported: nothing is reported, and nothing listens outside this machine.
os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER="0")

from ray.cluster_utils import Cluster

from core.corpus.ray_pool import STORE_BYTES, RayPool
from core.corpus.space import VideoCache
from core.job import JobContext
from core.ops.corpus import RunRequest, run
from core.paths import data_paths
from tests.core.corpus.toys import WANTED, WITHOUT_WEIGHTS, ToyRecipe


def main() -> None:
    source, out = sys.argv[1:]
    node = {"num_cpus": 1, "object_store_memory": STORE_BYTES}
    cluster = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    cluster.add_node(**node, env_vars={WITHOUT_WEIGHTS: "1"})
    try:
        rooms = {}
        for workers in (1, 9):
            pool = RayPool(ToyRecipe(), {"cpu"}, VideoCache(data_paths().cache), cluster.address, workers)
            rooms[workers] = pool.room("cpu")
            pool.close(at_once=True)
        request = RunRequest(source, out, "ray", cluster.address, min_free_bytes=0, cache_dir=data_paths().cache)
        summary = run(data_paths(), request, WANTED, ToyRecipe(), JobContext()).summary
    finally:
        cluster.shutdown()
    print(json.dumps({"rooms": rooms, "stopped": str(summary.stopped), "failed": summary.failed.total()}))


if __name__ == "__main__":
    main()
