"""`python -m sigv2 watch` against the emulator: a real client's request, and a real event stream."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from botocore.config import Config

from sigv2.watch.live_tail import LiveTail
from tests.sandbox.conftest import TARGET, Pipeline
from tests.sandbox.processes import running
from tests.sandbox.reported import GROUP, put

COMMAND = [sys.executable, "-m", "sigv2", "watch"]


@contextmanager
def watching(pipeline: Pipeline, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A watch that has begun."""
    environment = {key: value for key, value in pipeline.environment().items() if value is not None}
    with running([*COMMAND, *options], {"PATH": "/dev/null", **environment}) as (process, _):
        yield process


def test_a_request_is_shown_as_it_arrives_and_quiet_ends_it(pipeline: Pipeline) -> None:
    put(pipeline, "before")
    pipeline.emulator.settle()
    with watching(pipeline, "--until-quiet", "1s") as process:
        put(pipeline, "during")
        pipeline.emulator.settle()
        shown, told = process.communicate(timeout=40)
    user = re.escape(f"nightly-backup ({pipeline.user.access_key_id})")
    assert re.fullmatch(rf"\S+Z  {user}  header  Boto3/.*  {TARGET}  PutObject  during\n", shown)
    assert told.endswith(
        "No client's SigV2 request has arrived for 1s. That proves something only while the pipeline is alive: "
        "`python -m sigv2 verify` tells. 1 SigV2 request shown.\n"
    )
    assert process.returncode == 0


def test_ctrl_c_ends_it(pipeline: Pipeline) -> None:
    with watching(pipeline, "--json") as process:
        process.send_signal(signal.SIGINT)
        shown, told = process.communicate(timeout=40)
    assert (shown, process.returncode) == ("", 0)
    assert told.endswith("0 SigV2 requests shown.\n")


def test_a_session_of_live_tail_is_read_from_its_event_stream(pipeline: Pipeline) -> None:
    put(pipeline, "a")
    pipeline.emulator.settle()
    # The emulator has no address of its own for streams, and its sessions end at once.
    logs = boto3.client(
        "logs",
        endpoint_url=pipeline.emulator.endpoint,
        region_name="us-east-1",
        aws_access_key_id=pipeline.user.access_key_id,
        aws_secret_access_key=pipeline.user.secret_access_key,
        config=Config(inject_host_prefix=False),
    )
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}"
    (update,) = LiveTail(logs, [arn]).updates()
    assert (len(update.messages), update.sampled) == (1, False)
    assert json.loads(update.messages[0]) == pipeline.logged()[0]
