"""Delivers CloudTrail records: into log files, and as events to EventBridge.

One worker does it all in the order of the records, so that nothing is delivered twice but what several trails select,
and a batch holds whatever came in while the previous one was under way.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from blueprint.selector_coverage import covers
from sigv2.sandbox.observing.deployment import RegionOfAccount
from sigv2.sandbox.observing.event_bus import EventBus
from sigv2.sandbox.observing.log_files import LogFiles
from sigv2.sandbox.observing.records import eventbridge_event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigv2.sandbox.emulating.aws_clients import Clients
    from sigv2.sandbox.observing.deployed import Deployed
    from sigv2.sandbox.observing.deployment import Deployment, Trail
    from sigv2.sandbox.observing.log_files import Record
    from sigv2.sandbox.observing.target_invocation import Event

_FLUSH_SECONDS = 5.0


class Delivery:
    """Takes records from any thread and delivers them as what is deployed says.

    Args:
        clients: Makes the clients to deliver with.
        deployed: Tells what is deployed.
        home: The emulator's own account and Region.
    """

    def __init__(self, clients: Clients, deployed: Deployed, home: RegionOfAccount) -> None:
        self._deployed = deployed
        self._listeners: list[Callable[[Event], None]] = []
        self._errors: list[BaseException] = []
        self._log_files = LogFiles(clients)
        self._bus = EventBus(clients, home, self._announce, self._errors.append)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="delivery")
        self._submitting = threading.Lock()
        self._submitted: list[tuple[Deployment, Record]] = []
        self._closed = False
        self._next_flush: threading.Timer | None = None

    def submit(self, record: Record) -> None:
        """Takes a record, to deliver as what is deployed by now says; after `close`, drops it."""
        try:
            deployment = self._deployed.now()
        except Exception as error:  # noqa: BLE001 - it is settle's to raise, not the request's
            self._errors.append(error)
            return
        with self._submitting:
            if self._closed:
                return
            self._submitted.append((deployment, record))
            if len(self._submitted) == 1:
                self._work(self._drain)

    def on_delivered(self, listener: Callable[[Event], None]) -> None:
        """Has a listener called, by the worker, with each event that was put into a log group."""
        self._listeners.append(listener)

    def settle(self, timeout: float) -> None:
        """Waits until all that was submitted is delivered, log files and metrics included.

        Args:
            timeout: In seconds.

        Raises:
            TimeoutError: It takes longer.
            BaseExceptionGroup: What went wrong in the worker since the last time.
        """
        self._worker.submit(self._flush).result(timeout)
        errors, self._errors[:] = list(self._errors), []
        if errors:
            raise BaseExceptionGroup("the sandbox could not deliver every record", errors)

    def error_of(self, place: RegionOfAccount, trail_name: str) -> str | None:
        """Returns S3's error code if the latest delivery of a log file of a trail that is at home there failed."""
        return self._log_files.error_of(place, trail_name)

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Returns the sum of each metric of `AWS/Events` so far, by rule and metric name."""
        return self._bus.counts()

    def close(self) -> None:
        """Delivers what was submitted, as far as possible, and ends the worker."""
        with self._submitting:
            self._closed = True
        if self._next_flush is not None:
            self._next_flush.cancel()
        self._work(self._flush)
        self._worker.shutdown()

    def _work(self, task: Callable[[], None]) -> None:
        self._worker.submit(task).add_done_callback(self._keep_error)

    def _keep_error(self, done: Future[None]) -> None:
        error = done.exception()
        if error is not None:
            self._errors.append(error)

    def _drain(self) -> None:
        with self._submitting:
            submitted, self._submitted = self._submitted, []
        for deployment, batch in groupby(submitted, key=itemgetter(0)):
            self._deliver(deployment, [record for _, record in batch])

    def _deliver(self, deployment: Deployment, records: list[Record]) -> None:
        by_place: dict[RegionOfAccount, list[Record]] = {}
        for record in records:
            place = RegionOfAccount(str(record["recipientAccountId"]), str(record["awsRegion"]))
            by_place.setdefault(place, []).append(record)
        for place, those in by_place.items():
            events: list[Event] = []
            for trail in deployment.trails:
                for record in self._covered(trail, place, those):
                    self._log_files.add(trail, record)
                    # AWS does not say whether a second trail that selects a request puts a second event on the bus.
                    events.append(eventbridge_event(record))
            self._bus.deliver(deployment, place, events)
            if events:
                self._flush_later()

    def _covered(self, trail: Trail, place: RegionOfAccount, records: list[Record]) -> list[Record]:
        if not trail.is_logging or not trail.sees(place):
            return []
        try:
            return [record for record in records if covers(trail.selectors, record)]
        except ValueError as unknown_selector:
            self._errors.append(unknown_selector)
            return []

    def _flush(self) -> None:
        self._log_files.flush(self._deployed.now())
        self._bus.publish_metrics()

    def _flush_later(self) -> None:
        if self._next_flush is None or self._next_flush.finished.is_set():
            self._next_flush = threading.Timer(_FLUSH_SECONDS, self._flush_unless_closed)
            self._next_flush.daemon = True
            self._next_flush.start()

    def _flush_unless_closed(self) -> None:
        with self._submitting:
            if not self._closed:
                self._work(self._flush)

    def _announce(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)
