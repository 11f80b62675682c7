"""`python -m sigv2 verify --redrive` against the emulator: what waits comes into the log group, each request once."""

import contextlib
import json
import random
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import boto3.session
import pytest
import requests
from botocore.credentials import Credentials
from botocore.exceptions import ReadTimeoutError

from sigv2.stack import read_stack
from sigv2.stack.stack_account import AccountInRegion
from sigv2.verify.redriving import lease as leases
from sigv2.verify.redriving.redrive import redrive
from sigv2.verify.redriving.redrive_command import _log, _route
from tests.sandbox.aws_calls import Call, answer_calls, denial
from tests.sandbox.conftest import TARGET, WHERE, Pipeline
from tests.sandbox.redriven import event, leave, left, start, times_logged
from tests.sandbox.test_concurrency import signed
from tests.sandbox.verified import BASE, GROUP, QUEUE, run

STREAM = f"sigv2-redrive/{BASE}/00000001"


@pytest.fixture
def _short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a redrive need not wait five minutes for one that was killed."""
    monkeypatch.setattr(leases, "LENGTH", timedelta(seconds=1))
    monkeypatch.setattr(leases, "MARGIN", timedelta(seconds=0.3))


def test_each_request_is_logged_at_its_own_time_in_a_stream_of_its_own(pipeline: Pipeline) -> None:
    waiting = [event("a"), event("b", age=timedelta(days=3)), event("c", age=timedelta(hours=30))]
    leave(pipeline, *waiting)
    result = run(pipeline, "--redrive", "--timeout", "30s")
    assert result.stdout == (
        f"3 requests written into the log group {GROUP}, each at its own time; 0 more were there already. Their "
        f"messages are deleted.\nNothing waits in the dead-letter queue {QUEUE}.\n"
    )
    assert result.exit_code == 0
    answer = pipeline.emulator.client("logs").get_log_events(logGroupName=GROUP, logStreamName=STREAM)
    assert sorted((log["timestamp"], log["message"]) for log in answer["events"]) == sorted(
        (int(datetime.fromisoformat(one["time"]).timestamp() * 1000), json.dumps(one)) for one in waiting
    )
    assert left(pipeline) == 0


def test_an_empty_queue_is_said_and_leaves_no_trace(pipeline: Pipeline) -> None:
    result = run(pipeline, "--redrive")
    assert (result.exit_code, result.stdout) == (0, f"Nothing waits in the dead-letter queue {QUEUE}.\n")
    assert pipeline.emulator.client("logs").describe_log_streams(logGroupName=GROUP)["logStreams"] == []


def test_a_request_that_waits_twice_or_is_logged_already_is_logged_once(pipeline: Pipeline) -> None:
    twice, logged = event("twice"), event("logged")
    leave(pipeline, twice, logged)
    assert run(pipeline, "--redrive", "--timeout", "30s").exit_code == 0
    # EventBridge delivers at least once, and each time the event has another id.
    leave(pipeline, twice, {**twice, "id": "another"}, logged, event("new"))
    result = run(pipeline, "--redrive", "--timeout", "30s")
    assert "1 request written" in result.stdout
    assert "2 more were there already" in result.stdout
    assert times_logged(pipeline) == {"twice": 1, "logged": 1, "new": 1}
    assert left(pipeline) == 0


def test_an_eventid_in_somebody_elses_text_is_no_proof_that_the_request_is_logged(pipeline: Pipeline) -> None:
    victim = event("victim")
    leave(pipeline, event(victim["detail"]["eventID"]))
    assert run(pipeline, "--redrive", "--timeout", "30s").exit_code == 0
    leave(pipeline, victim)
    assert run(pipeline, "--redrive", "--timeout", "30s").exit_code == 0
    assert times_logged(pipeline)["victim"] == 1


def test_what_is_no_request_of_this_rule_or_cannot_be_logged_stays_and_is_said(pipeline: Pipeline) -> None:
    v4 = event("v4", additionalEventData={"SignatureVersion": "SigV4"})
    leave(pipeline, "{}", "no JSON \x1b[2J", v4, event("anonymous", eventID="1"), {**event("timeless"), "time": "now"})
    leave(pipeline, event("other"), rule_arn="arn:aws:events:us-east-1:123456789012:rule/other")
    leave(pipeline, event("old", age=timedelta(days=15)), event("early", age=-timedelta(hours=3)), event("good"))
    result = run(pipeline, "--redrive", "--timeout", "30s")
    assert result.exit_code == 3
    assert result.stdout.splitlines() == [
        f"1 request written into the log group {GROUP}, each at its own time; 0 more were there already. Their "
        "messages are deleted.",
        "3 messages left alone: no SigV2 request to S3.",
        "1 message left alone: without an eventID, by which it could be told from others.",
        "1 message left alone: without a time.",
        "1 message left alone: of another rule, arn:aws:events:us-east-1:123456789012:rule/other.",
        "1 message left alone: older than the 14 days that CloudWatch Logs takes.",
        "1 message left alone: more than 2 hours in the future, which CloudWatch Logs does not take.",
        f"8 messages in the dead-letter queue {QUEUE}, and not known to be in the log.",
    ]
    assert times_logged(pipeline) == {"good": 1}
    assert left(pipeline) == 8


def test_the_log_groups_own_retention_is_heeded(pipeline: Pipeline) -> None:
    pipeline.emulator.client("logs").put_retention_policy(logGroupName=GROUP, retentionInDays=3)
    leave(pipeline, event("old", age=timedelta(days=4)))
    result = run(pipeline, "--redrive", "--timeout", "30s")
    assert "1 message left alone: older than the 3 days that the log group keeps." in result.stdout
    assert (result.exit_code, left(pipeline)) == (3, 1)


def test_without_a_queue_or_a_log_group_it_says_so(pipeline: Pipeline) -> None:
    leave(pipeline, event("kept"))
    pipeline.emulator.client("logs").delete_log_group(logGroupName=GROUP)
    result = run(pipeline, "--redrive")
    assert (result.exit_code, left(pipeline)) == (1, 1)
    assert f"there is no log group {GROUP} in us-east-1 of account 123456789012: restore it" in result.stderr
    pipeline.emulator.client("logs").create_log_group(logGroupName=GROUP)
    sqs = pipeline.emulator.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"])
    result = run(pipeline, "--redrive")
    assert result.exit_code == 1
    assert f"there is no dead-letter queue {QUEUE} in us-east-1" in result.stderr


@pytest.mark.parametrize("options", [("--check-only",), ("--bucket", TARGET)])
def test_it_goes_without_options_of_the_check(pipeline: Pipeline, options: tuple[str, ...]) -> None:
    result = run(pipeline, "--redrive", *options)
    assert result.exit_code == 2
    assert "so it goes without --check-only and --bucket" in result.stderr


class KilledError(BaseException):
    """Nothing of the program runs after it, as after kill -9."""


def redrive_until(pipeline: Pipeline, calls: float, *, answered: bool) -> bool:
    """Redrive, and die at one call: before it is sent, or when it is answered; say whether it came to an end."""
    session = boto3.session.Session(pipeline.user.access_key_id, pipeline.user.secret_access_key, None, "us-east-1")
    made = 0

    def dying(call: Call, operation: str, parameters: dict[str, Any]) -> Any:
        nonlocal made
        made += 1
        if made == calls and not answered:
            raise KilledError
        answer = call(operation, parameters)
        if made == calls:
            raise KilledError
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", pipeline.emulator.endpoint)
        place = AccountInRegion(session, "123456789012", "arn:aws:iam::123456789012:user/nightly-backup", "us-east-1")
        settings = read_stack("dev").settings()
        route = _route(place, settings, place.arns, _log(place, settings))
        assert route
        answer_calls(patch, dying)
        try:
            redrive(route, timedelta(seconds=30), lambda _: None)
        except KilledError:
            return False
    return True


@pytest.mark.timeout(110)
@pytest.mark.usefixtures("_short_leases")
@pytest.mark.parametrize("answered", [False, True])
def test_killed_at_any_call_it_neither_loses_nor_doubles(pipeline: Pipeline, answered: bool) -> None:
    keys = []
    for calls in range(1, 15):
        keys += [f"{calls}/{number}" for number in range(3)]
        leave(pipeline, *map(event, keys[-3:]))
        redrive_until(pipeline, calls, answered=answered)
    assert redrive_until(pipeline, float("inf"), answered=answered)
    assert times_logged(pipeline) == dict.fromkeys(keys, 1)
    assert left(pipeline) == 0


@pytest.mark.usefixtures("_short_leases")
def test_a_call_without_an_answer_is_not_made_again(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = iter(["PutLogEvents"])

    def losing(call: Call, operation: str, parameters: dict[str, Any]) -> Any:
        answer = call(operation, parameters)
        if operation == "PutLogEvents" and next(lost, None):
            raise ReadTimeoutError(endpoint_url="https://logs")
        return answer

    leave(pipeline, event("once"))
    with monkeypatch.context() as patch:
        answer_calls(patch, losing)
        result = run(pipeline, "--redrive", "--timeout", "30s")
    assert result.exit_code == 0
    assert times_logged(pipeline) == {"once": 1}
    assert left(pipeline) == 0


def test_what_the_log_group_refuses_to_take_stays(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def rejecting(call: Call, operation: str, parameters: dict[str, Any]) -> Any:
        if operation != "PutLogEvents":
            return call(operation, parameters)
        call(operation, parameters | {"logEvents": parameters["logEvents"][1:]})
        return {"rejectedLogEventsInfo": {"tooOldLogEventEndIndex": 0}}

    leave(pipeline, event("old", age=timedelta(hours=2)), event("new"))
    with monkeypatch.context() as patch:
        answer_calls(patch, rejecting)
        result = run(pipeline, "--redrive", "--timeout", "30s")
    assert "1 message left alone: the log group did not take it, as too old or too new." in result.stdout
    assert result.exit_code == 3
    assert times_logged(pipeline) == {"new": 1}
    assert left(pipeline) == 1


def test_whoever_may_not_write_loses_nothing(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(call: Call, operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "PutLogEvents":
            raise denial(operation)
        return call(operation, parameters)

    leave(pipeline, event("kept"))
    with monkeypatch.context() as patch:
        answer_calls(patch, refusing)
        result = run(pipeline, "--redrive")
    assert (result.exit_code, result.stderr) == (
        2,
        f"{WHERE}Error: these credentials may not call PutLogEvents: not authorized; what was not brought into the log "
        "group stays in the queue\n",
    )
    assert left(pipeline) == 1


@pytest.mark.timeout(110)
def test_of_two_at_once_one_waits_for_the_other(pipeline: Pipeline) -> None:
    waiting = [event(str(number)) for number in range(60)]
    # Each request waits twice, so that two could hold the same one.
    leave(pipeline, *waiting, *waiting)
    # A machine that holds one of them up for the end of its lease would let both write.
    processes = [start(pipeline, "--timeout", "60s", lease_seconds=20) for _ in range(2)]
    for process in processes:
        said, error = process.communicate(timeout=100)
        assert (process.returncode, error) == (0, WHERE), said
    assert times_logged(pipeline) == {str(number): 1 for number in range(60)}
    assert left(pipeline) == 0


@pytest.mark.timeout(110)
def test_killed_again_and_again_under_load_it_logs_every_request_exactly_once(pipeline: Pipeline) -> None:
    who = Credentials(pipeline.user.access_key_id, pipeline.user.secret_access_key)
    logs = pipeline.emulator.client("logs")
    (policy,) = logs.describe_resource_policies()["resourcePolicies"]
    keys = [f"load/{number}" for number in range(200)]
    mended = threading.Event()

    def send_all() -> None:
        with requests.Session() as session:
            for number, key in enumerate(keys):
                kind = "header v2" if number % 2 else "query v2"
                prepared = signed(kind, f"{pipeline.emulator.endpoint}/{TARGET}/{key}", who)
                assert session.send(prepared, timeout=60).status_code == 404
                mended.wait(0.1)

    logs.delete_resource_policy(policyName=BASE)
    with ThreadPoolExecutor(max_workers=1) as clients:
        load = clients.submit(send_all)
        for _ in range(6):
            process = start(pipeline)
            # Long enough for the one before to lose its lease, and for this one to be in the midst of it.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(random.uniform(0.5, 4))  # noqa: S311
            process.kill()
            process.communicate()
        logs.put_resource_policy(policyName=BASE, policyDocument=policy["policyDocument"])
        mended.set()
        load.result()
    pipeline.emulator.settle()
    last = start(pipeline, "--timeout", "60s")
    said, error = last.communicate(timeout=80)
    assert (last.returncode, error) == (0, WHERE), said
    assert times_logged(pipeline) == dict.fromkeys(keys, 1)
    assert left(pipeline) == 0
