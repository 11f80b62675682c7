"""The options of `report` that ask for owners."""

from typing import Annotated

import typer

from sigv2.options import none_empty
from sigv2.report.owners.owner import OWNER_TAGS

OwnersOption = Annotated[
    bool,
    typer.Option(
        "--owners",
        help="Ask IAM for the tags of roles and users and for what uses the roles, and report by owner; needs "
        "iam:ListRoleTags, iam:ListUserTags and iam:GetRole, and goes on without.",
    ),
]
OwnerTagOption = Annotated[
    list[str] | None,
    typer.Option(
        callback=none_empty,
        metavar="KEY",
        help="A tag that names the owner, before the usual ones; implies --owners; repeatable, the best first.",
        show_default=", ".join(OWNER_TAGS[:4]) + ", …",
    ),
]
