"""The dashboard, in CloudWatch."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.dashboard_body import Watched, dashboard_body


@dataclass(frozen=True)
class DashboardArgs:
    """What a Dashboard is made from.

    Attributes:
        dashboard_name: name of the dashboard.
        region: where everything is.
        rule_name: the rule.
        queue_name: the dead-letter queue.
        log_group_name: the access log.
        query_links: addresses of the saved queries, by their names.
    """

    dashboard_name: str
    region: str
    rule_name: pulumi.Input[str]
    queue_name: pulumi.Input[str]
    log_group_name: pulumi.Input[str]
    query_links: Mapping[str, str]


class Dashboard(pulumi.ComponentResource):
    """A CloudWatch dashboard with the body that the blueprint draws."""

    def __init__(self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:Dashboard", name, None, opts)
        names = pulumi.Output.all(rule=args.rule_name, queue=args.queue_name, log_group=args.log_group_name)
        aws.cloudwatch.Dashboard(
            name,
            dashboard_name=args.dashboard_name,
            dashboard_body=pulumi.Output.json_dumps(
                names.apply(lambda named: dashboard_body(Watched(region=args.region, links=args.query_links, **named)))
            ),
            opts=pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(name=f"{name}-dashboard")]),
        )
        self.register_outputs({})
