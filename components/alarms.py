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
        rule_name: the rule to watch.
        queue_name: the dead-letter queue to watch.
        topic_arns: who is told; without any, the alarms still show in the console.
        secret: whether that is a secret in Pulumi's state.
        tags: for the alarms.
    """

    name_prefix: str
    rule_name: pulumi.Input[str]
    queue_name: pulumi.Input[str]
    topic_arns: Sequence[pulumi.Input[str]]
    secret: bool
    tags: Mapping[str, str]


class Alarms(pulumi.ComponentResource):
    """One alarm for each row of the table above."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:Alarms", name, None, opts)
        watched = {"RuleName": args.rule_name, "QueueName": args.queue_name}
        for alarm in ALARMED_METRICS:
            aws.cloudwatch.MetricAlarm(
                f"{name}-{alarm.key}",
                name=f"{args.name_prefix}-{alarm.key}",
                alarm_description=alarm.description,
                namespace=alarm.namespace,
                metric_name=alarm.metric,
                dimensions={alarm.dimension: watched[alarm.dimension]},
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
