"""Reads files on all cores, each file by one process, and gives what is found as it is found."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections import deque
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Final

from sigv2.report.past.batches import Batch, Unread
from sigv2.report.past.file_reader import FileReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from multiprocessing.process import BaseProcess

    from blueprint.queries import SavedQuery
    from sigv2.period import Period
    from sigv2.report.past.log_file import LogFile

_FILES_AT_ONCE: Final = 64
_BYTES_AT_ONCE: Final = 1 << 20
_BUNDLES_AT_HAND: Final = 2
_WORTH_A_PROCESS: Final = 4 << 20
"""It takes about as long to begin one as to read so many bytes."""

Found = tuple[Batch | None, int, int]
"""A batch, and how many files and bytes of them are done since the last one."""


def cores() -> int:
    """How many processes can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_all(
    files: Iterable[LogFile | Unread], queries: Sequence[SavedQuery], period: Period, processes: int
) -> Iterator[Found]:
    """Read files: by this process, and by others beside it as soon as there is enough to read.

    Args:
        files: the files, and what cannot be read as was seen already.
        queries: what is asked.
        period: about what time.
        processes: how many there may be, this one included.
    """
    here, size = FileReader(queries, period), 0
    workers: _Workers | None = None
    try:
        for bundle, unread in _bundles(files):
            if unread:
                yield Batch(unread=unread), len(unread), 0
            if workers is None and processes > 1 and size > _WORTH_A_PROCESS:
                workers = _Workers(queries, period, processes - 1)
            if workers:
                yield from workers.heard(seconds=0)
                if workers.take(bundle):
                    continue
            for batch in here.read(bundle):
                yield batch, 0, 0
            done = _size_of(bundle)
            size += done
            yield None, len(bundle), done
        if workers:
            yield from workers.finish()
    finally:
        if workers:
            workers.end()


def _bundles(files: Iterable[LogFile | Unread]) -> Iterator[tuple[list[LogFile], list[Unread]]]:
    bundle: list[LogFile] = []
    unread: list[Unread] = []
    size = 0
    for file in files:
        if isinstance(file, Unread):
            unread.append(file)
        else:
            bundle.append(file)
            size += file.size
        if len(bundle) + len(unread) >= _FILES_AT_ONCE or size >= _BYTES_AT_ONCE:
            yield bundle, unread
            bundle, unread, size = [], [], 0
    if bundle or unread:
        yield bundle, unread


class _Workers:
    """Processes that each read one bundle after the other, with a next one at hand."""

    def __init__(self, queries: Sequence[SavedQuery], period: Period, number: int) -> None:
        # Spawned, as threads may be running that a fork would leave behind.
        context = multiprocessing.get_context("spawn")
        self._given: dict[Connection, deque[list[LogFile]]] = {}
        self._processes: list[BaseProcess] = []
        for _ in range(number):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, tuple(queries), period), daemon=True)
            process.start()
            theirs.close()
            self._processes.append(process)
            self._given[ours] = deque()

    def take(self, bundle: list[LogFile]) -> bool:
        """Give a bundle to the process that has the least to do; whether there is one that may have more."""
        worker = min(self._given, key=lambda one: len(self._given[one]), default=None)
        if worker is None or len(self._given[worker]) >= _BUNDLES_AT_HAND:
            return False
        self._given[worker].append(bundle)
        # What became of a process that cannot be sent anything is heard when it is listened to.
        with contextlib.suppress(OSError):
            worker.send(bundle)
        return True

    def finish(self) -> Iterator[Found]:
        """What is found until all is read."""
        while any(self._given.values()):
            yield from self.heard(seconds=None)

    def heard(self, seconds: float | None) -> Iterator[Found]:
        """What was found since, waiting no longer than some seconds for it, None for as long as it takes."""
        for ready in wait(list(self._given), seconds):
            if not isinstance(ready, Connection):
                continue
            try:
                batch = ready.recv()
            except (EOFError, OSError):
                for lost in self._given.pop(ready):
                    yield _not_read(lost)
                ready.close()
                continue
            if batch is None:
                done = self._given[ready].popleft()
                yield None, len(done), _size_of(done)
            else:
                yield batch, 0, 0

    def end(self) -> None:
        """End the processes, whatever they do."""
        for worker in self._given:
            worker.close()
        for process in self._processes:
            process.terminate()
            process.join()


def _not_read(bundle: list[LogFile]) -> Found:
    unread = [Unread(file.name, "the process that read it was ended, perhaps for want of memory") for file in bundle]
    return Batch(unread=unread), len(bundle), _size_of(bundle)


def _size_of(bundle: list[LogFile]) -> int:
    return sum(file.size for file in bundle)


def _work(tasks: Connection, queries: Sequence[SavedQuery], period: Period) -> None:
    """What a process does: Ctrl-C is for the one that began it, which ends this one.

    What it takes imports nothing of AWS, which would take as long as to read 200 MB.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reader = FileReader(queries, period)
    with contextlib.suppress(EOFError, OSError):
        while True:
            for batch in reader.read(tasks.recv()):
                tasks.send(batch)
            tasks.send(None)
