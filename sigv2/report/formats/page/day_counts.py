"""How many requests each day had, and of which days that is not known."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from statistics import fmean
from typing import Final

from blueprint.queries import REQUESTS
from sigv2.report.report_records import SIGNED
from sigv2.report.reports import Report

METHODS: Final = (*SIGNED.values(), "not logged")
"""How requests are signed, as people say it."""

MOST_DAYS: Final = 400
"""How many are drawn: as long as a log keeps requests by default."""

WEEK: Final = 7


@dataclass(frozen=True)
class DayCount:
    """The requests of a day of UTC.

    Attributes:
        day: which.
        by_method: how many, by how they were signed.
        whole: whether all of the day was asked about.
        known: whether the log tells of all of it that was asked about; where not, there may have been more.
    """

    day: date
    by_method: Mapping[str, int]
    whole: bool
    known: bool

    @property
    def requests(self) -> int:
        """How many, signed in whatever way."""
        return sum(self.by_method.values())


def days_of(report: Report) -> list[DayCount]:
    """Every day of a report, those without requests, too, oldest first; of very many, the last `MOST_DAYS`.

    Args:
        report: the answer to `DAYS_BY_METHOD`.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record in report.records:
        method = SIGNED.get(str(record["AuthenticationMethod"]), METHODS[-1])
        counts[str(record["day"])[:10]][method] += int(record[REQUESTS])
    since, until = report.period.since, report.period.until
    last = until.date()
    if not counts.get(f"{last}"):
        # The first instant of a day is none of its time.
        last = (until - timedelta(microseconds=1)).date()
    asked = min((last - since.date()).days + 1, MOST_DAYS)
    days = [last - timedelta(days=before) for before in reversed(range(asked))]
    return [_counted(day, counts[f"{day}"], report) for day in days]


def means_of_weeks(days: Sequence[DayCount]) -> dict[date, float]:
    """Requests a day, on average of the seven days that end with a day, where all of these are whole and known."""
    means = {}
    for end in range(WEEK, len(days) + 1):
        week = days[end - WEEK : end]
        if all(day.whole and day.known for day in week):
            means[week[-1].day] = fmean(day.requests for day in week)
    return means


def unknown_spans(days: Sequence[DayCount]) -> Iterator[tuple[date, date]]:
    """First and last of the days, one after the other, of which not all is known."""
    for known, of_kind in groupby(days, lambda day: day.known):
        span = list(of_kind)
        if not known:
            yield span[0].day, span[-1].day


def _counted(day: date, by_method: Mapping[str, int], report: Report) -> DayCount:
    since, until = report.period.since, report.period.until
    start = datetime.combine(day, time(), UTC)
    told_since, reading = report.coverage.since, report.reading
    told = told_since is not None and told_since <= max(start, since)
    return DayCount(
        day,
        {method: by_method[method] for method in METHODS if by_method.get(method)},
        whole=since <= start and start + timedelta(days=1) <= until,
        known=told or (reading is not None and reading.tells_of(day)),
    )
