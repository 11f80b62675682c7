"""Brings what waits in the dead-letter queue into the log group: each request once, whatever happens in between.

One redrive works at a time (`lease`). It holds messages for as long as a lease lasts, writes those whose request the
log group lacks, and deletes a message only when a search of the log group finds its request. Killed at any point, it
leaves messages that come back, of which the next one asks first whether their requests are in the log group.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sigv2.undelivered import waiting_in
from sigv2.verify.redriving import lease as leases
from sigv2.verify.redriving.lease import Lease, Leases
from sigv2.verify.redriving.log_batches import batches, unacceptable
from sigv2.verify.redriving.receiving_log_group import DoubtError, ReceivingLogGroup
from sigv2.verify.redriving.undelivered_event import NotOfThisRuleError, Undelivered

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_AT_ONCE: Final = 10
"""Messages that SQS gives, or deletes, in one call."""

_ROUND: Final = 1000
"""Messages that are held at once; for them the log group is searched forty times."""

_LONGEST_ROUND: Final = 0.1
"""The part of a lease in which messages are received, before the first ones are dealt with."""

_PAUSE_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Route:
    """From where, to where.

    Attributes:
        sqs: a client for the queue.
        reader: a client to search the log group with.
        writer: a client that makes each call once, to write into it.
        queue_url: of the dead-letter queue.
        log_group: name of the log group.
        retention_days: how long it keeps events; None for ever.
        rule_name: whose undelivered events are wanted.
        rule_arns: ARNs of the rules that send to the queue.
    """

    sqs: SQSClient
    reader: CloudWatchLogsClient
    writer: CloudWatchLogsClient
    queue_url: str
    log_group: str
    retention_days: int | None
    rule_name: str
    rule_arns: Collection[str]


@dataclass
class Outcome:
    """What became of the messages.

    Attributes:
        written: requests that are in the log group by now, and were not before.
        were_there: requests whose messages went because the log group had them already.
        left: why a message stays in the queue, by its id.
        in_doubt: requests of which it is not known whether the log group has them, and since when; their messages stay.
        interrupted: why the redrive ended early; empty otherwise.
        waiting: messages that the queue holds in the end.
    """

    written: set[str] = field(default_factory=set)
    were_there: set[str] = field(default_factory=set)
    left: dict[str, str] = field(default_factory=dict)
    in_doubt: dict[str, float] = field(default_factory=dict)
    interrupted: str = ""
    waiting: int = 0

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why messages are left, and how many for each reason."""
        return Counter(self.left.values()).most_common()


def redrive(route: Route, patience: timedelta, tell: Callable[[str], object]) -> Outcome:
    """Write each request that waits into the log group, and delete its message.

    Args:
        route: from where, to where.
        patience: how long to go on, and to wait for messages that somebody holds.
        tell: called with what is being done.

    Raises:
        botocore.exceptions.ClientError: the queue or the log group refuses.
        botocore.exceptions.BotoCoreError: they cannot be reached. What was not deleted stays in the queue.
    """
    return _Redrive(route, time.time() + patience.total_seconds(), tell).run()


class _Redrive:
    def __init__(self, route: Route, give_up: float, tell: Callable[[str], object]) -> None:
        self._route = route
        self._give_up = give_up
        self._tell = tell
        self._log = ReceivingLogGroup(route.reader, route.writer, route.log_group)
        self._leases = Leases(route.writer, route.log_group, route.rule_name)
        self._outcome = Outcome()

    def run(self) -> Outcome:
        outcome = self._outcome
        if self._nothing_waits():
            return outcome
        while lease := self._leases.acquire(timedelta(seconds=self._give_up - time.time()), self._tell):
            try:
                lease = self._rounds(lease)
            except leases.LostError:
                # It was held up for longer than a lease, and another redrive took over.
                continue
            if not outcome.in_doubt:
                self._leases.give_back(lease)
            break
        else:
            outcome.interrupted = "another redrive is at work, or was killed a few minutes ago"
        outcome.waiting = waiting_in(self._route.sqs, self._route.queue_url).total
        return outcome

    def _nothing_waits(self) -> bool:
        """Whether the queue is empty; its own counts may lag by a minute."""
        route = self._route
        if waiting_in(route.sqs, route.queue_url).total:
            return False
        answer = route.sqs.receive_message(QueueUrl=route.queue_url, VisibilityTimeout=0, WaitTimeSeconds=1)
        return not answer.get("Messages")

    def _rounds(self, lease: Lease) -> Lease:
        outcome = self._outcome
        while True:
            lease = self._lasting(lease)
            messages = self._receive()
            lease = self._process(messages, lease)
            if time.time() >= self._give_up:
                outcome.interrupted = "the time was up"
                return lease
            if messages:
                continue
            held = waiting_in(self._route.sqs, self._route.queue_url).total - len(outcome.left)
            if held <= 0:
                return lease
            self._tell(f"{held:,} more are held by a redrive that was killed, or that waits for an answer")
            time.sleep(_PAUSE_SECONDS)

    def _lasting(self, lease: Lease) -> Lease:
        return lease if lease.has_time() else self._leases.renew(lease)

    def _receive(self) -> list[MessageTypeDef]:
        """Hold up to a round of messages that were not seen before."""
        found: dict[str, MessageTypeDef] = {}
        until = time.time() + _LONGEST_ROUND * leases.LENGTH.total_seconds()
        while len(found) < _ROUND and time.time() < until:
            answer = self._route.sqs.receive_message(
                QueueUrl=self._route.queue_url,
                MaxNumberOfMessages=_AT_ONCE,
                VisibilityTimeout=max(1, round(leases.LENGTH.total_seconds())),
                # Anything but 0 asks all servers of the queue, and waits only while it finds none.
                WaitTimeSeconds=1,
                MessageAttributeNames=["RULE_ARN"],
            )
            some = answer.get("Messages", [])
            if not some:
                break
            found |= {message["MessageId"]: message for message in some}
        return [message for message_id, message in found.items() if message_id not in self._outcome.left]

    def _process(self, messages: Sequence[MessageTypeDef], lease: Lease) -> Lease:
        outcome = self._outcome
        waiting: dict[str, list[Undelivered]] = {}
        for message in messages:
            try:
                event = Undelivered.of(message, self._route.rule_arns)
            except NotOfThisRuleError as error:
                outcome.left[message["MessageId"]] = str(error)
            else:
                waiting.setdefault(event.event_id, []).append(event)
        self._settle_doubts()
        asked = [copies[0] for event_id, copies in waiting.items() if event_id not in outcome.in_doubt]
        mine = {event.event_id for event in asked} & outcome.written
        there = self._log.holds([event for event in asked if event.event_id not in mine])
        outcome.were_there |= there - outcome.written
        self._delete(event for event_id in mine | there for event in waiting[event_id])
        missing = [event for event in asked if event.event_id not in mine | there]
        writable = []
        for event in missing:
            reason = unacceptable(event, int(time.time() * 1000), self._route.retention_days)
            if reason is None:
                writable.append(event)
            else:
                outcome.left |= {copy.message_id: reason for copy in waiting[event.event_id]}
        for batch in batches(writable):
            lease = self._lasting(lease)
            self._write(batch, lease, waiting)
            self._tell(f"{len(outcome.written):,} written, {len(outcome.were_there):,} were there already")
        return lease

    def _write(self, batch: Sequence[Undelivered], lease: Lease, waiting: dict[str, list[Undelivered]]) -> None:
        outcome = self._outcome
        try:
            taken = self._log.put(lease.stream, batch)
            shown = self._log.shows(lease.stream, taken) if taken else set()
        except DoubtError:
            outcome.in_doubt |= {event.event_id: time.time() for event in batch}
            return
        outcome.written |= shown
        outcome.in_doubt |= {event.event_id: time.time() for event in taken if event.event_id not in shown}
        for event in batch:
            if event not in taken:
                reason = "the log group did not take it, as too old or too new"
                outcome.left |= {copy.message_id: reason for copy in waiting[event.event_id]}
        self._delete(event for event_id in sorted(shown) for event in waiting[event_id])

    def _settle_doubts(self) -> None:
        """After so long, a search tells whether a call without an answer was heard."""
        settled = time.time() - leases.MARGIN.total_seconds()
        for event_id in [event_id for event_id, since in self._outcome.in_doubt.items() if since <= settled]:
            del self._outcome.in_doubt[event_id]

    def _delete(self, events: Iterable[Undelivered]) -> None:
        receipts = [event.receipt for event in events]
        for start in range(0, len(receipts), _AT_ONCE):
            # What is not deleted comes again, and is found in the log group then.
            self._route.sqs.delete_message_batch(
                QueueUrl=self._route.queue_url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": receipt}
                    for number, receipt in enumerate(receipts[start : start + _AT_ONCE])
                ],
            )
