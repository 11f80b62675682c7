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
_RECENT_BYTES: Final = 1 << 16

_raw: Final = msgspec.json.Decoder(list[msgspec.Raw])

Record = Mapping[str, Any]
Records = tuple[bytes, list[msgspec.Raw]]
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
        marks = _COMPACT_MARKS if _COMPACT.match(self._first) else _MARKS
        last = b""
        for number, piece in enumerate(itertools.chain([self._first], self._rest)):
            told, found = marks.seen_in(last, piece)
            if found:
                # What was passed over is read again, to prove where records begin.
                again = self._again() if number else itertools.chain([piece], self._rest)
                self.told = 0
                yield from self._proven(again, marks)
                return
            self.told += told
            last = piece[-_END_BYTES:] if len(piece) >= _END_BYTES else (last + piece)[-_END_BYTES:]
        if not _END.search(last):
            raise UnreadableError("it ends too early")

    def _proven(self, pieces: Iterator[bytes], marks: "_Marks") -> Iterator[Record]:
        for records in lists_of_records(pieces):
            yield from self._sigv2_of(records, marks)

    def _sigv2_of(self, records: Records, marks: "_Marks") -> Iterator[Record]:
        text, list_of_records = records
        told, places = marks.places_in(text)
        self.told += told
        for raw in _at_places(text, list_of_records, places):
            try:
                record = msgspec.json.decode(raw)
            except msgspec.DecodeError:
                raise UnreadableError("its JSON is broken") from None
            if isinstance(record, dict) and _is_sigv2(record):
                yield record


def lists_of_records(pieces: Iterator[bytes]) -> Iterator[Records]:
    """All records of a file, some at a time, each proven to be a whole one and not decoded.

    Args:
        pieces: the file's text, whose first piece begins as `HEAD` says.

    Raises:
        UnreadableError: after the records before it, where the file is broken.
    """
    first = next(pieces)
    head = HEAD.match(first)
    rest, failed = b"", None
    piece = first[head.end() :] if head else first
    while piece:
        records, rest = _whole_records(rest, piece)
        yield records
        if len(rest) > _LONGEST_RECORDS:
            raise UnreadableError("its JSON is broken")
        try:
            piece = next(pieces, b"")
        except UnreadableError as error:
            piece, failed = b"", error
    if failed:
        raise failed
    yield _last_records(rest)


class _Marks:
    """Looks for what tells of a signature, and for the marker of SigV2."""

    def __init__(self, told: bytes, marker: bytes) -> None:
        self._told = told
        self._marker = marker
        # A marker that begins with what tells of a signature is found together with that, in half the time.
        self._end = marker[len(told) :] if marker.startswith(told) else b""

    def seen_in(self, before: bytes, piece: bytes) -> tuple[int, bool]:
        """How often a piece tells of a signature, and whether it may have the marker; over the seam before it, too."""
        seam = before[1 - len(self._told) :] + piece[: len(self._told) - 1]
        marker_at_seam = self._marker in before[1 - len(self._marker) :] + piece[: len(self._marker) - 1]
        if not self._end:
            return piece.count(self._told) + seam.count(self._told), marker_at_seam or self._marker in piece
        parts = piece.split(self._told)
        length = len(self._end)
        found = self._end in {part[:length] for part in parts}
        return len(parts) - 1 + seam.count(self._told), found or marker_at_seam

    def places_in(self, text: bytes) -> tuple[int, list[int]]:
        """How often a text tells of a signature, and where it has markers."""
        places = []
        if not self._end:
            at = text.find(self._marker)
            while at >= 0:
                places.append(at)
                at = text.find(self._marker, at + 1)
            return text.count(self._told), places
        first, *parts = text.split(self._told)
        at, length, step = len(first), len(self._end), len(self._told)
        for part in parts:
            if part[:length] == self._end:
                places.append(at)
            at += step + len(part)
        return len(parts), places


_MARKS: Final = _Marks(_TOLD, _MARKER)
_COMPACT_MARKS: Final = _Marks(_COMPACT_TOLD, _COMPACT_MARKER)


def _whole_records(rest: bytes, piece: bytes) -> tuple[Records, bytes]:
    """The whole records that two texts, one after the other, begin with, and what is left of them."""
    cut = piece.rfind(_COMPACT_BOUNDARY)
    if cut >= 0:
        text = b"".join((b"[", rest, memoryview(piece)[:cut], b"]"))
        with contextlib.suppress(msgspec.DecodeError):
            return (text, _raw.decode(text)), piece[cut + 1 :]
    buffer = rest + piece
    for cut in itertools.islice(_cuts(buffer), _TRIES):
        text = b"".join((b"[", memoryview(buffer)[:cut], b"]"))
        with contextlib.suppress(msgspec.DecodeError):
            return (text, _raw.decode(text)), buffer[cut + 1 :]
    return (b"", []), buffer


def _cuts(buffer: bytes) -> Iterator[int]:
    """Where commas stand that may part records, the last first."""
    recent = max(0, len(buffer) - _RECENT_BYTES)
    return (found.start(1) for found in reversed(list(_BOUNDARY.finditer(buffer, recent))))


def _last_records(buffer: bytes) -> Records:
    end = _END.search(buffer, max(0, len(buffer) - _END_BYTES))
    if end is None:
        raise UnreadableError("it ends too early")
    text = b"[" + buffer[: end.start()] + b"]"
    try:
        return text, _raw.decode(text)
    except msgspec.DecodeError:
        raise UnreadableError("its JSON is broken") from None


def _at_places(text: bytes, records: list[msgspec.Raw], places: list[int]) -> Iterator[msgspec.Raw]:
    """The records at some places of the text of their list."""
    if not places:
        return
    ends = list(itertools.accumulate(memoryview(record).nbytes + 1 for record in records))
    if not ends or ends[-1] + 1 != len(text):
        # There are blanks between them, so that their lengths do not tell where they are.
        yield from (record for record in records if _MARKER in bytes(record))
        return
    for number in dict.fromkeys(bisect.bisect_right(ends, place - 1) for place in places):
        yield records[number]


def _is_sigv2(record: Record) -> bool:
    """As the pipeline's rule asks, of an event of the source aws.s3."""
    data = record.get("additionalEventData")
    return (
        record.get("eventSource") == "s3.amazonaws.com"
        and isinstance(data, dict)
        and data.get("SignatureVersion") == "SigV2"
    )
