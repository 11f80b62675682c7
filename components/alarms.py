"""Alarms: somebody is told when delivery fails, and for as long as SigV2 is in use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True)
class _Alarm:
    """A metric that is to stay at zero.

    EventBridge publishes most of them only when they are not, so missing data is good news
    (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html).
    """

    key: str
    description: str
    namespace: str
    metric: str
    statistic: str
    dimension: str
    period_seconds: int


_ALARMS = (
    _Alarm(
        key="delivery-failed",
        description="EventBridge could not deliver SigV2 requests to the log group: run `python -m sigv2 verify`",
        namespace="AWS/Events",
        metric="FailedInvocations",
        statistic="Sum",
        dimension="RuleName",
        period_seconds=300,
    ),
    _Alarm(
        key="undelivered-lost",
        description="SigV2 requests are lost: EventBridge could not even send them to the dead-letter queue",
        namespace="AWS/Events",
        metric="InvocationsFailedToBeSentToDlq",
        statistic="Sum",
        dimension="RuleName",
        period_seconds=300,
    ),
    _Alarm(
        key="undelivered-waiting",
        description="SigV2 requests that could not be logged wait in the dead-letter queue, for 14 days",
        namespace="AWS/SQS",
        metric="ApproximateNumberOfMessagesVisible",
        statistic="Maximum",
        dimension="QueueName",
        period_seconds=300,
    ),
    _Alarm(
        key="sigv2-in-use",
        description="Somebody still signs with Signature Version 2: run `python -m sigv2 report`",
        namespace="AWS/Events",
        metric="MatchedEvents",
        statistic="Sum",
        dimension="RuleName",
        period_seconds=3600,
    ),
)


@dataclass(frozen=True)
class AlarmsArgs:
    """What Alarms are made from.

    Attributes:
        name_prefix: what every alarm's name starts with; the alert topic's policy knows it.
        rule_name: the rule to watch.
        queue_name: the dead-letter queue to watch.
        topic_arns: who is told; without any, the alarms still show in the console.
        tags: for the alarms.
    """

    name_prefix: str
    rule_name: pulumi.Input[str]
    queue_name: pulumi.Input[str]
    topic_arns: Sequence[pulumi.Input[str]]
    tags: Mapping[str, str]


class Alarms(pulumi.ComponentResource):
    """One alarm for each row of the table above."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:Alarms", name, None, opts)
        watched = {"RuleName": args.rule_name, "QueueName": args.queue_name}
        for alarm in _ALARMS:
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
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
