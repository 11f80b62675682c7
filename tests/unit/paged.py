"""Reports as pages for a browser, of a made-up fortnight."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from blueprint.queries import (
    ACCESS_KEY,
    ACCOUNT,
    AUTHENTICATION_METHOD,
    BUCKET,
    DAY,
    DAYS_BY_METHOD,
    FIRST_SEEN,
    ISSUER,
    LAST_SEEN,
    PRINCIPAL,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ID,
    PRINCIPAL_TYPE,
    REGION,
    REQUESTS,
    USER_AGENT,
    USER_NAME,
    saved_query,
)
from sigv2.period import Period
from sigv2.report.coverage import UNKNOWN, Coverage
from sigv2.report.formats.html_format import as_html
from sigv2.report.owners.by_owner import with_owners
from sigv2.report.owners.owner import Owner
from sigv2.report.past.reading import Reading
from sigv2.report.query_run import QueryResult
from sigv2.report.reports import Report, report_of

Row = Mapping[str, str]

GROUP = "/aws/events/s3-sigv2-access-log"
UNTIL = datetime(2026, 11, 20, 8, tzinfo=UTC)
FORTNIGHT = Period(UNTIL - timedelta(days=17), UNTIL)
HOME = ("us-east-1", "123456789012")
PLACE = {REGION: HOME[0], ACCOUNT: HOME[1]}
USER = {
    PRINCIPAL: "arn:aws:iam::123456789012:user/nightly-backup",
    PRINCIPAL_ID: "AIDAEXAMPLE",
    PRINCIPAL_ACCOUNT: "123456789012",
    ACCESS_KEY: "AKIAEXAMPLE",
    PRINCIPAL_TYPE: "IAMUser",
    USER_NAME: "nightly-backup",
    USER_AGENT: "[Boto/2.49.0 Python/2.7.18 Linux/5.10]",
    BUCKET: "example-uploads",
    AUTHENTICATION_METHOD: "AuthHeader",
    FIRST_SEEN: "2026-11-03T09:14:07Z",
    LAST_SEEN: "2026-11-20T07:59:59Z",
    REQUESTS: "1200",
    **PLACE,
}
SESSION = {
    PRINCIPAL: "arn:aws:sts::123456789012:assumed-role/report-server/i-0136f1c4e5a8b2d90",
    PRINCIPAL_ID: "AROAEXAMPLE:i-0136f1c4e5a8b2d90",
    PRINCIPAL_ACCOUNT: "123456789012",
    ACCESS_KEY: "ASIAEXAMPLE",
    PRINCIPAL_TYPE: "AssumedRole",
    ISSUER: "arn:aws:iam::123456789012:role/report-server",
    USER_AGENT: "[python-requests/2.31.0]",
    BUCKET: "example-reports",
    AUTHENTICATION_METHOD: "QueryString",
    FIRST_SEEN: "2026-11-04T10:00:00Z",
    LAST_SEEN: "2026-11-11T11:22:33Z",
    REQUESTS: "30",
    **PLACE,
}
CLIENTS = (USER, SESSION)
SINCE_THE_SIXTH = Coverage(
    datetime(2026, 11, 6, tzinfo=UTC), ("/aws/events/s3-sigv2-access-log exists only since 2026-11-06 00:00 UTC",)
)
ALL_OF_IT = Coverage(FORTNIGHT.since)


def a_day(day: str, method: str, requests: int) -> Row:
    return {DAY: f"{day} 00:00:00.000", AUTHENTICATION_METHOD: method, REQUESTS: f"{requests}", **PLACE}


DAYS = (
    a_day("2026-11-03", "AuthHeader", 200),
    a_day("2026-11-07", "AuthHeader", 500),
    a_day("2026-11-11", "QueryString", 30),
    a_day("2026-11-11", "AuthHeader", 300),
    a_day("2026-11-20", "AuthHeader", 200),
)


def reports_of(
    clients: Sequence[Row] = CLIENTS,
    days: Sequence[Row] = DAYS,
    *,
    period: Period = FORTNIGHT,
    coverage: Coverage = UNKNOWN,
    reading: Reading | None = None,
) -> tuple[Report, Report]:
    """What a source answers: who signs with SigV2, and how many requests each day had."""
    answers = ((saved_query("client"), clients), (DAYS_BY_METHOD, days))
    found, counted = (
        report_of(
            query.by_place(),
            [GROUP],
            period,
            QueryResult(rows, complete=True),
            home=HOME,
            coverage=coverage,
            reading=reading,
        )
        for query, rows in answers
    )
    return found, counted


def with_keys(report: Report, *keys: Mapping[str, str | int]) -> Report:
    """The same with further keys in its records, one mapping a record."""
    return replace(report, records=[{**record, **more} for record, more in zip(report.records, keys, strict=True)])


def with_an_owner(report: Report) -> Report:
    """The same with an owner of the second client."""
    owners = [Owner("", ""), Owner("etl", "tag Team of role report-server")]
    return with_owners(report, owners, ["owners of 1 user may be missing, as iam:ListUserTags is denied"])


def page_of(
    clients: Sequence[Row] = CLIENTS, days: Sequence[Row] = DAYS, *, coverage: Coverage = SINCE_THE_SIXTH
) -> str:
    return as_html(*reports_of(clients, days, coverage=coverage))
