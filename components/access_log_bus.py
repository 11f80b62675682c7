"""The pipeline's own event bus: what other Regions and accounts forward arrives there, and goes into the log group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.policy_documents import event_bus_policy
from components.alarms import Alarms, AlarmsArgs
from components.destination import Destination
from components.sigv2_rule import SigV2Rule, SigV2RuleArgs


@dataclass(frozen=True)
class AccessLogBusArgs:
    """What an AccessLogBus is made from.

    Attributes:
        event_bus_name: name of the bus.
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        account_ids: whose rules may forward to it.
        organization_ids: of AWS Organizations, the rules of all of whose accounts may.
        rule_name: name of the bus's rule, which the log group's policy already knows.
        log_group: where its events go.
        dead_letter_queue_arn: where they go when that fails.
        dead_letter_queue_policy: what lets them in there.
        topic_arns: who is told when something is wrong, and for as long as SigV2 is in use elsewhere.
        secret_topics: whether that is a secret in Pulumi's state.
        tags: for all of it.
    """

    event_bus_name: str
    partition: str
    account_ids: pulumi.Input[Sequence[str]]
    organization_ids: pulumi.Input[Sequence[str]]
    rule_name: str
    log_group: Destination
    dead_letter_queue_arn: pulumi.Input[str]
    dead_letter_queue_policy: pulumi.Resource
    topic_arns: Sequence[pulumi.Input[str]]
    secret_topics: bool
    tags: Mapping[str, str]


class AccessLogBus(pulumi.ComponentResource):
    """An event bus apart from the default one, so that what is forwarded meets no other rule of the account.

    Attributes:
        event_bus_arn: ARN of the bus.
        ready: what must be there before anything is forwarded, or it would be lost.
    """

    event_bus_arn: pulumi.Output[str]
    ready: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AccessLogBusArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:AccessLogBus", name, None, opts)
        below = pulumi.ResourceOptions(parent=self)
        bus = aws.cloudwatch.EventBus(
            name,
            name=args.event_bus_name,
            description="SigV2 requests of other Regions and accounts, on their way to the log",
            tags=args.tags,
            opts=below,
        )
        # One resource for as long as the bus is there: who may forward is changed by updating it, never by a new one.
        policy = aws.cloudwatch.EventBusPolicy(
            f"{name}-policy",
            event_bus_name=bus.name,
            policy=pulumi.Output.json_dumps(
                pulumi.Output.all(bus.arn, args.account_ids, args.organization_ids).apply(
                    lambda known: event_bus_policy(known[0], args.partition, known[1], known[2])
                )
            ),
            opts=below,
        )
        rule = SigV2Rule(
            f"{name}-rule",
            SigV2RuleArgs(
                rule_name=args.rule_name,
                event_bus_name=bus.name,
                region=None,
                # What arrives has been chosen where it comes from.
                management_events=True,
                destination=args.log_group,
                dead_letter_queue_arn=args.dead_letter_queue_arn,
                dead_letter_queue_policy=args.dead_letter_queue_policy,
                tags=args.tags,
            ),
            below,
        )
        alarms = AlarmsArgs(
            name_prefix=args.rule_name,
            region=None,
            rule_name=rule.rule_name,
            event_bus_name=bus.name,
            queue_name=None,
            topic_arns=args.topic_arns,
            secret=args.secret_topics,
            tags=args.tags,
        )
        Alarms(f"{name}-alarm", alarms, below)
        self.event_bus_arn = bus.arn
        self.ready = [policy, rule.delivery]
        self.register_outputs({"event_bus_arn": self.event_bus_arn})
