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

from blueprint.queries import DAY, EVENT_ID, EVENT_TIME, FIRST_SEEN, LAST_SEEN, REQUESTS, Extract, FirstOf, SavedQuery

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
        fields = _Fields()
        made = {field.name: field for field in query.made}
        self._values = [_reader(made.get(field, field), fields) for field in query.by]
        self._only = fields.slot_of(query.only[0]) if query.only else None
        self._wanted = query.only[1] if query.only else None
        self._time = fields.slot_of(EVENT_TIME)
        self._fields = fields

    def group_of(self, event: LoggedEvent) -> tuple[Key | None, Moment | None]:
        """The group of an event, None where the query leaves it out, and when it was, None where it does not say."""
        values = self._fields.of(event.message)
        if self._only is not None:
            value = values[self._only]
            if value is None or self._wanted not in (None, value):
                return None, None
        time = values[self._time]
        key = tuple([read(values, event.timestamp) for read in self._values])
        return key, None if time is None else (event.timestamp, time)


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
        key, moment = self._grouping.group_of(event)
        if key is not None:
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
    """Compute what Logs Insights answers to a saved query, in the two steps of its text.

    Args:
        query: the query.
        events: of all log groups that it is run on, in any order.

    Returns:
        The rows, busiest first, or latest day first.
    """
    grouping, tally = Grouping(query), Tally(query)
    of_one_id: dict[tuple[Key, str | None], Moment | None] = {}
    for event in events:
        key, moment = grouping.group_of(event)
        if key is not None:
            told_apart = (key, _event_id(event))
            of_one_id[told_apart] = min(filter(None, (moment, of_one_id.get(told_apart))), default=None)
    for (key, _), moment in of_one_id.items():
        # The times are compared as texts by then.
        as_text = None if moment is None else (0, moment[1])
        tally.add(key, 1, as_text, as_text)
    rows = tally.rows()
    return sorted(rows, key=lambda row: row[DAY], reverse=True) if DAY in query.by else rows


def _event_id(event: LoggedEvent) -> str | None:
    value: object = event.message
    for name in EVENT_ID.split("."):
        value = _child(value, name)
    return _text(value)


class _Fields:
    """Reads fields by their paths; each object on the way to them is looked up once, however many they share it."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str, ...], int] = {(): 0}
        self._steps: list[tuple[int, str]] = []
        self._leaves: list[tuple[int, str]] = []
        self._slots: dict[str, int] = {}

    def slot_of(self, path: str) -> int:
        """Where `of` has the value of a field."""
        if path not in self._slots:
            *parents, name = path.split(".")
            self._leaves.append((self._object_at(tuple(parents)), name))
            self._slots[path] = len(self._slots)
        return self._slots[path]

    def of(self, message: Mapping[str, Any]) -> list[str | None]:
        """The values of all fields; None for one that is not there, or is no value."""
        objects: list[object] = [message]
        for parent, name in self._steps:
            objects.append(_child(objects[parent], name))
        return [_text(_child(objects[parent], name)) for parent, name in self._leaves]

    def _object_at(self, path: tuple[str, ...]) -> int:
        if path not in self._objects:
            self._steps.append((self._object_at(path[:-1]), path[-1]))
            self._objects[path] = len(self._steps)
        return self._objects[path]


_Reader = Callable[[list[str | None], int], str | None]


def _reader(field: str | Extract | FirstOf, fields: _Fields) -> _Reader:
    """What takes a field, or makes it, of values and a timestamp; None where the event lacks it."""
    if isinstance(field, Extract):
        return _extracted(field, fields.slot_of(field.field))
    if isinstance(field, FirstOf):
        slots = [fields.slot_of(path) for path in field.fields]
        return lambda values, _: next((values[slot] for slot in slots if values[slot] is not None), None)
    if field == DAY:
        return lambda _, timestamp: f"{datetime.fromtimestamp(timestamp / 1000, UTC):%Y-%m-%d} 00:00:00.000"
    slot = fields.slot_of(field)
    return lambda values, _: values[slot]


def _extracted(made: Extract, slot: int) -> _Reader:
    pattern = re.compile(f"{made.before}({made.pattern})")

    def read(values: list[str | None], _: int) -> str | None:
        found = pattern.search(values[slot] or "")
        return found[1] if found else None

    return read


def _child(value: object, name: str) -> object:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
        return value[int(name)]
    return None


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    return None if value is None or isinstance(value, dict | list) else json.dumps(value)
