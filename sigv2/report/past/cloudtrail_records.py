"""Finds the SigV2 records of a CloudTrail log file, decoding as little of it as proves that they are all there.

`{"Records":[…]}` (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html), in any
order and of any size: a file is read in pieces, and one without the marker is never decoded. In one that has it, the
pieces are cut between records, and each is proven to consist of whole records by decoding it: the first begins where
the list does, and the next where one ends.
"""

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
                yield from self._proven(again, seen, passed_over=number)
                return
            last = (last + piece)[-_END_BYTES:] if len(piece) < _END_BYTES else piece[-_END_BYTES:]
        if not _END.search(last):
            raise UnreadableError("it ends too early")

    def _proven(self, pieces: Iterator[bytes], seen: "_Seen", passed_over: int) -> Iterator[Record]:
        buffer, at_head, failed = b"", True, None
        for number in itertools.count():
            try:
                piece = next(pieces, None)
            except UnreadableError as error:
                piece, failed = None, error
            if piece is None:
                break
            if number > passed_over:
                seen.marker_in(piece)
                self.told = seen.told
            buffer += piece
            if at_head:
                head = HEAD.match(buffer)
                buffer, at_head = buffer[head.end() if head else 0 :], False
            records, buffer = _whole_records(buffer)
            yield from _sigv2_of(records)
            if len(buffer) > _LONGEST_RECORDS:
                raise UnreadableError("its JSON is broken")
        if failed:
            raise failed
        yield from _sigv2_of(_last_records(buffer))


class _Seen:
    """Looks for texts in pieces, over the seams between them, too."""

    def __init__(self, marker: bytes, told: bytes) -> None:
        self.told = 0
        self._marker = marker
        self._told = told
        self._tail = b""

    def marker_in(self, piece: bytes) -> bool:
        """Whether the marker ends in this piece."""
        before = len(self._marker) - 1
        seam = self._tail + piece[:before]
        found = self._marker in seam or self._marker in piece
        at_seam = self._tail[-(len(self._told) - 1) :] + piece[: len(self._told) - 1]
        self.told += piece.count(self._told) + at_seam.count(self._told)
        self._tail = seam[-before:] if len(piece) < before else piece[-before:]
        return found


def _whole_records(buffer: bytes) -> tuple[list[msgspec.Raw], bytes]:
    """The whole records that a text begins with, none of them if none is of interest, and the rest."""
    for cut in itertools.islice(_cuts(buffer), _TRIES):
        try:
            records = _raw.decode(b"".join((b"[", memoryview(buffer)[:cut], b"]")))
        except msgspec.DecodeError:
            continue
        return records if buffer.find(_MARKER, 0, cut) >= 0 else [], buffer[cut + 1 :]
    return [], buffer


def _cuts(buffer: bytes) -> Iterator[int]:
    """Where commas stand that may part records, the last first."""
    compact = buffer.rfind(_COMPACT_BOUNDARY)
    if compact > 0:
        yield compact
    recent = max(0, len(buffer) - (1 << 16))
    yield from (found.start(1) for found in reversed(list(_BOUNDARY.finditer(buffer, recent))))


def _last_records(buffer: bytes) -> list[msgspec.Raw]:
    end = _END.search(buffer, max(0, len(buffer) - _END_BYTES))
    if end is None:
        raise UnreadableError("it ends too early")
    try:
        return _raw.decode(b"[" + buffer[: end.start()] + b"]")
    except msgspec.DecodeError:
        raise UnreadableError("its JSON is broken") from None


def _sigv2_of(records: list[msgspec.Raw]) -> Iterator[Record]:
    for raw in records:
        text = bytes(raw)
        if _MARKER in text:
            try:
                record = msgspec.json.decode(text)
            except msgspec.DecodeError:
                raise UnreadableError("its JSON is broken") from None
            if isinstance(record, dict) and _is_sigv2(record):
                yield record


def _is_sigv2(record: Record) -> bool:
    """As the pipeline's rule asks, of an event of the source aws.s3."""
    data = record.get("additionalEventData")
    return (
        record.get("eventSource") == "s3.amazonaws.com"
        and isinstance(data, dict)
        and data.get("SignatureVersion") == "SigV2"
    )
