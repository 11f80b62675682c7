"""Reads log files, told apart by what is in them."""

from __future__ import annotations

import hashlib
import itertools
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sigv2.query_engine import LoggedEvent
from sigv2.report.past.access_log_events import event_of
from sigv2.report.past.access_log_lines import (
    BrokenLineError,
    UntoldError,
    read_line,
    signature_of,
    time_of,
    whole_lines,
)
from sigv2.report.past.batches import Batch, Collector, Kind, LookedAt, Unread
from sigv2.report.past.cloudtrail_records import CloudTrailReader
from sigv2.report.past.decompression import UnreadableError, pieces_of
from sigv2.report.past.log_file import kind_of_text
from sigv2.report.past.log_file_names import place_of_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, BinaryIO

    from blueprint.queries import SavedQuery
    from sigv2.period import Period
    from sigv2.report.past.log_file import LogFile

_EVENT_TIME: Final = re.compile(rb'"eventTime"\s*:\s*"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"')
_SIGNATURE: Final = 3
"""After the blank that follows the last quote, version id and host id."""


class FileReader:
    """Reads files and tells what is in them.

    Args:
        queries: what is asked.
        period: about what time.
    """

    def __init__(self, queries: Sequence[SavedQuery], period: Period) -> None:
        self._collector = Collector(queries)
        self._since, self._until = period.since.timestamp() * 1000, period.until.timestamp() * 1000

    def read(self, files: Sequence[LogFile]) -> Iterator[Batch]:
        """What is in some files, in one batch or more; none is missing that can be read."""
        for file in files:
            try:
                with file.opened() as opened:
                    yield from self._read_one(file, opened)
            except OSError as error:
                self._unread(file.name, f"it cannot be opened ({error.strerror})")
        yield self._collector.take()

    def _read_one(self, file: LogFile, opened: BinaryIO) -> Iterator[Batch]:
        pieces = pieces_of(opened)
        try:
            first = next(pieces, b"")
            match kind_of_text(first):
                case Kind.CLOUDTRAIL:
                    yield from self._cloudtrail(file.name, opened, first, pieces)
                case Kind.ACCESS_LOG:
                    yield from self._access_log(file.name, first, pieces)
                case _:
                    self._collector.batch.passed_over += 1
        except UnreadableError as error:
            self._unread(file.name, str(error))

    def _cloudtrail(self, name: str, opened: BinaryIO, first: bytes, rest: Iterator[bytes]) -> Iterator[Batch]:
        def again() -> Iterator[bytes]:
            opened.seek(0)
            return pieces_of(opened)

        self._looked_at(Kind.CLOUDTRAIL).files += 1
        self._note_times(first, _EVENT_TIME.search(first))
        reader = CloudTrailReader(first, self._noted(rest), again)
        told = 0
        try:
            for record in reader.records():
                self._add_record(name, record)
                if self._collector.is_full:
                    self._looked_at(Kind.CLOUDTRAIL).requests += reader.told - told
                    told = reader.told
                    yield self._collector.take()
        finally:
            self._looked_at(Kind.CLOUDTRAIL).requests += reader.told - told

    def _noted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._note_times(piece)
            yield piece

    def _note_times(self, piece: bytes, *found: re.Match[bytes] | None) -> None:
        self._collector.batch.text_bytes += len(piece)
        last = _EVENT_TIME.match(piece, max(0, piece.rfind(b'"eventTime"')))
        self._looked_at(Kind.CLOUDTRAIL).saw(*(time[1].decode() for time in (*found, last) if time))

    def _add_record(self, name: str, record: Mapping[str, Any]) -> None:
        time = str(record.get("eventTime"))
        try:
            timestamp = int(datetime.fromisoformat(time).astimezone(UTC).timestamp()) * 1000
        except ValueError:
            self._unread(name, "a record does not say when it was", lines=1)
            return
        if not self._since <= timestamp <= self._until:
            return
        event = {
            "detail-type": "AWS API Call via CloudTrail",
            "source": "aws.s3",
            "account": record.get("recipientAccountId"),
            "region": record.get("awsRegion"),
            "time": time,
            "id": record.get("eventID"),
            "detail": record,
        }
        self._collector.add(number_of_event(str(record.get("eventID") or record)), LoggedEvent(timestamp, event))

    def _access_log(self, name: str, first: bytes, rest: Iterator[bytes]) -> Iterator[Batch]:
        self._looked_at(Kind.ACCESS_LOG).files += 1
        place, line, broken = place_of_file(name), b"", 0
        try:
            for lines in whole_lines(self._measured(itertools.chain([first], rest))):
                line = lines[-1] if lines else line
                self._note_line(lines[0] if lines else line)
                broken += self._add_lines(lines, place)
                if self._collector.is_full:
                    yield self._collector.take()
        finally:
            self._note_line(line)
            if broken:
                self._unread(name, "they are no lines of an access log", lines=broken)

    def _measured(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._collector.batch.text_bytes += len(piece)
            yield piece

    def _note_line(self, line: bytes) -> None:
        self._looked_at(Kind.ACCESS_LOG).saw(time_of(line) or "")

    def _add_lines(self, lines: list[bytes], place: tuple[str, str] | None) -> int:
        """Add the SigV2 requests of some lines; how many lines are broken."""
        broken = untold = blank = 0
        for line in lines:
            # Most lines end so; the others are looked at with more care.
            ending = line[line.rfind(b'"') + 1 :].split(b" ", 4)
            if len(ending) > _SIGNATURE and ending[_SIGNATURE] == b"SigV4":
                continue
            try:
                if not line.strip():
                    blank += 1
                elif signature_of(line) == b"SigV2":
                    self._add_line(line, place)
            except UntoldError:
                untold += 1
            except BrokenLineError:
                broken += 1
        looked_at = self._looked_at(Kind.ACCESS_LOG)
        looked_at.requests += len(lines) - broken - blank
        looked_at.untold += untold
        return broken

    def _add_line(self, line: bytes, place: tuple[str, str] | None) -> None:
        read = read_line(line)
        if self._since <= read.timestamp <= self._until:
            self._collector.add(number_of_bytes(line), LoggedEvent(read.timestamp, event_of(read, place)))

    def _looked_at(self, kind: Kind) -> LookedAt:
        return self._collector.looked_at(kind)

    def _unread(self, name: str, why: str, lines: int = 0) -> None:
        self._collector.batch.unread.append(Unread(name, why, lines))


def number_of_event(event_id: str) -> int:
    """A number of 64 bits that stands for an event; CloudTrail's ids are random numbers of 128."""
    try:
        number = int(event_id.replace("-", ""), 16)
    except ValueError:
        return number_of_bytes(event_id.encode(errors="replace"))
    return (number ^ number >> 64) & 0xFFFFFFFFFFFFFFFF


def number_of_bytes(text: bytes) -> int:
    """A number of 64 bits that stands for a text."""
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
