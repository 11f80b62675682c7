"""The role through which EventBridge forwards to an event bus of another Region or account."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.arns import Arns
from blueprint.policy_documents import forwarding_role_policy, forwarding_role_trust_policy


@dataclass(frozen=True)
class ForwardingRoleArgs:
    """What a ForwardingRole is made from.

    Attributes:
        role_name: name of the role.
        policy_name: name of its permission, another one for each bus that is forwarded to.
        arns: where the stack is deployed.
        rule_name: the rules, in any Region, that may forward.
        event_bus_arn: where to.
        tags: for the role.
    """

    role_name: str
    policy_name: str
    arns: Arns
    rule_name: str
    event_bus_arn: pulumi.Input[str]
    tags: Mapping[str, str]


class ForwardingRole(pulumi.ComponentResource):
    """A role that may put events on one event bus, and that EventBridge alone takes on, for the stack's own rules.

    Attributes:
        role_arn: its ARN.
        policy: what lets it put events there.
    """

    role_arn: pulumi.Output[str]
    policy: pulumi.Resource

    def __init__(self, name: str, args: ForwardingRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:ForwardingRole", name, None, opts)
        role = aws.iam.Role(
            name,
            name=args.role_name,
            description="EventBridge forwards SigV2 requests to the log",
            assume_role_policy=pulumi.Output.json_dumps(forwarding_role_trust_policy(args.arns, args.rule_name)),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.policy = aws.iam.RolePolicy(
            f"{name}-policy{args.policy_name.removeprefix(args.role_name)}",
            name=args.policy_name,
            role=role.name,
            policy=pulumi.Output.json_dumps(pulumi.Output.from_input(args.event_bus_arn).apply(forwarding_role_policy)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.role_arn = role.arn
        self.register_outputs({"role_arn": self.role_arn})
