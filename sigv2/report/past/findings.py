"""Puts together what was found in all files, in whatever order it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sigv2.query_engine import Tally
from sigv2.report.past.batches import LEFT_OUT, Kind, LookedAt, UnreadLogs
from sigv2.report.past.seen_events import SeenEvents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blueprint.queries import SavedQuery
    from sigv2.report.past.batches import Batch, Groups

_MOST_BYTES_OF_GROUPS: Final = 4 << 20
"""Some thousands of groups: what is made of one to write it takes some ten times as much."""


class Findings(UnreadLogs):
    """What was found so far.

    Attributes:
        tallies: one for each query.
        text_bytes: how much text was looked at.
        passed_over: how many files hold no events by their own account.
        looked_at: how much was looked at, by kind.
        repeated: how many records were of events that had been counted.

    Args:
        queries: what is asked.
    """

    def __init__(self, queries: Sequence[SavedQuery]) -> None:
        super().__init__()
        most_bytes = _MOST_BYTES_OF_GROUPS // len(queries)
        self.tallies = [Tally(query, most_bytes) for query in queries]
        self.text_bytes = self.passed_over = self.repeated = 0
        self.looked_at: dict[Kind, LookedAt] = {}
        self._seen = SeenEvents()

    @property
    def forgot(self) -> bool:
        """Whether there were so many events that some may have been counted twice."""
        return self._seen.forgot

    def add(self, batch: Batch) -> None:
        """Take in what was found in some more files."""
        self.text_bytes += batch.text_bytes
        self.passed_over += batch.passed_over
        for kind, looked_at in batch.looked_at.items():
            self.looked_at.setdefault(kind, LookedAt()).add(looked_at)
        for unread in batch.unread:
            self.add_unread(unread)
        if not batch.groups:
            # It tells of nothing but files that could not be read.
            return
        new = [number for number, event in enumerate(batch.events) if self._seen.add(event)]
        self.repeated += len(batch.events) - len(new)
        for tally, groups in zip(self.tallies, batch.groups, strict=True):
            _count(tally, groups, new)


def _count(tally: Tally, groups: Groups, new: Sequence[int]) -> None:
    counts = [0] * len(groups.keys)
    for number in new:
        group = groups.of_events[number]
        if group != LEFT_OUT:
            counts[group] += 1
    for key, requests, first, last in zip(groups.keys, counts, groups.firsts, groups.lasts, strict=True):
        # The times of a repeated event are those of the event; its group is there already.
        if requests:
            tally.add(key, requests, first, last)
