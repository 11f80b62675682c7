"""One SigV2-signed request, and the wait for it."""

from datetime import timedelta
from typing import Any, cast

import boto3.session
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError, EndpointConnectionError

from sigv2.verify.choice import Probed
from sigv2.verify.round_trip import Answer, Arrival, send, wait
from sigv2.verify.subject import Aws

PROBED = Probed("my-bucket", "logs/sigv2-verify-abc", "abc")
REFUSED = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."


class S3:
    """S3 behind a client that `verify` makes; no request leaves this machine."""

    def __init__(self, region: str, status: int, body: str) -> None:
        session = boto3.session.Session("AKIAEXAMPLE", "secret", region_name=region)
        self.client = Aws.of(session).sigv2
        self.client.meta.events.register("before-send.s3", cast("Any", self._answer))
        self.requests: list[AWSPreparedRequest] = []
        self._status, self._body = status, body.encode()

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        self.requests.append(request)
        headers: Any = {"Content-Type": "application/xml"}
        return AWSResponse(request.url, self._status, headers, cast("Any", Body(self._body)))


class Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> list[bytes]:
        return [self._content]

    def read(self, *_: object) -> bytes:
        return self._content

    def close(self) -> None:
        pass


def error(code: str, message: str = "") -> str:
    return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "eu-central-1", "cn-north-1", "us-gov-west-1"])
def test_the_request_is_signed_with_sigv2_in_every_region_and_says_who_sends_it(region: str) -> None:
    s3 = S3(region, 404, error("NoSuchKey", "The specified key does not exist."))
    send(s3.client, PROBED)
    (request,) = s3.requests
    headers: dict[str, Any] = dict(request.headers.items())
    assert request.method == "GET"
    assert request.url.startswith("https://my-bucket.s3")
    assert region in request.url or region == "us-east-1"
    assert request.url.endswith("/logs/sigv2-verify-abc")
    assert headers["Authorization"].startswith(b"AWS AKIAEXAMPLE:")
    assert headers["User-Agent"].endswith(b" s3-sigv2-access-log/verify")


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, "content", Answer("", refuses_sigv2=False, reason="S3 answered")),
        (400, error("InvalidRequest", REFUSED), ("InvalidRequest", True)),
        (400, error("InvalidRequest", "Missing required header."), ("InvalidRequest", False)),
        (403, error("AccessDenied", "Access Denied"), ("AccessDenied", False)),
        (404, error("NoSuchKey", "The specified key does not exist."), ("NoSuchKey", False)),
        (404, error("NoSuchBucket", "The specified bucket does not exist"), ("NoSuchBucket", False)),
    ],
)
def test_s3_may_answer_or_refuse(status: int, body: str, answer: Answer | tuple[str, bool]) -> None:
    found = send(S3("us-east-1", status, body).client, PROBED)
    assert answer in (found, (found.code, found.refuses_sigv2))


@pytest.mark.parametrize("code", ["InvalidAccessKeyId", "SignatureDoesNotMatch", "RequestTimeTooSkewed"])
def test_a_request_that_s3_does_not_authenticate_is_an_error_for_cloudtrail_logs_none(code: str) -> None:
    with pytest.raises(ClientError, match=code):
        send(S3("us-east-1", 403, error(code)).client, PROBED)


class Logs:
    """CloudWatch Logs, which answers one look after another, and a clock that only sleeping moves."""

    def __init__(self, *answers: str | Exception | None) -> None:
        self._answers = list(answers)
        self.now = 0.0
        self.asked: list[dict[str, Any]] = []
        self.slept: list[float] = []

    def get_paginator(self, _: str) -> "Logs":
        return self

    def paginate(self, **asked: Any) -> list[Any]:
        self.asked.append(asked)
        answer = self._answers.pop(0) if self._answers else None
        if isinstance(answer, Exception):
            raise answer
        # CloudWatch Logs may give empty pages before the one with the event.
        return [{"events": []}, {"events": [{"message": answer}] if answer else []}]

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def wait(self, seconds: float) -> Arrival | None:
        client = cast("Any", self)
        patience = timedelta(seconds=seconds)
        return wait(client, "/group", PROBED, patience, sleep=self.sleep, clock=lambda: self.now)


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "FilterLogEvents")


def test_the_event_is_looked_for_by_what_no_other_event_has() -> None:
    logs = Logs("event")
    assert logs.wait(10) == Arrival(timedelta(0), "event")
    (asked,) = logs.asked
    assert (asked["logGroupName"], asked["filterPattern"]) == ("/group", '"abc"')


def test_it_looks_often_at_first_and_never_longer_than_asked() -> None:
    logs = Logs()
    assert logs.wait(60) is None
    assert logs.slept[0] == 0.2
    assert sorted(logs.slept[:-1]) == logs.slept[:-1]
    assert max(logs.slept) <= 15
    assert sum(logs.slept) == pytest.approx(60)
    assert len(logs.asked) == len(logs.slept) + 1


def test_the_latency_is_the_time_since_the_request() -> None:
    assert Logs(None, None, "event").wait(60) == Arrival(timedelta(seconds=0.5), "event")


def test_no_time_at_all_is_one_look() -> None:
    logs = Logs("event")
    assert logs.wait(0) == Arrival(timedelta(0), "event")
    assert Logs().wait(0) is None


def test_a_missing_log_group_is_not_waited_for() -> None:
    logs = Logs(refusal("ResourceNotFoundException"))
    assert logs.wait(1200) is None
    assert logs.slept == []


@pytest.mark.parametrize(
    "passing", [EndpointConnectionError(endpoint_url="https://logs"), refusal("ThrottlingException")]
)
def test_what_passes_ends_no_wait_unless_it_lasts(passing: Exception) -> None:
    assert Logs(passing, passing, "event").wait(60) is not None
    with pytest.raises(type(passing)):
        Logs(*[passing] * 100).wait(60)


def test_what_does_not_pass_ends_it() -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        Logs(refusal("AccessDeniedException")).wait(1200)
