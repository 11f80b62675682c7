"""Costs as plain data, for `--json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from blueprint import prices
from blueprint.prices import Dollars, month_of_access_logging
from sigv2.discover.cost.cost_report import CostReport, CostSum
from sigv2.discover.cost.request_rate import RequestRate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigv2.discover.cost.bucket_costs import BucketCost
    from sigv2.discover.cost.cost_report import JoinableTrail
    from sigv2.discover.cost.request_counting import CountedLogs

_PLACES: Final = 6
"""After the point: a request is a millionth of a dollar."""


def document_of_bucket(cost: BucketCost) -> Mapping[str, Any]:
    """What watching a bucket costs; what is unknown is null, with its reason."""
    return {
        **_rate(cost),
        "monthlyCost": _dollars(cost.month) if cost.month else None,
        "trails": [
            {"arn": trail.arn, "bucket": trail.bucket, "records": str(trail.recorded)}
            for trail in cost.recording.trails
        ],
        "notChecked": [{"what": one.what, "reason": one.reason} for one in cost.recording.not_checked],
    }


def document_of_report(report: CostReport) -> Mapping[str, Any]:
    """The sums, what they were reckoned by, and what was read."""
    return {
        "accounts": [
            {"accountId": account, **_sum(CostSum.of(costs))} for account, costs in report.by_account().items()
        ],
        "existingTrails": [_joinable(trail) for trail in report.joinable_trails()],
        "formula": prices.FORMULA,
        "currency": "USD",
        "pricesOf": "us-east-1",
        "since": report.period.since.isoformat(),
        "until": report.period.until.isoformat(),
        "days": report.days,
        "undecidedBuckets": list(report.undecided),
        "read": {"from": list(report.places), **_read(report.read)} if report.read else None,
    }


def _rate(cost: BucketCost) -> Mapping[str, Any]:
    rate = cost.rate
    known = rate if isinstance(rate, RequestRate) else None
    return {
        "requestsPerDay": round(known.per_day, _PLACES) if known else None,
        "bound": str(known.bound) if known else None,
        "toldBy": known.told_by if known else None,
        "days": known.days if known else 0,
        "sigv2Share": known.sigv2_share if known else None,
        "reason": None if isinstance(rate, RequestRate) else rate.reason,
    }


def _sum(sum_: CostSum) -> Mapping[str, Any]:
    return {
        "requestsPerDay": round(sum_.per_day, _PLACES) if sum_.known else None,
        "bound": str(sum_.bound) if sum_.known else None,
        "monthlyCost": _dollars(sum_.month) if sum_.known else None,
        "knownBuckets": sum_.known,
        "unknownBuckets": sum_.unknown,
        "accessLogsInstead": round(month_of_access_logging(sum_.per_day), _PLACES) if sum_.known else None,
    }


def _joinable(trail: JoinableTrail) -> Mapping[str, Any]:
    known = trail.unknown < len(trail.buckets)
    return {
        "arn": trail.arn,
        "buckets": list(trail.buckets),
        "monthlySaving": round(trail.saved, _PLACES) if known else None,
        "unknownBuckets": trail.unknown,
    }


def _dollars(dollars: Dollars) -> Mapping[str, float]:
    return {"from": round(dollars.at_least, _PLACES), "to": round(dollars.at_most, _PLACES)}


def _read(read: CountedLogs) -> Mapping[str, Any]:
    return {
        "files": {str(kind): number for kind, number in sorted(read.files.items())},
        "passedOver": read.passed_over,
        "tooOld": read.too_old,
        "repeated": read.repeated,
        "mayRepeat": read.forgot,
        "interrupted": read.interrupted,
        "unread": {
            "files": read.unread_files,
            "lines": read.unread_lines,
            "named": [{"name": one.name, "why": one.why, "lines": one.lines} for one in read.unread],
        },
    }
