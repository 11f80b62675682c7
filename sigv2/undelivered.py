"""How many requests wait in a stack's dead-letter queue: each of them is one that the log group lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from blueprint.names import base_name, dead_letter_queue_name
from blueprint.sentences import counted
from blueprint.settings_errors import SettingsError
from sigv2.forwarding_accounts import forwarding_accounts
from sigv2.stack import StackError
from sigv2.stack.stack_account import explained_of
from sigv2.stack.stack_regions import regions_of_stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

    from sigv2.stack import Stack
    from sigv2.stack.stack_account import AccountInRegion

_COUNTS: Final[tuple[QueueAttributeNameType, ...]] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
_NAMED_AT_MOST: Final = 20


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


def doubts_about(
    place: AccountInRegion, stack: Stack | None, forwarding: Sequence[tuple[AccountInRegion, Stack]] = ()
) -> list[str]:
    """Why a log without a request proves nothing: requests wait that are not in it, or nobody can tell.

    Args:
        place: the stack's account and home Region; its caller needs `sqs:GetQueueUrl` and `sqs:GetQueueAttributes`.
        stack: whose queues; None where only a log group is known.
        forwarding: stacks of other accounts that forward to it, whose queues are asked as well, and where they are.

    Returns:
        Parts of a sentence, each with its way out; none where nothing waits.
    """
    if stack is None:
        return [
            "whether requests wait in a dead-letter queue cannot be told from a log group, so name its stack with "
            "--stack instead of --log-group"
        ]
    doubts = _doubts_about_queues(place, stack)
    for there, sender in forwarding:
        doubts += _doubts_about_queues(there, sender, f" --hub {stack.name}")
    return doubts + _doubts_about_senders(stack, [place, *(there for there, _ in forwarding)])


def _doubts_about_senders(stack: Stack, asked: Sequence[AccountInRegion]) -> list[str]:
    """Accounts that may forward to the log, and whose queues nobody has asked."""
    try:
        accounts = forwarding_accounts(stack.accepts_from(), asked)
    except (StackError, SettingsError) as error:
        return [f"whether other accounts forward to the log cannot be told: {str(error).rstrip('.')}"]
    own, *answered = dict.fromkeys(there.account_id for there in asked)
    doubts = []
    if unasked := [account for account in accounts.account_ids if account not in (own, *answered)]:
        more = f" and {counted(len(unasked) - _NAMED_AT_MOST, 'more account')}" if unasked[_NAMED_AT_MOST:] else ""
        doubts.append(
            f"whether requests wait in the queues of account {', '.join(unasked[:_NAMED_AT_MOST])}{more}, which may "
            "forward to this log, cannot be told from here: name each stack that forwards with --forwarding-stack, and "
            "in acceptFrom no account that has none"
        )
    for organization, reason in accounts.unknown.items():
        known_of = f"of account {', '.join(answered)} alone" if answered else "of none"
        doubts.append(
            f"whether requests wait in the queues of the accounts of {organization}, which may forward to this log, is "
            f"known {known_of}, and which accounts these are cannot be told ({reason}): name those that forward in "
            "acceptFrom instead of the organisation, and each of their stacks with --forwarding-stack"
        )
    return doubts


def _doubts_about_queues(place: AccountInRegion, stack: Stack, options: str = "") -> list[str]:
    queue = _queue_of(stack)
    try:
        regions = regions_of_stack(stack, place)
    except (BotoCoreError, ClientError, StackError, SettingsError) as error:
        reason = (
            explained_of(stack, error) if isinstance(error, BotoCoreError | ClientError) else str(error).rstrip(".")
        )
        return [f"in which Regions stack {stack.name} has a dead-letter queue cannot be told: {reason}"]
    doubts = []
    for region in regions:
        where = f" of {region}" if len(regions) > 1 else ""
        try:
            sqs = place.session.client("sqs", region)
            total = waiting_in(sqs, sqs.get_queue_url(QueueName=queue)["QueueUrl"]).total
        except (BotoCoreError, ClientError) as error:
            doubts.append(
                f"whether requests wait in the dead-letter queue {queue}{where} cannot be told: "
                f"{explained_of(stack, error)}"
            )
            continue
        if total:
            doubts.append(
                f"{counted(total, 'request')} {'waits' if total == 1 else 'wait'} in the dead-letter queue "
                f"{queue}{where} and may not be in the log, so bring them there with `python -m sigv2 verify --redrive "
                f"--stack {stack.name}{options}`"
            )
    return doubts


def _queue_of(stack: Stack) -> str:
    """The queue's name, as it is deployed where that is known."""
    url = str((stack.outputs or {}).get("deadLetterQueueUrl") or "")
    return url.rpartition("/")[2] or dead_letter_queue_name(base_name(stack.project, stack.name))
