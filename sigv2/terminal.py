"""Shows a person what came out of a log, without letting it act on the terminal."""

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from blueprint.sentences import and_more

_LONGEST = 1000
_LONGEST_SENTENCE = 20_000
_NAMED = 5


def harmless(text: str, *, longest: int = _LONGEST) -> Text:
    """Text of a stranger, such as a user agent, to print as it is: no escape sequence, markup or line break acts.

    Args:
        text: anything.
        longest: how many characters of it are shown, unless there are fewer.

    Returns:
        One line, in which whatever does not print is written as Python writes it.
    """
    printable = re.sub(r"[^ -~]", lambda found: _escaped(found[0]), text)
    return Text(printable if len(printable) <= longest else f"{printable[:longest]}…")


def harmless_sentence(sentence: str) -> Text:
    """What this program says, in which each name of a stranger's is cut already: all the rest of it is to be read."""
    return harmless(sentence, longest=_LONGEST_SENTENCE)


def harmless_json(document: object, *, indent: int | None = None) -> str:
    """JSON in which no character acts on a terminal, and every one is told."""
    # Whatever acts, json escapes, but for DEL.
    return json.dumps(document, indent=indent).replace("\x7f", "\\u007f")


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    """A table in which no cell can do harm."""
    shown = Table(title=title, title_justify="left", title_style="bold", show_lines=False)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*map(harmless, row))
    return shown


def console(*, stderr: bool = False) -> Console:
    """A console that colours nothing by itself; as wide as `COLUMNS` says, or else as the terminal.

    Where nobody looks at it and nobody says how wide it is, it is too wide rather than cut.
    """
    shown = Console(stderr=stderr, highlight=False, soft_wrap=False)
    if not shown.is_terminal and not os.environ.get("COLUMNS", "").lstrip("0").isdecimal():
        shown.width = 160
    return shown


@contextlib.contextmanager
def waiting_for(what: str) -> Iterator[Callable[[str], object]]:
    """Show what it is told while somebody waits, on standard error, where a person looks at it.

    Args:
        what: whom for, before each thing that is told.

    Yields:
        A function that takes what to show.
    """
    shown = console(stderr=True)
    if not shown.is_terminal:
        yield lambda _: None
        return
    with shown.status(f"{what} …") as status:
        yield lambda text: status.update(Text(f"{what}: {text} …"))


def first_of(names: Sequence[str]) -> str:
    """The first few of some names, made harmless, and how many more there are."""
    return ", ".join(harmless(name).plain for name in names[:_NAMED]) + and_more(len(names), _NAMED)


def say(sentence: str, *, stderr: bool = False) -> None:
    """Print a line of text that may hold a stranger's, unfolded, however narrow the terminal."""
    console(stderr=stderr).print(harmless_sentence(sentence), soft_wrap=True)


def fail(message: str, *, code: int = 1) -> NoReturn:
    """End the program with one sentence on standard error, and no stack trace.

    Args:
        message: what is wrong, and the way out.
        code: the exit code.

    Raises:
        typer.Exit: always.
    """
    complain(message)
    raise typer.Exit(code)


def complain(message: str) -> None:
    """Say on standard error, in one sentence, what is wrong, and go on.

    Args:
        message: what is wrong, and the way out.
    """
    console(stderr=True).print(Text("Error: ", style="bold red") + harmless_sentence(message), soft_wrap=True)


def _escaped(character: str) -> str:
    # Letters of any script are no danger; what steers a terminal, joins or reverses text is not printable.
    return character if character.isprintable() else ascii(character)[1:-1]
