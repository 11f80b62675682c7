"""A report on clients, made of rows of the `client` query, with or without who owns them."""

from datetime import UTC, datetime

from blueprint.queries import (
    ACCESS_KEY,
    ACCOUNT,
    AUTHENTICATION_METHOD,
    BUCKET,
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
    saved_query,
)
from sigv2.period import Period
from sigv2.report.owners.by_owner import with_owners
from sigv2.report.owners.owner import Owner
from sigv2.report.query_run import QueryResult
from sigv2.report.reports import Report, report_of

HERE = "123456789012"
ELSEWHERE = "210987654321"
GROUP = "/aws/events/s3-sigv2-access-log"
PERIOD = Period(datetime(2026, 11, 13, 8, tzinfo=UTC), datetime(2026, 11, 20, 8, tzinfo=UTC))
USER = {
    PRINCIPAL: f"arn:aws:iam::{HERE}:user/ops/nightly-backup",
    PRINCIPAL_ID: "AIDAEXAMPLE",
    PRINCIPAL_ACCOUNT: HERE,
    PRINCIPAL_TYPE: "IAMUser",
    ACCESS_KEY: "AKIAEXAMPLE",
    USER_AGENT: "[Boto/2.49.0 Python/2.7.18 Linux/5.4.0]",
    BUCKET: "example-uploads",
    REGION: "us-east-1",
    ACCOUNT: HERE,
    AUTHENTICATION_METHOD: "AuthHeader",
    FIRST_SEEN: "2026-11-14T07:14:07Z",
    LAST_SEEN: "2026-11-20T07:59:59Z",
    REQUESTS: "30",
}
SESSION = USER | {
    PRINCIPAL: f"arn:aws:sts::{HERE}:assumed-role/etl/nightly",
    PRINCIPAL_ID: "AROAEXAMPLE:nightly",
    PRINCIPAL_TYPE: "AssumedRole",
    ACCESS_KEY: "ASIAEXAMPLE",
    ISSUER: f"arn:aws:iam::{HERE}:role/data/etl",
    USER_AGENT: "[Boto3/1.34.0 Botocore/1.34.0]",
    FIRST_SEEN: "2026-11-13T09:00:00Z",
    LAST_SEEN: "2026-11-19T09:00:00Z",
    REQUESTS: "1200",
}
STRANGER = {key: value for key, value in USER.items() if key != PRINCIPAL} | {
    PRINCIPAL_ID: "AIDASTRANGER",
    PRINCIPAL_ACCOUNT: ELSEWHERE,
    PRINCIPAL_TYPE: "AWSAccount",
    ACCESS_KEY: "AKIASTRANGER",
    REQUESTS: "2",
}
PROBE = USER | {USER_AGENT: "[Boto3/1.43.0 s3-sigv2-access-log/verify]", REQUESTS: "1"}


def report_on_clients(*rows: dict[str, str]) -> Report:
    query = saved_query("client").by_place()
    return report_of(query, [GROUP], PERIOD, QueryResult(rows, complete=True), home=("us-east-1", HERE))


def owned(report: Report, notes: tuple[str, ...] = (), /, **owners: Owner) -> Report:
    """The report with an owner for each principal's name, up to its first blank, with `_` for `-`."""
    names = [str(record["principal"]).split(" ", maxsplit=1)[0].replace("-", "_") for record in report.records]
    return with_owners(report, [owners.get(name, Owner("")) for name in names], notes)
