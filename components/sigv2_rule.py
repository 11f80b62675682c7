"""The EventBridge rule that lets only SigV2 through to the log group."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.event_pattern import SIGV2_EVENT_PATTERN

_RETRY = aws.cloudwatch.EventTargetRetryPolicyArgs(
    maximum_event_age_in_seconds=24 * 60 * 60, maximum_retry_attempts=185
)
"""The longest that EventBridge tries
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html)."""


@dataclass(frozen=True)
class SigV2RuleArgs:
    """What a SigV2Rule is made from.

    Attributes:
        rule_name: name of the rule, which the log group's policy already knows.
        management_events: whether to match read-only management events, which a rule sees in one state only.
        log_group_arn: where matching events go.
        log_group_policy: what lets them in; until it exists, events would be dropped without a word.
        dead_letter_queue_arn: where they go when that fails.
        dead_letter_queue_policy: what lets them in there.
        tags: for the rule.
    """

    rule_name: str
    management_events: bool
    log_group_arn: pulumi.Input[str]
    log_group_policy: Sequence[pulumi.Resource]
    dead_letter_queue_arn: pulumi.Input[str]
    dead_letter_queue_policy: pulumi.Resource
    tags: Mapping[str, str]


class SigV2Rule(pulumi.ComponentResource):
    """A rule on the default event bus, the only one that CloudTrail sends to, with the log group as its target.

    Attributes:
        rule_name: name of the rule.
    """

    rule_name: pulumi.Output[str]

    def __init__(self, name: str, args: SigV2RuleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:SigV2Rule", name, None, opts)
        rule = aws.cloudwatch.EventRule(
            name,
            name=args.rule_name,
            description="S3 requests signed with Signature Version 2",
            event_pattern=json.dumps(SIGV2_EVENT_PATTERN),
            # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
            state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" if args.management_events else "ENABLED",
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(name=f"{name}-rule")]),
        )
        aws.cloudwatch.EventTarget(
            f"{name}-target",
            rule=rule.name,
            target_id="log-group",
            arn=args.log_group_arn,
            retry_policy=_RETRY,
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=args.dead_letter_queue_arn),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*args.log_group_policy, args.dead_letter_queue_policy]
            ),
        )
        self.rule_name = rule.name
        self.register_outputs({"rule_name": self.rule_name})
