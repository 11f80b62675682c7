"""Times that people give to commands: how long, how far back, or when."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer

from sigv2.period import Period

DEFAULT_SINCE: Final = timedelta(days=7)
"""How far before its end a report begins, where nobody says."""

SinceOption = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="From when on: 12h, 7d or 4w before now, or a date, 2026-11-01 or 2026-11-01T08:00, of UTC unless it ends "
        "in an offset such as +09:00.",
        show_default="7d before the end",
    ),
]
UntilOption = Annotated[
    str | None, typer.Option(metavar="TIME", help="Up to when, in the same forms.", show_default="now")
]
CompareOption = Annotated[
    str | None,
    typer.Option(
        metavar="SPAN",
        help="Say what is new, growing, shrinking or gone against so much time before --since: 12h, 7d, 4w.",
    ),
]

_SPAN: Final = re.compile(r"(?P<count>[1-9]\d{0,3})(?P<unit>[hdw])", re.ASCII)
_WAIT: Final = re.compile(r"(?P<count>\d{1,5}(\.\d+)?)(?P<unit>[smh])", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FIRST_YEAR: Final = 2006
"""S3's own (https://aws.amazon.com/about-aws/whats-new/2006/03/13/announcing-amazon-s3---simple-storage-service/)."""


class TimeOptionError(ValueError):
    """It is no such time; the message is one sentence for the person who gave it."""


def span_of(option: str, text: str) -> timedelta:
    """How long a span is.

    Args:
        option: that it was given to.
        text: such as `12h`, `7d` or `4w`.

    Raises:
        TimeOptionError: it is none.
    """
    span = _length(_SPAN, text)
    if span is None:
        raise TimeOptionError(f"{option}: {text!r} is no time such as 12h, 7d or 4w")
    return span


def wait_of(option: str, text: str) -> timedelta:
    """How long to wait.

    Args:
        option: that it was given to.
        text: such as `90s`, `20m` or `1h`.

    Raises:
        TimeOptionError: it is no such time.
    """
    wait = _length(_WAIT, text)
    if wait is None:
        raise TimeOptionError(f"{option}: {text!r} is no time such as 90s, 20m or 1h")
    return wait


def period_of(since: str | None, until: str | None, now: datetime) -> Period:
    """What time is meant; spans count back from now.

    Args:
        since: from when on, a span or a date; None for a week before the end.
        until: up to when, in the same forms; None for now.
        now: with its time zone.

    Raises:
        TimeOptionError: one of them is no time, or they make none together.
    """
    end = now if until is None else _moment_of("--until", until, now)
    # Whole seconds, as events have, so that the time before this one can end where this one begins.
    begin = (end - DEFAULT_SINCE if since is None else _moment_of("--since", since, now)).replace(microsecond=0)
    if end > now:
        raise TimeOptionError(
            f"--until: {until!r} is {_told(end)}, which is yet to come, so that nothing is known of it: leave --until "
            "out to ask about the time up to now"
        )
    if begin >= end:
        ends = f"--until ({_told(end)})" if until is not None else f"now ({_told(end)})"
        raise TimeOptionError(
            f"--since: {since!r} is {_told(begin)}, which is not before {ends}: name an earlier time; a span such as "
            "7d counts back from now"
        )
    return Period(begin, end, ends_now=until is None)


def _length(pattern: re.Pattern[str], text: str) -> timedelta | None:
    parsed = pattern.fullmatch(text)
    return timedelta(**{_UNITS[parsed["unit"]]: float(parsed["count"])}) if parsed else None


def _moment_of(option: str, text: str, now: datetime) -> datetime:
    span = _length(_SPAN, text)
    if span is not None:
        return now - span
    if not _MOMENT.fullmatch(text):
        raise TimeOptionError(
            f"{option}: {text!r} is no time such as 12h, 7d or 4w, and no date such as 2026-11-01 or 2026-11-01T08:00Z"
        )
    if int(text[:4]) < _FIRST_YEAR:
        raise TimeOptionError(f"{option}: {text!r} is before {_FIRST_YEAR}, when S3 began: correct the year")
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise TimeOptionError(f"{option}: {text!r} is on no calendar or clock ({error}): correct it") from None


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
