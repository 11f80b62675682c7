"""Live Tail of CloudWatch Logs: what arrives in log groups, a second later.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import urllib3.exceptions
from botocore.eventstream import ParserError
from botocore.exceptions import BotoCoreError, ClientError, EventStreamError

from sigv2.aws import explained

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_logs import CloudWatchLogsClient

_MOST_LOG_GROUPS: Final = 10
_TIMED_OUT: Final = "SessionTimeoutException"
_BROKEN: Final = (urllib3.exceptions.HTTPError, OSError, ParserError)


class NoSessionError(Exception):
    """No session began; the message says why, without a stop."""


class BrokenSessionError(Exception):
    """A session broke; the message says why, without a stop."""


@dataclass(frozen=True)
class Update:
    """What arrived in a second.

    Attributes:
        messages: the log events.
        sampled: whether these are only some of them, as there were more than 500.
    """

    messages: Sequence[str]
    sampled: bool


@dataclass(frozen=True)
class LiveTail:
    """Live Tail of a pipeline's log groups.

    Attributes:
        logs: a client in their Region; it needs `logs:StartLiveTail`.
        arns: of the log groups, the present one first; only the first ten can be had.
    """

    logs: CloudWatchLogsClient
    arns: Sequence[str]

    def updates(self) -> Iterator[Update]:
        """One session, which AWS ends after three hours: an update each second, be it empty.

        Raises:
            NoSessionError: AWS refuses, or cannot be asked.
            BrokenSessionError: the session broke, rather than ended.
        """
        try:
            stream = self.logs.start_live_tail(logGroupIdentifiers=list(self.arns[:_MOST_LOG_GROUPS]))["responseStream"]
        except (BotoCoreError, ClientError) as error:
            raise NoSessionError(explained(error)) from None
        try:
            for told in stream:
                if update := told.get("sessionUpdate"):
                    messages = [event.get("message", "") for event in update.get("sessionResults", [])]
                    yield Update(messages, update.get("sessionMetadata", {}).get("sampled", False))
        except EventStreamError as error:
            if error.response["Error"].get("Code") != _TIMED_OUT:
                raise BrokenSessionError(explained(error)) from None
        except _BROKEN as error:
            raise BrokenSessionError(f"the connection broke ({error})") from None
        finally:
            stream.close()
