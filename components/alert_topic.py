"""The topic through which alarms reach people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.policies import alert_topic_policy


@dataclass(frozen=True)
class AlertTopicArgs:
    """What an AlertTopic is made from.

    Attributes:
        topic_name: name of the topic.
        emails: who is told; each must confirm the subscription that SNS sends.
        account_id: the account whose alarms may publish.
        alarm_arns: a pattern of these alarms' ARNs.
        key_arn: the KMS key to encrypt with; None leaves it to SNS, whose own KMS key alarms could not use.
        tags: for the topic.
    """

    topic_name: str
    emails: Sequence[str]
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
        child = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(
            f"{name}-topic",
            name=args.topic_name,
            kms_master_key_id=args.key_arn,
            tags=args.tags,
            opts=child,
        )
        aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            policy=pulumi.Output.json_dumps(
                topic.arn.apply(lambda arn: alert_topic_policy(arn, args.account_id, args.alarm_arns))
            ),
            opts=child,
        )
        for email in args.emails:
            aws.sns.TopicSubscription(f"{name}-{email}", topic=topic.arn, protocol="email", endpoint=email, opts=child)
        self.topic_arn = topic.arn
        self.register_outputs({"topic_arn": self.topic_arn})
