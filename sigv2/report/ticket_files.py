"""Writes tickets into a folder, over those of an earlier report and nothing else."""

from collections.abc import Sequence
from pathlib import Path

from blueprint.sentences import counted
from sigv2.report.formats.ticket_format import MARKER, PREFIX, Ticket
from sigv2.terminal import fail, say
from sigv2.whole_file import write_whole


def write_tickets(tickets: Sequence[Ticket], folder: Path) -> None:
    """Write a file for each, say which, and which tickets of earlier reports are in none of this one.

    Args:
        tickets: in the order in which they are named.
        folder: made where it is not there.

    Raises:
        OSError: a file or the folder cannot be written.
        typer.Exit: a file of that name is somebody else's; nothing is written.
    """
    paths = [folder / ticket.file_name for ticket in tickets]
    if foreign := [path for path in paths if path.exists() and not _is_ticket(path)]:
        fail(
            f"--out: {foreign[0]} was not written by `report --format tickets`, and is not replaced: move it, or name "
            "another folder"
        )
    if tickets:
        folder.mkdir(parents=True, exist_ok=True)
    for path, ticket in zip(paths, tickets, strict=True):
        write_whole(path, ticket.text)
        say(str(path))
    if old := [path.name for path in sorted(folder.glob(f"{PREFIX}*.md")) if path not in paths and _is_ticket(path)]:
        say(
            f"{folder} has {counted(len(old), 'ticket')} of an earlier report that this one has not, which may be "
            "done, or of another time or log:",
            stderr=True,
        )
        for name in old:
            say(name, stderr=True)


def _is_ticket(path: Path) -> bool:
    first = f"{MARKER}\n".encode()
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(first)) == first
