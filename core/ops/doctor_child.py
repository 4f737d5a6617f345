"""Questions that may crash or hang the process that asks: the doctor asks them in a child. Answers are JSON.

Run as `python -m core.ops.doctor_child QUESTION`.
"""

from __future__ import annotations

import json
import sys

from core.errors import EightCutError


def gpu() -> dict[str, object]:
    """`{"build": "torch 2.14.0+cu130", "cards": ["NVIDIA H200, 139 GiB"]}`."""
    from core.models.hardware import accelerators, torch_build

    return {"build": torch_build(), "cards": accelerators()}


def libmpv() -> dict[str, object]:
    """`{"version": "mpv 0.35.1"}`."""
    from core.media.libmpv import libmpv_version

    return {"version": libmpv_version()}


def qt() -> dict[str, object]:
    """`{"missing": []}`, or a line for each library of the system that Qt misses."""
    from core.ops.verify_imports import missing_for_qt

    return {"missing": missing_for_qt()}


QUESTIONS = {"gpu": gpu, "libmpv": libmpv, "qt": qt}


def main(question: str) -> int:
    """Print the answer, or `{"problem": …, "fix": …}`."""
    try:
        answer = QUESTIONS[question]()
    except EightCutError as error:
        answer = {"problem": error.why or error.what, "fix": error.fix}
    except Exception as error:  # noqa: BLE001 - whatever a library raises on import is the answer
        answer = {"problem": f"{type(error).__name__}: {error}", "fix": ""}
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
