"""What a session of Live Tail tells, and how it ends."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import urllib3.exceptions
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import ClientError, EndpointConnectionError, EventStreamError

from sigv2.watch.live_tail import BrokenSessionError, LiveTail, NoSessionError, Update

ARNS = [f"arn:aws:logs:eu-west-1:123456789012:log-group:/{number}" for number in range(12)]


class Stream:
    """Of a session, as botocore reads it."""

    def __init__(self, *told: Any) -> None:
        self.told = told
        self.closed = False

    def __iter__(self) -> Iterator[Any]:
        for one in self.told:
            if isinstance(one, Exception):
                raise one
            yield one

    def close(self) -> None:
        self.closed = True


def live_tail(stream: Stream | Exception, asked: list[list[str]] | None = None) -> LiveTail:
    def start_live_tail(*, logGroupIdentifiers: list[str]) -> Any:  # noqa: N803 - as AWS
        if asked is not None:
            asked.append(logGroupIdentifiers)
        if isinstance(stream, Exception):
            raise stream
        return {"responseStream": stream}

    return LiveTail(SimpleNamespace(start_live_tail=start_live_tail), ARNS)  # type: ignore[arg-type]


def update(*messages: str, sampled: bool = False) -> Any:
    return {
        "sessionUpdate": {
            "sessionMetadata": {"sampled": sampled},
            "sessionResults": [{"message": message} for message in messages],
        }
    }


def in_stream(code: str) -> EventStreamError:
    return EventStreamError({"Error": {"Code": code, "Message": "no"}}, "StartLiveTail")


def test_each_update_tells_what_arrived_and_whether_that_is_all() -> None:
    stream = Stream({"sessionStart": {}}, update(), update("a", "b", sampled=True))
    asked: list[list[str]] = []
    assert list(live_tail(stream, asked).updates()) == [Update([], False), Update(["a", "b"], True)]
    assert (asked, stream.closed) == ([ARNS[:10]], True)


def test_a_session_that_times_out_ends() -> None:
    stream = Stream(update("a"), in_stream("SessionTimeoutException"))
    assert [told.messages for told in live_tail(stream).updates()] == [["a"]]
    assert stream.closed


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (in_stream("SessionStreamingException"), "AWS refused StartLiveTail (SessionStreamingException): no"),
        (urllib3.exceptions.ProtocolError("reset"), "the connection broke (reset)"),
        (urllib3.exceptions.ReadTimeoutError(None, None, "timed out"), "the connection broke (None: timed out)"),  # type: ignore[arg-type]
        (ConnectionResetError(104, "reset"), "the connection broke ([Errno 104] reset)"),
        (
            ChecksumMismatch(1, 2),
            "the connection broke (Checksum mismatch: expected 0x00000001, calculated 0x00000002)",
        ),
    ],
)
def test_a_session_that_breaks_says_why(failure: Exception, reason: str) -> None:
    stream = Stream(update("a"), failure)
    updates = live_tail(stream).updates()
    assert next(updates).messages == ["a"]
    with pytest.raises(BrokenSessionError) as broken:
        next(updates)
    assert (str(broken.value), stream.closed) == (reason, True)


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (
            ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "StartLiveTail"),
            "these credentials may not call StartLiveTail: no",
        ),
        (
            EndpointConnectionError(endpoint_url="https://stream-logs"),
            'AWS cannot be reached (Could not connect to the endpoint URL: "https://stream-logs"): check the network, '
            "the Region and AWS_ENDPOINT_URL",
        ),
    ],
)
def test_a_session_that_cannot_begin_says_why(failure: Exception, reason: str) -> None:
    with pytest.raises(NoSessionError) as refused:
        next(live_tail(failure).updates())
    assert str(refused.value) == reason


def test_whoever_stops_listening_closes_the_session() -> None:
    stream = Stream(update("a"), update("b"))
    updates = live_tail(stream).updates()
    next(updates)
    del updates
    assert stream.closed
