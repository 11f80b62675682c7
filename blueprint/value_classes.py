"""The values that a field of an event can have, in classes of which no selector tells two values apart.

Whether a condition holds is decided by the beginnings and the endings that a value has, and by the value itself
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html). Between a beginning and an
ending there is always room for what no selector names. So there is a class for each pair of the longest beginning and
the longest ending that a value has of those that are named, and one for each value that is named as a whole; one value
of each class decides for all.
"""

import re
import string
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import count
from typing import Final, NamedTuple

Condition = Mapping[str, Sequence[str]]
"""What a selector has on a field: operands, by operator."""

OBJECT_ARN: Final = re.compile(r"arn:[^:]+:s3:::[A-Za-z0-9._-]{3,255}/.*", re.DOTALL)
"""The form of an object's ARN, with what names of buckets could have in us-east-1 before March 2018
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html)."""

_ANY: Final = re.compile(r".*", re.DOTALL)
_BUCKET_CHARACTERS: Final = f"{string.ascii_lowercase}{string.digits}-.{string.ascii_uppercase}_"


class _Hits(NamedTuple):
    """Selectors one of whose operands is met, as bits: by one that selects, or by one that deselects."""

    select: int = 0
    deselect: int = 0

    def __or__(self, other: "_Hits") -> "_Hits":
        return _Hits(self.select | other.select, self.deselect | other.deselect)


class FieldValues:
    """The values of a field, as some selectors see them.

    Args:
        conditions: what selectors have on the field, by the selector's number.
        everybody: the bits of all selectors; those without a condition take any value.
        form: of all values; of those that are not free from the first character on, that of an object's ARN.
    """

    def __init__(self, conditions: Mapping[int, Condition], everybody: int, form: re.Pattern[str] = _ANY) -> None:
        self._form = form
        self._equal: dict[str, _Hits] = {}
        self._begin: dict[str, _Hits] = {}
        self._end: dict[str, _Hits] = {}
        choosy = 0
        for number, condition in conditions.items():
            bit = 1 << number
            tables = {"Equals": self._equal, "StartsWith": self._begin, "EndsWith": self._end}
            for operator, table in tables.items():
                for operand in condition.get(operator) or ():
                    choosy |= bit
                    table[operand] = table.get(operand, _Hits()) | _Hits(select=bit)
                for operand in condition.get(f"Not{operator}") or ():
                    table[operand] = table.get(operand, _Hits()) | _Hits(deselect=bit)
        self._easy = everybody & ~choosy

    def classes(self, beginning: str = "", excluded: Iterable[str] = ()) -> dict[int, str]:
        """One value of each class.

        Args:
            beginning: which all of them have.
            excluded: beginnings which none of them has.

        Returns:
            A value, by the bits of the selectors whose condition it meets.
        """
        without = tuple(one for one in excluded if one.startswith(beginning))
        named = {one for one in self._begin if one.startswith(beginning)}
        filler = self._filler(without)
        heads: dict[_Hits, str] = {}
        for start in sorted({beginning, *named}):
            hits = self._of_beginnings(start)
            if hits not in heads and not start.startswith(without):
                longer = self._longer(start, named.union(without), filler)
                heads |= {} if longer is None else {hits: longer}
        found: dict[int, str] = {}
        for hits, head in heads.items():
            for more, tail in self._tails.items():
                found.setdefault(self._met(hits | more), head + tail)
        for value, met in self._named.items():
            if value.startswith(beginning) and not value.startswith(without) and self._form.fullmatch(value):
                found.setdefault(met, value)
        return found

    def _longer(self, start: str, named: Collection[str], filler: str) -> str | None:
        """What has a beginning and none of the named ones that are longer; None where they leave no room."""
        if self._form.fullmatch(start + filler):
            return start + filler
        path = _bucket_beyond(start, named)
        return path + filler if path and self._form.fullmatch(path + filler) else None

    def _filler(self, excluded: Iterable[str]) -> str:
        """A character that nobody names."""
        used = self._used.union(*excluded)
        return next(character for character in map(chr, count(ord("à"))) if character not in used)

    @cached_property
    def _used(self) -> frozenset[str]:
        return frozenset().union(*self._equal, *self._begin, *self._end)

    @cached_property
    def _tails(self) -> dict[_Hits, str]:
        tails: dict[_Hits, str] = {}
        for end in ("", *self._end):
            tails.setdefault(self._of_endings(end), end)
        return tails

    @cached_property
    def _named(self) -> dict[str, int]:
        return {
            value: self._met(hits | self._of_beginnings(value) | self._of_endings(value))
            for value, hits in self._equal.items()
        }

    def _of_beginnings(self, value: str) -> _Hits:
        hits = _Hits()
        for length in self._lengths:
            hits |= self._begin.get(value[:length], _Hits()) if length <= len(value) else _Hits()
        return hits

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(one) for one in self._begin})

    def _of_endings(self, value: str) -> _Hits:
        hits = _Hits()
        for first in range(len(value) + 1):
            hits |= self._end.get(value[first:], _Hits())
        return hits

    def _met(self, hits: _Hits) -> int:
        """SELECT operators are OR'd, DESELECT operators AND'd, and both groups AND'd."""
        return (hits.select | self._easy) & ~hits.deselect


def _bucket_beyond(start: str, named: Collection[str]) -> str | None:
    """A bucket's path with a beginning, and with none of the named ones that are longer; None if there is no such."""
    longer = [one for one in named if one.startswith(start)]
    deeper = []
    for character in _BUCKET_CHARACTERS:
        path = start + character
        below = [one for one in longer if one.startswith(path)]
        if not below:
            before, colons, bucket = path.rpartition(":")
            return f"{before}{colons}{bucket.ljust(3, 'x')}/"
        if path not in below:
            deeper.append((path, below))
    if f"{start}/" not in longer:
        return f"{start}/"
    return next(filter(None, (_bucket_beyond(path, below) for path, below in deeper)), None)
