"""What the words after `8cut.sh` mean."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from typing import NoReturn

from core import APP_NAME, __version__
from core.cli import COMMANDS
from core.paths import HOME_VARIABLE, WEIGHTS_VARIABLE

_VALUE_OPTIONS = ("--data-dir", "--weights-dir")


class Parser(argparse.ArgumentParser):
    """argparse, but a wrong argument is one sentence, and JSON for a caller who asked for JSON."""

    arguments: Sequence[str] = ()

    def error(self, message: str) -> NoReturn:
        if "--json" in self.arguments:
            print(json.dumps({"event": "error", "message": message}))
        else:
            print(f"8-cut: {message}. See {self.prog} --help.", file=sys.stderr)
        sys.exit(2)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options; `command` is one of COMMANDS, or None for the window, whose files are in `media`.

    Exits by itself for --help, --version (0) and wrong arguments (2).
    """
    position = _first_word(arguments)
    command = arguments[position] if position is not None and arguments[position] in COMMANDS else None
    if command is None:
        parser = _window_parser()
        rest = list(arguments)
    else:
        parser = Parser(prog=f"8cut.sh {command}", description=_sentence(COMMANDS[command].summary), allow_abbrev=False)
        importlib.import_module(COMMANDS[command].module).add_arguments(parser)
        rest = [*arguments[:position], *arguments[position + 1 :]]
    _add_common(parser)
    parser.arguments = rest
    parser.set_defaults(command=command)
    return parser.parse_args(rest) if command else parser.parse_intermixed_args(rest)


def _first_word(arguments: Sequence[str]) -> int | None:
    """The index of the first argument that is neither an option nor an option's value."""
    skip = False
    for index, argument in enumerate(arguments):
        if skip:
            skip = False
        elif argument == "--":
            return None
        elif argument in _VALUE_OPTIONS:
            skip = True
        elif not argument.startswith("-"):
            return index
    return None


def _window_parser() -> Parser:
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items())
    parser = Parser(
        prog="8cut.sh",
        usage="8cut.sh [options] [MEDIA ...]\n       8cut.sh [options] COMMAND ...",
        description="Cut exact clips from long videos. Without a command, the window opens.",
        epilog=f"commands (each has its own --help):\n{commands}\n\nA file called like a command is meant by ./cut.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("media", metavar="MEDIA", nargs="*", help="videos, audio files or folders to open")
    parser.add_argument("--version", action="version", version=f"{APP_NAME} {__version__}")
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data-dir",
        metavar="DIR",
        help=f"keep history, settings and logs in DIR (otherwise {HOME_VARIABLE}, or the system's place for them)",
    )
    parser.add_argument(
        "--weights-dir",
        metavar="DIR",
        help=f"keep downloaded model weights in DIR (otherwise {WEIGHTS_VARIABLE}, or weights in the data folder)",
    )
    parser.add_argument("--verbose", action="store_true", help="say and log more")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
