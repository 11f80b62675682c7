"""`python -m sigv2 verify --redrive`, from the stack's settings to the sentences that a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.config import Config

from blueprint.names import dead_letter_queue_name
from sigv2.aws import log_group_named
from sigv2.terminal import counted, fail, say, waiting_for
from sigv2.undelivered import queue_url
from sigv2.verify.redriving.redrive import Outcome, Route, redrive

if TYPE_CHECKING:
    from datetime import timedelta

    from blueprint.checked_settings import Settings
    from sigv2.stack.stack_account import AccountInRegion

ALL, NOWHERE, LEFT = 0, 1, 3
"""The exit codes: nothing is left; there is no queue or no log group; something stays in the queue."""

_ONCE: Final = Config(retries={"total_max_attempts": 1})


def redrive_stack(place: AccountInRegion, settings: Settings, patience: timedelta) -> int:
    """Bring what waits in a stack's dead-letter queue into its log group, and say what became of it.

    Args:
        place: the stack's account and Region.
        settings: the stack's.
        patience: how long to go on.

    Returns:
        The exit code.

    Raises:
        botocore.exceptions.ClientError: AWS refuses; what was not deleted stays in the queue.
        botocore.exceptions.BotoCoreError: it cannot be reached.
        typer.Exit: there is no queue, or no log group.
    """
    queue = dead_letter_queue_name(settings.base_name)
    with waiting_for("Redriving") as tell:
        outcome = redrive(_route(place, settings, queue), patience, tell)
    return _say(outcome, queue, settings.log_group_name)


def _route(place: AccountInRegion, settings: Settings, queue: str) -> Route:
    session, arns = place.session, place.arns
    sqs, reader = session.client("sqs"), session.client("logs")
    where, restore = f"in {arns.region} of account {arns.account_id}", f"`pulumi up --refresh --stack {settings.stack}`"
    try:
        url = queue_url(sqs, arns.queue(queue))
    except sqs.exceptions.QueueDoesNotExist:
        fail(f"there is no dead-letter queue {queue} {where}: restore it with {restore}", code=NOWHERE)
    name = settings.log_group_name
    group = log_group_named(reader, name)
    if group is None:
        fail(f"there is no log group {name} {where}: restore it with {restore}", code=NOWHERE)
    return Route(
        sqs=sqs,
        reader=reader,
        writer=session.client("logs", config=_ONCE),
        queue_url=url,
        log_group=name,
        retention_days=group.get("retentionInDays"),
        rule_name=settings.base_name,
        rule_arn=arns.rule(settings.base_name),
    )


def _say(outcome: Outcome, queue: str, log_group: str) -> int:
    written, there = len(outcome.written), len(outcome.were_there)
    if written or there:
        say(
            f"{counted(written, 'request')} written into the log group {log_group}, each at its own time; "
            f"{there:,} more {'was' if there == 1 else 'were'} there already. Their messages are deleted."
        )
    for reason, count in outcome.reasons:
        say(f"{counted(count, 'message')} left alone: {reason}.")
    if outcome.in_doubt:
        say(
            f"Of {counted(len(outcome.in_doubt), 'request')} CloudWatch Logs did not say whether it took them; their "
            "messages stay: run it again in five minutes, and it looks first."
        )
    if outcome.interrupted:
        say(f"It ended early: {outcome.interrupted}; run it again.")
    if outcome.waiting or outcome.left or outcome.in_doubt or outcome.interrupted:
        say(f"{counted(outcome.waiting, 'message')} in the dead-letter queue {queue}, and not known to be in the log.")
        return LEFT
    say(f"Nothing waits in the dead-letter queue {queue}.")
    return ALL
