"""Counts the requests of buckets in logs that are there already, whatever their signature, in bounded memory."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from sigv2.discover.cost.counted_events import DataEvent, data_event_of_line, data_event_of_record
from sigv2.discover.cost.request_rate import Bound, RequestRate
from sigv2.report.past.access_log_lines import BrokenLineError, whole_lines
from sigv2.report.past.batches import Kind, Unread, UnreadLogs
from sigv2.report.past.cloudtrail_records import lists_of_records
from sigv2.report.past.decompression import UnreadableError, pieces_of
from sigv2.report.past.file_reader import number_of_bytes, number_of_event
from sigv2.report.past.log_file import kind_of_text
from sigv2.report.past.seen_events import SeenEvents

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from typing import BinaryIO

    from sigv2.report.past.log_file import LogFile


@dataclass
class Counted:
    """How many requests of a bucket one kind of logs tells of, by day.

    Attributes:
        requests: of each day that has any.
        sigv2: how many of all are SigV2.
        untold: how many do not tell whether they are.
    """

    requests: Counter[str] = field(default_factory=Counter)
    sigv2: int = 0
    untold: int = 0

    @property
    def sigv2_share(self) -> float | None:
        """How many are SigV2, from 0 to 1; None where some do not tell."""
        return None if self.untold else self.sigv2 / self.requests.total()


@dataclass
class CountedLogs(UnreadLogs):
    """What was read, and what of it could not be.

    Attributes:
        files: how many files, by kind.
        passed_over: how many hold no events.
        too_old: how many are not of the days asked for.
        repeated: how many records and lines told of requests that had been counted.
        forgot: whether there were so many that some may have been counted twice.
        interrupted: whether somebody ended the reading before its end.
    """

    files: Counter[Kind] = field(default_factory=Counter)
    passed_over: int = 0
    too_old: int = 0
    repeated: int = 0
    forgot: bool = False
    interrupted: bool = False


class RequestCounter:
    """Counts the requests of some buckets.

    Attributes:
        read: what was read.

    Args:
        owners: the account of each bucket that is counted, by its name.
        days: those that are counted, as `2026-11-26`.
    """

    def __init__(self, owners: Mapping[str, str], days: Collection[str]) -> None:
        self.read = CountedLogs()
        self._owners = owners
        self._days = frozenset(days)
        self._counted: dict[tuple[Kind, str], Counted] = {}
        self._seen = SeenEvents()

    def add(self, file: LogFile | Unread) -> None:
        """Count what is in a file; what cannot be read is noted."""
        if isinstance(file, Unread):
            self.read.add_unread(file)
            return
        try:
            with file.opened() as opened:
                self._add_opened(file.name, opened)
        except OSError as error:
            self.read.add_unread(Unread(file.name, f"it cannot be opened ({error.strerror})"))
        except UnreadableError as error:
            self.read.add_unread(Unread(file.name, str(error)))

    def rate(self, bucket: str) -> RequestRate | None:
        """How many requests a bucket got in a day; None where the logs do not tell of it."""
        # A trail may record a part of a bucket's requests; an access log has them all.
        for kind in (Kind.ACCESS_LOG, Kind.CLOUDTRAIL):
            if counted := self._counted.get((kind, bucket)):
                days = len(counted.requests)
                # Without the days on which nobody came, if nobody did, there would be fewer on average.
                is_least = kind is Kind.CLOUDTRAIL and days == len(self._days) and not self.read.forgot
                bound = Bound.AT_LEAST if is_least else Bound.ABOUT
                return RequestRate(counted.requests.total() / days, days, bound, str(kind), counted.sigv2_share)
        return None

    def _add_opened(self, name: str, opened: BinaryIO) -> None:
        pieces = pieces_of(opened)
        first = next(pieces, b"")
        kind = kind_of_text(first)
        if kind is None:
            self.read.passed_over += 1
            return
        self.read.files[kind] += 1
        broken = 0
        try:
            counted = self._records if kind is Kind.CLOUDTRAIL else self._lines
            for broken_here in counted(itertools.chain([first], pieces)):
                broken += broken_here
        finally:
            if broken:
                what = "records of CloudTrail" if kind is Kind.CLOUDTRAIL else "lines of an access log"
                self.read.add_unread(Unread(name, f"they are no {what}", lines=broken))

    def _records(self, pieces: Iterator[bytes]) -> Iterator[int]:
        """Count records, and tell again and again how many more are broken."""
        for _, records in lists_of_records(pieces):
            broken = 0
            for record in records:
                try:
                    event = data_event_of_record(record)
                except msgspec.DecodeError:
                    broken += 1
                    continue
                if event and (buckets := self._counting(event)):
                    number = number_of_event(event.event_id) if event.event_id else number_of_bytes(bytes(record))
                    self._count(Kind.CLOUDTRAIL, event, buckets, number)
            yield broken

    def _lines(self, pieces: Iterator[bytes]) -> Iterator[int]:
        """Count lines, and tell again and again how many more are broken."""
        for lines in whole_lines(pieces):
            broken = 0
            for line in lines:
                try:
                    event = data_event_of_line(line)
                except BrokenLineError:
                    broken += bool(line.strip())
                    continue
                if event and (buckets := self._counting(event)):
                    self._count(Kind.ACCESS_LOG, event, buckets, number_of_bytes(line))
            yield broken

    def _counting(self, event: DataEvent) -> list[str]:
        """The buckets that an event counts for: what was recorded for whoever called is billed to them, not here."""
        if event.day not in self._days:
            return []
        return [
            bucket
            for bucket in event.buckets
            if bucket in self._owners and event.recipient in (None, self._owners[bucket])
        ]

    def _count(self, kind: Kind, event: DataEvent, buckets: list[str], number: int) -> None:
        if not self._seen.add(number):
            self.read.repeated += 1
            return
        self.read.forgot = self._seen.forgot
        for bucket in buckets:
            counted = self._counted.setdefault((kind, bucket), Counted())
            counted.requests[event.day] += 1
            counted.sigv2 += event.is_sigv2 is True
            counted.untold += event.is_sigv2 is None
