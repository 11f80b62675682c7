"""What time people mean, and what they are told where it is none."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigv2.period import Period
from sigv2.time_options import TimeOptionError, period_of, span_of, wait_of

NOW = datetime(2026, 11, 20, 8, 0, 0, 500_000, UTC)
FORMS = "is no time such as 12h, 7d or 4w, and no date such as 2026-11-01 or 2026-11-01T08:00Z"


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("since", "until", "period"),
    [
        (None, None, Period(at(2026, 11, 13, 8), NOW)),
        ("12h", None, Period(at(2026, 11, 19, 20), NOW)),
        ("4w", None, Period(at(2026, 10, 23, 8), NOW)),
        ("8w", "4w", Period(at(2026, 9, 25, 8), NOW - timedelta(weeks=4), ends_now=False)),
        (None, "2026-11-01", Period(at(2026, 10, 25), at(2026, 11, 1), ends_now=False)),
        ("2026-11-01", None, Period(at(2026, 11, 1), NOW)),
        ("2026-11-01", "2026-11-08", Period(at(2026, 11, 1), at(2026, 11, 8), ends_now=False)),
        ("2026-11-01T08:00", "1d", Period(at(2026, 11, 1, 8), NOW - timedelta(days=1), ends_now=False)),
        ("2026-11-01T08:00:07Z", None, Period(at(2026, 11, 1, 8, 0, 7), NOW)),
        ("2026-11-01T08:00+09:00", None, Period(at(2026, 10, 31, 23), NOW)),
    ],
)
def test_a_time_is_a_span_before_now_or_a_date_of_utc(since: str | None, until: str | None, period: Period) -> None:
    assert period_of(since, until, NOW) == period


@pytest.mark.parametrize(
    ("since", "until", "sentence"),
    [
        ("yesterday", None, f"--since: 'yesterday' {FORMS}"),
        ("0d", None, f"--since: '0d' {FORMS}"),
        ("99999w", None, f"--since: '99999w' {FORMS}"),
        ("90s", None, f"--since: '90s' {FORMS}"),
        ("٣d", None, f"--since: '٣d' {FORMS}"),
        ("2026-11-1", None, f"--since: '2026-11-1' {FORMS}"),
        ("2026-W45-1", None, f"--since: '2026-W45-1' {FORMS}"),
        ("2026-11-01+09:00", None, f"--since: '2026-11-01+09:00' {FORMS}"),
        (None, "soon", f"--until: 'soon' {FORMS}"),
        ("0206-11-01", None, "--since: '0206-11-01' is before 2006, when S3 began: correct the year"),
        (
            "2026-11-31",
            None,
            "--since: '2026-11-31' is on no calendar or clock (day is out of range for month): correct it",
        ),
        (
            "2026-11-01T24:00",
            None,
            "--since: '2026-11-01T24:00' is on no calendar or clock (hour must be in 0..23): correct it",
        ),
        (
            None,
            "9999-12-31T23:59-23:59",
            "--until: '9999-12-31T23:59-23:59' is on no calendar or clock (date value out of range): correct it",
        ),
        (
            None,
            "2026-11-21",
            "--until: '2026-11-21' is 2026-11-21 00:00 UTC, which is yet to come, so that nothing is known of it: "
            "leave --until out to ask about the time up to now",
        ),
        (
            "7d",
            "2026-11-01",
            "--since: '7d' is 2026-11-13 08:00 UTC, which is not before --until (2026-11-01 00:00 UTC): name an "
            "earlier time; a span such as 7d counts back from now",
        ),
        (
            "2026-11-01",
            "2026-11-01",
            "--since: '2026-11-01' is 2026-11-01 00:00 UTC, which is not before --until (2026-11-01 00:00 UTC): name "
            "an earlier time; a span such as 7d counts back from now",
        ),
        (
            "2026-12-01",
            None,
            "--since: '2026-12-01' is 2026-12-01 00:00 UTC, which is not before now (2026-11-20 08:00 UTC): name an "
            "earlier time; a span such as 7d counts back from now",
        ),
    ],
)
def test_what_is_no_time_is_one_sentence(since: str | None, until: str | None, sentence: str) -> None:
    with pytest.raises(TimeOptionError) as refused:
        period_of(since, until, NOW)
    assert str(refused.value) == sentence


def test_a_time_to_wait_is_short_and_may_have_a_fraction() -> None:
    assert [wait_of("--timeout", text) for text in ("0.3s", "20m", "1h")] == [
        timedelta(milliseconds=300),
        timedelta(minutes=20),
        timedelta(hours=1),
    ]
    with pytest.raises(TimeOptionError, match="--until-quiet: '4w' is no time such as 90s, 20m or 1h"):
        wait_of("--until-quiet", "4w")


def test_a_span_is_no_date() -> None:
    assert span_of("--compare", "4w") == timedelta(weeks=4)
    with pytest.raises(TimeOptionError, match="--compare: '2026-11-01' is no time such as 12h, 7d or 4w"):
        span_of("--compare", "2026-11-01")


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d(Z|[+-]\d\d:\d\d)", fullmatch=True))
def test_whatever_is_given_is_a_time_before_now_or_refused(text: str) -> None:
    with contextlib.suppress(TimeOptionError):
        period = period_of(text, None, NOW)
        assert period.since < period.until == NOW


@given(st.integers(1, 9999), st.sampled_from("hdw"), st.integers(1, 9999))
def test_the_time_before_ends_a_second_before_the_other_begins(count: int, unit: str, length: int) -> None:
    period = period_of(f"{count}{unit}", None, NOW)
    before = period.before(timedelta(days=length))
    assert (before.until, before.ends_now) == (period.since - timedelta(seconds=1), False)
    assert period.since - before.since == timedelta(days=length)
    assert period.since.microsecond == 0
