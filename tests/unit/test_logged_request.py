"""A request in one line."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigv2.logged_request import client_of, event_of, is_own_probe, json_line, line_of, print_request

SAMPLE: Any = json.loads((Path(__file__).parents[1] / "samples" / "get-object-iam-user-refused.json").read_text())


def event(**changed: Any) -> Any:
    return {**SAMPLE, "detail": {**SAMPLE["detail"], **changed}}


def line(of: Any) -> str:
    return line_of(of, client_of(of)).plain


def test_a_line_tells_when_who_how_with_what_where_what_for_and_which_error() -> None:
    assert line(SAMPLE) == (
        "2026-11-20T08:14:07Z  nightly-backup (AKIAIOSFODNN7EXAMPLE)  presigned URL  python-requests/2.31.0  "
        "example-uploads  GetObject  reports/2026/november.csv  AccessDenied"
    )


def test_what_a_request_lacks_is_left_out() -> None:
    assert line(event_of("no JSON")) == "unknown"
    assert line(event_of('{"detail": 7}')) == "unknown"
    assert line(event_of("[1]")) == "unknown"
    assert line(event_of('{"detail":' * 100_000)) == "unknown"


@given(st.text())
def test_nothing_in_a_line_acts_on_the_terminal_or_stands_for_two_columns(text: str) -> None:
    hostile = event(userAgent=text, errorCode=text, requestParameters={"bucketName": text, "key": text})
    shown = line(hostile)
    assert all(character.isprintable() for character in shown)
    plain = line(event(userAgent="x", errorCode="x", requestParameters={"bucketName": "x", "key": "x"}))
    assert len(shown.split("  ")) <= len(plain.split("  "))


def test_a_long_part_leaves_room_for_the_others() -> None:
    assert line(event(userAgent="x" * 8000)).endswith(line(SAMPLE).rpartition("  ")[2])


@given(st.text())
def test_json_is_the_event_as_it_was_logged(text: str) -> None:
    logged = event(userAgent=text)
    assert json.loads(json_line(logged).plain) == logged
    assert all(" " <= character <= "~" for character in json_line(logged).plain)


@pytest.mark.parametrize(
    ("agent", "probe"), [("[Boto3/1.44.5 s3-sigv2-access-log/verify]", True), ("[Boto/2.49.0]", False)]
)
def test_a_probe_is_told_from_a_client(agent: str, probe: bool) -> None:
    by_header = {**SAMPLE["detail"]["additionalEventData"], "AuthenticationMethod": "AuthHeader"}
    assert is_own_probe(client_of(event(userAgent=agent, additionalEventData=by_header))) is probe


@pytest.mark.parametrize("as_json", [False, True])
def test_a_request_is_one_line_however_long(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    long = event(userAgent="x" * 900, errorCode="y" * 900)
    print_request(long, client_of(long), as_json=as_json)
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert "y" * 900 in printed
