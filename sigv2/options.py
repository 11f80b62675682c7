"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_STACK = "dev"
"""The stack that is meant where none is named."""
INTERRUPTED = 130
"""The exit code of what Ctrl-C ended, as a shell says it."""


def not_empty(value: str | None) -> str | None:
    """Refuse an empty text, as an unset variable of the shell leaves it: it means nothing, and no default either.

    Raises:
        typer.BadParameter: it is empty.
    """
    if value is not None and not value.strip():
        raise typer.BadParameter("it is empty: give a value, or leave the option out")
    return value


def none_empty(values: list[str] | None) -> list[str] | None:
    """The same for an option that may be given several times.

    Raises:
        typer.BadParameter: one is empty.
    """
    for value in values or []:
        not_empty(value)
    return values


def path_named(value: str) -> Path:
    """The same for a path, as an empty one would be the folder that somebody happens to be in.

    Raises:
        typer.BadParameter: it is empty.
    """
    not_empty(value)
    return Path(value)


ConfigOption = Annotated[
    list[str] | None,
    typer.Option("--config", metavar="KEY=VALUE", help="A setting, as `pulumi config set KEY VALUE`; repeatable."),
]
ProfileOption = Annotated[
    str | None, typer.Option(callback=not_empty, help="Of your AWS configuration, before all other credentials.")
]
StackOfLogOption = Annotated[
    str | None,
    typer.Option(
        callback=not_empty, help="Whose log groups, as `pulumi --stack` takes it.", show_default=DEFAULT_STACK
    ),
]
LogGroupOption = Annotated[
    str | None,
    typer.Option(
        callback=not_empty,
        metavar="NAME",
        help="A log group instead of a stack's; with --stack, in the stack's account.",
    ),
]
LogRegionOption = Annotated[
    str | None, typer.Option(callback=not_empty, help="Of the log group, instead of the stack's.")
]
