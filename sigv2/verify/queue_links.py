"""Links to the dead-letter queue: what could not be logged must be able to wait there, and should not have to."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from blueprint.names import dead_letter_queue_name
from blueprint.sentences import counted
from sigv2.aws import explained
from sigv2.policy_evaluation import service_call
from sigv2.undelivered import Waiting, queue_url, waiting_in
from sigv2.verify.finding import broken, ok, unknown, warning
from sigv2.verify.policy_check import NOT_UNDERSTOOD, Admitted, document
from sigv2.verify.rule_links import target_of
from sigv2.verify.subject import Hop

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject

_MOST_MESSAGES: Final = 10
"""What SQS gives at once (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html)."""

_LONGEST_MESSAGE: Final = 200


def queue(subject: Subject) -> Finding:
    """The rule's target has a dead-letter queue, which exists."""
    arn = dead_letter_arn(subject)
    if arn is None:
        return broken(
            "the rule's target has no dead-letter queue, so what cannot be delivered is lost",
            f"restore it with {subject.restore}",
        )
    try:
        url_of(subject)
    except subject.aws.sqs.exceptions.QueueDoesNotExist:
        return broken(f"the dead-letter queue {_name(arn)} does not exist", f"restore it with {subject.restore}")
    return ok(_name(arn))


def queue_policy(subject: Subject) -> Finding:
    """The queue lets EventBridge send what this rule could not deliver; without that, it is lost.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    arn = dead_letter_arn(subject) or ""
    answer = subject.aws.sqs.get_queue_attributes(QueueUrl=url_of(subject), AttributeNames=["Policy"])
    policies = document(answer.get("Attributes", {}).get("Policy"))
    send = service_call("events.amazonaws.com", "sqs:SendMessage", arn, subject.rule_arn)
    admitted = Admitted.of(policies, [send])
    if admitted.denied:
        wrong = "does not allow events.amazonaws.com sqs:SendMessage on behalf of" if policies else "is missing for"
        return broken(
            f"the policy of the queue {_name(arn)} {wrong} the rule {subject.rule_name}, so what cannot be logged is "
            "lost",
            f"restore it with {subject.restore}",
        )
    if admitted.undecided:
        return unknown(f"the policy of the queue {_name(arn)} {NOT_UNDERSTOOD}")
    return ok("lets events.amazonaws.com send")


def waiting(subject: Subject) -> Finding:
    """Nothing waits in the queue; what does is not in the log, whether or not its cause is mended."""
    name, url = _name(dead_letter_arn(subject) or ""), url_of(subject)
    found = waiting_in(subject.aws.sqs, url)
    if not found.total:
        return ok(f"none in {name}")
    try:
        messages = _peek(subject, url)
    except ClientError as error:
        code = error.response["Error"].get("Code", "unknown")
        messages, reasons = [], f"why cannot be read ({code}): needs sqs:ReceiveMessage"
    else:
        reasons = _reasons(messages)
    if subject.sent_at and any(subject.probed.token in message.get("Body", "") for message in messages):
        return broken(f"the request that was just sent could not be logged: {reasons}", "mend what the error says")
    return warning(
        f"{_counted(found)} in the dead-letter queue {name}, and not in the log{_since(messages)}: {reasons}",
        f"when what the error says is mended, {_redrive(subject)}",
    )


def waiting_elsewhere(subject: Subject) -> Finding:
    """Nothing waits in the queues of the stack's other Regions, through which this request does not come."""
    name = dead_letter_queue_name(subject.settings.base_name)
    found, gone, refusals = [], [], {}
    for region, sqs in subject.other_queues.items():
        try:
            waiting = waiting_in(sqs, sqs.get_queue_url(QueueName=name)["QueueUrl"])
        except sqs.exceptions.QueueDoesNotExist:
            gone.append(region)
            continue
        except ClientError as error:
            refusals[region] = error
            continue
        if waiting.total:
            found.append(f"{_counted(waiting)} in the queue of {region}")
    says, fixes = [], []
    if found:
        says.append(f"{', '.join(found)}, and not in the log")
        fixes.append("name a bucket there with --bucket, which tells why; when that is mended, " + _redrive(subject))
    if gone:
        says.append(f"there is no dead-letter queue {name} in {', '.join(gone)}")
        fixes.append(f"restore it with {subject.restore}")
    if not says:
        for refusal in refusals.values():
            raise refusal
        return ok(f"none in {', '.join(subject.other_queues)}")
    says += [f"the queue of {region} cannot be asked: {explained(error)}" for region, error in refusals.items()]
    return warning("; ".join(says), "; ".join(fixes))


def dead_letter_arn(subject: Subject) -> str | None:
    """ARN of the queue of the rule's target; None where it has none."""
    target = target_of(subject)
    return target.get("DeadLetterConfig", {}).get("Arn") if target else None


@lru_cache(maxsize=len(Hop))
def url_of(subject: Subject) -> str:
    """The queue's URL, asked once a walk.

    Raises:
        botocore.exceptions.ClientError: it does not exist, or may not be asked about.
    """
    return queue_url(subject.aws.sqs, dead_letter_arn(subject) or "")


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]


def _redrive(subject: Subject) -> str:
    """How what waits comes into the log."""
    hub = " --hub STACK" if subject.settings.forward_to else ""
    return (
        f"bring them into the log group with `python -m sigv2 verify --redrive --stack {subject.settings.stack}{hub}`"
    )


def _counted(found: Waiting) -> str:
    return f"{counted(found.total, 'request')} {'waits' if found.total == 1 else 'wait'}"


def _peek(subject: Subject, url: str) -> list[MessageTypeDef]:
    """Some of the messages; they are looked at, and stay there."""
    answer = subject.aws.sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=_MOST_MESSAGES,
        VisibilityTimeout=0,
        # Anything but 0 asks all servers of the queue, and waits only while it finds none.
        WaitTimeSeconds=1,
        MessageAttributeNames=["ERROR_CODE", "ERROR_MESSAGE"],
        MessageSystemAttributeNames=["SentTimestamp"],
    )
    return list({message["MessageId"]: message for message in answer.get("Messages", [])}.values())


def _reasons(messages: list[MessageTypeDef]) -> str:
    """Why messages are in the queue, as their attributes say."""
    reasons: Counter[str] = Counter()
    for message in messages:
        code, text = attribute(message, "ERROR_CODE"), attribute(message, "ERROR_MESSAGE")
        reasons[f"{code or '-'} ({(text or '-')[:_LONGEST_MESSAGE]})"] += 1
    return ", ".join(reason for reason, _ in reasons.most_common()) or "their error codes were not to be had just now"


def _since(messages: list[MessageTypeDef]) -> str:
    sent = [int(at) for message in messages if (at := message.get("Attributes", {}).get("SentTimestamp", "")).isdigit()]
    if not sent:
        return ""
    first, last = (f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M}" for at in (min(sent), max(sent)))
    return f", put there on {first} UTC" if first == last else f", put there from {first} to {last} UTC"


def attribute(message: MessageTypeDef, name: str) -> str | None:
    """What EventBridge says of a message in one of its attributes; None where it does not."""
    found = message.get("MessageAttributes", {}).get(name)
    return found.get("StringValue") if found else None
