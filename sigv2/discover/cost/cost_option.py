"""`discover --cost`, and what goes with it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from sigv2.aws import explained
from sigv2.discover.cost.bucket_costs import costs_of, is_to_be_watched
from sigv2.discover.cost.cost_report import CostReport
from sigv2.discover.cost.log_sources import LogSources
from sigv2.discover.cost.request_rate import whole_days
from sigv2.discover.sigv2_acceptance import Verdict
from sigv2.report.query_run import QueryError
from sigv2.terminal import fail
from sigv2.time_options import TimeOptionError, span_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigv2.discover.account_search import AskedAccount
    from sigv2.period import Period

USUAL_TIME: Final = "7d"
"""How far it looks back if nobody says."""


@dataclass(frozen=True)
class Costing:
    """What costs are reckoned from.

    Attributes:
        period: the whole days.
        places: where logs are, in the user's words.
        sources: the same, found to be there.
    """

    period: Period
    places: Sequence[str]
    sources: LogSources

    def of(self, accounts: Sequence[AskedAccount]) -> CostReport:
        """Find out what watching the accounts' buckets costs.

        Raises:
            typer.Exit: logs that were named cannot be read at all; a sentence says why.
        """
        to_watch = [
            (account, [found.bucket for found in account.found if is_to_be_watched(found)]) for account in accounts
        ]
        owners = {bucket.name: account.account_id for account, buckets in to_watch for bucket in buckets}
        try:
            counter = self.sources.count(owners) if self.places else None
        except (BotoCoreError, ClientError) as error:
            fail(f"--from: {explained(error)}")
        counted = counter.rate if counter else None
        costs = [
            cost
            for account, buckets in to_watch
            for cost in costs_of(account.aws, account.account_id, buckets, self.period, counted)
        ]
        # What costs most comes first, what is unknown last.
        costs.sort(key=lambda cost: (-cost.month.at_most if cost.month else 1, cost.bucket.name))
        undecided = [
            found.bucket.name for account in accounts for found in account.found if found.verdict is Verdict.UNKNOWN
        ]
        return CostReport(self.period, costs, self.places, counter.read if counter else None, undecided)


@contextlib.contextmanager
def costing(*, cost: bool, places: Sequence[str], since: str | None, profile: str | None) -> Iterator[Costing | None]:
    """Check what is asked of `--cost` before anything else is done.

    Args:
        cost: whether it is asked for.
        places: of `--from`.
        since: of `--since`.
        profile: whose credentials read what is in AWS.

    Yields:
        None where it is not asked for.

    Raises:
        typer.Exit: it cannot be done as asked; a sentence says why.
    """
    if not cost:
        if places or since is not None:
            fail("--from and --since say what --cost counts, so they go with --cost")
        yield None
        return
    try:
        period = whole_days(span_of("--since", since or USUAL_TIME), datetime.now(UTC))
        sources = LogSources(places, period, profile)
    except (QueryError, TimeOptionError) as error:
        fail(str(error))
    except (BotoCoreError, ClientError) as error:
        fail(explained(error))
    with sources:
        yield Costing(period, places, sources)
