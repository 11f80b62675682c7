"""The options of `report` that say how Athena is asked."""

from typing import Annotated

import typer

from sigv2.options import not_empty
from sigv2.report.past.athena.athena_run import AthenaWorkGroup
from sigv2.report.past.athena.athena_source import AthenaOptions
from sigv2.report.past.past_sources import ATHENA
from sigv2.terminal import fail

WorkgroupOption = Annotated[
    str | None,
    typer.Option(
        callback=not_empty,
        metavar="NAME",
        help="Where Athena runs its query.",
        show_default=AthenaWorkGroup.name,
    ),
]
OutputOption = Annotated[
    str | None,
    typer.Option(
        callback=not_empty,
        metavar="s3://BUCKET/PREFIX",
        help="Where Athena puts its results, if its workgroup has no place for them.",
    ),
]
CreateTableOption = Annotated[
    str | None,
    typer.Option(
        callback=not_empty,
        metavar="s3://BUCKET/PREFIX",
        help="Make the table of --from athena: first, of the CloudTrail files or server access logs there.",
    ),
]


def athena_options(
    where: str | None, workgroup: str | None, output: str | None, table_of: str | None, compare: str | None
) -> AthenaOptions:
    """How Athena is asked, if it is.

    Args:
        where: what is to be read, as `--from` names it.
        workgroup: where queries run; None for the primary one.
        output: where results go; None where the workgroup says it.
        table_of: files that the table is to be made of first; None where there is one.
        compare: of `--compare`.

    Raises:
        typer.Exit: something else is to be read, or a table twice that is made once.
    """
    if not (where or "").startswith(ATHENA) and (workgroup or output or table_of):
        fail("--workgroup, --output and --create-table are for --from athena:DATABASE.TABLE")
    if table_of and compare:
        fail("--compare asks twice, and --create-table makes a table once: make it first, then compare without that")
    return AthenaOptions(AthenaWorkGroup(workgroup or AthenaWorkGroup.name, output), table_of)
