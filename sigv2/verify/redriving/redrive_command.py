"""`python -m sigv2 verify --redrive`, from the stack's settings to the sentences that a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from blueprint.names import dead_letter_queue_name, forwarded_rule_name
from blueprint.sentences import counted
from sigv2.aws import explained, log_group_named
from sigv2.stack import StackError
from sigv2.terminal import complain, fail, say, waiting_for
from sigv2.undelivered import queue_url
from sigv2.verify.redriving.redrive import Outcome, Route, redrive

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    import boto3.session

    from blueprint.arns import Arns
    from blueprint.stack_settings import Settings
    from sigv2.stack.stack_account import AccountInRegion
    from sigv2.verify.subject import LogElsewhere

ALL, NOWHERE, REFUSED, LEFT = range(4)
"""The exit codes: nothing is left; there is no queue or no log group; AWS refuses; something stays in the queue."""

_ONCE: Final = Config(retries={"total_max_attempts": 1})


def redrive_stack(
    place: AccountInRegion,
    settings: Settings,
    patience: timedelta,
    regions: Sequence[str] = (),
    hub: LogElsewhere | None = None,
) -> int:
    """Bring what waits in a stack's dead-letter queues into its log group, and say what became of it.

    Args:
        place: the stack's account and home Region.
        settings: the stack's.
        patience: how long to go on, for each queue.
        regions: that the stack watches, each with a queue; without any, its home Region alone.
        hub: the stack that has the log, where this one forwards.

    Returns:
        The exit code; of several queues, the worst. A Region that AWS refuses keeps no other from being asked.

    Raises:
        botocore.exceptions.ClientError: AWS refuses to tell of the log group.
        botocore.exceptions.BotoCoreError: it cannot be asked about it.
        typer.Exit: there is no log group.
        StackError: the stack forwards to another, which is not named.
    """
    if settings.forward_to and hub is None:
        raise StackError(
            f"stack {settings.stack} has no log of its own: name the stack that it forwards to with --hub, so that "
            "what waits in its queues can be written into the log there"
        )
    log = _log(hub.place if hub else place, hub.settings if hub else settings)
    codes, refused = [], []
    for region in regions or (place.region,):
        arns = place.arns.in_region(region)
        # With one Region, there is no need to tell which.
        where = f" of {region}" if regions[1:] else ""
        try:
            codes.append(_redrive_queue(place, settings, arns, log, patience, where))
        except (BotoCoreError, ClientError) as error:
            codes.append(REFUSED)
            refused.append(f"{explained(error)}; what was not brought into the log group stays in the queue{where}")
    for sentence in refused:
        complain(sentence)
    return max(codes, key=(ALL, LEFT, NOWHERE, REFUSED).index)


@dataclass(frozen=True)
class _Log:
    """The log group that is written into."""

    session: boto3.session.Session
    name: str
    retention_days: int | None


def _log(place: AccountInRegion, settings: Settings) -> _Log:
    name = settings.log_group_name
    group = log_group_named(place.session.client("logs"), name)
    if group is None:
        fail(f"there is no log group {name} {_where(place.arns)}: restore it with {_restore(settings)}", code=NOWHERE)
    return _Log(place.session, name, group.get("retentionInDays"))


def _redrive_queue(
    place: AccountInRegion, settings: Settings, arns: Arns, log: _Log, patience: timedelta, where: str
) -> int:
    queue = dead_letter_queue_name(settings.base_name)
    route = _route(place, settings, arns, log)
    if route is None:
        missing = f"there is no dead-letter queue {queue} {_where(arns)}: restore it with {_restore(settings)}"
        complain(missing)
        return NOWHERE
    with waiting_for(f"Redriving{where}") as tell:
        outcome = redrive(route, patience, tell)
    return _say(outcome, f"{queue}{where}", log.name)


def _route(place: AccountInRegion, settings: Settings, arns: Arns, log: _Log) -> Route | None:
    """From a Region's queue to the log; None where there is no queue."""
    base, sqs = settings.base_name, place.session.client("sqs", arns.region)
    try:
        url = queue_url(sqs, arns.queue(dead_letter_queue_name(base)))
    except sqs.exceptions.QueueDoesNotExist:
        return None
    return Route(
        sqs=sqs,
        reader=log.session.client("logs"),
        writer=log.session.client("logs", config=_ONCE),
        queue_url=url,
        log_group=log.name,
        retention_days=log.retention_days,
        rule_name=base,
        rule_arns=(arns.rule(base), arns.rule(forwarded_rule_name(base), base)),
    )


def _where(arns: Arns) -> str:
    return f"in {arns.region} of account {arns.account_id}"


def _restore(settings: Settings) -> str:
    return f"`pulumi up --refresh --stack {settings.stack}`"


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
