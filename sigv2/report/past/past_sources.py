"""Reads the past from where somebody says it is, and answers queries about it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sigv2.aws import session
from sigv2.report.coverage import Coverage
from sigv2.report.past.athena.athena_run import AthenaWorkGroup
from sigv2.report.past.athena.athena_source import AS_USUAL, AthenaOptions, read_athena
from sigv2.report.past.bucket_files import BucketFiles
from sigv2.report.past.findings import Findings
from sigv2.report.past.local_files import LocalFiles
from sigv2.report.past.logged_access import read_log_group
from sigv2.report.past.reading import Reading
from sigv2.report.past.reading_processes import cores, read_all
from sigv2.report.past.reading_progress import reading_progress
from sigv2.report.query_run import QueryError, QueryResult
from sigv2.report.reports import Report, report_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blueprint.queries import SavedQuery
    from sigv2.period import Period

BUCKET_URL: Final = "s3://"
"""How a place in a bucket begins."""
_LOG_GROUP: Final = "logs:"
ATHENA: Final = "athena:"
"""How the name of a table of Athena begins."""


@dataclass(frozen=True)
class PastLogs:
    """Logs that are there already.

    Attributes:
        where: as for `read_past`, and so are the others.
        profile: see there.
        region: see there.
        athena: see there.
    """

    where: str
    profile: str | None
    region: str | None
    athena: AthenaOptions = AS_USUAL

    @property
    def options(self) -> Sequence[str]:
        """See `sigv2.report.source.Source`."""
        group = self.athena.work_group
        usual = group.name == AthenaWorkGroup.name
        given = {"--region": self.region, "--workgroup": None if usual else group.name, "--output": group.output}
        return ["--from", self.where, *(text for name, value in given.items() if value for text in (name, value))]

    def ask(self, queries: Sequence[SavedQuery], period: Period) -> list[Report]:
        """See `sigv2.report.source.Source`."""
        return read_past(self.where, queries, period, profile=self.profile, region=self.region, athena=self.athena)


def read_past(
    where: str,
    queries: Sequence[SavedQuery],
    period: Period,
    *,
    profile: str | None = None,
    region: str | None = None,
    athena: AthenaOptions = AS_USUAL,
) -> list[Report]:
    """Answer queries from logs that are there already; Ctrl-C ends the reading, and the answer says so.

    Args:
        where: a file, a folder, `s3://BUCKET/PREFIX`, `logs:LOG-GROUP`, or `athena:DATABASE.TABLE`.
        queries: what to ask.
        period: about what time.
        profile: of the user's AWS configuration, for what is in AWS.
        region: of the log group or table, for what is in AWS.
        athena: how Athena is asked, where it is.

    Returns:
        A report for each query.

    Raises:
        QueryError: there is nothing there, or it cannot be said what is.
        botocore.exceptions.ClientError: AWS refuses.
        botocore.exceptions.BotoCoreError: AWS cannot be asked.
    """
    queries = [query.by_place() for query in queries]
    if where.startswith(_LOG_GROUP):
        logs = session(profile, region).client("logs")
        findings, interrupted, coverage = read_log_group(logs, where.removeprefix(_LOG_GROUP), queries, period)
        reading = Reading.of(where, findings, passed_over=0, too_old=0, interrupted=interrupted)
        return _reports(findings, reading, queries, period, coverage)
    if where.startswith(ATHENA):
        table = where.removeprefix(ATHENA)
        answer = read_athena(session(profile, region), table, queries, period, athena)
        reading = Reading.of(where, answer.findings, passed_over=0, too_old=0, interrupted=answer.interrupted)
        reading = replace(reading, scan=answer.scan, unknown=answer.unknown, about_table=answer.doubts)
        return _reports(answer.findings, reading, queries, period, Coverage(period.since))
    with tempfile.TemporaryDirectory(prefix="sigv2-") as folder:
        source = file_source(where, period, profile, region, Path(folder))
        return _read_files(where, source, queries, period)


def _read_files(
    where: str, source: BucketFiles | LocalFiles, queries: Sequence[SavedQuery], period: Period
) -> list[Report]:
    findings, interrupted = Findings(queries), False
    try:
        with reading_progress(lambda: source.total_bytes() if isinstance(source, LocalFiles) else None) as advance:
            for batch, files, size in read_all(source.files(), queries, period, cores()):
                if batch:
                    findings.add(batch)
                advance(files, size)
    except KeyboardInterrupt:
        interrupted = True
    wanted = source.wanted
    reading = Reading.of(
        where, findings, passed_over=wanted.passed_over, too_old=wanted.too_old, interrupted=interrupted
    )
    return _reports(findings, reading, queries, period, Coverage(period.since))


def file_source(
    where: str, period: Period, profile: str | None, region: str | None, folder: Path
) -> BucketFiles | LocalFiles:
    """Where log files are found.

    Args:
        where: a file, a folder, or `s3://BUCKET/PREFIX`.
        period: what time is wanted.
        profile: of the user's AWS configuration, for what is in AWS.
        region: the same.
        folder: where to put what is fetched until it is read.

    Raises:
        QueryError: there is nothing there, or it cannot be said what is.
        botocore.exceptions.BotoCoreError: there is no way to AWS.
    """
    if where.startswith(BUCKET_URL):
        bucket, _, prefix = where.removeprefix(BUCKET_URL).partition("/")
        if not bucket:
            raise QueryError(f"--from: {where!r} names no bucket: write s3://BUCKET/PREFIX")
        return BucketFiles(session(profile, region).client("s3"), bucket, prefix, period, folder)
    if not is_on_disk(where):
        raise QueryError(
            f"--from: there is no file or folder {where!r}: name one, or s3://BUCKET/PREFIX, "
            "or logs:LOG-GROUP, or athena:DATABASE.TABLE"
        )
    return LocalFiles(Path(where), period)


def is_on_disk(where: str) -> bool:
    """Whether there is a file or folder of this name.

    Raises:
        QueryError: it cannot be looked at.
    """
    try:
        return Path(where).exists()
    except OSError as error:
        raise QueryError(f"--from: {where!r} cannot be looked at: {error.strerror}") from None


def _reports(
    findings: Findings, reading: Reading, queries: Sequence[SavedQuery], period: Period, coverage: Coverage
) -> list[Report]:
    doubts = (*coverage.doubts, *reading.doubts(period, datetime.now(UTC)))
    coverage = Coverage(None if doubts else coverage.since, doubts)
    log_groups = [reading.where.removeprefix(_LOG_GROUP)] if reading.where.startswith(_LOG_GROUP) else []
    return [
        report_of(
            query,
            log_groups,
            period,
            QueryResult(tally.rows(), complete=not reading.beyond),
            coverage=coverage,
            reading=reading,
        )
        for query, tally in zip(queries, findings.tallies, strict=True)
    ]
