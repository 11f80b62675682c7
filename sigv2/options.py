"""Options that several commands take."""

from typing import Annotated

import typer

ConfigOption = Annotated[
    list[str] | None,
    typer.Option("--config", metavar="KEY=VALUE", help="A setting, as `pulumi config set KEY VALUE`; repeatable."),
]
ProfileOption = Annotated[str | None, typer.Option(help="Of your AWS configuration.")]
