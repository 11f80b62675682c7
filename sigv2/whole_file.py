"""Writes a file whole: it is there as it should be, or as it was."""

import errno
import os
import secrets
import shutil
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a text under another name first, so that nobody finds half of it, and nothing is lost if it goes wrong.

    Args:
        path: of the file, which is replaced, a link, too; its folder is there.
        text: in UTF-8.

    Raises:
        OSError: it cannot be written, and is as it was.
    """
    part = _part_of(path)
    try:
        with part.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def refuse_unwritable(path: Path) -> None:
    """Find out whether a file can be written, before there is anything to write.

    Args:
        path: of the file, which is left as it is.

    Raises:
        OSError: it cannot.
    """
    part = _part_of(path)
    part.touch(exist_ok=False)
    part.unlink()


def _part_of(path: Path) -> Path:
    # A device or a pipe would be replaced by a file, and a file that nobody may write can be.
    if path.exists() and not path.is_file():
        raise OSError(errno.EEXIST, "It is no file that can be replaced")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    # In the same folder, so that it can be renamed at once.
    return path.with_name(f".sigv2-{secrets.token_hex(8)}.part")
