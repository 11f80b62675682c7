"""Who may redrive: one at a time, also where one was killed.

CloudWatch Logs has no write on condition, but makes a log stream of a name only once: streams are numbered, and whoever
makes the next one holds the lease for a while. It writes into that stream only, and only while the lease lasts. The
next one waits until the lease has run out, or until a second stream says that it was given back.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_logs import CloudWatchLogsClient

LENGTH: Final = timedelta(minutes=5)
"""How long a lease lasts; much longer than one call, so that none of an ended lease can be on its way."""

MARGIN: Final = timedelta(minutes=2)
"""How long before its end nothing is begun any more."""

_PAUSE: Final = timedelta(seconds=1)
_PREFIX: Final = "sigv2-redrive/"
_GIVEN_BACK: Final = "-done"


class LostError(Exception):
    """Somebody else redrives by now."""


@dataclass
class Lease:
    """A lease that is held.

    Attributes:
        stream: the log stream that its holder writes into.
    """

    stream: str
    _ends: float

    def has_time(self) -> bool:
        """Whether another call may be begun."""
        return time.time() < self._ends - MARGIN.total_seconds()


class Leases:
    """The leases of a rule's redrives into a log group.

    Args:
        logs: a client that makes each call once.
        log_group: its name.
        rule_name: whose undelivered events are redriven.
    """

    def __init__(self, logs: CloudWatchLogsClient, log_group: str, rule_name: str) -> None:
        self._logs = logs
        self._log_group = log_group
        self._prefix = f"{_PREFIX}{rule_name}/"

    def acquire(self, patience: timedelta, tell: Callable[[str], object]) -> Lease | None:
        """Wait until nobody else redrives; None where that takes too long.

        Args:
            patience: how long to wait.
            tell: called with what is waited for.

        Raises:
            botocore.exceptions.ClientError: the log group may not be looked at or written to, or does not exist.
            botocore.exceptions.BotoCoreError: it cannot be reached.
        """
        give_up = time.time() + patience.total_seconds()
        while True:
            number, left = self._latest()
            if left <= timedelta(0):
                try:
                    return self._make(number + 1)
                except LostError:
                    # The list of streams may lag behind their names.
                    left = _PAUSE
            if time.time() >= give_up:
                return None
            tell(f"another redrive works, or was killed: its lease lasts {left.total_seconds():.0f} s more")
            time.sleep(min(_PAUSE, left).total_seconds())

    def renew(self, lease: Lease) -> Lease:
        """Get the next lease while this one lasts.

        Raises:
            LostError: somebody else has it.
        """
        return self._make(self._number(lease.stream) + 1)

    def give_back(self, lease: Lease) -> None:
        """Let the next one begin at once; only where every call was answered."""
        self._logs.create_log_stream(logGroupName=self._log_group, logStreamName=f"{lease.stream}{_GIVEN_BACK}")

    def _latest(self) -> tuple[int, timedelta]:
        """The number of the latest lease, and how long it will last, by the clock of AWS."""
        answer = self._logs.describe_log_streams(
            logGroupName=self._log_group,
            logStreamNamePrefix=self._prefix,
            orderBy="LogStreamName",
            descending=True,
            limit=1,
        )
        streams = answer["logStreams"]
        if not streams:
            return 0, timedelta(0)
        name = streams[0]["logStreamName"]
        if name.endswith(_GIVEN_BACK):
            return self._number(name.removesuffix(_GIVEN_BACK)), timedelta(0)
        now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).timestamp()
        # The header tells whole seconds, so that the lease may seem to last a second longer than it does.
        return self._number(name), LENGTH - timedelta(seconds=now - streams[0]["creationTime"] / 1000)

    def _make(self, number: int) -> Lease:
        begins = time.time()
        stream = f"{self._prefix}{number:08}"
        try:
            self._logs.create_log_stream(logGroupName=self._log_group, logStreamName=stream)
        except self._logs.exceptions.ResourceAlreadyExistsException:
            raise LostError(stream) from None
        return Lease(stream, begins + LENGTH.total_seconds())

    def _number(self, stream: str) -> int:
        digits = stream.removeprefix(self._prefix)
        return int(digits) if digits.isdigit() else 0
