"""Whose request is it, among all services on one port? And does it change what is deployed?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigv2.sandbox.emulating.routing import action_of, is_s3_request, may_change_deployment

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FORM = "application/x-www-form-urlencoded; charset=utf-8"


def request(method: str = "GET", path: str = "/", query: str = "", **environ: str) -> WSGIEnvironment:
    return {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, **environ}


def v4(service: str) -> str:
    credential = f"AKIA/20260102/us-east-1/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=00"


@pytest.mark.parametrize(
    ("environ", "body", "expected"),
    [
        (request(), b"", True),
        (request(path="/bucket/key"), b"", True),
        (request(path="/bucket/key", HTTP_AUTHORIZATION="AWS AKIA:sig"), b"", True),
        (request(path="/bucket/key", HTTP_AUTHORIZATION="AWS AKIA:sig", HTTP_X_AMZ_TARGET="Logs.Put"), b"", True),
        (request("POST", HTTP_AUTHORIZATION="AWS AKIA:sig", HTTP_X_AMZ_TARGET="Logs.Put"), b"", True),
        (request(path="/bucket/key", HTTP_AUTHORIZATION=v4("s3")), b"", True),
        (request("POST", HTTP_AUTHORIZATION=v4("s3"), HTTP_X_AMZ_TARGET="Logs.Put"), b"", True),
        (request("POST", HTTP_AUTHORIZATION=v4("logs"), HTTP_X_AMZ_TARGET="Logs.Put"), b"{}", False),
        (request("POST", path="/service/x/operation/PutMetricData", HTTP_AUTHORIZATION=v4("monitoring")), b"", False),
        (request(path="/bucket/key", HTTP_AUTHORIZATION="AWS4-HMAC-SHA256 nonsense"), b"", True),
        (request(query="X-Amz-Credential=AKIA%2F20260102%2Fus-east-1%2Fsts%2Faws4_request"), b"", False),
        (request(query="X-Amz-Credential=AKIA%2F20260102%2Fus-east-1%2Fs3%2Faws4_request"), b"", True),
        (request("POST", HTTP_X_AMZ_TARGET="AmazonSQS.SendMessage"), b"{}", False),
        (request("POST", path="/bucket", HTTP_X_AMZ_TARGET="AmazonSQS.SendMessage"), b"{}", True),
        (request("POST", CONTENT_TYPE=FORM), b"Action=ListUsers&Version=2010-05-08", False),
        (request("POST", CONTENT_TYPE=FORM), b"Action=ListUsers", True),
        (request("POST", path="/bucket", CONTENT_TYPE=FORM), b"Action=ListUsers&Version=2010-05-08", True),
        (request("POST", path="/moto-api/reset"), b"", False),
        (request(path="/moto-apiary/key"), b"", True),
        (request(path="/latest/meta-data/"), b"", True),
        (request(path="/v20180820/tags/x", HTTP_AUTHORIZATION=v4("s3"), HTTP_X_AMZ_ACCOUNT_ID="1"), b"", False),
        (request(path="/v20180820/tags/x", HTTP_AUTHORIZATION=v4("s3")), b"", True),
        (request(path="/v20180820", HTTP_AUTHORIZATION=v4("s3"), HTTP_X_AMZ_ACCOUNT_ID="1"), b"", True),
    ],
)
def test_a_request_is_s3s_unless_another_service_claims_it(
    environ: WSGIEnvironment, body: bytes, expected: bool
) -> None:
    assert is_s3_request(environ, body) is expected


@pytest.mark.parametrize(
    ("environ", "body", "action", "changes"),
    [
        (request("POST", HTTP_X_AMZ_TARGET="Logs_20140328.PutResourcePolicy"), b"{}", "PutResourcePolicy", True),
        (request("POST", HTTP_X_AMZ_TARGET="Logs_20140328.PutLogEvents"), b"{}", "PutLogEvents", False),
        (request("POST", HTTP_X_AMZ_TARGET="com.amazonaws.CloudTrail_20131101.StopLogging"), b"", "StopLogging", True),
        (request("POST", path="/service/x/operation/PutMetricData"), b"", "PutMetricData", False),
        (request("POST", CONTENT_TYPE=FORM), b"Action=GetUser&Version=2010-05-08", "GetUser", False),
        (request("POST", CONTENT_TYPE=FORM), b"Action=AssumeRole&Version=2011-06-15", "AssumeRole", True),
        (request("POST", path="/moto-api/reset"), b"", "", True),
    ],
)
def test_whatever_does_not_only_read_or_carry_data_may_change_the_deployment(
    environ: WSGIEnvironment, body: bytes, action: str, changes: bool
) -> None:
    assert action_of(environ, body) == action
    assert may_change_deployment(action) is changes
