"""What happened to each video, one file for each extractor."""

from __future__ import annotations

import time
from pathlib import Path

from core.corpus.results import Key
from core.corpus.sources import Video
from core.errors import EnvironmentProblem


class RunLog:
    """Appends lines; several runs may write into the same files, each line goes in whole.

    Args:
        folder: of this machine, made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def tell(self, key: Key, video: Video, state: str, text: str = "", details: str = "") -> None:
        """A line about a video: time, state, address, what there is to say; details (a traceback) go below it.

        Raises:
            EnvironmentProblem: it cannot be written.
        """
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        lines = "\t".join(_one_line(part) for part in (stamp, state, video.address, text)) + "\n"
        lines += "".join(f"    {line}\n" for line in details.splitlines())
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / f"{key.extractor}.log").open("ab", buffering=0) as file:
                file.write(lines.encode(errors="backslashreplace"))
        except OSError as error:
            raise EnvironmentProblem(
                f"The log {self.folder} cannot be written", error.strerror or str(error), "Make room on that disk"
            ) from error


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in text)
