"""The queue for events that EventBridge could not deliver."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.policy_documents import dead_letter_queue_policy

_RETENTION_SECONDS = 14 * 24 * 60 * 60
"""The longest that SQS keeps a message."""


@dataclass(frozen=True)
class DeadLetterQueueArgs:
    """What a DeadLetterQueue is made from.

    Attributes:
        queue_name: name of the queue.
        region: that the queue lies in, which is its rules'; None for the stack's own.
        rule_arns: the rules that may send to it.
        key_arn: the KMS key to encrypt with; None encrypts with a key of SQS.
        tags: for the queue.
    """

    queue_name: str
    region: str | None
    rule_arns: Sequence[str]
    key_arn: pulumi.Input[str] | None
    tags: Mapping[str, str]


class DeadLetterQueue(pulumi.ComponentResource):
    """A standard, encrypted queue that keeps undelivered events for 14 days.

    Attributes:
        queue_name: name of the queue.
        queue_arn: its ARN.
        queue_url: its URL.
        policy: what lets the rules send to it.
    """

    queue_name: pulumi.Output[str]
    queue_arn: pulumi.Output[str]
    queue_url: pulumi.Output[str]
    policy: aws.sqs.QueuePolicy

    def __init__(self, name: str, args: DeadLetterQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:DeadLetterQueue", name, None, opts)
        queue = aws.sqs.Queue(
            name,
            name=args.queue_name,
            region=args.region,
            message_retention_seconds=_RETENTION_SECONDS,
            sqs_managed_sse_enabled=True if args.key_arn is None else None,
            kms_master_key_id=args.key_arn,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(name=f"{name}-queue")]),
        )
        self.policy = aws.sqs.QueuePolicy(
            f"{name}-policy",
            queue_url=queue.url,
            region=args.region,
            policy=pulumi.Output.json_dumps(queue.arn.apply(lambda arn: dead_letter_queue_policy(arn, args.rule_arns))),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.queue_name = queue.name
        self.queue_arn = queue.arn
        self.queue_url = queue.url
        self.register_outputs({"queue_url": self.queue_url})
