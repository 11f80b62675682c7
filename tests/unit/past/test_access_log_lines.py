"""Lines of access logs, whatever stands in what a client sent."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.queries import saved_query
from sigv2.report.client_folding import ranked_clients
from sigv2.report.past.access_log_events import event_of
from sigv2.report.past.access_log_lines import (
    AccessLogLine,
    BrokenLineError,
    UntoldError,
    read_line,
    signature_of,
    time_of,
)
from tests.unit.past.conftest import HOST_ID, OWNER, found_in, line, requests_in, written

HOSTILE = st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    [
        'evil" - x SigV2 c AuthHeader h TLSv1.2 "',
        '" "',
        f'a" - {HOST_ID} SigV4 c AuthHeader h TLSv1.2 - - "',
        'ends in a quote"',
        '"',
        '" 200 - 1 1 1 1 "-" "other',
        "-",
    ]
)
WITHOUT_BLANKS = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=30)
COPY_SOURCE = (
    f"{OWNER} log-bucket [20/Nov/2026:10:00:01 +0000] 192.0.2.3 arn:aws:iam::111122223333:user/etl 3E57427F3EXAMPLE "
    f"REST.COPY.OBJECT_GET photos/a.jpg - 200 - - 113 - - - - - {HOST_ID} SigV2 ECDHE AuthHeader"
)


@given(HOSTILE, HOSTILE, WITHOUT_BLANKS, st.sampled_from(["SigV2", "SigV4", "-"]), st.integers(0, 5))
def test_nothing_that_a_client_sends_shifts_the_signature(
    agent: str, referer: str, uri: str, signature: str, further: int
) -> None:
    written_line = (
        f"{OWNER} log-bucket [20/Nov/2026:10:00:01 +0000] 192.0.2.3 - 3E57427F3EXAMPLE REST.GET.OBJECT k "
        f'"GET /{uri} HTTP/1.1" 403 AccessDenied 113 - 7 - "{referer}" "{agent}" - {HOST_ID} {signature} ECDHE '
        f"QueryString log-bucket.s3.amazonaws.com TLSv1.2{' -' * further}"
    ).encode()
    assert signature_of(written_line) == signature.encode()
    told = read_line(written_line)
    assert (told.signature or "-", told.method, told.bucket) == (signature, "QueryString", "log-bucket")
    assert told.time == time_of(written_line) == "2026-11-20T10:00:01Z"


def test_every_field_is_told() -> None:
    assert read_line(line().encode()) == AccessLogLine(
        bucket="log-bucket",
        time="2026-11-20T10:00:01Z",
        timestamp=1795168801000,
        address="192.0.2.3",
        requester="arn:aws:iam::111122223333:user/etl",
        request_id="0000000000000001",
        operation="REST.GET.OBJECT",
        key="photos/a.jpg",
        error="",
        agent="Boto/2.49.0",
        signature="SigV2",
        method="AuthHeader",
    )


@pytest.mark.parametrize("agent", ['Mozilla/5.0 "quoted" (X11)', 'ends"', "", "a b  c", "\u00e4 \u2028"])
def test_an_agent_is_told_as_it_was_sent(agent: str) -> None:
    assert read_line(line(agent=agent).encode()).agent == agent


@pytest.mark.parametrize("fields", [*range(20, 28), 29])
def test_old_and_new_lines_are_read_alike(fields: int) -> None:
    words = f"{line()} us-east-1 - -".split(" ")
    # Time and request take a blank or two of their own.
    assert signature_of(" ".join(words[: fields + 3]).encode()) == b"SigV2"


def test_a_line_of_before_the_signature_had_a_field_does_not_tell() -> None:
    with pytest.raises(UntoldError):
        signature_of(line().partition(f" {HOST_ID}")[0].encode())


def test_the_other_line_of_a_copy_has_no_quotes() -> None:
    told = read_line(COPY_SOURCE.encode())
    assert (told.signature, told.method, told.agent, told.key) == ("SigV2", "AuthHeader", "", "photos/a.jpg")


def test_referer_and_agent_may_be_missing_without_quotes() -> None:
    one = line().replace('"-" "Boto/2.49.0"', '"https://example.com/" -')
    none = line().replace('"-" "Boto/2.49.0"', "- -")
    assert [(read_line(text.encode()).signature, read_line(text.encode()).agent) for text in (one, none)] == [
        ("SigV2", "")
    ] * 2


@pytest.mark.parametrize("cut", [len(OWNER), 150, 200, len(line()) - 130])
def test_a_line_that_was_cut_off_is_broken(cut: int) -> None:
    with pytest.raises((BrokenLineError, UntoldError)):
        signature_of(line()[:cut].encode())


def test_keys_are_decoded_twice() -> None:
    told = event_of(read_line(line(key="a%2522b%253F/c+d").encode()), None)
    assert told["detail"]["requestParameters"]["key"] == 'a"b?/c d'


def test_what_an_access_log_has_no_field_for_is_unknown(tmp_path: Path) -> None:
    file = written(tmp_path / "2026-11-20-10-00-00-0123456789ABCDEF", f"{line()}\n".encode())
    (client,) = ranked_clients(found_in(file).tallies[0].rows())
    assert (client.principal, client.access_key_id) == ("etl (access key unknown)", "unknown")
    (row,) = found_in(file, query=saved_query("source")).tallies[0].rows()
    assert row["detail.vpcEndpointId"] == "unknown"


@pytest.mark.parametrize(
    ("requester", "principal"),
    [
        ("arn:aws:sts::111122223333:assumed-role/web/i-0abcd1234ef567890", "web / i-0abcd1234ef567890"),
        ("arn:aws:iam::111122223333:root", "root of account 111122223333 (access key unknown)"),
        (OWNER, f"{OWNER} (access key unknown)"),
        ("-", "unknown (access key unknown)"),
    ],
)
def test_requesters_are_named_as_in_any_report(tmp_path: Path, requester: str, principal: str) -> None:
    text = line().replace("arn:aws:iam::111122223333:user/etl", requester)
    (client,) = ranked_clients(found_in(written(tmp_path / "log", text.encode())).tallies[0].rows())
    assert client.principal == principal


def test_broken_lines_and_those_that_do_not_tell_are_counted_beside_the_others(tmp_path: Path) -> None:
    old = line().partition(f" {HOST_ID}")[0]
    lines = [line(), "no line at all", line("SigV4", number=2), old, "", COPY_SOURCE, line(), line("-", number=3)]
    findings = found_in(written(tmp_path / "log", "\n".join(lines).encode(), compressed=True))
    (looked_at,) = findings.looked_at.values()
    assert requests_in(findings) == 2
    assert findings.repeated == 1
    assert (looked_at.files, looked_at.requests, looked_at.untold) == (1, 6, 1)
    assert [(unread.why, unread.lines) for unread in findings.unread] == [("they are no lines of an access log", 1)]
    assert (findings.unread_files, findings.unread_lines) == (0, 1)
