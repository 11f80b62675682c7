from datetime import UTC, datetime, timedelta, timezone

import pytest

from sigv2.discover.cost.request_rate import days_of, whole_days
from sigv2.period import Period


@pytest.mark.parametrize(
    ("length", "days"),
    [(timedelta(days=2), 2), (timedelta(hours=1), 1), (timedelta(hours=25), 2), (timedelta(weeks=4), 28)],
)
def test_only_days_that_have_ended_are_looked_at_and_a_part_of_one_is_one(length: timedelta, days: int) -> None:
    east = timezone(timedelta(hours=9))
    period = whole_days(length, datetime(2026, 11, 27, 3, tzinfo=east))
    midnight = datetime(2026, 11, 26, tzinfo=UTC)
    assert period == Period(midnight - timedelta(days=days), midnight)
    assert (len(days_of(period)), days_of(period)[-1]) == (days, "2026-11-25")
