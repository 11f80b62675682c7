"""The log group that SigV2 requests are logged to, and the policy that lets EventBridge write to it."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.policy_documents import log_group_policy


@dataclass(frozen=True)
class AccessLogGroupArgs:
    """What an AccessLogGroup is made from.

    Attributes:
        log_group_name: name of the log group.
        retention_days: how long events are kept; 0 for ever.
        rule_arn: the rule that may write here; None where the stack now logs to another group.
        account_policy_name: name of the account-wide resource policy; None attaches the policy to the log group.
        key_arn: the KMS key to encrypt with; None encrypts with a key of CloudWatch Logs.
        adopt: whether the log group exists already, and becomes this stack's.
        retain: whether the log group and its events outlive `pulumi destroy`.
        tags: for the log group.
    """

    log_group_name: str
    retention_days: int
    rule_arn: str | None
    account_policy_name: str | None
    key_arn: pulumi.Input[str] | None
    adopt: bool
    retain: bool
    tags: Mapping[str, str]


class AccessLogGroup(pulumi.ComponentResource):
    """A log group that one EventBridge rule may write to.

    Attributes:
        log_group_name: name of the log group.
        log_group_arn: its ARN, without `:*`.
        policy: the resource policy, without which EventBridge delivers nothing; empty where no rule may.
    """

    log_group_name: pulumi.Output[str]
    log_group_arn: pulumi.Output[str]
    policy: list[pulumi.Resource]

    def __init__(self, name: str, args: AccessLogGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:AccessLogGroup", name, None, opts)
        log_group = aws.cloudwatch.LogGroup(
            name,
            name=args.log_group_name,
            retention_in_days=args.retention_days,
            kms_key_id=args.key_arn,
            tags=args.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                retain_on_delete=args.retain,
                import_=args.log_group_name if args.adopt else None,
                aliases=[pulumi.Alias(name=f"{name}-log-group")],
            ),
        )
        self.policy = [self._admit(name, args, args.rule_arn, log_group.arn)] if args.rule_arn else []
        self.log_group_name = log_group.name
        self.log_group_arn = log_group.arn
        self.register_outputs({"log_group_name": self.log_group_name, "log_group_arn": self.log_group_arn})

    def _admit(
        self, name: str, args: AccessLogGroupArgs, rule_arn: str, log_group_arn: pulumi.Output[str]
    ) -> aws.cloudwatch.LogResourcePolicy:
        attached_to_group = args.account_policy_name is None
        return aws.cloudwatch.LogResourcePolicy(
            f"{name}-policy",
            policy_name=args.account_policy_name,
            resource_arn=log_group_arn if attached_to_group else None,
            policy_document=pulumi.Output.json_dumps(log_group_arn.apply(lambda arn: log_group_policy(arn, rule_arn))),
            opts=pulumi.ResourceOptions(parent=self),
        )
