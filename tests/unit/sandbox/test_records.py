"""The records that AWS would have written."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from typing import cast

import pytest

from sigv2.sandbox.observing.http_request import S3Request, parse
from sigv2.sandbox.observing.operations import operation_of
from sigv2.sandbox.observing.records import (
    Record,
    ResponseFacts,
    cloudtrail_record,
    deleted_object_record,
    eventbridge_event,
)
from sigv2.sandbox.observing.signatures import Signature

ACCOUNT = "123456789012"
IDENTITY = {
    "type": "IAMUser",
    "principalId": "AIDAEXAMPLE",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/ann",
    "accountId": ACCOUNT,
    "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
    "userName": "ann",
}
ANONYMOUS = {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}
SIGV2 = Signature("SigV2", "QueryString", "AKIAIOSFODNN7EXAMPLE", None)
OK = ResponseFacts(200, None, None, 0, 3, "D2A9EXAMPLE")
NOW = datetime(2019, 6, 30, 12, 20, 3, tzinfo=timezone(timedelta(hours=2)))
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def request(line: str, **headers: str) -> S3Request:
    method, uri = line.split(" ")
    environ = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": uri,
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_HOST": "photos.s3.amazonaws.com",
        **headers,
    }
    return parse(environ, b"")


def record(
    request: S3Request,
    signature: Signature | None = SIGV2,
    response: ResponseFacts = OK,
    partition: str = "aws",
) -> Record:
    return cloudtrail_record(
        request,
        operation_of(request),
        signature,
        IDENTITY if signature else ANONYMOUS,
        response=response,
        now=NOW,
        account_id=ACCOUNT,
        region="us-east-1",
        partition=partition,
    )


def without_ids(document: Record, *names: str) -> Record:
    """The document without the identifiers that are new each time, which are UUIDs."""
    for name in names:
        assert UUID.fullmatch(str(document[name]))
    return {name: value for name, value in document.items() if name not in names}


def part(document: Record, name: str) -> dict[str, object]:
    return cast("dict[str, object]", document[name])


PRESIGNED_GET = (
    "GET /2019/cat.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=c2ln&Expires=1561889203"
    "&x-amz-security-token=secret&response-content-type=image/jpeg"
)
BUCKET = {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::photos"}


def test_a_presigned_get_has_the_record_that_aws_writes() -> None:
    written = record(request(PRESIGNED_GET, HTTP_USER_AGENT="aws-cli/1.10.56"))
    assert without_ids(written, "eventID") == {
        "eventVersion": "1.11",
        "userIdentity": IDENTITY,
        "eventTime": "2019-06-30T10:20:03Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.7",
        "userAgent": "[aws-cli/1.10.56]",
        "requestParameters": {
            "Expires": "1561889203",
            "response-content-type": "image/jpeg",
            "bucketName": "photos",
            "Host": "photos.s3.amazonaws.com",
            "key": "2019/cat.jpg",
        },
        "responseElements": None,
        "additionalEventData": {
            "SignatureVersion": "SigV2",
            "AuthenticationMethod": "QueryString",
            "bytesTransferredIn": 0,
            "x-amz-id-2": part(written, "additionalEventData")["x-amz-id-2"],
            "bytesTransferredOut": 3,
        },
        "requestID": "D2A9EXAMPLE",
        "readOnly": True,
        "resources": [
            {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::photos/2019/cat.jpg"},
            BUCKET,
        ],
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Data",
    }


def test_an_anonymous_request_has_no_signature_fields() -> None:
    written = record(request("GET /cat.jpg"), signature=None)
    assert part(written, "additionalEventData").keys() == {
        "bytesTransferredIn",
        "x-amz-id-2",
        "bytesTransferredOut",
    }
    assert written["userIdentity"] == ANONYMOUS


def test_a_refusal_says_why() -> None:
    denied = ResponseFacts(403, "AccessDenied", "Access Denied", 0, 243, "D2A9EXAMPLE")
    written = record(request("GET /cat.jpg"), response=denied)
    assert (written["errorCode"], written["errorMessage"]) == ("AccessDenied", "Access Denied")


def test_a_missing_user_agent_leaves_empty_brackets() -> None:
    assert record(request("GET /cat.jpg"))["userAgent"] == "[]"


def test_a_user_agent_is_cut_off_at_one_kilobyte_between_characters() -> None:
    agent = ("x" + "é" * 600).encode().decode("latin-1")
    written = record(request("GET /cat.jpg", HTTP_USER_AGENT=agent))
    assert written["userAgent"] == "[x" + "é" * 511 + "]"


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Signature=value",
        "X-Amz-Credential=value",
        "X-Amz-Security-Token=value",
        "x-amz-signature=value",
        "signature=value",
    ],
)
def test_no_credential_of_the_query_is_recorded(query: str) -> None:
    written = record(request(f"GET /cat.jpg?{query}&X-Amz-Expires=300"))
    assert written["requestParameters"] == {
        "X-Amz-Expires": "300",
        "bucketName": "photos",
        "Host": "photos.s3.amazonaws.com",
        "key": "cat.jpg",
    }


def test_of_the_headers_only_those_without_secrets_are_recorded() -> None:
    written = record(
        request(
            "PUT /cat.jpg",
            HTTP_X_AMZ_ACL="private",
            HTTP_X_AMZ_COPY_SOURCE="photos/dog.jpg",
            HTTP_X_AMZ_SERVER_SIDE_ENCRYPTION_CUSTOMER_ALGORITHM="AES256",
            HTTP_X_AMZ_SERVER_SIDE_ENCRYPTION_CUSTOMER_KEY="secret",
            HTTP_X_AMZ_SECURITY_TOKEN="secret",
            HTTP_AUTHORIZATION="AWS AKIAIOSFODNN7EXAMPLE:secret",
            HTTP_COOKIE="secret",
        )
    )
    assert written["requestParameters"] == {
        "x-amz-acl": "private",
        "x-amz-copy-source": "photos/dog.jpg",
        "x-amz-server-side-encryption-customer-algorithm": "AES256",
        "bucketName": "photos",
        "Host": "photos.s3.amazonaws.com",
        "key": "cat.jpg",
    }
    assert "secret" not in json.dumps(written)


def test_a_query_cannot_pretend_to_be_about_another_bucket() -> None:
    written = record(request("GET /?bucketName=other&Host=other&key=other"))
    assert written["requestParameters"] == {
        "bucketName": "photos",
        "Host": "photos.s3.amazonaws.com",
    }


@pytest.mark.parametrize(
    ("line", "arn_prefix"),
    [
        ("GET /?list-type=2&prefix=2019/", "arn:aws:s3:::photos/2019/"),
        ("GET /?prefix=", "arn:aws:s3:::photos/"),
        ("GET /?versions&prefix=2019/", "arn:aws:s3:::photos/2019/"),
        ("HEAD /?prefix=2019/", "arn:aws:s3:::photos/"),
        ("POST /?delete", "arn:aws:s3:::photos/"),
    ],
)
def test_what_is_about_no_single_object_names_a_prefix(line: str, arn_prefix: str) -> None:
    listing = {"type": "AWS::S3::Object", "ARNPrefix": arn_prefix}
    assert record(request(line))["resources"] == [listing, BUCKET]


def test_a_management_event_is_about_the_bucket_alone() -> None:
    written = record(request("GET /?acl"))
    assert (written["managementEvent"], written["eventCategory"]) == (True, "Management")
    assert written["resources"] == [BUCKET]


def test_listing_buckets_is_about_no_resource() -> None:
    written = record(request("GET /", HTTP_HOST="s3.amazonaws.com"))
    assert written["requestParameters"] == {"Host": "s3.amazonaws.com"}
    assert "resources" not in written


def test_another_partition_has_arns_of_its_own() -> None:
    written = record(request("GET /cat.jpg"), partition="aws-cn")
    assert written["resources"] == [
        {"type": "AWS::S3::Object", "ARN": "arn:aws-cn:s3:::photos/cat.jpg"},
        {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": "arn:aws-cn:s3:::photos"},
    ]


def test_a_post_form_is_about_the_key_in_its_fields() -> None:
    form = (
        b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\n2019/cat.jpg\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ncat\r\n--x--\r\n'
    )
    environ = {
        "REQUEST_METHOD": "POST",
        "REQUEST_URI": "/",
        "HTTP_HOST": "photos.s3.amazonaws.com",
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
    }
    written = record(parse(environ, form))
    assert written["eventName"] == "PostObject"
    assert part(written, "requestParameters")["key"] == "2019/cat.jpg"
    assert written["resources"] == [
        {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::photos/2019/cat.jpg"},
        BUCKET,
    ]


def test_a_key_deleted_in_a_batch_has_a_record_of_its_own() -> None:
    batch = record(request("POST /?delete"))
    deleted = deleted_object_record(batch, "2019/cat.jpg")
    assert deleted["eventID"] != batch["eventID"]
    assert without_ids(deleted, "eventID") == {
        **without_ids(batch, "eventID"),
        "eventName": "DeleteObject",
        "eventType": "AwsServiceEvent",
        "requestParameters": {
            "bucketName": "photos",
            "Host": "photos.s3.amazonaws.com",
            "key": "2019/cat.jpg",
        },
        "resources": [
            {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::photos/2019/cat.jpg"},
            BUCKET,
        ],
    }


def test_a_record_reaches_the_bus_in_the_envelope_of_cloudtrail() -> None:
    written = record(request("GET /cat.jpg"))
    assert without_ids(eventbridge_event(written), "id") == {
        "version": "0",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.s3",
        "account": ACCOUNT,
        "time": "2019-06-30T10:20:03Z",
        "region": "us-east-1",
        "resources": [],
        "detail": written,
    }


def test_a_service_event_reaches_the_bus_as_one() -> None:
    deleted = deleted_object_record(record(request("POST /?delete")), "cat.jpg")
    assert eventbridge_event(deleted)["detail-type"] == "AWS Service Event via CloudTrail"
