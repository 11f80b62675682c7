"""What `verify` refuses before it sends anything, and what it prints of an event."""

import json
from datetime import timedelta

import pytest
from typer.testing import Result

from sigv2.verify.conclusions import _pretty, duration
from sigv2.verify.verify_command import verify
from tests.unit.alone import run_alone


def run(*options: str) -> Result:
    return run_alone(verify, *options)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--timeout", "20"], "--timeout: '20' is no time such as 90s, 20m or 1h"),
        (["--timeout", "-1s"], "--timeout: '-1s' is no time such as 90s, 20m or 1h"),
        (["--stack", "nowhere"], "there is no Pulumi.nowhere.yaml; create the stack with"),
        (["--config", "targetBuckets"], "--config takes KEY=VALUE, not 'targetBuckets'"),
        (["--config", "targetBucket=a"], "'targetBucket' is no setting of this project (did you mean targetBuckets?)"),
        (["--config", "targetBuckets=team-a-*"], "the targets of stack dev are patterns, which name no bucket to ask"),
        (["--bucket", "My Bucket"], "--bucket: 'My Bucket' is no bucket of S3: "),
        (["--bucket", "example-uploads/logs/"], "--bucket: 'example-uploads/logs/' is not one whole bucket"),
        (["--bucket", "example-*"], "--bucket: 'example-*' is not one whole bucket"),
        (["--bucket", "example-elsewhere"], "stack dev does not watch 'example-elsewhere': name one of its target"),
        (["--profile", "nobody"], "The config profile (nobody) could not be found: `aws configure list-profiles`"),
        (["--region", "no region"], "Provided region_name 'no region' doesn't match a supported format"),
        ([], 'AWS cannot be reached (Could not connect to the endpoint URL: "http://127.0.0.1:1/"): check the network'),
        (["--check-only"], "AWS cannot be reached"),
    ],
)
def test_what_it_cannot_do_is_one_sentence(options: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    result = run(*options)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_the_help_tells_the_exit_codes() -> None:
    text = " ".join(run("--help").stdout.split())
    for code in range(4):
        assert f"Exits with {code} " in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "less than a second"),
        (4.23, "4.2 seconds"),
        (59.94, "59.9 seconds"),
        (252, "4 min 12 s"),
        (1200, "20 min 00 s"),
        (3600, "60 min 00 s"),
    ],
)
def test_a_latency_is_told_as_people_do(seconds: float, text: str) -> None:
    assert duration(timedelta(seconds=seconds)) == text


def test_an_event_is_indented_and_what_is_no_event_is_shown_as_it_is() -> None:
    event = {"detail": {"userAgent": "[\x1b]0;é]"}}
    assert json.loads(_pretty(json.dumps(event))) == event
    assert _pretty(json.dumps(event)).isascii()
    assert _pretty("no JSON") == "no JSON"
    assert _pretty("[" * 100_000) == "[" * 100_000
