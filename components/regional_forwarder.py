"""What a Region that the log does not lie in needs: a rule that forwards, and what watches over it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.alarms import Alarms, AlarmsArgs
from components.alert_topic import AlertTopic, AlertTopicArgs
from components.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.destination import Destination
from components.sigv2_rule import SigV2Rule, SigV2RuleArgs


@dataclass(frozen=True)
class RegionalForwarderArgs:
    """What a RegionalForwarder is made from; names are those of its like at home.

    Attributes:
        region: that all of it lies in.
        rule_name: name of the rule.
        rule_arn: the rule's ARN.
        management_events: whether the rule matches read-only management events.
        destination: the event bus to forward to.
        queue_name: name of the dead-letter queue, which is encrypted with a key of SQS: keys stay in their Region.
        alarm_prefix: what the alarms' names start with.
        alert_topic: what to make a topic from, as alarms reach topics of their own Region only; None for no topic.
        tags: for all of it.
    """

    region: str
    rule_name: str
    rule_arn: str
    management_events: bool
    destination: Destination
    queue_name: str
    alarm_prefix: str
    alert_topic: AlertTopicArgs | None
    tags: Mapping[str, str]


class RegionalForwarder(pulumi.ComponentResource):
    """A rule on a Region's default event bus that forwards to another bus.

    Attributes:
        delivery: the rule's target, which is there when the rule works.
    """

    delivery: pulumi.Resource

    def __init__(self, name: str, args: RegionalForwarderArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:RegionalForwarder", name, None, opts)
        below = pulumi.ResourceOptions(parent=self)
        queue = DeadLetterQueue(
            f"{name}-dead-letter-queue",
            DeadLetterQueueArgs(
                queue_name=args.queue_name,
                region=args.region,
                rule_arns=[args.rule_arn],
                key_arn=None,
                tags=args.tags,
            ),
            below,
        )
        rule = SigV2Rule(
            f"{name}-rule",
            SigV2RuleArgs(
                rule_name=args.rule_name,
                event_bus_name=None,
                region=args.region,
                management_events=args.management_events,
                destination=args.destination,
                dead_letter_queue_arn=queue.queue_arn,
                dead_letter_queue_policy=queue.policy,
                tags=args.tags,
            ),
            below,
        )
        alarms = AlarmsArgs(
            name_prefix=args.alarm_prefix,
            region=args.region,
            rule_name=rule.rule_name,
            event_bus_name=None,
            queue_name=queue.queue_name,
            topic_arns=_topic(name, args, below),
            secret=False,
            tags=args.tags,
        )
        Alarms(f"{name}-alarm", alarms, below)
        self.delivery = rule.delivery
        self.register_outputs({})


def _topic(name: str, args: RegionalForwarderArgs, below: pulumi.ResourceOptions) -> Sequence[pulumi.Input[str]]:
    if args.alert_topic is None:
        return []
    return [AlertTopic(f"{name}-alert-topic", args.alert_topic, below).topic_arn]
