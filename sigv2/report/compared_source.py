"""A source of reports that are compared with the time before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from blueprint.queries import SavedQuery
from sigv2.period import Period
from sigv2.report.comparison import compared
from sigv2.report.coverage import Coverage
from sigv2.report.query_run import QueryError
from sigv2.report.reports import Report
from sigv2.report.source import Source


def comparing(source: Source, span: timedelta | None) -> Source:
    """A source whose reports are compared with a span before; as it is, where there is none."""
    return ComparedSource(source, span) if span else source


@dataclass(frozen=True)
class ComparedSource:
    """Asks twice: about a time, and about a span that ends where it begins.

    Attributes:
        source: whom.
        span: how long the time before is.
    """

    source: Source
    span: timedelta

    @property
    def options(self) -> Sequence[str]:
        """See `Source`."""
        return self.source.options

    def ask(self, queries: Sequence[SavedQuery], period: Period) -> list[Report]:
        """See `Source`; reports on clients are compared. They are given though there is none on the time before.

        Raises:
            QueryError: and what else the source raises.
        """
        found = self.source.ask(queries, period)
        asked_again = [query for query in queries if query.is_of_clients]
        before = iter(self._before(asked_again, found[0], period.before(self.span)))
        return [
            compared(report, next(before)) if query.is_of_clients else report
            for query, report in zip(queries, found, strict=True)
        ]

    def _before(self, queries: Sequence[SavedQuery], now: Report, period: Period) -> list[Report]:
        """The same of the time before."""
        reason = "it was interrupted before that time was read"
        if not now.interrupted:
            try:
                return self.source.ask(queries, period)
            except QueryError as error:
                reason = str(error)
        return [_unknown(now, period, reason)] * len(queries)


def _unknown(report: Report, period: Period, reason: str) -> Report:
    """A report on a time of which nothing is known."""
    coverage = Coverage(None, (reason,))
    return replace(report, period=period, complete=True, records=(), clients=(), coverage=coverage, reading=None)
