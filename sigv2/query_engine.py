"""Answers a saved query from events, as CloudWatch Logs Insights does.

The sandbox's Logs Insights answers with it, and `report --from` counts with it what it reads from files. Memory grows
with the number of groups that are told apart, never with the number of events.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from blueprint.queries import DAY, EVENT_TIME, FIRST_SEEN, LAST_SEEN, REQUESTS, Extract, FirstOf, SavedQuery

Row = dict[str, str]
"""A row of results; a field that the events lack is not there."""

Key = tuple[str | None, ...]
"""What tells a group from others: the values of the fields that a query counts by, in the query's order."""

Moment = tuple[int, str]
"""When an event was: in milliseconds since 1970, and as its own `eventTime` says."""

_BYTES_OF_A_GROUP = 450
_BYTES_OF_A_TEXT = 60
"""What Python takes beside the text itself, about."""


@dataclass(frozen=True)
class LoggedEvent:
    """An event of a log.

    Attributes:
        timestamp: in milliseconds since 1970.
        message: the parsed event.
    """

    timestamp: int
    message: Mapping[str, Any]


class Grouping:
    """Tells to which group of a query an event belongs.

    Args:
        query: the query.
    """

    def __init__(self, query: SavedQuery) -> None:
        self.query = query
        made = {field.name: field for field in query.made}
        self._values = [_reader(made.get(field, field)) for field in query.by]
        self._only = _reader(query.only[0]) if query.only else None
        self._wanted = query.only[1] if query.only else None
        self._time = _reader(EVENT_TIME)

    def key_of(self, event: LoggedEvent) -> Key | None:
        """The group of an event; None where the query leaves it out."""
        if self._only:
            value = self._only(event)
            if value is None or self._wanted not in (None, value):
                return None
        return tuple([read(event) for read in self._values])

    def moment_of(self, event: LoggedEvent) -> Moment | None:
        """When an event was; None where it does not say."""
        time = self._time(event)
        return None if time is None else (event.timestamp, time)


class Group:
    """How many requests there were, and between when.

    Attributes:
        requests: how many.
        first: the earliest moment, None where none was told.
        last: the latest.
    """

    __slots__ = ("first", "last", "requests")

    def __init__(self) -> None:
        self.requests = 0
        self.first: Moment | None = None
        self.last: Moment | None = None

    def extend(self, first: Moment | None, last: Moment | None) -> None:
        """Take moments in; their order does not matter."""
        if first is not None and (self.first is None or first < self.first):
            self.first = first
        if last is not None and (self.last is None or last > self.last):
            self.last = last


class Tally:
    """Counts groups, in any order, until they are too many to remember.

    Attributes:
        query: what is counted.
        beyond: how many requests are in no group, as a further one would have been more than may be remembered.

    Args:
        query: what to count.
        most_bytes: how much memory the groups may take, about; None for as much as there is.
    """

    def __init__(self, query: SavedQuery, most_bytes: int | None = None) -> None:
        self.query = query
        self.beyond = 0
        self._grouping = Grouping(query)
        self._most_bytes = most_bytes
        self._bytes = 0
        self._groups: dict[Key, Group] = {}
        self._texts: dict[str, str] = {}

    def count(self, event: LoggedEvent) -> None:
        """Count an event, if the query does."""
        key = self._grouping.key_of(event)
        if key is not None:
            moment = self._grouping.moment_of(event)
            self.add(key, 1, moment, moment)

    def add(self, key: Key, requests: int, first: Moment | None, last: Moment | None) -> None:
        """Add requests to a group, with the moments of the first and the last of them."""
        group = self.group(key)
        if group is None:
            self.beyond += requests
            return
        group.requests += requests
        group.extend(first, last)

    def group(self, key: Key) -> Group | None:
        """The group of a key, made where it is new; None where there is no more room for one."""
        group = self._groups.get(key)
        if group is None and (self._most_bytes is None or self._bytes < self._most_bytes):
            # Groups share most of their texts: an agent, a bucket, a role.
            group = self._groups[tuple(map(self._shared, key))] = Group()
            self._bytes += _BYTES_OF_A_GROUP + 8 * len(key)
        return group

    def rows(self) -> list[Row]:
        """The rows of the answer, the busiest first; what comes in another order gives the same."""
        kept = [(key, group) for key, group in self._groups.items() if group.requests]
        kept.sort(key=lambda pair: (-pair[1].requests, [value or "" for value in pair[0]]))
        return [self._row(key, group) for key, group in kept]

    def _row(self, key: Key, group: Group) -> Row:
        row = {field: value for field, value in zip(self.query.by, key, strict=True) if value is not None}
        row[REQUESTS] = str(group.requests)
        if self.query.seen and group.first and group.last:
            row |= {FIRST_SEEN: group.first[1], LAST_SEEN: group.last[1]}
        return row

    def _shared(self, text: str | None) -> str | None:
        if text is None:
            return None
        if text not in self._texts:
            self._texts[text] = text
            self._bytes += _BYTES_OF_A_TEXT + len(text)
        return self._texts[text]


def answer(query: SavedQuery, events: Iterable[LoggedEvent]) -> list[Row]:
    """Compute what Logs Insights answers to a saved query.

    Args:
        query: the query.
        events: of all log groups that it is run on, in any order.

    Returns:
        The rows, busiest first.
    """
    tally = Tally(query)
    for event in events:
        tally.count(event)
    return tally.rows()


_Reader = Callable[[LoggedEvent], str | None]


def _reader(field: str | Extract | FirstOf) -> _Reader:
    """What reads a field, or makes it, of an event; None where the event lacks it."""
    if isinstance(field, Extract):
        return _extracted(field)
    if isinstance(field, FirstOf):
        paths = [path.split(".") for path in field.fields]
        return lambda event: next((v for path in paths if (v := _value(event.message, path)) is not None), None)
    if field == DAY:
        return lambda event: f"{datetime.fromtimestamp(event.timestamp / 1000, UTC):%Y-%m-%d} 00:00:00.000"
    path = field.split(".")
    return lambda event: _value(event.message, path)


def _extracted(made: Extract) -> _Reader:
    pattern, path = re.compile(f"{made.before}({made.pattern})"), made.field.split(".")

    def read(event: LoggedEvent) -> str | None:
        found = pattern.search(_value(event.message, path) or "")
        return found[1] if found else None

    return read


def _value(message: Mapping[str, Any], path: Iterable[str]) -> str | None:
    value: object = message
    for name in path:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal():
            value = value[int(name)] if int(name) < len(value) else None
        else:
            return None
    if isinstance(value, str):
        return value
    return None if value is None or isinstance(value, dict | list) else json.dumps(value)
