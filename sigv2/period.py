"""A time range."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True)
class Period:
    """A time range, both ends included.

    Attributes:
        since: where it begins, with its time zone.
        until: where it ends, with its time zone.
        ends_now: whether it ends because nothing is known of later, and not because somebody said so.
    """

    since: datetime
    until: datetime
    ends_now: bool = True

    @classmethod
    def until_now(cls, length: timedelta) -> Period:
        """So much time, ending now."""
        now = datetime.now(UTC)
        return cls(now - length, now)

    def before(self, length: timedelta) -> Period:
        """So much time, ending where this begins; no event, which has a whole second, is of both."""
        return Period(self.since - length, self.since - _SECOND, ends_now=False)
