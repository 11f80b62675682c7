"""The link to people: the topics through which alarms reach them. Without, requests are logged and nobody is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from blueprint.names import alert_topic_name
from sigv2.policy_evaluation import Call, service_call
from sigv2.verify.finding import State, ok, skipped, unknown, warning
from sigv2.verify.key_links import check_key
from sigv2.verify.policy_check import NOT_UNDERSTOOD, Admitted, document

if TYPE_CHECKING:
    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject

_CLOUDWATCH = "cloudwatch.amazonaws.com"


def topics(subject: Subject) -> Finding:
    """Each topic that the stack's alarms publish to exists, and lets them.

    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    """
    own = subject.arns.topic(alert_topic_name(subject.settings.base_name)) if subject.settings.alert_emails else None
    named = subject.settings.alert_topic_arn
    # Alarms reach topics of their own Region only.
    arns = [arn for arn in (own, named) if arn and arn.split(":")[3] == subject.arns.region]
    if not arns and named:
        return skipped(f"none in {subject.arns.region}: alertTopicArn is told by alarms of its own Region only")
    if not arns:
        return skipped("none: neither alertEmails nor alertTopicArn is set")
    for arn in arns:
        found = _topic(subject, arn, f"restore it with {subject.restore}" if arn == own else "have its owner mend it")
        if found.state is not State.OK:
            return found
    return ok(f"{', '.join(arn.rpartition(':')[2] for arn in arns)}: alarms may publish")


def _topic(subject: Subject, arn: str, mend: str) -> Finding:
    sns = subject.aws.sns
    try:
        attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    except sns.exceptions.NotFoundException:
        return warning(f"the topic {arn} does not exist, so alarms reach nobody", mend)
    alarm = subject.arns.alarm(f"{subject.settings.base_name}-any")
    publish = service_call(_CLOUDWATCH, "sns:Publish", arn, alarm)
    # The policy that SNS gives a new topic asks for this key, and alarms publish there.
    publish = replace(publish, context={**publish.context, "aws:SourceOwner": subject.arns.account_id})
    admitted = Admitted.of(document(attributes.get("Policy")), [publish])
    if admitted.denied:
        return warning(
            f"the policy of the topic {arn} does not allow {_CLOUDWATCH} sns:Publish on behalf of the stack's alarms, "
            "so they reach nobody",
            mend,
        )
    if admitted.undecided:
        return unknown(f"the policy of the topic {arn} {NOT_UNDERSTOOD}")

    def calls(key: str) -> list[Call]:
        return [service_call(_CLOUDWATCH, action, key, alarm) for action in ("kms:Decrypt", "kms:GenerateDataKey")]

    found = check_key(subject, attributes.get("KmsMasterKeyId"), calls)
    return replace(found, state=State.WARNING) if found.state is State.BROKEN else found
