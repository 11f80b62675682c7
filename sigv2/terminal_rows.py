"""Lays out rows for a terminal of any width, and breaks no word: code, an ARN and a link can be copied whole.

Where a table is too wide, or would be too tall, each row is a block of lines. A word that is wider than the terminal is
left to the terminal, which knows that it is one.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from rich.box import HEAVY_HEAD
from rich.cells import cell_len
from rich.console import Console
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
    to_the_right = [all(isinstance(row[index], int) for row in rows) for index in range(len(columns))]
    heading = [_lines(column, width) for column, width in zip(columns, widths, strict=True)]
    shown.print(_drawn(shown, [heading, *laid_out], widths, to_the_right, ruled=tallest > 1), soft_wrap=True)
    return True


def print_blocks(shown: Console, columns: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
    """Print each row as a block: a line for each cell, behind its column's heading; the first one stands out.

    Args:
        shown: where to.
        columns: their headings.
        rows: as of a table.
    """
    indent, width = max(map(len, columns)) + 4, shown.width
    blocks: list[str | tuple[str, str]] = []
    for row in rows:
        for index, (heading, cell) in enumerate(zip(columns, row, strict=True)):
            begin = f"  {heading}" if index else heading
            lines = _paragraph(_told(cell), width, f"{begin:<{indent}}", indent)
            blocks.append(f"\n{lines}" if index else (f"\n\n{lines}", "bold"))
    # At once: each call has rich ask about the terminal anew.
    shown.print(Text.assemble(*blocks)[1:], soft_wrap=True)


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


def print_list(shown: Console, texts: Sequence[str], *, begin: str, indent: int) -> None:
    """Print texts below one another, each of which breaks between words only.

    Args:
        shown: where to.
        texts: a line each; what a stranger wrote is harmless already.
        begin: stands before the first one.
        indent: how far they are moved in.
    """
    width, below = shown.width, " " * (indent + len(begin))
    begins = [" " * indent + begin, *[below] * len(texts)]
    lines = [_paragraph(text, width, first, len(below)) for first, text in zip(begins, texts, strict=False)]
    shown.print(Text("\n".join(lines)), soft_wrap=True)


def _drawn(
    shown: Console,
    rows: Sequence[Sequence[Sequence[str]]],
    widths: Sequence[int],
    to_the_right: Sequence[bool],
    *,
    ruled: bool,
) -> Text:
    """What rich makes of a table, in a hundredth of its time: it lays out again whatever is laid out here."""
    box = HEAVY_HEAD.substitute(shown.options, safe=shown.safe_box)
    framed = [width + 2 for width in widths]
    heading, *others = ([*_across(row, widths, to_the_right)] for row in rows)
    drawn = Text(box.get_top(framed))
    for cells in heading:
        drawn.append(f"\n{box.head_left}")
        for index, cell in enumerate(cells, start=1):
            drawn.append(cell, style="bold").append(box.head_right if index == len(cells) else box.head_vertical)
    rule = f"\n{box.get_row(framed)}" if ruled else ""
    bodies = (
        "".join(f"\n{box.mid_left}{box.mid_vertical.join(cells)}{box.mid_right}" for cells in row) for row in others
    )
    return drawn.append(f"\n{box.get_row(framed, 'head')}{rule.join(bodies)}\n{box.get_bottom(framed)}")


def _across(row: Sequence[Sequence[str]], widths: Sequence[int], to_the_right: Sequence[bool]) -> Iterator[list[str]]:
    """The lines of the terminal that a row takes: a piece of each cell, as wide as its column."""
    for pieces in zip_longest(*row, fillvalue=""):
        line = []
        for piece, width, right in zip(pieces, widths, to_the_right, strict=True):
            room = " " * (width - cell_len(piece))
            line.append(f" {room}{piece} " if right else f" {piece}{room} ")
        yield line


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
