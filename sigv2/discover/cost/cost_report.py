"""What watching buckets would cost, bucket by bucket and in sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blueprint.prices import Dollars, month_of_data_events, month_of_stack
from blueprint.trail_coverage import Recorded
from sigv2.discover.cost.request_rate import Bound, RequestRate
from sigv2.discover.lines_to_paste import holds_trail_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigv2.discover.cost.bucket_costs import BucketCost
    from sigv2.discover.cost.request_counting import CountedLogs
    from sigv2.period import Period


@dataclass(frozen=True)
class CostSum:
    """The costs of some buckets together, as far as they are known.

    Attributes:
        per_day: requests, of the buckets of which they are known.
        bound: how that number lies to what CloudTrail would bill for these buckets.
        month: what they cost in a month, and the stack that watches them all.
        known: of how many buckets that is.
        unknown: of how many it is not known.
        regions: in how many Regions all of them are.
    """

    per_day: float
    bound: Bound
    month: Dollars
    known: int
    unknown: int
    regions: int

    @classmethod
    def of(cls, costs: Sequence[BucketCost]) -> CostSum:
        """Add up the costs of buckets of one account, which one stack would watch."""
        rates = [cost.rate for cost in costs if isinstance(cost.rate, RequestRate)]
        regions = len({cost.bucket.region for cost in costs})
        months = [cost.month for cost in costs if cost.month]
        month = sum(months, month_of_stack(regions))
        per_day = sum(rate.per_day for rate in rates)
        return cls(per_day, _bound(rates), month, len(rates), len(costs) - len(rates), regions)


@dataclass(frozen=True)
class JoinableTrail:
    """A trail that a stack can use instead of one of its own, with the setting `existingTrail`.

    Attributes:
        arn: its ARN.
        buckets: those of which it records all data events already.
        saved: what CloudTrail would bill in a month for a further copy, in USD, as far as the requests are known.
        unknown: of how many of the buckets they are not.
    """

    arn: str
    buckets: Sequence[str]
    saved: float
    unknown: int


@dataclass(frozen=True)
class CostReport:
    """What was found out.

    Attributes:
        period: the whole days that were asked about.
        costs: of each bucket that may have to be watched.
        places: where logs were read.
        read: what was read there; None where nobody said where.
        undecided: names of the buckets of which it is unknown whether they accept SigV2, so that their cost is, too.
    """

    period: Period
    costs: Sequence[BucketCost]
    places: Sequence[str]
    read: CountedLogs | None
    undecided: Sequence[str] = ()

    @property
    def days(self) -> int:
        """How many days were asked about."""
        return (self.period.until - self.period.since).days

    def joinable_trails(self) -> list[JoinableTrail]:
        """The trails that record all data events of some buckets, less those of this project's stacks."""
        recorded: dict[str, list[BucketCost]] = {}
        for cost in self.costs:
            for trail in cost.recording.trails:
                if trail.recorded is Recorded.ALL and not holds_trail_files(trail.bucket):
                    recorded.setdefault(trail.arn, []).append(cost)
        return [_joinable(arn, costs) for arn, costs in recorded.items()]

    def by_account(self) -> dict[str, list[BucketCost]]:
        """The costs of each account's buckets."""
        found: dict[str, list[BucketCost]] = {}
        for cost in self.costs:
            found.setdefault(cost.account_id, []).append(cost)
        return found


def _joinable(arn: str, costs: Sequence[BucketCost]) -> JoinableTrail:
    rates = [cost.rate for cost in costs if isinstance(cost.rate, RequestRate)]
    saved = month_of_data_events(sum(rate.per_day for rate in rates))
    return JoinableTrail(arn, [cost.bucket.name for cost in costs], saved, len(costs) - len(rates))


def _bound(rates: Sequence[RequestRate]) -> Bound:
    """Numbers that lie on one side of theirs lie there together; of others nobody knows."""
    bounds = {rate.bound for rate in rates}
    return bounds.pop() if len(bounds) == 1 else Bound.ABOUT
