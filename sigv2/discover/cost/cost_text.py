"""Costs for people: a table, the sum, the formula, what to mind, and cheaper ways."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from blueprint import prices
from blueprint.prices import Dollars, month_of_access_logging
from blueprint.sentences import counted
from blueprint.trail_coverage import Recorded
from sigv2.discover.cost.cost_report import CostReport, CostSum, JoinableTrail
from sigv2.discover.cost.request_metrics import TOLD_BY
from sigv2.discover.cost.request_rate import RequestRate, UnknownRate
from sigv2.report.past.batches import Kind
from sigv2.report.past.reading import unread_in_words
from sigv2.terminal import first_of, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from sigv2.discover.cost.bucket_costs import BucketCost
    from sigv2.discover.cost.recording_trails import RecordingTrail
    from sigv2.discover.cost.request_counting import CountedLogs

_UNKNOWN: Final = "unknown"
_CENTS: Final = 100
_FAR_BELOW_A_CENT: Final = 6
_A_WEEK: Final = 7
_NOTES: Final = {
    TOLD_BY: "S3 gives request metrics on a best-effort basis. They count calls to a bucket itself, too, which "
    "CloudTrail does not bill as data events, and a deletion of many objects once, where it bills each object.",
    Kind.CLOUDTRAIL: "Trail files have what their trail selects: there may be more requests than it recorded.",
    Kind.ACCESS_LOG: "S3 delivers access logs on a best-effort basis, so that some lines may be missing. They have "
    "lines that CloudTrail does not bill: requests whose authentication failed, and the second line of a copy.",
}


def cost_table(report: CostReport, *, with_accounts: bool) -> Table:
    """A line for each bucket."""
    columns = ("Bucket", "Region", "Requests a day", "Told by", "USD a month", "Recorded already")
    rows = (
        (
            cost.bucket.name,
            *([cost.account_id] if with_accounts else []),
            cost.bucket.region or "-",
            _per_day(cost.rate, report.days),
            _told_by(cost.rate),
            _dollars(cost.month) if cost.month else _UNKNOWN,
            _recorded(cost),
        )
        for cost in report.costs
    )
    headings = (columns[0], *(["Account"] if with_accounts else []), *columns[1:])
    return table("What watching them would cost", headings, rows)


def cost_lines(report: CostReport) -> Iterator[str]:
    """Sentences below the table, which may hold a stranger's text."""
    if not report.costs:
        yield _undecided(report) or "There is nothing to watch in what was asked, so it costs nothing."
        return
    by_account = report.by_account()
    for account, costs in by_account.items():
        yield _sum(f"Account {account}" if len(by_account) > 1 else "In sum", CostSum.of(costs))
    if report.undecided:
        yield _undecided(report)
    yield f"USD a month = {prices.FORMULA}. Prices of us-east-1; an unknown share is taken for 0 to 1."
    told_by = {cost.rate.told_by for cost in report.costs if isinstance(cost.rate, RequestRate)}
    yield from (note for kind, note in _NOTES.items() if kind in told_by)
    if any(isinstance(cost.rate, RequestRate) and cost.rate.days < report.days for cost in report.costs):
        yield "Days without any request are left out of an average: nobody tells whether there was none, or no log."
    if report.read:
        yield _read(report.read)
    yield from _twice(report.costs)
    if any(isinstance(cost.rate, UnknownRate) for cost in report.costs):
        yield (
            "To know what is unknown, turn on a bucket's request metrics for some days (CloudWatch bills them as "
            "custom metrics), or name access logs or trail files with --from."
        )
    yield ""
    yield "Cheaper ways, where they will do:"
    yield from (f"- {way}" for way in _cheaper_ways(report))


def _per_day(rate: RequestRate | UnknownRate, days: int) -> str:
    if isinstance(rate, UnknownRate):
        return _UNKNOWN
    return f"{rate.bound} {rate.per_day:,.0f} over {rate.days} of {counted(days, 'day')}"


def _told_by(rate: RequestRate | UnknownRate) -> str:
    return rate.reason if isinstance(rate, UnknownRate) else rate.told_by


def _recorded(cost: BucketCost) -> str:
    trails = [
        f"by {trail.name}{'' if trail.recorded is Recorded.ALL else ', a part'}" for trail in cost.recording.trails
    ]
    return "; ".join([*trails, *(f"{one.what}: unknown" for one in cost.recording.not_checked)]) or "no"


def _sum(what: str, costs: CostSum) -> str:
    if not costs.known:
        return f"{what}: unknown, for {counted(costs.unknown, 'bucket')}."
    without = f"; without {counted(costs.unknown, 'bucket')} of unknown cost" if costs.unknown else ""
    requests, buckets = counted(round(costs.per_day), "request"), counted(costs.known, "bucket")
    return (
        f"{what}: {costs.bound} {requests} a day to {buckets}; so many "
        f"cost {_dollars(costs.month)} USD a month, with one stack{without}."
    )


def _undecided(report: CostReport) -> str:
    if not report.undecided:
        return ""
    named = f"{counted(len(report.undecided), 'bucket')} ({first_of(report.undecided)})"
    return f"Not reckoned: {named}, as it is unknown whether they accept SigV2."


def _read(read: CountedLogs) -> str:
    files = " and ".join(counted(number, kind.removesuffix("s")) for kind, number in sorted(read.files.items()))
    said = f"Read {files or 'no log file of these days'}."
    if read.interrupted:
        said += " It was interrupted, and tells only of what had been read until then."
    if read.unread_files or read.unread_lines:
        what = unread_in_words(read.unread_files, read.unread_lines)
        named = first_of([f"{one.name} ({one.why})" for one in read.unread])
        said += f" {what} could not be read, so there may be more requests: {named}."
    if read.forgot:
        said += " There are so many requests that some which two files tell of may be counted twice."
    return said


def _twice(costs: Sequence[BucketCost]) -> Iterator[str]:
    """What is recorded already, and what of that cannot be told."""
    for trail, buckets in _recorded_by(costs).items():
        what = "all data events" if trail.recorded is Recorded.ALL else "a part of the data events"
        yield (
            f"The trail {trail.arn} records {what} of {first_of(buckets)}. CloudTrail bills each delivery, the first "
            "one included: that is paid for already, and a further trail doubles it."
        )
    not_checked = dict.fromkeys(one for cost in costs for one in cost.recording.not_checked)
    yield from (f"Not checked, and may record buckets already: {one.what} ({one.reason})." for one in not_checked)


def _cheaper_ways(report: CostReport) -> Iterator[str]:
    yield from (_joining(trail) for trail in report.joinable_trails())
    for place in dict.fromkeys(trail.bucket for trail in _recorded_by(report.costs) if trail.bucket):
        yield (
            f"What a trail records already costs no further event, but reading its files: report --from s3://{place}/ "
            "tells who and with which key, after the event, of what that trail records."
        )
    sums = [CostSum.of(costs) for costs in report.by_account().values()]
    per_day = sum(costs.per_day for costs in sums)
    here = f", {month_of_access_logging(per_day):,.2f} a month for what is known here" if per_day else ""
    yield (
        f"Access logs that S3 delivers to CloudWatch Logs: about {prices.ACCESS_LOGGING:.2f} USD for a million "
        f"requests{here}. They tell whether SigV2 is used and who by ARN, not by key, and come late or never at times."
    )
    yield (
        "Access logs that S3 delivers to a bucket: nothing but storage and requests; report --from reads them, with "
        "the same limits."
    )
    yield "A part of a bucket: a target such as my-bucket/prefix/ is billed for its objects only."
    share = _A_WEEK / prices.DAYS_OF_MONTH
    month = sum((costs.month for costs in sums), Dollars(0, 0))
    week = Dollars(share * month.at_least, share * month.at_most)
    here = f", here {_dollars(week)} USD" if per_day else ""
    yield f"A short time: a week costs {_A_WEEK} of {prices.DAYS_OF_MONTH} days{here}. Rare clients stay unseen."


def _joining(trail: JoinableTrail) -> str:
    known = len(trail.buckets) - trail.unknown
    saves = f"about {trail.saved:,.2f} USD a month of CloudTrail" if known else "a second copy of each data event"
    without = f", without {counted(trail.unknown, 'bucket')} of unknown cost" if known and trail.unknown else ""
    return (
        f"A trail that is there already: `pulumi config set existingTrail {trail.arn}` has a stack use it instead of "
        f"making one, if it records all of its targets. For {first_of(trail.buckets)} that saves {saves}{without}."
    )


def _recorded_by(costs: Sequence[BucketCost]) -> dict[RecordingTrail, list[str]]:
    found: dict[RecordingTrail, list[str]] = {}
    for cost in costs:
        for trail in cost.recording.trails:
            found.setdefault(trail, []).append(cost.bucket.name)
    return found


def _dollars(dollars: Dollars) -> str:
    """Rounded to cents, outwards."""
    least, most = (round(amount * _CENTS, _FAR_BELOW_A_CENT) for amount in (dollars.at_least, dollars.at_most))
    return f"{math.floor(least) / _CENTS:,.2f} to {math.ceil(most) / _CENTS:,.2f}"
