"""How much of a time log groups tell of."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3.session
import pytest
from botocore.stub import Stubber

from sigv2.period import Period
from sigv2.report.coverage import Coverage, coverage_of

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

PERIOD = Period(datetime(2026, 11, 13, 8, tzinfo=UTC), datetime(2026, 11, 20, 8, tzinfo=UTC))
UNTIL = PERIOD.until
GROUP, FORMER = "/aws/events/s3-sigv2-access-log", "/aws/events/former"
LESS = "ask about less time with --since"


class Asked:
    """A client whose answers are set in advance."""

    def __init__(self) -> None:
        self.client: CloudWatchLogsClient = boto3.session.Session().client(
            "logs", region_name="eu-west-1", aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="secret"
        )
        self.stub = Stubber(self.client)

    def has(self, created: datetime, days: int | None = None, name: str = GROUP, *, asked_for: str = "") -> None:
        group: dict[str, Any] = {"logGroupName": name, "creationTime": int(created.timestamp() * 1000)}
        answer = {"logGroups": [group | ({"retentionInDays": days} if days else {})]}
        self.stub.add_response("describe_log_groups", answer, {"logGroupNamePrefix": asked_for or name})

    def coverage(self, *names: str, period: Period = PERIOD, now: datetime = UNTIL) -> Coverage:
        return coverage_of(self.client, names or [GROUP], period, now=now)


@pytest.fixture
def asked() -> Iterator[Asked]:
    asked = Asked()
    with asked.stub:
        yield asked
    asked.stub.assert_no_pending_responses()


@pytest.mark.parametrize("days", [None, 7, 400])
def test_a_group_that_is_older_and_keeps_as_long_tells_of_all_of_it(asked: Asked, days: int | None) -> None:
    asked.has(PERIOD.since, days)
    assert asked.coverage() == Coverage(PERIOD.since)


def test_a_group_tells_nothing_from_before_it_existed(asked: Asked) -> None:
    asked.has(UNTIL - timedelta(days=2))
    assert asked.coverage() == Coverage(
        UNTIL - timedelta(days=2), (f"{GROUP} exists only since 2026-11-18 08:00 UTC, so {LESS}, or wait",)
    )


def test_a_group_tells_nothing_from_beyond_its_retention(asked: Asked) -> None:
    asked.has(PERIOD.since, 1)
    assert asked.coverage() == Coverage(
        UNTIL - timedelta(days=1), (f"{GROUP} keeps requests for 1 day only, so {LESS}",)
    )


def test_a_group_that_is_younger_than_what_it_keeps_has_lost_nothing(asked: Asked) -> None:
    asked.has(UNTIL - timedelta(days=2), 5)
    assert asked.coverage() == Coverage(
        UNTIL - timedelta(days=2), (f"{GROUP} exists only since 2026-11-18 08:00 UTC, so {LESS}, or wait",)
    )


def test_a_former_group_tells_of_the_time_before_the_present_one(asked: Asked) -> None:
    asked.has(UNTIL - timedelta(days=2))
    asked.has(PERIOD.since - timedelta(days=1), 400, FORMER)
    assert asked.coverage(GROUP, FORMER) == Coverage(PERIOD.since)


def test_what_a_former_group_keeps_no_longer_is_not_told(asked: Asked) -> None:
    asked.has(UNTIL - timedelta(days=2), 5)
    asked.has(UNTIL - timedelta(days=6), 3, FORMER)
    assert asked.coverage(GROUP, FORMER) == Coverage(
        UNTIL - timedelta(days=3),
        (
            f"{FORMER} exists only since 2026-11-14 08:00 UTC, so {LESS}, or wait",
            f"{FORMER} keeps requests for 3 days only, so {LESS}",
        ),
    )


def test_who_may_not_look_gets_a_doubt_that_names_the_permission(asked: Asked) -> None:
    asked.stub.add_client_error("describe_log_groups", "AccessDeniedException", "User is not authorized")
    asked.has(PERIOD.since, name=FORMER)
    assert asked.coverage(GROUP, FORMER) == Coverage(
        None,
        (
            f"since when {GROUP} exists and how long it keeps requests cannot be told: these credentials may not call "
            "DescribeLogGroups: User is not authorized",
        ),
    )


def test_another_group_whose_name_begins_alike_tells_nothing(asked: Asked) -> None:
    asked.has(PERIOD.since, name=f"{GROUP}-2", asked_for=GROUP)
    assert asked.coverage() == Coverage(
        None, (f"since when {GROUP} exists and how long it keeps requests cannot be told",)
    )


WEEKS_LATER = UNTIL + timedelta(weeks=3)
OF_THE_PAST = replace(PERIOD, ends_now=False)


def test_retention_counts_back_from_now_whenever_the_time_ends(asked: Asked) -> None:
    asked.has(PERIOD.since, 25)
    kept_since = WEEKS_LATER - timedelta(days=25)
    assert asked.coverage(period=OF_THE_PAST, now=WEEKS_LATER) == Coverage(
        kept_since, (f"{GROUP} keeps requests for 25 days only, so {LESS}",)
    )


def test_a_group_that_keeps_nothing_of_a_time_is_silent_about_it(asked: Asked) -> None:
    asked.has(PERIOD.since, 7)
    later = "ask about a later time, or read other logs of that time with --from"
    assert asked.coverage(period=OF_THE_PAST, now=WEEKS_LATER) == Coverage(
        WEEKS_LATER - timedelta(days=7), (f"{GROUP} keeps requests for 7 days only, so {later}",), frozenset({GROUP})
    )


def test_a_group_that_is_younger_than_the_end_of_a_time_is_silent_about_it(asked: Asked) -> None:
    asked.has(UNTIL + timedelta(days=1))
    asked.has(PERIOD.since - timedelta(days=1), name=FORMER)
    assert asked.coverage(GROUP, FORMER, period=OF_THE_PAST, now=WEEKS_LATER) == Coverage(
        PERIOD.since, silent=frozenset({GROUP})
    )


def test_who_asks_about_a_time_that_is_over_is_not_told_to_wait(asked: Asked) -> None:
    asked.has(UNTIL - timedelta(days=2))
    assert asked.coverage(period=OF_THE_PAST, now=WEEKS_LATER).doubts == (
        f"{GROUP} exists only since 2026-11-18 08:00 UTC, so {LESS}",
    )


@pytest.mark.parametrize(
    ("since", "reaches"), [(PERIOD.since, True), (PERIOD.since + timedelta(seconds=1), False), (None, False)]
)
def test_what_is_known_since_a_moment_reaches_back_to_it(since: datetime | None, reaches: bool) -> None:
    assert Coverage(since).reaches(PERIOD.since) is reaches
