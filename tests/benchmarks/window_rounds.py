"""What a round about windows holds in memory: `python -m tests.benchmarks.window_rounds [--quick] [--width D]`.

Vectors are made up straight in the cache of embeddings, so that nothing but the round itself is measured. Each size
runs in a process of its own; printed are its highest resident memory and how much that grows for each further window,
beside what one copy of its vector takes. Pages that are mapped from disk count as resident, too, while there is room.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """
import resource, sys
from pathlib import Path
from core.media.claim import claim
from core.storage.vector_cache import VectorCache
from tests.core.annotation.window_world import run_round
folder = Path(sys.argv[1])
run_round(folder, int(sys.argv[2]), VectorCache(folder / "vectors", claim))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def main() -> None:
    from tests.core.annotation.window_world import PER_RECORDING, fill_cache

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small libraries")
    parser.add_argument("--width", type=int, default=1024, metavar="D", help="numbers of an embedding (default: 1024)")
    options = parser.parse_args()
    sizes = (10, 20, 40) if options.quick else (20, 80, 320)
    with tempfile.TemporaryDirectory() as name:
        fill_cache(Path(name), max(sizes), options.width)
        peaks = {}
        for recordings in sizes:
            command = [sys.executable, "-c", PROGRAM, name, str(recordings)]
            environment = {**os.environ, "OMP_NUM_THREADS": "1"}
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
            peaks[recordings * PER_RECORDING] = int(done.stdout) * 1024
    print("windows   highest memory")
    for windows, peak in peaks.items():
        print(f"{windows:7,}   {peak / 1e6:8,.0f} MB")
    few, many = min(peaks), max(peaks)
    grown = (peaks[many] - peaks[few]) / (many - few)
    print(
        f"{grown / 1e3:.1f} kB for each further window; one copy of its vector is {4 * 4 * options.width / 1e3:.1f} kB"
    )


if __name__ == "__main__":
    main()
