"""Finds the SigV2 records of a CloudTrail log file, decoding as little of it as proves that they are all there.

`{"Records":[…]}` (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html), in any
order and of any size: a file is read in pieces, and one without the marker is never decoded. In one that has it, the
pieces are cut between records, and each is proven to consist of whole records by decoding it: the first begins where
the list does, and the next where one ends.
"""

import bisect
import contextlib
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from sigv2.report.past.decompression import UnreadableError

HEAD: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"Records"\s*:\s*\[')
"""How a log file begins."""

_END: Final = re.compile(rb"\s*\]\s*\}\s*\Z")
_COMPACT: Final = re.compile(rb'\{"Records":\[(?:\{"|\]\})')
"""As CloudTrail writes it, without a blank, so that longer texts can be looked for, which takes less time."""

_MARKER: Final = b'"SigV2"'
_TOLD: Final = b'"SignatureVersion"'
_COMPACT_MARKER: Final = b'"SignatureVersion":"SigV2"'
_COMPACT_TOLD: Final = b'"SignatureVersion":"SigV'
_COMPACT_BOUNDARY: Final = b',{"eventVersion":'
_BOUNDARY: Final = re.compile(rb"(?<=\})\s*(,)\s*(?=\{)")
_LONGEST_RECORDS: Final = 1 << 24
_TRIES: Final = 12
_END_BYTES: Final = 64

_raw: Final = msgspec.json.Decoder(list[msgspec.Raw])

Record = Mapping[str, Any]
_Records = tuple[bytes, list[msgspec.Raw]]
"""The text of a list, and what is in it."""


class CloudTrailReader:
    """Reads one file.

    Attributes:
        told: how many records so far tell how they were signed, which those of requests to S3 do.

    Args:
        first: the first piece of the file's text, which begins as `HEAD` says.
        rest: the other pieces.
        again: begins the text anew.
    """

    def __init__(self, first: bytes, rest: Iterator[bytes], again: Callable[[], Iterator[bytes]]) -> None:
        self.told = 0
        self._first = first
        self._rest = rest
        self._again = again

    def records(self) -> Iterator[Record]:
        """The SigV2 records.

        Raises:
            UnreadableError: after the records before it, where the file is broken.
        """
        compact = _COMPACT.match(self._first) is not None
        marker, told = (_COMPACT_MARKER, _COMPACT_TOLD) if compact else (_MARKER, _TOLD)
        seen = _Seen(marker, told)
        last = b""
        for number, piece in enumerate(itertools.chain([self._first], self._rest)):
            found = seen.marker_in(piece)
            self.told = seen.told
            if found:
                # What was passed over is read again, to prove where records begin.
                again = self._again() if number else itertools.chain([piece], self._rest)
                yield from self._proven(again, seen, passed_over=number, marker=marker)
                return
            last = (last + piece)[-_END_BYTES:] if len(piece) < _END_BYTES else piece[-_END_BYTES:]
        if not _END.search(last):
            raise UnreadableError("it ends too early")

    def _proven(self, pieces: Iterator[bytes], seen: "_Seen", passed_over: int, marker: bytes) -> Iterator[Record]:
        buffer, at_head, failed = b"", True, None
        for number in itertools.count():
            try:
                piece = next(pieces, None)
            except UnreadableError as error:
                piece, failed = None, error
            if piece is None:
                break
            if number > passed_over:
                seen.count(piece)
                self.told = seen.told
            buffer += piece
            if at_head:
                head = HEAD.match(buffer)
                buffer, at_head = buffer[head.end() if head else 0 :], False
            records, buffer = _whole_records(buffer)
            yield from _sigv2_of(records, marker)
            if len(buffer) > _LONGEST_RECORDS:
                raise UnreadableError("its JSON is broken")
        if failed:
            raise failed
        yield from _sigv2_of(_last_records(buffer), marker)


class _Seen:
    """Looks for texts in pieces, over the seams between them, too."""

    def __init__(self, marker: bytes, told: bytes) -> None:
        self.told = 0
        self._marker = marker
        self._told = told
        self._tail = b""

    def marker_in(self, piece: bytes) -> bool:
        """Whether the marker ends in this piece, which is counted, too."""
        before = len(self._marker) - 1
        found = self._marker in piece or self._marker in self._tail + piece[:before]
        self.count(piece)
        return found

    def count(self, piece: bytes) -> None:
        """Count what tells of a signature in a piece."""
        before = len(self._told) - 1
        self.told += piece.count(self._told) + (self._tail[-before:] + piece[:before]).count(self._told)
        longest = len(self._marker)
        self._tail = piece[-longest:] if len(piece) >= longest else (self._tail + piece)[-longest:]


def _whole_records(buffer: bytes) -> tuple[_Records, bytes]:
    """The whole records that a text begins with, and the rest."""
    for cut in itertools.islice(_cuts(buffer), _TRIES):
        text = b"".join((b"[", memoryview(buffer)[:cut], b"]"))
        with contextlib.suppress(msgspec.DecodeError):
            return (text, _raw.decode(text)), buffer[cut + 1 :]
    return (b"", []), buffer


def _cuts(buffer: bytes) -> Iterator[int]:
    """Where commas stand that may part records, the last first."""
    compact = buffer.rfind(_COMPACT_BOUNDARY)
    if compact > 0:
        yield compact
    recent = max(0, len(buffer) - (1 << 16))
    yield from (found.start(1) for found in reversed(list(_BOUNDARY.finditer(buffer, recent))))


def _last_records(buffer: bytes) -> _Records:
    end = _END.search(buffer, max(0, len(buffer) - _END_BYTES))
    if end is None:
        raise UnreadableError("it ends too early")
    text = b"[" + buffer[: end.start()] + b"]"
    try:
        return text, _raw.decode(text)
    except msgspec.DecodeError:
        raise UnreadableError("its JSON is broken") from None


def _sigv2_of(records: _Records, marker: bytes) -> Iterator[Record]:
    for raw in _marked(*records, marker):
        try:
            record = msgspec.json.decode(raw)
        except msgspec.DecodeError:
            raise UnreadableError("its JSON is broken") from None
        if isinstance(record, dict) and _is_sigv2(record):
            yield record


def _marked(text: bytes, records: list[msgspec.Raw], marker: bytes) -> Iterator[msgspec.Raw]:
    """The records that have the marker."""
    at = text.find(marker)
    if at < 0:
        return
    ends = list(itertools.accumulate(memoryview(record).nbytes + 1 for record in records))
    if not ends or ends[-1] + 1 != len(text):
        # There are blanks between them, so that their lengths do not tell where they are.
        yield from (record for record in records if marker in bytes(record))
        return
    while at >= 0:
        number = bisect.bisect_right(ends, at - 1)
        yield records[number]
        at = text.find(marker, ends[number] + 1)


def _is_sigv2(record: Record) -> bool:
    """As the pipeline's rule asks, of an event of the source aws.s3."""
    data = record.get("additionalEventData")
    return (
        record.get("eventSource") == "s3.amazonaws.com"
        and isinstance(data, dict)
        and data.get("SignatureVersion") == "SigV2"
    )
