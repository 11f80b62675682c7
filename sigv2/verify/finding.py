"""What was found out about a link."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a link is, by the sign that a table shows."""

    OK = "✓"
    WARNING = "!"
    BROKEN = "✗"
    UNKNOWN = "?"
    SKIPPED = "-"


@dataclass(frozen=True)
class Finding:
    """What was found out.

    Attributes:
        state: how the link is.
        says: what is right or wrong with it, or why that is unknown. May hold text from AWS: to be printed harmlessly.
        fix: what to do about a warning, or where it is broken; empty otherwise.
    """

    state: State
    says: str
    fix: str = ""


def ok(says: str) -> Finding:
    """The link is as it must be."""
    return Finding(State.OK, says)


def warning(says: str, fix: str) -> Finding:
    """Events come through, as far as is known; but something was wrong, or may be, and a person should see it."""
    return Finding(State.WARNING, says, fix)


def broken(says: str, fix: str) -> Finding:
    """No event comes through, or some are lost."""
    return Finding(State.BROKEN, says, fix)


def unknown(why: str) -> Finding:
    """The link could not be checked."""
    return Finding(State.UNKNOWN, f"unknown: {why}")


def skipped(why: str) -> Finding:
    """There was nothing to check."""
    return Finding(State.SKIPPED, why)
