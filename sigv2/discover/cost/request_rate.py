"""How many requests a bucket gets in a day, who tells, and how far that is to be believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from sigv2.period import Period

_DAY: Final = timedelta(days=1)


class Bound(StrEnum):
    """How a number lies to what CloudTrail would bill."""

    ABOUT = "about"
    AT_LEAST = "at least"


@dataclass(frozen=True)
class RequestRate:
    """The requests of a bucket in a day, on average over the days of which anything is told.

    Attributes:
        per_day: how many.
        days: over how many days; of others it is not known whether nobody came or nobody told.
        bound: how the number lies to what CloudTrail would bill.
        told_by: what they were counted by.
        sigv2_share: how many of them are SigV2, from 0 to 1; None where nobody tells.
    """

    per_day: float
    days: int
    bound: Bound
    told_by: str
    sigv2_share: float | None = None


@dataclass(frozen=True)
class UnknownRate:
    """Nobody tells of a bucket's requests; the reason is one harmless line without a stop."""

    reason: str


def whole_days(length: timedelta, now: datetime) -> Period:
    """So many days that have ended, the last one yesterday, at least one; a part of a day counts as one.

    Args:
        length: how far to look back.
        now: with its time zone.

    Returns:
        From midnight to midnight, UTC.
    """
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Period(today - _DAY * max(1, -(-length // _DAY)), today)


def days_of(period: Period) -> list[str]:
    """The days of some whole days, as `2026-11-26`."""
    return [f"{period.since.date() + _DAY * number}" for number in range((period.until - period.since).days)]
