"""What changed between two reports on clients: who is new, grows, shrinks or is gone.

Numbers are compared by requests per day, so that the spans may differ in length. What is not whole, a span that the log
does not reach back over or of which rows are missing, can only have had more: what would not hold then is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from blueprint.queries import REQUESTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sigv2.period import Period
    from sigv2.report.report_records import Record
    from sigv2.report.reports import Report

REQUESTS_BEFORE: Final = "requestsBefore"
CHANGE: Final = "change"
"""Keys that a record has in a report that is compared."""

_STEADY_PERCENT: Final = 20
"""Within so much of the requests per day of before."""


class Change(StrEnum):
    """What became of a client."""

    NEW = "new"
    GROWING = "growing"
    SHRINKING = "shrinking"
    STEADY = "steady"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Comparison:
    """What a report is compared with.

    Attributes:
        period: the time before.
        proven_since: since when the log tells of all of it; None where that cannot be told.
        doubts: why that is not all of that time, each without a stop.
        whole: whether it is, so that who is not there was not there.
        interrupted: whether somebody ended the reading before its end.
    """

    period: Period
    proven_since: datetime | None
    doubts: Sequence[str]
    whole: bool
    interrupted: bool


def compared(now: Report, before: Report) -> Report:
    """Compare a report on clients with one on the time before.

    Args:
        now: the report.
        before: of the same log.

    Returns:
        The report, whose records tell how many requests there were before and what became of the client; with the
        records of those who are gone, which no gate counts.
    """
    comparison = Comparison(
        before.period, before.coverage.since, tuple(before.doubts), _is_whole(before), before.interrupted
    )
    rows_before = {client.key: record for client, record in zip(before.clients, before.records, strict=True)}
    records: list[Record] = []
    for client, record in zip(now.clients, now.records, strict=True):
        was = rows_before.pop(client.key, None)
        requests_before = int(was[REQUESTS]) if was else 0
        change = _change(now, before, int(record[REQUESTS]), requests_before)
        records.append({**record, REQUESTS_BEFORE: requests_before, CHANGE: change.value})
    gone: list[Record] = [
        {**record, REQUESTS: 0, REQUESTS_BEFORE: record[REQUESTS], CHANGE: Change.GONE.value}
        for record in rows_before.values()
    ]
    headings: dict[str, str] = {}
    for key, heading in now.headings.items():
        headings |= {key: heading} | ({CHANGE: "Change"} if key == REQUESTS else {})
    return replace(now, records=records, headings=headings, gone=gone, compared_with=comparison)


def _change(now: Report, before: Report, requests: int, requests_before: int) -> Change:
    whole_now, whole_before = _is_whole(now), _is_whole(before)
    per_day, per_day_before = requests / _days(now.period), requests_before / _days(before.period)
    if 100 * per_day > (100 + _STEADY_PERCENT) * per_day_before:
        change = Change.GROWING if requests_before else Change.NEW
        return change if whole_before else Change.UNKNOWN
    if 100 * per_day < (100 - _STEADY_PERCENT) * per_day_before:
        return Change.SHRINKING if whole_now else Change.UNKNOWN
    return Change.STEADY if whole_now and whole_before else Change.UNKNOWN


def _is_whole(report: Report) -> bool:
    return report.complete and report.coverage.reaches(report.period.since)


def _days(period: Period) -> float:
    return (period.until - period.since).total_seconds() / 86_400
