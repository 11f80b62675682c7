"""The log group that SigV2 requests are logged to, and the policy that lets EventBridge write to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.policy_documents import log_group_policy
from components.destination import Destination


@dataclass(frozen=True)
class AccessLogGroupArgs:
    """What an AccessLogGroup is made from.

    Attributes:
        log_group_name: name of the log group.
        retention_days: how long events are kept; 0 for ever.
        rule_arns: the rules that may write here; none where the stack now logs elsewhere.
        account_policy_name: name of the account-wide resource policy; None attaches the policy to the log group.
        key_arn: the KMS key to encrypt with; None encrypts with a key of CloudWatch Logs.
        adopt: whether the log group exists already, and becomes this stack's.
        retain: whether the log group and its events outlive `pulumi destroy`.
        tags: for the log group.
    """

    log_group_name: str
    retention_days: int
    rule_arns: Sequence[str]
    account_policy_name: str | None
    key_arn: pulumi.Input[str] | None
    adopt: bool
    retain: bool
    tags: Mapping[str, str]


class AccessLogGroup(pulumi.ComponentResource):
    """A log group that the stack's EventBridge rules may write to.

    Attributes:
        log_group_name: name of the log group.
        destination: how a rule delivers there; without the policy that admits it, EventBridge says nothing and drops.
    """

    log_group_name: pulumi.Output[str]
    destination: Destination

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
        policy = [self._admit(name, args, log_group.arn)] if args.rule_arns else []
        self.log_group_name = log_group.name
        self.destination = Destination("log-group", log_group.arn, role_arn=None, admitted_by=policy)
        self.register_outputs({"log_group_name": log_group.name, "log_group_arn": log_group.arn})

    def _admit(
        self, name: str, args: AccessLogGroupArgs, log_group_arn: pulumi.Output[str]
    ) -> aws.cloudwatch.LogResourcePolicy:
        attached_to_group = args.account_policy_name is None
        return aws.cloudwatch.LogResourcePolicy(
            f"{name}-policy",
            policy_name=args.account_policy_name,
            resource_arn=log_group_arn if attached_to_group else None,
            policy_document=pulumi.Output.json_dumps(
                log_group_arn.apply(lambda arn: log_group_policy(arn, args.rule_arns))
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
