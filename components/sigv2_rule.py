"""The EventBridge rule that lets only SigV2 through, to the log group or to the event bus that feeds it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.event_pattern import SIGV2_EVENT_PATTERN
from components.destination import Destination

_RETRY = aws.cloudwatch.EventTargetRetryPolicyArgs(
    maximum_event_age_in_seconds=24 * 60 * 60, maximum_retry_attempts=185
)
"""The longest that EventBridge tries
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html)."""


@dataclass(frozen=True)
class SigV2RuleArgs:
    """What a SigV2Rule is made from.

    Attributes:
        rule_name: name of the rule, which the policy at its destination already knows.
        event_bus_name: of the bus that the rule is on; None for the default one, the only one that CloudTrail sends to.
        region: that the rule lies in; None for the stack's own.
        management_events: whether to match read-only management events, which a rule sees in one state only.
        destination: where matching events go.
        dead_letter_queue_arn: where they go when that fails.
        dead_letter_queue_policy: what lets them in there.
        tags: for the rule.
    """

    rule_name: str
    event_bus_name: pulumi.Input[str] | None
    region: str | None
    management_events: bool
    destination: Destination
    dead_letter_queue_arn: pulumi.Input[str]
    dead_letter_queue_policy: pulumi.Resource
    tags: Mapping[str, str]


class SigV2Rule(pulumi.ComponentResource):
    """A rule that lets SigV2 through, and nothing else, to one destination.

    Attributes:
        rule_name: name of the rule.
        delivery: the rule's target, which is there when the rule works.
    """

    rule_name: pulumi.Output[str]
    delivery: pulumi.Resource

    def __init__(self, name: str, args: SigV2RuleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:SigV2Rule", name, None, opts)
        rule = aws.cloudwatch.EventRule(
            name,
            name=args.rule_name,
            event_bus_name=args.event_bus_name,
            region=args.region,
            description="S3 requests signed with Signature Version 2",
            event_pattern=json.dumps(SIGV2_EVENT_PATTERN),
            # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
            state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" if args.management_events else "ENABLED",
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(name=f"{name}-rule")]),
        )
        self.delivery = aws.cloudwatch.EventTarget(
            f"{name}-target",
            rule=rule.name,
            event_bus_name=args.event_bus_name,
            region=args.region,
            target_id=args.destination.target_id,
            arn=args.destination.arn,
            role_arn=args.destination.role_arn,
            retry_policy=_RETRY,
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=args.dead_letter_queue_arn),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*args.destination.admitted_by, args.dead_letter_queue_policy]
            ),
        )
        self.rule_name = rule.name
        self.register_outputs({"rule_name": self.rule_name})
