"""A Ray cluster of several nodes on this machine, one of which dies in the middle of a run.

`python -m tests.core.corpus.cluster_story SOURCE OUT NODES KILL_AFTER` prints a JSON object: what the run told.
A program of its own, for Ray asks the network who it is, and leaves threads behind.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

# Read when Ray is imported: nothing is reported, and nothing listens outside this machine.
os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER="0")

from ray.cluster_utils import Cluster

from core.corpus.ray_pool import STORE_BYTES
from core.corpus.results import Result
from core.job import JobContext
from core.ops.corpus import RunRequest, run
from core.paths import data_paths
from tests.core.corpus.toys import BESIDE, ToyRecipe


def main() -> None:
    source, out, nodes, kill_after = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    # Cards that nobody looks for: an actor goes on each.
    node = {"num_cpus": 1, "num_gpus": 1, "object_store_memory": STORE_BYTES}
    head = {**node, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    others = [cluster.add_node(**node) for _ in range(nodes - 1)]
    told: list[str] = []

    def tell(result: Result) -> None:
        told.append(f"{'failed' if result.failed else 'done'} {result.key.extractor} {Path(result.video).name}")
        if len(told) == kill_after:
            cluster.remove_node(others.pop(), allow_graceful=False)

    request = RunRequest(source, out, "ray", cluster.address, min_free_bytes=0, cache_dir=data_paths().cache)
    try:
        summary = run(data_paths(), request, BESIDE, ToyRecipe(), JobContext(), None, tell).summary
    finally:
        cluster.shutdown()
    print(json.dumps({"told": told, "left": summary.left, "stopped": str(summary.stopped or ""), "nodes": len(others)}))


if __name__ == "__main__":
    main()
