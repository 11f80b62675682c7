"""What a bucket's owner has settled holds for people's requests: it refuses SigV2, or its policy denies it."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import requests
from botocore.exceptions import ClientError

from sigv2.report.enforcement import deny_statement
from sigv2.sandbox.observing.bucket_rules import REFUSING_TAG
from tests.sandbox.conftest import TARGET, Pipeline

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MESSAGE = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."


def by_header(s3: "S3Client") -> int:
    try:
        return s3.put_object(Bucket=TARGET, Key="header", Body=b"a")["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as refused:
        return refused.response["ResponseMetadata"]["HTTPStatusCode"]


def by_query(s3: "S3Client") -> int:
    url = s3.generate_presigned_url("put_object", Params={"Bucket": TARGET, "Key": "query"})
    return requests.put(url, data=b"a", timeout=10).status_code


def by_form(s3: "S3Client") -> int:
    form = s3.generate_presigned_post(TARGET, "form")
    return requests.post(form["url"], data=form["fields"], files={"file": b"a"}, timeout=10).status_code


WAYS = [by_header, by_query, by_form]


def deny(pipeline: Pipeline, *statements: dict[str, Any]) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    pipeline.s3("s3v4").put_bucket_policy(Bucket=TARGET, Policy=policy)


def errors(pipeline: Pipeline) -> list[tuple[str, str | None]]:
    return [
        (event["detail"]["requestParameters"]["key"], event["detail"].get("errorCode")) for event in pipeline.logged()
    ]


@pytest.mark.parametrize("send", WAYS)
def test_a_bucket_that_refuses_sigv2_answers_as_s3_does_and_leaves_no_record(
    pipeline: Pipeline, send: Callable[["S3Client"], int]
) -> None:
    v2, v4 = pipeline.s3(), pipeline.s3("s3v4")
    assert send(v2) in (200, 204)
    key, value = REFUSING_TAG
    v4.put_bucket_tagging(Bucket=TARGET, Tagging={"TagSet": [{"Key": key, "Value": value}]})
    assert send(v2) == 400
    assert send(v4) in (200, 204)
    v4.delete_bucket_tagging(Bucket=TARGET)
    assert send(v2) in (200, 204)
    assert [error for _, error in errors(pipeline)] == [None, None]


def test_the_refusal_is_said_in_s3s_words(pipeline: Pipeline) -> None:
    key, value = REFUSING_TAG
    pipeline.s3("s3v4").put_bucket_tagging(Bucket=TARGET, Tagging={"TagSet": [{"Key": key, "Value": value}]})
    with pytest.raises(ClientError) as refused:
        pipeline.s3().list_objects(Bucket=TARGET)
    assert refused.value.response["Error"] == {"Code": "InvalidRequest", "Message": MESSAGE}


@pytest.mark.parametrize("send", WAYS)
def test_the_statement_that_enforces_refuses_sigv2_and_lets_sigv4_pass(
    pipeline: Pipeline, send: Callable[["S3Client"], int]
) -> None:
    deny(pipeline, deny_statement(TARGET, "aws"))
    assert send(pipeline.s3("s3v4")) in (200, 204)
    assert send(pipeline.s3()) == 403
    assert [error for _, error in errors(pipeline)] == ["AccessDenied"]


def test_it_refuses_to_list_and_to_delete_many_too(pipeline: Pipeline) -> None:
    deny(pipeline, deny_statement(TARGET, "aws"))
    v2 = pipeline.s3()
    with pytest.raises(ClientError, match="Access Denied"):
        v2.list_objects_v2(Bucket=TARGET)
    with pytest.raises(ClientError, match="Access Denied"):
        v2.delete_objects(Bucket=TARGET, Delete={"Objects": [{"Key": "a"}]})
    assert [event["detail"]["eventName"] for event in pipeline.logged()] == ["ListObjects", "DeleteObjects"]


def test_an_anonymous_request_has_no_signature_to_deny(pipeline: Pipeline) -> None:
    deny(pipeline, deny_statement(TARGET, "aws"))
    assert requests.get(f"{pipeline.emulator.endpoint}/{TARGET}/absent", timeout=10).status_code == 404


def test_loopback_passes_for_tls_so_that_a_tls_only_policy_shuts_nobody_out(pipeline: Pipeline) -> None:
    statement = deny_statement(TARGET, "aws") | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    deny(pipeline, statement)
    assert by_header(pipeline.s3()) == 200


def test_a_policy_holds_for_those_whom_it_names(pipeline: Pipeline) -> None:
    everybody = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{TARGET}/header"}
    deny(pipeline, everybody | {"Principal": {"AWS": "arn:aws:iam::123456789012:user/somebody-else"}})
    assert by_header(pipeline.s3()) == 200
    deny(pipeline, everybody | {"Principal": {"AWS": "arn:aws:iam::123456789012:user/nightly-backup"}})
    assert by_header(pipeline.s3()) == 403
    assert by_query(pipeline.s3()) == 200


def test_a_deny_that_the_evaluator_does_not_know_is_neither_applied_nor_passed_over(pipeline: Pipeline) -> None:
    deny(pipeline, deny_statement(TARGET, "aws") | {"Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}})
    with pytest.raises(ClientError, match="does not know condition operator IpAddress"):
        pipeline.s3().get_object(Bucket=TARGET, Key="a")
    assert pipeline.logged() == []
    pipeline.s3().delete_bucket_policy(Bucket=TARGET)
    assert by_header(pipeline.s3()) == 200


def test_a_bucket_that_nobody_made_has_no_rules(pipeline: Pipeline) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        pipeline.s3().get_object(Bucket="example-nowhere", Key="a")
