"""Writes a file whole: it is there as it should be, or as it was."""

import os
import shutil
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a text under another name first, so that nobody finds half of it.

    Args:
        path: of the file, which is replaced; its folder is there.
        text: in UTF-8.

    Raises:
        OSError: it cannot be written, and is as it was.
    """
    part = path.with_name(f".sigv2-{os.getpid()}.part")
    try:
        with part.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
