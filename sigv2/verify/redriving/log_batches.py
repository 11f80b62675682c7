"""Cuts log events into batches that CloudWatch Logs takes.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sigv2.verify.redriving.undelivered_event import Undelivered

MOST_EVENTS: Final = 10_000
MOST_BYTES: Final = 1_048_576
OVERHEAD: Final = 26
"""Bytes that each event counts for beside its message."""

LONGEST_SPAN: Final = timedelta(hours=24)
OLDEST: Final = timedelta(days=14)
NEWEST: Final = timedelta(hours=2)


def size_of(event: Undelivered) -> int:
    """Bytes that an event counts for."""
    return len(event.message.encode()) + OVERHEAD


def unacceptable(event: Undelivered, now_milliseconds: int, retention_days: int | None) -> str | None:
    """Why the log group will never take an event, or not yet; None where it will.

    Args:
        event: what is to be written.
        now_milliseconds: since 1970.
        retention_days: how long the log group keeps events; None for ever.
    """
    age = timedelta(milliseconds=now_milliseconds - event.milliseconds)
    if retention_days is not None and age >= timedelta(days=retention_days):
        return f"older than the {retention_days} days that the log group keeps"
    if age >= OLDEST:
        return "older than the 14 days that CloudWatch Logs takes"
    if age <= -NEWEST:
        return "more than 2 hours in the future, which CloudWatch Logs does not take"
    if size_of(event) > MOST_BYTES:
        return "larger than the 1 MB that CloudWatch Logs takes"
    return None


def batches(events: Iterable[Undelivered]) -> Iterator[list[Undelivered]]:
    """The events in the order of their times, in batches within the limits of one call."""
    batch: list[Undelivered] = []
    size = 0
    for event in sorted(events, key=lambda event: event.milliseconds):
        full = len(batch) == MOST_EVENTS or size + size_of(event) > MOST_BYTES
        if batch and (full or timedelta(milliseconds=event.milliseconds - batch[0].milliseconds) >= LONGEST_SPAN):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += size_of(event)
    if batch:
        yield batch
