"""The charts of a report, each with a sentence and a table that say the same to who does not see it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from blueprint.queries import LAST_SEEN, REQUESTS
from blueprint.sentences import counted
from sigv2.report.formats.page import charts
from sigv2.report.formats.page.day_counts import METHODS, MOST_DAYS, WEEK, DayCount, means_of_weeks
from sigv2.report.report_records import Record
from sigv2.report.reports import Report
from sigv2.terminal import harmless

MOST_BARS: Final = 10
_RANKED: Final = {
    "principal": ("Principals", "Principal", "unknown"),
    "bucket": ("Buckets", "Bucket", "none that the log names"),
    "software": ("User agents", "User agent", "none was sent"),
}
"""Whose requests are compared: a title, the heading of the table, and what stands for nothing, by key of a record."""


@dataclass(frozen=True)
class Figure:
    """A chart, and what it shows.

    Attributes:
        key: its id in the page.
        title: what it is about.
        sentence: what it shows, in words and numbers.
        chart: SVG; none where there is nothing to draw.
        headings: of the table.
        rows: of the table; numbers are numbers.
    """

    key: str
    title: str
    sentence: str
    chart: str = ""
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[str | float]] = ()


def requests_figure(days: Sequence[DayCount]) -> Figure:
    """Requests per day, by how they were signed."""
    methods = [method for method in METHODS if any(method in day.by_method for day in days)]
    rows: list[list[str | float]] = [
        [f"{day.day}", *[day.by_method.get(method, 0) for method in methods], day.requests, _known(day)] for day in days
    ]
    return Figure(
        "days",
        "Requests per day",
        " ".join(_sentences(days, methods)),
        charts.requests_per_day(days, methods) if methods else "",
        ["Day (UTC)", *methods, "Requests", "What is known"],
        rows,
    )


def trend_figure(days: Sequence[DayCount]) -> Figure:
    """Whether it becomes less: the average of a week, by its last day."""
    means = means_of_weeks(days)
    title = "The trend: requests a day, on average of seven days"
    if len(means) <= 1:
        sentence = (
            "The log tells all of less than eight whole days one after the other, and less tells no trend: ask about "
            "more time with --since, or wait."
        )
        return Figure("trend", title, sentence)
    last = max(means)
    sentence = f"In the seven days until {last} there were {means[last]:,.1f} requests a day"
    before = last - timedelta(days=WEEK)
    sentence += f", in the seven before them {means[before]:,.1f}." if before in means else "."
    rows: list[list[str | float]] = [[f"{day}", mean] for day, mean in means.items()]
    chart = charts.means_per_day(days, means) if any(means.values()) else ""
    return Figure("trend", title, sentence, chart, ["Seven days until (UTC)", "Requests a day"], rows)


def quiet_figure(days: Sequence[DayCount], clients: Sequence[Record], until: datetime) -> Figure:
    """Who has gone quiet: on which day each client was last seen."""
    seen = [time for client in clients if (time := _time(client[LAST_SEEN]))]
    last_days = Counter(time.date() for time in seen)
    quiet = {length: sum(time <= until - timedelta(days=length) for time in seen) for length in (1, WEEK)}
    sentence = (
        f"Of {counted(len(clients), 'client')}, {quiet[1]:,} sent nothing in the last 24 hours of this time, and "
        f"{quiet[WEEK]:,} nothing in the last seven days. Who is quiet need not be gone: some run once a month."
    )
    rows: list[list[str | float]] = [[f"{day}", number] for day, number in sorted(last_days.items())]
    shown = {day.day: last_days[day.day] for day in days if day.day in last_days}
    chart = charts.clients_by_last_day(days, shown) if shown else ""
    return Figure(
        "quiet", "Clients by the day they were last seen", sentence, chart, ["Last seen (UTC)", "Clients"], rows
    )


def rankings(report: Report) -> Iterator[Figure]:
    """Whose requests they are, the busiest first: bars for some, and all of them in a table."""
    for key, (title, heading, nothing) in _RANKED.items():
        ranked = _ranked(report.records, key, nothing)
        shown = dict(list(ranked.items())[:MOST_BARS])
        part = (
            f"The {len(shown)} busiest of {len(ranked):,} {title.lower()}"
            if len(ranked) > len(shown)
            else f"All {title.lower()}"
        )
        most, number = next(iter(ranked.items()))
        # Isolated, so that a name that is written from right to left turns nothing around.
        sentence = f"{part}, by requests; most are of \u2068{most}\u2069: {number:,} of {report.requests:,}."
        yield Figure(f"by-{key}", title, sentence, charts.ranking(shown), [heading, "Requests"], list(ranked.items()))


def _ranked(records: Sequence[Record], key: str, nothing: str) -> Mapping[str, int]:
    requests: Counter[str] = Counter()
    for record in records:
        requests[harmless(str(record[key])).plain or nothing] += int(record[REQUESTS])
    return dict(requests.most_common())


def _sentences(days: Sequence[DayCount], methods: Sequence[str]) -> Iterator[str]:
    first, last = days[0], days[-1]
    span = f"on {last.day}" if first is last else f"from {first.day} to {last.day}"
    by_method = Counter[str]()
    for day in days:
        by_method.update(day.by_method)
    if total := by_method.total():
        told = ", ".join(f"{by_method[method]:,} by {method}" for method in methods)
        busiest = max(days, key=lambda day: day.requests)
        yield f"{counted(total, 'request')} {span}: {told}."
        yield f"The busiest day was {busiest.day}, with {busiest.requests:,}."
    else:
        yield f"No request {span} is in what was read."
    if len(days) == MOST_DAYS:
        yield f"These are the last {MOST_DAYS} days."
    if unknown := sum(not day.known for day in days):
        shaded = ", shaded here" if total else ""
        yield f"The log does not tell all of {counted(unknown, 'day')}{shaded}: there may have been more requests."
    else:
        yield "The log tells all of that time: where nothing is drawn, there was no request."
    if parts := list(dict.fromkeys(f"{day.day}" for day in (first, last) if not day.whole)):
        yield f"Only a part of {' and '.join(parts)} was asked about."


def _known(day: DayCount) -> str:
    if not day.known:
        return "not all of it"
    return "all of it" if day.whole else "the part that was asked about"


def _time(logged: str | int) -> datetime | None:
    try:
        return datetime.fromisoformat(str(logged)).astimezone(UTC)
    except ValueError:
        return None
