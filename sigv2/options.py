"""Options that several commands take."""

from typing import Annotated

import typer

DEFAULT_STACK = "dev"
"""The stack that is meant where none is named."""

ConfigOption = Annotated[
    list[str] | None,
    typer.Option("--config", metavar="KEY=VALUE", help="A setting, as `pulumi config set KEY VALUE`; repeatable."),
]
ProfileOption = Annotated[str | None, typer.Option(help="Of your AWS configuration, before all other credentials.")]
