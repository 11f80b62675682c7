"""What the names of log files and folders tell."""

from datetime import date

import pytest

from sigv2.report.past.log_file_names import (
    day_of_file,
    days_of_folder,
    holds_no_events,
    may_be_of,
    month_to_skip,
    place_of_file,
)
from tests.unit.past.conftest import PERIOD, TRAIL, trail_name


@pytest.mark.parametrize(
    ("name", "day"),
    [
        (f"AWSLogs/o-1a2b/111122223333/CloudTrail/eu-west-1/2026/11/20/{trail_name(1)}", date(2026, 11, 20)),
        (f"copied/{trail_name(1, '20261119')}", date(2026, 11, 19)),
        ("logs/2026-11-20-10-00-00-0123456789ABCDEF", date(2026, 11, 20)),
        ("logs2026-11-20-10-00-00-0123456789ABCDEF", date(2026, 11, 20)),
        ("111122223333/us-east-1/b/2026/11/20/2026-11-20-00-00-00-0123456789ABCDEF", date(2026, 11, 20)),
        ("a/2026/11/20/unnamed.json", date(2026, 11, 20)),
        ("a/2026/11/31/unnamed.json", None),
        ("a/2026/11/unnamed.json", None),
        ("events.json", None),
    ],
)
def test_a_file_is_of_a_day(name: str, day: date | None) -> None:
    assert day_of_file(name) == day


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("a/2026/", (date(2026, 1, 1), date(2026, 12, 31))),
        ("a/2026/02/", (date(2026, 2, 1), date(2026, 2, 28))),
        ("2026/12/", (date(2026, 12, 1), date(2026, 12, 31))),
        ("a/2026/11/20/", (date(2026, 11, 20), date(2026, 11, 20))),
        ("a/b12026/", None),
        ("a/2026/13/", None),
        ("a/", None),
    ],
)
def test_a_folder_is_of_days(name: str, days: tuple[date, date] | None) -> None:
    assert days_of_folder(name) == days


@pytest.mark.parametrize(
    ("name", "empty"),
    [
        ("AWSLogs/1/CloudTrail-Digest/us-east-1/", True),
        ("AWSLogs/1/CloudTrail-Insight/", True),
        ("1_CloudTrail-NetworkActivity_us-east-1_20261120T0815Z_x.json.gz", True),
        ("AWSLogs/1/CloudTrail-Aggregated/", True),
        ("AWSLogs/1/CloudTrail/us-east-1/", False),
        ("CloudTrail-Digestive/", False),
    ],
)
def test_digests_insights_network_activity_and_aggregates_hold_no_events(name: str, empty: bool) -> None:
    assert holds_no_events(name) is empty


@pytest.mark.parametrize(("day", "wanted"), [(18, False), (19, True), (21, True), (22, True), (23, False)])
def test_files_are_read_of_the_days_asked_for_and_of_one_more(day: int, wanted: bool) -> None:
    assert may_be_of(PERIOD, date(2026, 11, day)) is wanted


def test_a_folder_names_account_and_region() -> None:
    assert place_of_file(f"logs/{TRAIL}x.json.gz") == ("111122223333", "us-east-1")
    assert place_of_file("111122223333/us-gov-west-1/b/2026/11/20/2026-x") == ("111122223333", "us-gov-west-1")
    assert place_of_file("2026-11-20-10-00-00-0123456789ABCDEF") is None


def test_a_month_of_access_logs_in_one_folder_is_skipped_where_all_of_it_is_too_old() -> None:
    names = [f"logs/2026-{month}-30-10-00-00-0123456789ABCDEF" for month in ("10", "11")]
    assert [month_to_skip(name, PERIOD) for name in (*names, "logs/other")] == ["logs/2026-10-", None, None]
