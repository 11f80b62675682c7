"""A file to read, and what it is by the beginning of its text."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sigv2.report.past.access_log_lines import START
from sigv2.report.past.batches import Kind
from sigv2.report.past.cloudtrail_records import HEAD
from sigv2.report.past.decompression import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_DIGEST: Final = re.compile(rb'\s*\{\s*"(?:awsAccountId|digestStartTime)"')
_FOREIGN: Final = "it is no log file of CloudTrail or S3"


@dataclass(frozen=True)
class LogFile:
    """A file to read.

    Attributes:
        path: where it is.
        name: what people call it.
        size: in bytes, as it lies there.
        passing: whether it is a copy that is to be deleted when it is read.
    """

    path: str
    name: str
    size: int
    passing: bool = False

    @contextlib.contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open it, and delete it at the end if it is a passing copy.

        Raises:
            OSError: it cannot be opened.
        """
        path = Path(self.path)
        try:
            with path.open("rb") as file:
                yield file
        finally:
            if self.passing:
                path.unlink(missing_ok=True)


def kind_of_text(first: bytes) -> Kind | None:
    """What a log is by the beginning of its text; None for a digest, which holds no events.

    Raises:
        UnreadableError: it is no log.
    """
    if HEAD.match(first):
        return Kind.CLOUDTRAIL
    if START.match(first):
        return Kind.ACCESS_LOG
    if _DIGEST.match(first):
        return None
    raise UnreadableError(_FOREIGN if first else "it is empty")
