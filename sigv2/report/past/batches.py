"""What was found in some files, small enough to pass from one process to another, and what collects it."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from blueprint.queries import ACCESS_KEY
from sigv2.query_engine import Grouping, LoggedEvent
from sigv2.report.principals import TEMPORARY_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blueprint.queries import SavedQuery
    from sigv2.query_engine import Key, Moment

_MOST_EVENTS: Final = 20_000
_MOST_GROUPS: Final = 4_000
_NAMED: Final = 100
LEFT_OUT: Final = 0xFFFFFFFF
"""Stands for the group of an event that a query leaves out."""


class Kind(StrEnum):
    """What a log is, as people call it."""

    CLOUDTRAIL = "CloudTrail files"
    ACCESS_LOG = "server access logs"
    LOG_GROUP = "server access logs in CloudWatch Logs"
    TRAIL_TABLE = "CloudTrail files in Athena"
    ACCESS_LOG_TABLE = "server access logs in Athena"

    @property
    def is_of_trails(self) -> bool:
        """Whether it tells all that CloudTrail knows."""
        return self in (Kind.CLOUDTRAIL, Kind.TRAIL_TABLE)


@dataclass(frozen=True)
class Unread:
    """A file, or some lines of one, that could not be read.

    Attributes:
        name: of the file, as it was found.
        why: the rest of a sentence about it.
        lines: how many lines of it; 0 for the file itself, or the rest of it.
    """

    name: str
    why: str
    lines: int = 0


@dataclass
class UnreadLogs:
    """What could not be read of all that was to be.

    Attributes:
        unread: what could not be read, the first hundred of it.
        unread_files: how many files could not be read, or not to their end.
        unread_lines: how many lines and records could not be read.
    """

    unread: list[Unread] = field(default_factory=list)
    unread_files: int = 0
    unread_lines: int = 0

    def add_unread(self, unread: Unread) -> None:
        """Note what could not be read."""
        self.unread_files += not unread.lines
        self.unread_lines += unread.lines
        if len(self.unread) < _NAMED:
            self.unread.append(unread)


@dataclass
class LookedAt:
    """How much was looked at, of one kind.

    Attributes:
        files: how many.
        requests: of how many requests: records of CloudTrail's that tell how they were signed, lines of access logs.
        untold: how many lines do not say how their request was signed.
        first: the time of the first request, about, as CloudTrail writes times; empty if there was none.
        last: of the last one.
        days: those that a file told of, as `2026-11-26`.
    """

    files: int = 0
    requests: int = 0
    untold: int = 0
    first: str = ""
    last: str = ""
    days: set[str] = field(default_factory=set)

    def saw(self, *times: str) -> None:
        """Note when requests were."""
        for time in filter(None, times):
            self.first = min(self.first or time, time)
            self.last = max(self.last, time)
            self.days.add(time[:10])

    def add(self, other: LookedAt) -> None:
        """Take in what else was looked at."""
        self.files += other.files
        self.requests += other.requests
        self.untold += other.untold
        self.saw(other.first, other.last)
        self.days |= other.days


@dataclass
class Groups:
    """To which groups of one query the events of a batch belong.

    Attributes:
        keys: the groups.
        firsts: the first moment in each.
        lasts: the last one.
        of_events: for each event, the number of its group, or `LEFT_OUT`.
    """

    keys: list[Key] = field(default_factory=list)
    firsts: list[Moment | None] = field(default_factory=list)
    lasts: list[Moment | None] = field(default_factory=list)
    of_events: array[int] = field(default_factory=lambda: array("I"))


@dataclass
class Batch:
    """What was found in some files.

    Attributes:
        text_bytes: how much text was looked at.
        passed_over: how many files hold no events by their own account.
        looked_at: how much was looked at, by kind.
        unread: what could not be read.
        events: a number for each SigV2 event, the same for the same event.
        groups: one for each query.
    """

    text_bytes: int = 0
    passed_over: int = 0
    looked_at: dict[Kind, LookedAt] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    events: array[int] = field(default_factory=lambda: array("Q"))
    groups: list[Groups] = field(default_factory=list)


class Collector:
    """Collects a batch.

    Attributes:
        batch: as far as it is collected.

    Args:
        queries: what is asked.
    """

    def __init__(self, queries: Sequence[SavedQuery]) -> None:
        self._groupings = [Grouping(query) for query in queries]
        self._keys_at = [query.by.index(ACCESS_KEY) if query.is_of_clients else None for query in queries]
        self._begin()

    def _begin(self) -> None:
        self.batch = Batch(groups=[Groups() for _ in self._groupings])
        self._numbers: list[dict[Key, int]] = [{} for _ in self._groupings]

    @property
    def is_full(self) -> bool:
        """Whether it is time to take the batch, so that it stays small."""
        batch = self.batch
        return len(batch.events) >= _MOST_EVENTS or any(len(groups.keys) >= _MOST_GROUPS for groups in batch.groups)

    def take(self) -> Batch:
        """The batch, and begin a new one."""
        taken = self.batch
        self._begin()
        return taken

    def looked_at(self, kind: Kind) -> LookedAt:
        """How much was looked at, of one kind, to add to it."""
        return self.batch.looked_at.setdefault(kind, LookedAt())

    def add(self, identity: int, event: LoggedEvent) -> None:
        """Collect a SigV2 event.

        Args:
            identity: a number of 64 bits, the same for the same event.
            event: the event.
        """
        self.batch.events.append(identity)
        places = zip(self._groupings, self._keys_at, self.batch.groups, self._numbers, strict=True)
        for grouping, key_at, groups, numbers in places:
            key, moment = grouping.group_of(event)
            if key and key_at is not None and (key[key_at] or "").startswith(TEMPORARY_KEY):
                # All temporary keys of a principal are one client, and there may be millions of them.
                key = (*key[:key_at], TEMPORARY_KEY, *key[key_at + 1 :])
            if key is None:
                groups.of_events.append(LEFT_OUT)
                continue
            number = numbers.get(key)
            if number is None:
                number = numbers[key] = len(groups.keys)
                groups.keys.append(key)
                groups.firsts.append(moment)
                groups.lasts.append(moment)
            elif moment is not None:
                groups.firsts[number] = min(groups.firsts[number] or moment, moment)
                groups.lasts[number] = max(groups.lasts[number] or moment, moment)
            groups.of_events.append(number)
