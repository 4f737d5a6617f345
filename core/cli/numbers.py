"""Numbers on the command line that must lie within limits, with a sentence where they do not."""

from __future__ import annotations

import argparse


def share(text: str) -> float:
    """A number from 0 to 1."""
    return within(text, 0.0, 1.0)


def within(text: str, least: float, most: float) -> float:
    """A number between these, both allowed. Raises ArgumentTypeError for any other and for what is no number."""
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no number") from error
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"{text} is not between {least:g} and {most:g}")
    return value
