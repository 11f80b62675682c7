"""A report: what a saved query found, about what time of which log, and what that does not tell."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from blueprint.queries import REQUESTS, SavedQuery
from sigv2.period import Period
from sigv2.report.client_folding import ranked_clients
from sigv2.report.client_views import CLIENT_VIEWS
from sigv2.report.clients import Client
from sigv2.report.coverage import UNKNOWN, Coverage
from sigv2.report.fixes import OWN_PROBE, Fix
from sigv2.report.query_run import QueryResult, run_query
from sigv2.report.report_records import CLIENT_HEADINGS, PLACE, Record, client_records, row_headings, row_records

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

    from sigv2.report.comparison import Comparison
    from sigv2.report.past.reading import Reading

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Report:
    """The answer to one question.

    Attributes:
        query: what was asked.
        log_groups: of which log groups.
        period: about what time.
        complete: whether these are all records there are.
        records: plain data, the busiest first; a day's at its place in time, once for each Region and account.
        headings: what people read above the values of a record, by key, in order; a record may have more keys, and
            always has those of its Region and account.
        clients: whom the records tell of, one each, in a report on clients.
        coverage: how much of the time the log groups tell of.
        reading: what was read instead of log groups, in a report of the past.
        owner_notes: why owners are missing, each without a stop; None where nobody asked who owns what.
        gone: records of clients that were there in the time before, and are no more; no part of the others.
        compared_with: the time before, in a report that is compared with it.
    """

    query: SavedQuery
    log_groups: Sequence[str]
    period: Period
    complete: bool
    records: Sequence[Record]
    headings: Mapping[str, str]
    clients: Sequence[Client] = ()
    coverage: Coverage = UNKNOWN
    reading: "Reading | None" = None
    owner_notes: Sequence[str] | None = None
    gone: Sequence[Record] = ()
    compared_with: "Comparison | None" = None

    @property
    def title(self) -> str:
        """What it tells, for people."""
        return "Who still signs with SigV2" if self.query.is_of_clients else self.query.name

    @property
    def requests(self) -> int:
        """How many requests the records stand for."""
        return sum(int(record[REQUESTS]) for record in self.records)

    @property
    def fixes(self) -> Sequence[Fix]:
        """Those that the records name in short, each where its busiest client is."""
        return list(dict.fromkeys(client.fix for client in self.clients))

    @property
    def to_fix(self) -> "Report":
        """The part, of a report on clients, that somebody has to do something about."""
        return self._only(lambda client: client.fix != OWN_PROBE)

    @property
    def offenders(self) -> Sequence[Record]:
        """The records of that part."""
        return self.to_fix.records

    @property
    def doubts(self) -> Sequence[str]:
        """Why the log does not prove what the records lack, and the way out, each without a stop."""
        if self.reading:
            return self.coverage.doubts
        cut_off = "there are more rows than CloudWatch Logs Insights returns, so ask about less time with --since"
        return self.coverage.doubts if self.complete else (*self.coverage.doubts, cut_off)

    @property
    def interrupted(self) -> bool:
        """Whether somebody ended its reading before its end."""
        compared = self.compared_with is not None and self.compared_with.interrupted
        return compared or (self.reading is not None and self.reading.interrupted)

    @property
    def vague(self) -> "Report":
        """The part, of a report on clients, that may be about any bucket, as the log does not name them all."""
        return self._only(lambda client: client.place.vague)

    def of_bucket(self, bucket: str) -> "Report":
        """The part, of a report on clients, that touches one bucket."""
        return self._only(lambda client: client.place.touches(bucket))

    def split(self, key: Callable[[Record, Client], Key]) -> dict[Key, "Report"]:
        """The parts, of a report on clients, that have the same key, each where its busiest client is.

        Args:
            key: what tells them apart.
        """
        parts: defaultdict[Key, list[tuple[Record, Client]]] = defaultdict(list)
        for record, client in zip(self.records, self.clients, strict=True):
            parts[key(record, client)].append((record, client))
        return {part: self._of(pairs) for part, pairs in parts.items()}

    def _only(self, wanted: Callable[[Client], bool]) -> "Report":
        return self._of([pair for pair in zip(self.records, self.clients, strict=True) if wanted(pair[1])])

    def _of(self, kept: Sequence[tuple[Record, Client]]) -> "Report":
        return replace(self, records=[record for record, _ in kept], clients=[client for _, client in kept])


def make_report(
    logs: "CloudWatchLogsClient",
    query: SavedQuery,
    log_groups: Sequence[str],
    period: Period,
    tell: Callable[[str], object] = lambda _: None,
    *,
    home: tuple[str, str] = ("", ""),
) -> Report:
    """Run a saved query and report what it found, in each Region and account apart.

    Args:
        logs: a client in the log groups' Region.
        query: what to ask, of all Regions and accounts together; it is asked of each.
        log_groups: names of the log groups to look in.
        period: what time to look at.
        tell: called with what it is waiting for, for a progress display.
        home: Region and account of the log groups, where they are known; people are told of a record's own where any
            record has others.

    Raises:
        QueryError: and what else `run_query` raises.
    """
    placed = query.by_place()
    return report_of(placed, log_groups, period, run_query(logs, placed, log_groups, period, tell=tell), home=home)


def report_of(
    query: SavedQuery,
    log_groups: Sequence[str],
    period: Period,
    answer: QueryResult,
    *,
    home: tuple[str, str] = ("", ""),
    coverage: Coverage = UNKNOWN,
    reading: "Reading | None" = None,
) -> Report:
    """Report what a saved query found.

    Args:
        query: what was asked, by place.
        log_groups: names of the log groups that were looked in.
        period: what time was looked at.
        answer: what was found.
        home: Region and account of the log, empty where it has none; those of records are told where they differ.
        coverage: how much of the time was told of.
        reading: what was read instead of log groups, in a report of the past.
    """
    make = _report_of_clients if query.is_of_clients else _report_of_rows
    report = replace(make(query, log_groups, period, answer), coverage=coverage, reading=reading)
    if _has_other_places(report.records, home):
        return report
    return replace(report, headings={key: text for key, text in report.headings.items() if key not in PLACE})


def _has_other_places(records: Iterable[Record], home: tuple[str, str]) -> bool:
    """Whether Region or account differ; one that is not logged differs from none."""
    places = [home, *(tuple(record[key] for key in PLACE) for record in records)]
    return any(len(set(values) - {""}) > 1 for values in zip(*places, strict=True))


def _report_of_clients(query: SavedQuery, log_groups: Sequence[str], period: Period, answer: QueryResult) -> Report:
    clients = ranked_clients(answer.rows, CLIENT_VIEWS[query.key])
    return Report(query, log_groups, period, answer.complete, client_records(clients), CLIENT_HEADINGS, clients=clients)


def _report_of_rows(query: SavedQuery, log_groups: Sequence[str], period: Period, answer: QueryResult) -> Report:
    records = row_records(query, answer.rows)
    return Report(query, log_groups, period, answer.complete, records, row_headings(query))
