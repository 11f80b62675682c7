"""One proof: a request is sent and waited for, and the chain is walked where it does not come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sigv2.verify.chain import Checked, aftermath, entrance, walk
from sigv2.verify.finding import State
from sigv2.verify.round_trip import Arrival, send, wait
from sigv2.verify.subject import Hop, Subject

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta


@dataclass(frozen=True)
class Proof:
    """What came of it.

    Attributes:
        subject: what was verified.
        arrival: the event in the log; None where none was sent, none came, or the log is not to be seen.
        found: what was found out of each link: of the whole chain, or of what is worth saying of an event that came.
    """

    subject: Subject
    arrival: Arrival | None
    found: list[Checked]


def prove(subject: Subject, patience: timedelta | None, tell: Callable[[timedelta], object] = lambda _: None) -> Proof:
    """Send a request and wait for its event, or only walk the chain.

    Args:
        subject: what to verify.
        patience: how long to wait; None sends nothing.
        tell: called with how long it has been, for a progress display.

    Raises:
        botocore.exceptions.ClientError: AWS refuses what no link is about.
        botocore.exceptions.BotoCoreError: it cannot be asked.
    """
    if patience is None:
        return Proof(subject, None, list(walk(subject)))
    sent_at = datetime.now(UTC)
    subject = subject.asked(send(subject.at(Hop.BUCKET).aws.sigv2, subject.probed), sent_at)
    arrival = _wait(subject, patience, tell)
    return Proof(subject, arrival, list(walk(subject, aftermath(subject) if arrival else None)))


def _wait(subject: Subject, patience: timedelta, tell: Callable[[timedelta], object]) -> Arrival | None:
    if not subject.sees_log or any(one.finding.state is State.BROKEN for one in walk(subject, entrance(subject))):
        return None
    log = subject.at(Hop.LOG)
    return wait(log.aws.logs, log.settings.log_group_name, subject.probed, patience, tell=tell)
