"""How many requests wait in a stack's dead-letter queue: each of them is one that the log group lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from blueprint.names import base_name, dead_letter_queue_name
from sigv2.aws import explained
from sigv2.terminal import counted

if TYPE_CHECKING:
    import boto3.session
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

    from sigv2.stack import Stack

_COUNTS: Final[tuple[QueueAttributeNameType, ...]] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


@dataclass(frozen=True)
class Waiting:
    """What is in a queue, as SQS counts it.

    Attributes:
        visible: there to be received.
        in_flight: received by somebody who has neither deleted nor given them back.
        delayed: not there to be received yet.
    """

    visible: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        """All of them: whoever holds one may have died."""
        return self.visible + self.in_flight + self.delayed


def queue_url(sqs: SQSClient, arn: str) -> str:
    """A queue's URL by its ARN.

    Raises:
        botocore.exceptions.ClientError: it does not exist, or may not be asked about.
    """
    account, name = arn.rsplit(":", 2)[1:]
    return sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]


def waiting_in(sqs: SQSClient, url: str) -> Waiting:
    """How many messages a queue holds.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html

    Raises:
        botocore.exceptions.ClientError: the queue may not be asked.
        botocore.exceptions.BotoCoreError: it cannot be asked.
    """
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS))["Attributes"]
    return Waiting(*(int(attributes.get(name, 0)) for name in _COUNTS))


def doubts_about(session: boto3.session.Session, stack: Stack | None) -> list[str]:
    """Why a log without a request proves nothing: requests wait that are not in it, or nobody can tell.

    Args:
        session: in the stack's account and Region; its caller needs `sqs:GetQueueUrl` and `sqs:GetQueueAttributes`.
        stack: whose queue; None where only a log group is known.

    Returns:
        Parts of a sentence, each with its way out; none where nothing waits.
    """
    if stack is None:
        return [
            "whether requests wait in a dead-letter queue cannot be told from a log group, so name its stack with "
            "--stack instead of --log-group"
        ]
    queue = _queue_of(stack)
    try:
        sqs = session.client("sqs")
        total = waiting_in(sqs, sqs.get_queue_url(QueueName=queue)["QueueUrl"]).total
    except (BotoCoreError, ClientError) as error:
        return [f"whether requests wait in the dead-letter queue {queue} cannot be told: {explained(error)}"]
    if not total:
        return []
    return [
        f"{counted(total, 'request')} {'waits' if total == 1 else 'wait'} in the dead-letter queue {queue} and may not "
        f"be in the log, so bring them there with `python -m sigv2 verify --redrive --stack {stack.name}`"
    ]


def _queue_of(stack: Stack) -> str:
    """The queue's name, as it is deployed where that is known."""
    url = str((stack.outputs or {}).get("deadLetterQueueUrl") or "")
    return url.rpartition("/")[2] or dead_letter_queue_name(base_name(stack.project, stack.name))
