"""What a message of a dead-letter queue is: a SigV2 request that a rule could not deliver, or none of its business."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Self

from blueprint.event_pattern import SIGV2_EVENT_PATTERN
from sigv2.json_object import json_object
from sigv2.verify.queue_links import attribute

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_EVENT_ID: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
"""CloudTrail's `eventID` is a GUID
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html)."""


class NotOfThisRuleError(ValueError):
    """A message that is no request which this rule could not log; it says why."""


@dataclass(frozen=True)
class Undelivered:
    """A request that waits in the queue.

    Attributes:
        event_id: CloudTrail's `eventID`; events of one id are about one request, however often they were delivered.
        milliseconds: when the request was, since 1970.
        message: the event, as EventBridge would have logged it.
        message_id: the queue's name for the message.
        receipt: what deletes the message.
    """

    event_id: str
    milliseconds: int
    message: str
    message_id: str
    receipt: str

    @classmethod
    def of(cls, message: MessageTypeDef, rule_arns: Collection[str]) -> Self:
        """Read a message.

        Args:
            message: as SQS gives it; anybody who may send to the queue can have written it.
            rule_arns: of the rules whose events are wanted.

        Raises:
            NotOfThisRuleError: it is none of them.
        """
        sender = attribute(message, "RULE_ARN")
        if sender is not None and sender not in rule_arns:
            raise NotOfThisRuleError(f"of another rule, {sender}")
        body = message["Body"]
        event = json_object(body)
        if event is None or not matches(SIGV2_EVENT_PATTERN, event):
            raise NotOfThisRuleError("no SigV2 request to S3")
        identity = event_id(event)
        if identity is None:
            raise NotOfThisRuleError("without an eventID, by which it could be told from others")
        try:
            at = datetime.fromisoformat(str(event.get("time")))
        except ValueError:
            raise NotOfThisRuleError("without a time") from None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return cls(identity, int(at.timestamp() * 1000), body, message["MessageId"], message["ReceiptHandle"])


def logged_id(message: str) -> str | None:
    """CloudTrail's `eventID` in a log event; None where it has none."""
    event = json_object(message)
    return None if event is None else event_id(event)


def event_id(event: Mapping[str, object]) -> str | None:
    """CloudTrail's `eventID` of an event; None where there is none."""
    detail = event.get("detail")
    found = detail.get("eventID") if isinstance(detail, Mapping) else None
    return found.lower() if isinstance(found, str) and _EVENT_ID.fullmatch(found) else None


def matches(pattern: Mapping[str, object], event: Mapping[str, object]) -> bool:
    """Whether an event matches a pattern that lists the values of each field, as the pipeline's does."""
    for field, wanted in pattern.items():
        found = event.get(field)
        if isinstance(wanted, Mapping):
            if not isinstance(found, Mapping) or not matches(wanted, found):
                return False
        elif not isinstance(wanted, list) or found not in wanted:
            return False
    return True
