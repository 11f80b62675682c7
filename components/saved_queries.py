"""The queries, saved where people look for them: in the console, in a folder of the stack's own."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.queries import SavedQuery


@dataclass(frozen=True)
class SavedQueriesArgs:
    """What SavedQueries are made from.

    Attributes:
        folder: what every name starts with; the console makes folders of `/`.
        queries: what is asked.
        log_group_name: the log group that they read.
    """

    folder: str
    queries: Sequence[SavedQuery]
    log_group_name: pulumi.Input[str]


class SavedQueries(pulumi.ComponentResource):
    """A query definition for each query."""

    def __init__(self, name: str, args: SavedQueriesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:SavedQueries", name, None, opts)
        for query in args.queries:
            aws.cloudwatch.QueryDefinition(
                f"{name}-{query.key}",
                name=f"{args.folder}/{query.name}",
                log_group_names=[args.log_group_name],
                query_string=query.text,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
