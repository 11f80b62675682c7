"""A program of somebody's own, run in the SDK's runtime."""

import asyncio
import contextvars
from collections.abc import Callable

from pulumi.runtime import set_mocks
from pulumi.runtime.stack import run_pulumi_func

from tests.unit.conftest import Recorder, RecordingMonitor

PROJECT, STACK = "shop", "prod"


def run_own_program(program: Callable[[], None], recorder: Recorder | None = None) -> RecordingMonitor:
    """Evaluate it once, in the stack `prod` of the project `shop`."""
    recorder = recorder or Recorder()
    monitor = RecordingMonitor(recorder)

    def run() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            set_mocks(recorder, project=PROJECT, stack=STACK, monitor=monitor)
            loop.run_until_complete(run_pulumi_func(program))
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()
            asyncio.set_event_loop(None)

    contextvars.copy_context().run(run)
    return monitor
