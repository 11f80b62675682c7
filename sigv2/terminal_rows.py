"""Lays out rows for a terminal of any width, and breaks no word: code, an ARN and a link can be copied whole.

Where a table is too wide, or would be too tall, each row is a block of lines. A word that is wider than the terminal is
left to the terminal, which knows that it is one.
"""

import re
import textwrap
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_MOST_LINES: Final = 4
"""Of a row: who reads down more of them has lost the row."""

_CODE: Final = re.compile(r"`[^`]*`|\(\{[^{}]*\}\)|\S+ = \S+|\(\d[\d,]* \w+\)")
_GLUE: Final = "\N{NO-BREAK SPACE}"
"""No stranger's text has one, for it does not print."""

_FRAME, _FRAME_OF_COLUMN = 1, 3
"""What the lines of a table and the space beside them take."""


def glued(text: str) -> str:
    """Have code in a text that is harmless already, and what is counted in parentheses, stay on one line."""
    return _CODE.sub(lambda found: found[0].replace(" ", _GLUE), text)


def print_table_of_words(shown: Console, columns: Sequence[str], rows: Sequence[Sequence[str | int]]) -> bool:
    """Print a table, if it can be read in this width.

    Args:
        shown: where to.
        columns: their headings.
        rows: a cell for each column; numbers stand to the right, and what a stranger wrote is harmless already.

    Returns:
        Whether it was printed.
    """
    cells = [[_told(cell) for cell in row] for row in rows]
    widths = _widths(shown.width, [columns, *cells])
    if widths is None:
        return False
    laid_out = [[_lines(cell, width) for cell, width in zip(row, widths, strict=True)] for row in cells]
    tallest = max(len(lines) for row in laid_out for lines in row)
    if tallest > _MOST_LINES:
        return False
    table = Table(show_lines=tallest > 1)
    for index, (heading, width) in enumerate(zip(columns, widths, strict=True)):
        numbers = all(isinstance(row[index], int) for row in rows)
        table.add_column(heading, width=width, justify="right" if numbers else "left")
    for lines_of_row in laid_out:
        table.add_row(*(Text("\n".join(lines)) for lines in lines_of_row))
    shown.print(table)
    return True


def print_blocks(shown: Console, columns: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
    """Print each row as a block: a line for each cell, behind its column's heading; the first one stands out.

    Args:
        shown: where to.
        columns: their headings.
        rows: as of a table.
    """
    indent = max(map(len, columns)) + 4
    for row in rows:
        block = Text()
        for index, (heading, cell) in enumerate(zip(columns, row, strict=True)):
            begin = f"  {heading}" if index else heading
            lines = _paragraph(_told(cell), shown.width, f"{begin:<{indent}}", indent)
            block.append(f"\n{lines}", style="" if index else "bold")
        shown.print(block, soft_wrap=True)


def print_words(shown: Console, text: str, *, begin: str = "", indent: int = 0, style: str = "") -> None:
    """Print text that breaks between words only.

    Args:
        shown: where to.
        text: one line; what a stranger wrote is harmless already.
        begin: stands before its first line.
        indent: how far its further lines are moved in.
        style: rich's name for how it looks.
    """
    shown.print(Text(_paragraph(text, shown.width, begin, indent), style=style), soft_wrap=True)


def _paragraph(text: str, width: int, begin: str, indent: int) -> str:
    first, *others = _lines(text, max(1, width - indent)) or [""]
    return "\n".join([begin + first, *(" " * indent + line for line in others)])


def _told(cell: str | int) -> str:
    return f"{cell:,}" if isinstance(cell, int) else cell or "-"


def _lines(text: str, width: int) -> list[str]:
    whole = cell_len(text) <= width
    lines = [text] if whole else textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_GLUE, " ") for line in lines]


def _widths(room: int, rows: Sequence[Sequence[str]]) -> list[int] | None:
    """How wide to make each column: wide enough for its longest word, and for all of a cell where there is room.

    Returns:
        Widths in characters; None where the longest words have no room beside each other.
    """
    columns = list(zip(*rows, strict=True))
    widths = [max(cell_len(word) for cell in column for word in cell.split(" ")) for column in columns]
    spare = room - sum(widths) - _FRAME - _FRAME_OF_COLUMN * len(widths)
    if spare < 0:
        return None
    wanted = [max(map(cell_len, column)) - width for column, width in zip(columns, widths, strict=True)]
    # Whoever wants little gets it, and the others share what is left.
    for served, index in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        given = min(wanted[index], spare // (len(wanted) - served))
        widths[index] += given
        spare -= given
    return widths
