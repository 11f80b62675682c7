"""Invokes the targets of EventBridge rules as far as resource policies let EventBridge do so.

A target without permission, or none that exists, is not tried again: its events go straight to the
dead-letter queue, see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sigv2.policy_evaluation import is_allowed, merged, service_call
from sigv2.sandbox.observing.bus_to_bus import Failure
from sigv2.sandbox.observing.deployed import log_group_name
from sigv2.sandbox.observing.deployment import RegionOfAccount

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import InputLogEventTypeDef
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef

    from sigv2.sandbox.emulating.aws_clients import Clients
    from sigv2.sandbox.observing.deployment import Deployment, LogGroup, Rule, RuleTarget

Event = Mapping[str, object]

_SERVICE = "events.amazonaws.com"
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
_LOG_BATCH_EVENTS, _LOG_BATCH_BYTES, _LOG_EVENT_OVERHEAD = 10_000, 1_048_576, 26
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
_QUEUE_BATCH_MESSAGES, _QUEUE_BATCH_BYTES = 10, 262_144


class UnsupportedTarget(Exception):  # noqa: N818 - it is the target that is named
    """A target is deployed that the sandbox cannot invoke."""


class Targets:
    """Invokes log groups and queues; event buses are the bus's own business.

    Args:
        clients: Makes the clients to write with.
        on_logged: Called with every event that was put into a log group.
    """

    def __init__(self, clients: Clients, on_logged: Callable[[Event], None]) -> None:
        self._clients = clients
        self._on_logged = on_logged
        self._streams: dict[str, str] = {}
        """The stream of each log group, by the group's ARN."""

    def invoke(self, deployment: Deployment, rule: Rule, target: RuleTarget, events: Sequence[Event]) -> Failure | None:
        """Gives events to a target; returns why it could not.

        Raises:
            UnsupportedTarget: The sandbox does not know how to.
            UnsupportedPolicy: The target's policy is beyond the evaluator.
        """
        whole(target)
        try:
            if log_group_name(target.arn) is not None:
                arn = target.arn.removesuffix(":*")
                if RegionOfAccount.of_arn(arn) != rule.place:
                    return Failure("INVALID_PARAMETER", "A log group must lie in the account and Region of its rule.")
                return self._log(deployment.log_groups.get(arn), arn, rule, events)
            if ":sqs:" in target.arn:
                return self._send(deployment, rule, target.arn, events, {})
        except ClientError as refused:
            return Failure("ERROR_FROM_TARGET", str(refused))
        raise UnsupportedTarget(f"{target.arn}: the sandbox invokes log groups, queues and event buses only")

    def bury(
        self,
        deployment: Deployment,
        rule: Rule,
        target: RuleTarget,
        events: Sequence[Event],
        failure: Failure,
    ) -> Failure | None:
        """Gives events to a target's dead-letter queue; returns why it could not.

        Raises:
            UnsupportedPolicy: The queue's policy is beyond the evaluator.
        """
        if target.dead_letter_arn is None:
            return Failure("NO_RESOURCE", "The target has no dead-letter queue.")
        # EXHAUSTED_RETRY_CONDITION is there only if retries ended a delivery.
        attributes = {
            "RULE_ARN": rule.arn,
            "TARGET_ARN": target.arn,
            "ERROR_CODE": failure.code,
            "ERROR_MESSAGE": failure.message,
            "RETRY_ATTEMPTS": "0",
        }
        try:
            return self._send(deployment, rule, target.dead_letter_arn, events, attributes)
        except ClientError as refused:
            return Failure("ERROR_FROM_TARGET", str(refused))

    def _log(self, group: LogGroup | None, arn: str, rule: Rule, events: Sequence[Event]) -> Failure | None:
        if group is None:
            return Failure("NO_RESOURCE", "The log group does not exist.")
        stream = self._streams.get(arn) or str(uuid.uuid4())
        stream_arn = f"{arn}:log-stream:{stream}"
        policy = merged(group.policies)
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            if not is_allowed(policy, service_call(_SERVICE, action, stream_arn, rule.arn)):
                return Failure("NO_PERMISSIONS", f"No resource policy allows {action}.")
        logs = self._clients.of(*rule.place)("logs")
        if arn not in self._streams:
            logs.create_log_stream(logGroupName=group.name, logStreamName=stream)
            self._streams[arn] = stream
        ordered = sorted(events, key=_milliseconds)
        for batch in batches(ordered, _log_size, _LOG_BATCH_EVENTS, _LOG_BATCH_BYTES):
            entries: list[InputLogEventTypeDef] = [
                {"timestamp": _milliseconds(event), "message": _text(event)} for event in batch
            ]
            try:
                logs.put_log_events(logGroupName=group.name, logStreamName=stream, logEvents=entries)
            except logs.exceptions.ResourceNotFoundException:
                # Somebody deleted the stream, or the group and made it again.
                logs.create_log_stream(logGroupName=group.name, logStreamName=stream)
                logs.put_log_events(logGroupName=group.name, logStreamName=stream, logEvents=entries)
            for event in batch:
                self._on_logged(event)
        return None

    def _send(
        self,
        deployment: Deployment,
        rule: Rule,
        queue_arn: str,
        events: Sequence[Event],
        attributes: Mapping[str, str],
    ) -> Failure | None:
        queue = deployment.queues.get(queue_arn)
        if RegionOfAccount.of_arn(queue_arn).region != rule.place.region:
            return Failure("INVALID_PARAMETER", "A queue must lie in the Region of its rule.")
        if queue is None:
            return Failure("NO_RESOURCE", "The queue does not exist.")
        call = service_call(_SERVICE, "sqs:SendMessage", queue_arn, rule.arn)
        if queue.policy is None or not is_allowed(queue.policy, call):
            return Failure("NO_PERMISSIONS", "The queue's policy does not allow sqs:SendMessage.")
        values: dict[str, MessageAttributeValueTypeDef] = {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        }
        overhead = sum(len(name) + len(value) + 6 for name, value in attributes.items())
        for batch in batches(
            events,
            lambda event: len(_text(event)) + overhead,
            _QUEUE_BATCH_MESSAGES,
            _QUEUE_BATCH_BYTES,
        ):
            answer = self._clients.of(*RegionOfAccount.of_arn(queue_arn))("sqs").send_message_batch(
                QueueUrl=queue.url,
                Entries=[
                    {"Id": str(number), "MessageBody": _text(event), "MessageAttributes": values}
                    for number, event in enumerate(batch)
                ],
            )
            if answer.get("Failed"):
                return Failure("ERROR_FROM_TARGET", answer["Failed"][0].get("Message", ""))
        return None


def whole(target: RuleTarget) -> RuleTarget:
    """Returns a target that takes events as they are.

    Raises:
        UnsupportedTarget: It takes something else.
    """
    if target.has_input:
        raise UnsupportedTarget(f"{target.arn}: the sandbox passes on whole events only")
    return target


def batches(
    events: Sequence[Event], size_of: Callable[[Event], int], most: int, most_bytes: int
) -> Iterator[list[Event]]:
    """Cuts events, in order, into batches of at most so many and so many bytes.

    An event that is larger than a batch may be makes a batch of its own.
    """
    batch: list[Event] = []
    batch_bytes = 0
    for event in events:
        size = size_of(event)
        if batch and (len(batch) == most or batch_bytes + size > most_bytes):
            yield batch
            batch, batch_bytes = [], 0
        batch.append(event)
        batch_bytes += size
    if batch:
        yield batch


def _text(event: Event) -> str:
    """JSON in ASCII: as many bytes as characters."""
    return json.dumps(event, separators=(",", ":"))


def _log_size(event: Event) -> int:
    return len(_text(event)) + _LOG_EVENT_OVERHEAD


def _milliseconds(event: Event) -> int:
    return int(datetime.fromisoformat(str(event["time"])).timestamp() * 1000)
