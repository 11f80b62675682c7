"""The topic through which alarms reach people."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.policy_documents import alert_topic_policy


@dataclass(frozen=True)
class AlertTopicArgs:
    """What an AlertTopic is made from.

    Attributes:
        topic_name: name of the topic.
        region: that it lies in, as its alarms do; None for the stack's own.
        subscribers: who is told, by what tells each subscription apart; each must confirm what SNS sends.
        former_names: of subscriptions that the last deployment made; an earlier version had the address in them.
        account_id: the account whose alarms may publish.
        alarm_arns: a pattern of these alarms' ARNs.
        key_arn: the KMS key to encrypt with; None leaves it to SNS, whose own KMS key alarms could not use.
        tags: for the topic.
    """

    topic_name: str
    region: str | None
    subscribers: Mapping[str, str]
    former_names: Collection[str]
    account_id: str
    alarm_arns: str
    key_arn: pulumi.Input[str] | None
    tags: Mapping[str, str]


class AlertTopic(pulumi.ComponentResource):
    """A topic that only this stack's alarms publish to.

    Attributes:
        topic_arn: ARN of the topic.
    """

    topic_arn: pulumi.Output[str]

    def __init__(self, name: str, args: AlertTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:AlertTopic", name, None, opts)
        topic = aws.sns.Topic(
            name,
            name=args.topic_name,
            region=args.region,
            kms_master_key_id=args.key_arn,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(name=f"{name}-topic")]),
        )
        aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            region=args.region,
            policy=pulumi.Output.json_dumps(
                topic.arn.apply(lambda arn: alert_topic_policy(arn, args.account_id, args.alarm_arns))
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        for suffix, email in args.subscribers.items():
            former = [pulumi.Alias(name=former) for former in args.former_names if former.endswith(f"-{email}")]
            aws.sns.TopicSubscription(
                f"{name}-subscription-{suffix}",
                topic=topic.arn,
                region=args.region,
                protocol="email",
                endpoint=pulumi.Output.secret(email),
                opts=pulumi.ResourceOptions(parent=self, aliases=former),
            )
        self.topic_arn = topic.arn
        self.register_outputs({"topic_arn": self.topic_arn})
