"""Watches a log: shows each request once, soon after it arrived, and ends when it was quiet.

Live Tail is quick, and forgetful: it samples what comes fast, drops what is not taken in time, and knows nothing of
what came between two sessions. So the log is polled beside it: now and then, and where there is a doubt; often, where
Live Tail is not to be had.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from sigv2.aws import explained
from sigv2.logged_request import client_of, event_of, is_own_probe
from sigv2.passing_errors import is_passing
from sigv2.report.past.file_reader import number_of_bytes, number_of_event
from sigv2.report.past.seen_events import SeenEvents
from sigv2.verify.redriving.undelivered_event import event_id
from sigv2.watch.live_tail import BrokenSessionError, NoSessionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sigv2.logged_request import Event
    from sigv2.report.clients import Client
    from sigv2.watch.live_tail import LiveTail, Update
    from sigv2.watch.log_poller import LogPoller
    from sigv2.watch.quiet_clock import QuietClock

_POLL_SECONDS: Final = 5.0
_POLL_BESIDE_LIVE_TAIL_SECONDS: Final = 60.0
_SHARE_OF_POLLING: Final = 4
"""A poll that took long is followed by a pause of so many times that: a busy log is not read all the time."""
_LONGEST_BACKOFF_SECONDS: Final = 60.0
_SHORT_SESSION_SECONDS: Final = 60.0
_MOST_SHORT_SESSIONS: Final = 3


class Watcher:
    """Watches a log.

    Attributes:
        shown: how many requests were shown.

    Args:
        poller: reads the log.
        live_tail: of the same log; None where it is not to be had.
        show: is given each request, and whose it is.
        tell: is given sentences about the watching itself.
        quiet: tells when to end.
        clock: seconds that only ever grow.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        poller: LogPoller,
        live_tail: LiveTail | None,
        show: Callable[[Event, Client], object],
        tell: Callable[[str], object],
        quiet: QuietClock,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.shown = 0
        self._poller = poller
        self._live_tail = live_tail
        self._show = show
        self._tell = tell
        self._quiet = quiet
        self._clock = clock
        self._sleep = sleep
        self._seen = SeenEvents()
        self._failures = self._short_sessions = 0
        self._pause = _POLL_SECONDS
        self._polled = clock()
        self._told_of_samples = self._had_live_tail = False

    def run(self) -> None:
        """Show what arrives from now on, until it was quiet.

        Raises:
            QueryError: a log group is missing.
            botocore.exceptions.ClientError: AWS refuses; what passes is waited for, but not at the start.
            botocore.exceptions.BotoCoreError: AWS cannot be asked, from the start.
        """
        for message in self._poller.poll():
            self._seen.add(_identity(event_of(message), message))
        self._tell("What arrives from now on is shown; Ctrl-C ends it.")
        over = False
        while not over:
            over = self._tail(self._live_tail) if self._live_tail else self._rest_and_look()

    def _rest_and_look(self) -> bool:
        if self._failures:
            self._sleep(min(2**self._failures, _LONGEST_BACKOFF_SECONDS))
        else:
            # Without a look there is no quiet, so it is due when the time is up.
            self._sleep(min(self._pause, max(self._quiet.left, 0)))
        return self._look()

    def _look(self) -> bool:
        """Poll; whether it was quiet for long enough."""
        begun = self._clock()
        try:
            self._show_new(self._poller.poll())
        except (BotoCoreError, ClientError) as error:
            if not is_passing(error):
                raise
            if not self._failures:
                self._tell(f"The log cannot be seen, and is asked again until it can be: {explained(error)}.")
            self._failures += 1
            self._quiet.was_blind()
            return False
        finally:
            self._polled = self._clock()
        if self._failures:
            self._tell("The log can be seen again, with what came in the meantime.")
            self._failures = 0
        self._pause = max(_POLL_SECONDS, _SHARE_OF_POLLING * (self._polled - begun))
        self._quiet.saw(begun)
        return self._is_quiet

    def _tail(self, live_tail: LiveTail) -> bool:
        """Follow one session; whether it was quiet for long enough."""
        begun = self._clock()
        try:
            for number, update in enumerate(live_tail.updates()):
                self._had_live_tail = True
                if self._take(update, is_first=number == 0):
                    return True
        except NoSessionError as error:
            if not self._had_live_tail:
                return self._do_without(str(error))
        except BrokenSessionError as error:
            self._tell(f"Live Tail begins anew, as {error}; what came in between is shown, too.")
        is_short = self._clock() - begun < _SHORT_SESSION_SECONDS
        self._short_sessions = self._short_sessions + 1 if is_short else 0
        if self._short_sessions >= _MOST_SHORT_SESSIONS:
            return self._do_without("its sessions end at once")
        return is_short and self._rest_and_look()

    def _take(self, update: Update, *, is_first: bool) -> bool:
        """Take an update in; whether it was quiet for long enough, which only a poll can tell."""
        self._show_new(update.messages)
        now = self._clock()
        self._quiet.saw(now)
        if update.sampled and not self._told_of_samples:
            self._told_of_samples = True
            self._tell("Live Tail shows at most 500 requests a second; the others are fetched.")
        in_doubt = update.sampled or self._is_quiet
        pause = self._pause if in_doubt else max(self._pause, _POLL_BESIDE_LIVE_TAIL_SECONDS)
        # What arrived before this session began is in none.
        if is_first or (self._is_quiet and not self._failures) or now - self._polled >= pause:
            return self._look()
        return False

    def _do_without(self, reason: str) -> bool:
        self._live_tail = None
        self._tell(f"Live Tail is not to be had, so the log is asked every few seconds: {reason}.")
        return self._look()

    @property
    def _is_quiet(self) -> bool:
        return self._quiet.left <= 0

    def _show_new(self, messages: Iterable[str]) -> None:
        for message in messages:
            event = event_of(message)
            if not self._seen.add(_identity(event, message)):
                continue
            client = client_of(event)
            self.shown += 1
            if not is_own_probe(client):
                self._quiet.heard()
            self._show(event, client)


def _identity(event: Event, message: str) -> int:
    """A number for a request, the same by whichever way it came: of the id that CloudTrail gave it."""
    given = event_id(event)
    return number_of_event(given) if given else number_of_bytes(message.encode(errors="replace"))
