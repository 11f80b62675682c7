"""What a report says to a gate."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NoReturn

from sigv2.report.reports import Report
from sigv2.terminal import fail


class GateVerdict(IntEnum):
    """The exit codes of `report --fail-if-any` and `report --enforce`; 1 says that there is no answer."""

    NOBODY = 0
    FOUND = 2
    NOT_PROVEN = 3


def verdict(clients: Report, doubts: Sequence[str]) -> GateVerdict:
    """Judge a report on clients.

    Args:
        clients: the report.
        doubts: why it would be no proof if it had no client.
    """
    if clients.offenders:
        return GateVerdict.FOUND
    return GateVerdict.NOT_PROVEN if doubts else GateVerdict.NOBODY


def not_proven(what: str, doubts: Sequence[str]) -> NoReturn:
    """End the program, because nobody was found and that proves nothing.

    Args:
        what: is not proven, as the rest of a sentence.
        doubts: why not, each with its way out.

    Raises:
        typer.Exit: always.
    """
    fail(f"it is not proven {what}: {'; '.join(doubts)}", code=GateVerdict.NOT_PROVEN)
