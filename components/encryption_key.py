"""The stack's own KMS key, where the configuration asks for one."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.policy_documents import PolicyDocument

_DELETION_WINDOW_DAYS = 30
"""The longest that KMS allows to change one's mind."""


@dataclass(frozen=True)
class EncryptionKeyArgs:
    """What an EncryptionKey is made from.

    Attributes:
        alias: name of its alias, without `alias/`.
        policy: who may use it, and for what.
        retain: whether it outlives `pulumi destroy`, as logs that are retained cannot be read without it.
        tags: for the key.
    """

    alias: str
    policy: PolicyDocument
    retain: bool
    tags: Mapping[str, str]


class EncryptionKey(pulumi.ComponentResource):
    """A symmetric key that rotates every year.

    Attributes:
        key_arn: its ARN.
    """

    key_arn: pulumi.Output[str]

    def __init__(self, name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:EncryptionKey", name, None, opts)
        key = aws.kms.Key(
            name,
            description="Encrypts the SigV2 access log and all that it is made of",
            policy=pulumi.Output.json_dumps(args.policy),
            enable_key_rotation=True,
            deletion_window_in_days=_DELETION_WINDOW_DAYS,
            tags=args.tags,
            opts=pulumi.ResourceOptions(
                parent=self, retain_on_delete=args.retain, aliases=[pulumi.Alias(name=f"{name}-key")]
            ),
        )
        aws.kms.Alias(
            f"{name}-alias",
            name=f"alias/{args.alias}",
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.key_arn = key.arn
        self.register_outputs({"key_arn": self.key_arn})
