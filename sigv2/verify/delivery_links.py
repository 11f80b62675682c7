"""Links behind the rule: the log group, who may write to it, and what became of events that could not be written."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from blueprint.checked_settings import LogResourcePolicyScope
from sigv2.policy_evaluation import UnsupportedPolicy, is_allowed, merged, service_call
from sigv2.verify.finding import broken, ok, unknown
from sigv2.verify.rule_links import log_group_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_logs.type_defs import ResourcePolicyTypeDef
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject

_EVENTBRIDGE: Final = "events.amazonaws.com"
_ACTIONS: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
_LOOK_BACK: Final = timedelta(hours=3)
_METRIC_PERIOD_SECONDS: Final = 300
_MOST_MESSAGES: Final = 10
"""What SQS gives at once (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html)."""

_LONGEST_MESSAGE: Final = 200


def log_group(subject: Subject) -> Finding:
    """The log group exists."""
    name = subject.settings.log_group_name
    pages = subject.aws.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    if not any(group["logGroupName"] == name for page in pages for group in page["logGroups"]):
        return broken(f"there is no log group {name}", f"deploy it with {subject.restore}")
    return ok(name)


def resource_policy(subject: Subject) -> Finding:
    """CloudWatch Logs lets EventBridge write on behalf of this rule; without that, events are dropped in silence."""
    policies = _policies(subject)
    understood, not_understood = _sorted_out(policies)
    everything = merged(understood)
    stream = f"{subject.log_group_arn}:log-stream:any"
    rule_arn = subject.arns.rule(subject.rule_name)
    denied = [
        action
        for action in _ACTIONS
        if not is_allowed(everything, service_call(_EVENTBRIDGE, action, stream, rule_arn))
    ]
    if not_understood and (denied or any("Deny" in document for document in not_understood.values())):
        return unknown(f"{', '.join(not_understood)} holds more than this check understands")
    if not denied:
        return ok(f"lets {_EVENTBRIDGE} write")
    name = subject.rule_name
    if subject.settings.log_resource_policy_scope is LogResourcePolicyScope.LOG_GROUP:
        own, exists = "attached to the log group", any("resourceArn" in policy for policy in policies)
    else:
        own, exists = f"named {name}", any(policy.get("policyName") == name for policy in policies)
    if not exists:
        return broken(
            f"the resource policy {own} is missing, so EventBridge may not write to {subject.settings.log_group_name}",
            f"restore it with {subject.restore}",
        )
    return broken(
        f"the resource policy {own} does not allow {_EVENTBRIDGE} {' and '.join(denied)} on behalf of the rule {name}",
        f"restore it with {subject.restore}",
    )


def invocations(subject: Subject) -> Finding:
    """The rule's invocations did not fail of late."""
    now = datetime.now(UTC)
    answer = subject.aws.cloudwatch.get_metric_statistics(
        Namespace="AWS/Events",
        MetricName="FailedInvocations",
        Dimensions=[{"Name": "RuleName", "Value": subject.rule_name}],
        StartTime=now - _LOOK_BACK,
        # The minute that has just begun counts as well.
        EndTime=now + timedelta(minutes=1),
        Period=_METRIC_PERIOD_SECONDS,
        Statistics=["Sum"],
    )
    failed = [point for point in answer["Datapoints"] if point["Sum"]]
    if not failed:
        return ok("none failed in the last 3 hours")
    count, latest = sum(int(point["Sum"]) for point in failed), max(point["Timestamp"] for point in failed)
    return broken(
        f"{count:,} failed in the last 3 hours, the latest at about {latest.astimezone(UTC):%H:%M} UTC",
        "the error codes in the dead-letter queue say why; if a link was mended since, "
        "send a request with verify instead of --check-only",
    )


def queue(subject: Subject) -> Finding:
    """The dead-letter queue exists and is empty."""
    target = log_group_target(subject)
    arn = target.get("DeadLetterConfig", {}).get("Arn") if target else None
    if arn is None:
        return broken(
            "the rule's target has no dead-letter queue, so what cannot be delivered is lost",
            f"restore it with {subject.restore}",
        )
    _, _, account, name = arn.rsplit(":", 3)
    sqs = subject.aws.sqs
    try:
        url = sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        return broken(f"the dead-letter queue {name} does not exist", f"restore it with {subject.restore}")
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    count = int(attributes["ApproximateNumberOfMessages"])
    if not count:
        return ok(f"{name} is empty")
    return broken(
        f"{count:,} {'message waits' if count == 1 else 'messages wait'} in the dead-letter queue {name}: "
        f"{_reasons(subject, url)}",
        "mend what the error says, keep what you need of the messages, then empty the queue with "
        f"`aws sqs purge-queue --queue-url {url}`",
    )


def _policies(subject: Subject) -> list[ResourcePolicyTypeDef]:
    paginator = subject.aws.logs.get_paginator("describe_resource_policies")
    account_wide = [policy for page in paginator.paginate() for policy in page["resourcePolicies"]]
    answer = subject.aws.logs.describe_resource_policies(policyScope="RESOURCE", resourceArn=subject.log_group_arn)
    return account_wide + answer["resourcePolicies"]


def _sorted_out(policies: list[ResourcePolicyTypeDef]) -> tuple[list[Mapping[str, object]], dict[str, str]]:
    """Documents that can be evaluated, and the text of those that cannot, by name; an account may have any."""
    understood: list[Mapping[str, object]] = []
    not_understood: dict[str, str] = {}
    for policy in policies:
        document = json.loads(policy["policyDocument"])
        try:
            is_allowed(document, service_call(_EVENTBRIDGE, "", "", ":::::"))
            understood.append(document)
        except UnsupportedPolicy:
            not_understood[policy.get("policyName", "a policy")] = policy["policyDocument"]
    return understood, not_understood


def _reasons(subject: Subject, url: str) -> str:
    """Why messages are in the queue, as their attributes say; they are looked at, and stay there."""
    try:
        answer = subject.aws.sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=_MOST_MESSAGES,
            VisibilityTimeout=0,
            # Anything but 0 asks all servers of the queue, and waits only while it finds none.
            WaitTimeSeconds=1,
            MessageAttributeNames=["ERROR_CODE", "ERROR_MESSAGE"],
        )
    except ClientError as error:
        return f"why cannot be read ({error.response['Error'].get('Code', 'unknown')}): needs sqs:ReceiveMessage"
    reasons: Counter[str] = Counter()
    for message in {message["MessageId"]: message for message in answer.get("Messages", [])}.values():
        code, text = _attribute(message, "ERROR_CODE"), _attribute(message, "ERROR_MESSAGE")
        reasons[f"{code} ({text[:_LONGEST_MESSAGE]})"] += 1
    return ", ".join(reason for reason, _ in reasons.most_common()) or "their error codes were not to be had just now"


def _attribute(message: MessageTypeDef, name: str) -> str:
    attribute = message.get("MessageAttributes", {}).get(name)
    return attribute.get("StringValue", "-") if attribute else "-"
