"""The dashboard, in CloudWatch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from blueprint.dashboard_body import Watched, dashboard_body
from blueprint.queries import SavedQuery


@dataclass(frozen=True)
class DashboardArgs:
    """What a Dashboard is made from.

    Attributes:
        dashboard_name: name of the dashboard.
        region: where everything is.
        rule_name: the rule.
        queue_name: the dead-letter queue.
        log_group_name: the access log.
        queries: the saved queries.
        query_links: their addresses, by their names.
        elsewhere: other Regions with a rule and a queue of the same names.
        forwarded_rule: event bus and rule for what comes from other Regions and accounts; None where nothing does.
    """

    dashboard_name: str
    region: str
    rule_name: pulumi.Input[str]
    queue_name: pulumi.Input[str]
    log_group_name: pulumi.Input[str]
    queries: Sequence[SavedQuery]
    query_links: Mapping[str, str]
    elsewhere: Sequence[str]
    forwarded_rule: tuple[str, str] | None


class Dashboard(pulumi.ComponentResource):
    """A CloudWatch dashboard with the body that the blueprint draws."""

    def __init__(self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:Dashboard", name, None, opts)
        names = pulumi.Output.all(rule=args.rule_name, queue=args.queue_name, log_group=args.log_group_name)

        def body(named: dict[str, str]) -> dict[str, Any]:
            return dashboard_body(
                Watched(
                    region=args.region,
                    queries=args.queries,
                    links=args.query_links,
                    elsewhere=args.elsewhere,
                    forwarded_rule=args.forwarded_rule,
                    **named,
                )
            )

        aws.cloudwatch.Dashboard(
            name,
            dashboard_name=args.dashboard_name,
            dashboard_body=pulumi.Output.json_dumps(names.apply(body)),
            opts=pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(name=f"{name}-dashboard")]),
        )
        self.register_outputs({})
