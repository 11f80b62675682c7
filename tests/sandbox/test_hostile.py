"""Requests that no client sends by accident, byte by byte: refused as S3 does, and logged only as what they were."""

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import formatdate
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.sandbox.emulating.http_server import Handler
from sigv2.sandbox.observing.identities import Identities
from tests.sandbox.conftest import TARGET, Pipeline, deploy_pipeline

SIGV2 = "Authorization: AWS AKIASTRANGER00000000:c2lnbmF0dXJl"
SIGV4_QUERY = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIASTRANGER00000000%2F20260102%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20260102T030405Z&X-Amz-SignedHeaders=host&X-Amz-Signature=abc"
)
SIGV2_QUERY = "AWSAccessKeyId=AKIASTRANGER00000000&Expires=9999999999&Signature=abc"
KEY = f"/{TARGET}/key"
NOW = "Date: when it is sent"


@pytest.fixture(scope="module")
def pipeline() -> Iterator[Pipeline]:
    with Emulator() as emulator:
        deployed = deploy_pipeline(emulator, {})
        emulator.client("s3").put_object(Bucket=TARGET, Key="key", Body=b"body")
        yield deployed


@dataclass(frozen=True)
class Answer:
    status: int
    code: str | None
    body: bytes


def request(line: str, *headers: str, body: bytes = b"", host: str = "s3.localhost") -> bytes:
    lines = [f"{line} HTTP/1.1", *([f"Host: {host}"] if host else []), NOW, *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def exchange(pipeline: Pipeline, raw: bytes, *, hang_up: bool = False) -> Answer:
    """Sends bytes, dated, and reads until the server has closed the connection."""
    raw = raw.replace(NOW.encode(), f"Date: {formatdate(usegmt=True)}".encode())
    address = urlsplit(pipeline.emulator.endpoint)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=20) as connection:
        connection.sendall(raw)
        if hang_up:
            connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    final = re.sub(rb"^(HTTP/1\.1 100 Continue\r\n\r\n)+", b"", answer)
    status = re.match(rb"HTTP/1\.[01] (\d{3}) ", final)
    assert status, answer
    code = re.search(rb"<Code>(\w+)</Code>", final)
    return Answer(int(status[1]), code and code[1].decode(), final.partition(b"\r\n\r\n")[2])


UNREADABLE = (400, "BadRequest")
MALFORMED_HEADER = (400, "AuthorizationHeaderMalformed")
MALFORMED_QUERY = (400, "AuthorizationQueryParametersError")
INVALID = (400, "InvalidArgument")
DENIED = (403, "AccessDenied")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # The request line.
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", UNREADABLE),
        (b"GET /\r\n\r\n", UNREADABLE),
        (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", UNREADABLE),
        (b"GET / HTTP/one\r\nHost: a\r\n\r\n", UNREADABLE),
        (request(f"GET  {KEY}", SIGV2), UNREADABLE),
        (request(f"get {KEY}", SIGV2), UNREADABLE),
        (request(f"GET {KEY}\x85x", SIGV2), UNREADABLE),
        (request("GET " + "/" * 70_000, SIGV2), UNREADABLE),
        (request(f"BREW {KEY}", SIGV2), (405, "MethodNotAllowed")),
        (request("GET http://[/b", SIGV2), (400, "InvalidURI")),
        (request(f"GET http://[{TARGET}]/key", SIGV2), (400, "InvalidURI")),
        (request("GET //[/b", SIGV2), (400, "InvalidURI")),
        (request(f"GET {KEY}\xe9", SIGV2), (400, "InvalidURI")),
        (request(f"GET {KEY}\x01", SIGV2), (400, "InvalidURI")),
        (request(f"GET /{TARGET}/%ff", SIGV2), (400, "InvalidURI")),
        (request("GET /%ff/key", SIGV2), (400, "InvalidURI")),
        (request(f"GET /{KEY}", SIGV2), (400, "InvalidRequest")),
        (request("GET key", SIGV2), (400, "InvalidRequest")),
        # Headers that can be read in two ways, or in none.
        (request(f"GET {KEY}", "no colon", SIGV2), UNREADABLE),
        (request(f"GET {KEY}", "User-Agent: a\r" + SIGV2), UNREADABLE),
        (request(f"GET {KEY}", "User-Agent: a\0b", SIGV2), UNREADABLE),
        (request(f"GET {KEY}", "User-Agent: a", f" {SIGV2}"), UNREADABLE),
        (request(f"GET {KEY}", SIGV2.replace(":", " :", 1)), UNREADABLE),
        (request(f"GET {KEY}", SIGV2, "Host: elsewhere"), UNREADABLE),
        (request(f"GET {KEY}", SIGV2, host=""), UNREADABLE),
        (request(f"GET {KEY}", SIGV2, "User-Agent: " + "a" * 9_000), (400, "RequestHeaderSectionTooLarge")),
        (request(f"GET {KEY}", SIGV2, "User-Agent: " + "a" * 200_000), (400, "RequestHeaderSectionTooLarge")),
        (request(f"GET {KEY}", SIGV2, *(["a: b"] * 2_000)), (400, "RequestHeaderSectionTooLarge")),
        # Bodies whose end is not known, or not to be waited for.
        (request(f"PUT {KEY}", SIGV2, "Content-Length: many"), UNREADABLE),
        (request(f"PUT {KEY}", SIGV2, "Content-Length: -1"), UNREADABLE),
        (request(f"PUT {KEY}", SIGV2, "Content-Length: 1, 1", body=b"a"), UNREADABLE),
        (request(f"PUT {KEY}", SIGV2, "Content-Length: 1", "Content-Length: 2", body=b"a"), UNREADABLE),
        (
            request(f"PUT {KEY}", SIGV2, "Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
            UNREADABLE,
        ),
        (request(f"PUT {KEY}", SIGV2, "Transfer-Encoding: gzip", body=b"a"), (501, "NotImplemented")),
        (request(f"PUT {KEY}", SIGV2, "Transfer-Encoding: chunked", body=b"zz\r\n"), (400, "IncompleteBody")),
        (request(f"PUT {KEY}", SIGV2, "Content-Length: 9999999999"), (400, "EntityTooLarge")),
        # Authorization headers.
        (request(f"GET {KEY}", "Authorization: AWS"), INVALID),
        (request(f"GET {KEY}", "Authorization: AWS AKIASTRANGER00000000"), INVALID),
        (request(f"GET {KEY}", "Authorization: AWS AKIASTRANGER00000000:"), INVALID),
        (request(f"GET {KEY}", "Authorization: AWS :c2ln"), (403, "InvalidAccessKeyId")),
        (request(f"GET {KEY}", "Authorization: Bearer c2ln"), INVALID),
        (request(f"GET {KEY}", SIGV2, SIGV2), INVALID),
        (request(f"GET {KEY}", "Authorization: AWS4-HMAC-SHA256 Credential=AKIA"), MALFORMED_HEADER),
        (request(f"GET {KEY}", "Authorization: AWS4-HMAC-SHA256 \xff\xfe=\x80,,,"), MALFORMED_HEADER),
        # Query strings, truncated or with two signatures.
        (request(f"GET {KEY}?AWSAccessKeyId=A&Signature=b"), DENIED),
        (request(f"GET {KEY}?AWSAccessKeyId=A&Expires=9999999999&Signature"), DENIED),
        (request(f"GET {KEY}?AWSAccessKeyId=A&Expires=soon&Signature=b"), DENIED),
        (request(f"GET {KEY}?AWSAccessKeyId=A&Expires=1&Signature=b"), DENIED),
        (request(f"GET {KEY}?AWSAccessKeyId=&Expires=9999999999&Signature=b"), (403, "InvalidAccessKeyId")),
        (request(f"GET {KEY}?X-Amz-Algorithm=AWS4-HMAC-SHA256"), MALFORMED_QUERY),
        (request(f"GET {KEY}?{SIGV4_QUERY}&X-Amz-Expires={'9' * 400}"), MALFORMED_QUERY),
        (request(f"GET {KEY}?{SIGV4_QUERY}&X-Amz-Expires={'9' * 5000}"), MALFORMED_QUERY),
        (request(f"GET {KEY}?{SIGV4_QUERY}&X-Amz-Expires=60&{SIGV2_QUERY}"), INVALID),
        (request(f"GET {KEY}?{SIGV2_QUERY}", SIGV2), INVALID),
        (request(f"GET {KEY}?{SIGV4_QUERY}&X-Amz-Expires=60", SIGV2), INVALID),
    ],
    ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else None,
)
def test_it_is_refused_as_s3_does_and_not_logged(
    pipeline: Pipeline, capfd: pytest.CaptureFixture[str], raw: bytes, expected: tuple[int, str]
) -> None:
    before = len(pipeline.logged())
    answer = exchange(pipeline, raw)
    assert (answer.status, answer.code) == expected
    assert len(pipeline.logged()) == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("raw", "status", "key"),
    [
        (request("PUT //double", SIGV2, "Content-Length: 0", host=f"{TARGET}.s3.localhost"), 200, "/double"),
        (request(f"PUT /{TARGET}/%00%1b", SIGV2, "Content-Length: 0"), 200, "\0\x1b"),
        (request(f"GET /{TARGET}/%0d%0a", SIGV2), 404, "\r\n"),
        (request(f"GET /{TARGET}/{'k' * 1_025}", SIGV2), 400, "k" * 1_025),
        (request(f"PUT http://s3.localhost/{TARGET}/absolute", SIGV2, "Content-Length: 0"), 200, "absolute"),
        (
            request(f"PUT /{TARGET}/expected", SIGV2, "Expect: 100-continue", "Content-Length: 1", body=b"a"),
            200,
            "expected",
        ),
        (
            request(f"PUT /{TARGET}/chunks", SIGV2, "Transfer-Encoding: chunked", body=b"1\r\na\r\n0\r\n\r\n"),
            200,
            "chunks",
        ),
        (request(f"GET {KEY}?{SIGV2_QUERY}&response-content-type=%E2%82%AC"), 400, "key"),
        (request(f"GET /{TARGET}/split?{SIGV2_QUERY}&response-content-type=%0d%0aa:b"), 404, "split"),
        (request(f"GET /{TARGET}/bad-range", SIGV2, "Range: bytes=z-\xff"), 404, "bad-range"),
        (request(f"GET /{TARGET}/odd-name", "User-Agent: \xff\xfe \x1b[31m", SIGV2), 404, "odd-name"),
        (f"GET /{TARGET}/old-http HTTP/1.0\r\n{NOW}\r\n{SIGV2}\r\n\r\n".encode(), 404, "old-http"),
    ],
    ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else None,
)
def test_what_is_only_odd_is_logged_as_what_it_was(pipeline: Pipeline, raw: bytes, status: int, key: str) -> None:
    before = len(pipeline.logged())
    assert exchange(pipeline, raw).status == status
    (event,) = pipeline.logged()[before:]
    assert event["detail"]["requestParameters"]["key"] == key
    assert event["detail"]["additionalEventData"]["SignatureVersion"] == "SigV2"


def test_a_client_that_hangs_up_within_its_body_has_sent_no_request(pipeline: Pipeline) -> None:
    before = len(pipeline.logged())
    answer = exchange(pipeline, request(f"PUT {KEY}", SIGV2, "Content-Length: 9", body=b"half"), hang_up=True)
    assert (answer.status, answer.code) == (400, "IncompleteBody")
    assert len(pipeline.logged()) == before


def test_a_client_that_stops_within_its_body_is_given_up(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    # Long enough for a busy machine to send what it does send.
    monkeypatch.setattr(Handler, "timeout", 1.0)
    answer = exchange(pipeline, request(f"PUT {KEY}", SIGV2, "Content-Length: 9", body=b"half"))
    assert (answer.status, answer.code) == (400, "RequestTimeout")


def test_two_hundred_connections_at_once_are_each_answered_and_logged_once(pipeline: Pipeline) -> None:
    keys = [f"at-once-{number:03}" for number in range(200)]
    with ThreadPoolExecutor(200) as clients:
        answers = clients.map(
            lambda key: exchange(pipeline, request(f"PUT /{TARGET}/{key}", SIGV2, "Content-Length: 1", body=b"a")), keys
        )
        assert {answer.status for answer in answers} == {200}
    assert [key for key in pipeline.logged_keys() if key.startswith("at-once-")] == keys


@pytest.mark.parametrize("address", ["127.0.0.2", "::1"])
def test_it_listens_on_one_address_of_loopback_and_nowhere_else(pipeline: Pipeline, address: str) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - refused, or no such address on this machine
        socket.create_connection((address, int(urlsplit(pipeline.emulator.endpoint).port or 0)), timeout=1)


def test_a_failure_to_record_is_kept_for_settle_and_hidden_from_the_client(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("recorder")

    with monkeypatch.context() as patched:
        patched.setattr("sigv2.sandbox.observing.recorder.cloudtrail_record", fail)
        assert exchange(pipeline, request(f"GET {KEY}", SIGV2)).status == 200
    with pytest.raises(ExceptionGroup) as failed:
        pipeline.emulator.settle()
    assert [str(error) for error in failed.value.exceptions] == ["recorder"]
    assert capfd.readouterr() == ("", "")
    pipeline.emulator.settle()


def test_a_failure_to_identify_is_s3s_internal_error_and_kept_for_settle(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("identities")

    with monkeypatch.context() as patched:
        patched.setattr(Identities, "identity_of", fail)
        answer = exchange(pipeline, request(f"GET {KEY}", SIGV2))
    assert (answer.status, answer.code) == (500, "InternalError")
    with pytest.raises(ExceptionGroup) as failed:
        pipeline.emulator.settle()
    assert [str(error) for error in failed.value.exceptions] == ["identities"]
    assert capfd.readouterr() == ("", "")


HEADER_NAMES = (
    "Authorization",
    "Host",
    "Content-Length",
    "Transfer-Encoding",
    "Range",
    "x-amz-copy-source",
    "x-amz-acl",
)
PARAMETERS = ("AWSAccessKeyId", "Signature", "Expires", "X-Amz-Algorithm", "X-Amz-Credential", "uploadId", "max-keys")
PIECES = st.sampled_from(
    ["AWS ", "AKIASTRANGER00000000", ":", "/", "=", ",", "%ff", "9999999999", "AWS4-HMAC-SHA256", " "]
)
VALUES = st.lists(PIECES | st.text(st.characters(max_codepoint=255), max_size=8), max_size=6).map("".join)
METHODS = st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS"])


@settings(max_examples=50)
@given(
    method=METHODS,
    path=st.sampled_from([KEY, f"/{TARGET}", "/", f"/{KEY}", f"/{TARGET}?delete"]),
    headers=st.lists(st.tuples(st.sampled_from(HEADER_NAMES) | VALUES, VALUES), max_size=4),
    parameters=st.lists(st.tuples(st.sampled_from(PARAMETERS) | VALUES, VALUES), max_size=4),
    body=st.binary(max_size=40),
)
def test_no_request_breaks_the_sandbox_or_passes_for_another(
    pipeline: Pipeline,
    method: str,
    path: str,
    headers: list[tuple[str, str]],
    parameters: list[tuple[str, str]],
    body: bytes,
) -> None:
    before = len(pipeline.logged())
    query = "&".join(f"{name}={value}" for name, value in parameters)
    raw = request(f"{method} {path}?{query}", *(f"{name}: {value}" for name, value in headers), body=body)
    answer = exchange(pipeline, raw, hang_up=True)
    # An answer to HEAD has no body to say a code in.
    assert answer.status < 500 or (answer.status, answer.code or method) in {(501, "NotImplemented"), (501, "HEAD")}
    for event in pipeline.logged()[before:]:
        signed = re.search(rb"(?im)^authorization:[ \t]*AWS [^\s:]+:\S+[ \t]*\r$", raw)
        presigned = all(f"{name}=" in query for name in ("AWSAccessKeyId", "Signature", "Expires"))
        assert signed or presigned
        assert event["detail"]["requestParameters"]["bucketName"] == TARGET
