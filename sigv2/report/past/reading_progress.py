"""Shows how far the reading is, where a person looks at it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from blueprint.sentences import counted
from sigv2.terminal import console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def reading_progress(total_bytes: Callable[[], int | None] = lambda: None) -> Iterator[Callable[[int, int], object]]:
    """Show files, bytes, rate and time left on standard error.

    Args:
        total_bytes: finds out how much there is to read, which is asked only where somebody looks; None where that is
            not known, and the time left is not either.

    Yields:
        A function that takes how many files and bytes more were read.
    """
    shown = console(stderr=True)
    if not shown.is_terminal:
        yield lambda _files, _size: None
        return
    columns = (
        TextColumn("{task.fields[files]}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=shown, transient=True) as progress:
        task, done = progress.add_task("", total=total_bytes(), files="0 files"), 0

        def advance(files: int, size: int) -> None:
            nonlocal done
            done += files
            progress.update(task, advance=size, files=counted(done, "file"))

        yield advance
