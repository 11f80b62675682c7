"""What the log holds: a logged event in a row, and the report on a log group of the emulator."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from blueprint.queries import DAYS_BY_METHOD, saved_query
from sigv2.logged_request import Event
from sigv2.period import Period
from sigv2.report.client_views import CLIENT_QUERY
from sigv2.report.coverage import coverage_of
from sigv2.report.reports import Report, make_report
from sigv2.sandbox.emulating.aws_clients import Clients

_REPORTED = timedelta(days=1)


def row_of(event: Event) -> tuple[str, str, str, str]:
    """Event name, bucket, key and how it was signed."""
    detail = event["detail"]
    parameters = detail.get("requestParameters") or {}
    return detail["eventName"], parameters.get("bucketName", ""), parameters.get("key", ""), how_signed(event)


def how_signed(event: Event) -> str:
    """Signature version and authentication method."""
    data = event["detail"].get("additionalEventData") or {}
    return f"{data.get('SignatureVersion', '-')} {data.get('AuthenticationMethod', '-')}"


def report_on(clients: Clients, log_groups: Sequence[str]) -> Report:
    """What `python -m sigv2 report` says of log groups, over the last day."""
    return make_report(clients("logs"), saved_query(CLIENT_QUERY), log_groups, Period.until_now(_REPORTED))


def reports_since(clients: Clients, log_groups: Sequence[str], since: datetime) -> tuple[Report, Report]:
    """What `python -m sigv2 report --format html` makes its page of: who signs with SigV2, and how often each day."""
    logs, period = clients("logs"), Period(since, datetime.now(UTC))
    coverage = coverage_of(logs, log_groups, period)
    found, days = (
        replace(make_report(logs, query, log_groups, period), coverage=coverage)
        for query in (saved_query(CLIENT_QUERY), DAYS_BY_METHOD)
    )
    return found, days
