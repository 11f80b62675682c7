"""A log in which requests arrive as a test says, and whose time passes only where somebody waits."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from sigv2.logged_request import Event
from sigv2.report.clients import Client
from sigv2.watch.live_tail import Update
from sigv2.watch.log_poller import LogPoller
from sigv2.watch.quiet_clock import QuietClock
from sigv2.watch.watcher import Watcher

BEGAN = datetime(2026, 11, 20, 8, tzinfo=UTC)
GROUPS = ("/a", "/former")


class MissingError(Exception):
    """What the client raises of a log group that is not there."""


@dataclass(frozen=True)
class Arrival:
    """A request in the log.

    Attributes:
        at: when it arrived, in seconds since the watch began.
        name: of the request, in the place of CloudTrail's id.
        late: how many seconds after it was made.
        group: in which log group.
        agent: with what it was made.
    """

    at: float
    name: str
    late: float = 300
    group: str = GROUPS[0]
    agent: str = "Boto/2.49.0"

    @property
    def message(self) -> str:
        detail = {"eventID": self.name, "userAgent": f"[{self.agent}]", "eventName": "GetObject"}
        return json.dumps({"detail": detail})


@dataclass
class Log:
    """A log, and the time."""

    arrivals: Sequence[Arrival] = ()
    page_size: int = 3
    poll_fails: Callable[[int], bool] = lambda _: False
    failure: Exception = field(default_factory=lambda: EndpointConnectionError(endpoint_url="https://logs"))
    seconds_of_a_poll: float = 0
    now: float = 0
    polls: int = 0
    shown: list[str] = field(default_factory=list)
    shown_at: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    exceptions = SimpleNamespace(ResourceNotFoundException=MissingError)
    meta = SimpleNamespace(region_name="eu-west-1")

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def show(self, event: Event, _: Client) -> None:
        self.shown.append(event["detail"]["eventID"])
        self.shown_at.append(self.now)

    def get_paginator(self, operation: str) -> "Log":
        assert operation == "filter_log_events"
        return self

    def paginate(self, *, logGroupName: str, startTime: int) -> Iterator[Mapping[str, Any]]:  # noqa: N803 - as AWS
        if logGroupName == GROUPS[0]:
            self.polls += 1
        if self.poll_fails(self.polls):
            raise self.failure
        since = (datetime.fromtimestamp(startTime / 1000, UTC) - BEGAN).total_seconds()
        found = [
            {"message": one.message}
            for one in sorted(self.arrivals, key=lambda one: one.at - one.late)
            if one.group == logGroupName and one.at <= self.now and one.at - one.late >= since
        ]
        for first in range(0, len(found) + 1, self.page_size):
            yield {"events": found[first : first + self.page_size]}
        self.now += self.seconds_of_a_poll / len(GROUPS)

    def watcher(self, patience: float = math.inf, live_tail: "Sessions | None" = None) -> Watcher:
        poller = LogPoller(self, GROUPS, lambda: BEGAN + timedelta(seconds=self.now))  # type: ignore[arg-type]
        return Watcher(
            poller,
            live_tail,  # type: ignore[arg-type]
            self.show,
            self.told.append,
            QuietClock(patience, self.now),
            clock=lambda: self.now,
            sleep=self.sleep,
        )


@dataclass
class Session:
    """A session of Live Tail.

    Attributes:
        seconds: how long it lasts.
        ending: what it ends with; None as one does after three hours.
        shows: which of the requests that arrive; the others it samples, or drops without a word.
        samples: whether it says so.
    """

    seconds: int
    ending: Exception | None = None
    shows: Callable[[str], bool] = lambda _: True
    samples: bool = False


@dataclass
class Sessions:
    """Live Tail of a log: one session after the other, the last one for ever."""

    log: Log
    sessions: list[Session]
    begun_at: list[float] = field(default_factory=list)

    def updates(self) -> Iterator[Update]:
        session = self.sessions[min(len(self.begun_at), len(self.sessions) - 1)]
        self.begun_at.append(self.log.now)
        for _ in range(session.seconds):
            before, self.log.now = self.log.now, self.log.now + 1
            new = [one for one in self.log.arrivals if before < one.at <= self.log.now]
            shown = [one.message for one in new if session.shows(one.name)]
            yield Update(shown, session.samples and len(shown) < len(new))
        if session.ending:
            raise session.ending


@pytest.fixture
def log() -> Log:
    return Log()
