"""Alarms: somebody is told when delivery fails, and for as long as SigV2 is in use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.alarmed_metrics import ALARMED_METRICS


@dataclass(frozen=True)
class AlarmsArgs:
    """What Alarms are made from.

    Attributes:
        name_prefix: what every alarm's name starts with; the alert topic's policy knows it.
        region: that they lie in, as what they watch does; None for the stack's own.
        rule_name: the rule to watch.
        event_bus_name: of the bus that the rule is on; None for the default one, which metrics do not name.
        queue_name: the dead-letter queue to watch; None where others watch it.
        topic_arns: who is told; without any, the alarms still show in the console.
        secret: whether that is a secret in Pulumi's state.
        tags: for the alarms.
    """

    name_prefix: str
    region: str | None
    rule_name: pulumi.Input[str]
    event_bus_name: pulumi.Input[str] | None
    queue_name: pulumi.Input[str] | None
    topic_arns: Sequence[pulumi.Input[str]]
    secret: bool
    tags: Mapping[str, str]


class Alarms(pulumi.ComponentResource):
    """One alarm for each metric that is to stay at zero."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:Alarms", name, None, opts)
        for alarm in ALARMED_METRICS:
            dimensions = _dimensions(alarm.dimension, args)
            if dimensions is None:
                continue
            aws.cloudwatch.MetricAlarm(
                f"{name}-{alarm.key}",
                name=f"{args.name_prefix}-{alarm.key}",
                region=args.region,
                alarm_description=alarm.description,
                namespace=alarm.namespace,
                metric_name=alarm.metric,
                dimensions=dimensions,
                statistic=alarm.statistic,
                period=alarm.period_seconds,
                evaluation_periods=1,
                comparison_operator="GreaterThanThreshold",
                threshold=0,
                treat_missing_data="notBreaching",
                alarm_actions=args.topic_arns,
                tags=args.tags,
                opts=pulumi.ResourceOptions(
                    parent=self, additional_secret_outputs=["alarm_actions"] if args.secret else None
                ),
            )
        self.register_outputs({})


def _dimensions(dimension: str, args: AlarmsArgs) -> dict[str, pulumi.Input[str]] | None:
    """What of a metric is watched; None where it is nothing.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    """
    if dimension == "QueueName":
        return None if args.queue_name is None else {dimension: args.queue_name}
    of_bus = {} if args.event_bus_name is None else {"EventBusName": args.event_bus_name}
    return {**of_bus, dimension: args.rule_name}
