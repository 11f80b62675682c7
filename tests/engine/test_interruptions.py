"""`pulumi up` killed at each kind of operation, and brought to its end as README.md says."""

import gc
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from pulumi import automation

from tests.engine.conftest import LiveStack, Traffic, changes

BEGINS = {
    "creating the bucket": r"aws:s3:Bucket \S+ creating",
    "creating the trail": r"aws:cloudtrail:Trail \S+ creating",
    "creating the log group": r"aws:cloudwatch:LogGroup \S+ creating",
    "creating the policy": r"aws:cloudwatch:LogResourcePolicy \S+ creating",
    "creating the rule": r"aws:cloudwatch:EventRule \S+ creating",
    "creating the target": r"aws:cloudwatch:EventTarget \S+ creating",
}


# A program whose engine is gone leaves its coroutines behind, and Python says so when it clears them away.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def cleared_away() -> Iterator[None]:
    yield
    gc.collect()


def kill_when(pattern: str, run: Callable[[Callable[[str], None]], object]) -> None:
    """Run a command of the CLI and kill it, as `kill -9` does, as soon as it prints what the pattern finds."""
    seen = threading.Event()

    def kill() -> None:
        assert seen.wait(300)
        own = [shutil.which("pgrep") or "pgrep", "-P", str(os.getpid()), "-x", "pulumi"]
        for pid in subprocess.run(own, check=True, capture_output=True, text=True).stdout.split():
            os.kill(int(pid), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(automation.CommandError):
        run(lambda line: seen.set() if re.search(pattern, line) else None)
    killer.join()
    # The provider goes on for a moment with what it was told.
    time.sleep(2)


def free(live: LiveStack) -> None:
    live.stack.cancel()
    live.stack.refresh(clear_pending_creates=True)


def recover(live: LiveStack) -> None:
    """What README.md says to do after an interrupted `up`."""
    try:
        free(live)
    except automation.CommandError as error:
        if "failed to load checkpoint: EOF" not in str(error):
            raise
        live.notes_beside_state().unlink()
        free(live)
    cloudtrail = live.emulator.client("cloudtrail")
    try:
        live.up()
    except automation.CommandError as error:
        if "TrailAlreadyExists" not in str(error):
            raise
        cloudtrail.delete_trail(Name="s3-sigv2-access-log-engine")
        live.up()


def test_a_cli_that_was_killed_while_it_wrote_its_state_down_reads_it_again(live: LiveStack) -> None:
    kill_when(BEGINS["creating the log group"], live.up)
    live.notes_beside_state().write_text("")
    with pytest.raises(automation.CommandError, match="failed to load checkpoint: EOF"):
        live.stack.refresh()
    recover(live)
    assert live.up() == {}


@pytest.mark.parametrize("moment", BEGINS)
def test_a_first_up_that_was_killed_is_brought_to_its_end(live: LiveStack, moment: str) -> None:
    kill_when(BEGINS[moment], live.up)
    recover(live)
    assert live.up() == {}
    with Traffic(live.emulator, live.user, ("one-bucket",)) as traffic:
        time.sleep(0.5)
    assert live.logged() == Counter(traffic.sent)


@pytest.mark.parametrize(
    ("settings", "pattern"),
    [
        ({"logGroupName": "/aws/events/another"}, r"aws:cloudwatch:EventTarget \S+ updating"),
        ({"logGroupName": "/aws/events/another"}, r"aws:cloudwatch:LogGroup \S+ creating"),
        ({"targetBuckets": "o*"}, r"aws:cloudtrail:Trail \S+ updating"),
        ({"kmsKey": "create"}, r"aws:kms:Key \S+ creating"),
    ],
)
def test_a_change_that_was_killed_loses_nothing_before_during_and_after(
    live: LiveStack, settings: dict[str, str], pattern: str
) -> None:
    live.up()
    live.configure(settings)
    with Traffic(live.emulator, live.user, ("one-bucket", "other-bucket")) as traffic:
        kill_when(pattern, live.up)
        recover(live)
    assert live.logged() == Counter(traffic.sent)
    assert live.undelivered() == 0
    assert live.up() == {}


def test_a_destroy_that_was_killed_is_ended_by_the_next_one(live: LiveStack) -> None:
    live.up()
    kill_when("deleting", lambda tell: live.stack.destroy(on_output=tell))
    live.stack.cancel()
    live.stack.refresh(clear_pending_creates=True)
    assert changes(live.stack.destroy().summary.resource_changes).keys() == {"delete"}
    assert live.emulator.client("cloudtrail").describe_trails()["trailList"] == []
