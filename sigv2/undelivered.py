"""How many requests wait in a stack's dead-letter queue: each of them is one that the log group lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

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
