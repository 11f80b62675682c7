"""From requests to CloudTrail's event names."""

from __future__ import annotations

import pytest

from sigv2.sandbox.observing.http_request import S3Request, parse
from sigv2.sandbox.observing.operations import Operation, UnknownOperation, operation_of


def request(line: str, **headers: str) -> S3Request:
    method, uri = line.split(" ")
    return parse({"REQUEST_METHOD": method, "REQUEST_URI": uri, **headers}, b"")


@pytest.mark.parametrize(
    ("line", "name", "read_only"),
    [
        ("GET /b/k", "GetObject", True),
        ("HEAD /b/k", "HeadObject", True),
        ("PUT /b/k", "PutObject", False),
        ("DELETE /b/k", "DeleteObject", False),
        ("OPTIONS /b/k", "PreflightRequest", True),
        ("GET /b/k?acl", "GetObjectAcl", True),
        ("PUT /b/k?acl", "PutObjectAcl", False),
        ("GET /b/k?tagging", "GetObjectTagging", True),
        ("PUT /b/k?tagging", "PutObjectTagging", False),
        ("DELETE /b/k?tagging", "DeleteObjectTagging", False),
        ("GET /b/k?retention", "GetObjectRetention", True),
        ("PUT /b/k?retention", "PutObjectRetention", False),
        ("GET /b/k?legal-hold", "GetObjectLegalHold", True),
        ("PUT /b/k?legal-hold", "PutObjectLegalHold", False),
        ("GET /b/k?attributes", "GetObjectAttributes", True),
        ("GET /b/k?torrent", "GetObjectTorrent", True),
        ("POST /b/k?restore", "RestoreObject", False),
        ("POST /b/k?select&select-type=2", "SelectObjectContent", True),
        ("POST /b/k?uploads", "CreateMultipartUpload", False),
        ("PUT /b/k?partNumber=1&uploadId=u", "UploadPart", False),
        ("GET /b/k?uploadId=u", "ListParts", True),
        ("POST /b/k?uploadId=u", "CompleteMultipartUpload", False),
        ("DELETE /b/k?uploadId=u", "AbortMultipartUpload", False),
    ],
)
def test_an_object_operation_is_a_data_event(line: str, name: str, read_only: bool) -> None:
    assert operation_of(request(line)) == Operation(name, read_only, "Data", "object")


@pytest.mark.parametrize(
    ("line", "name"),
    [("PUT /b/k", "CopyObject"), ("PUT /b/k?partNumber=1&uploadId=u", "UploadPartCopy")],
)
def test_a_copy_is_told_by_its_header(line: str, name: str) -> None:
    copy = request(line, HTTP_X_AMZ_COPY_SOURCE="/other/key")
    assert operation_of(copy) == Operation(name, False, "Data", "object")


@pytest.mark.parametrize(
    ("line", "name", "read_only"),
    [
        ("GET /b", "ListObjects", True),
        ("GET /b?list-type=2&prefix=a", "ListObjects", True),
        ("GET /b?versions", "ListObjectVersions", True),
        ("GET /b?uploads", "ListMultipartUploads", True),
        ("HEAD /b", "HeadBucket", True),
        ("OPTIONS /b", "PreflightRequest", True),
        ("POST /b?delete", "DeleteObjects", False),
    ],
)
def test_what_works_on_a_buckets_objects_is_a_data_event(line: str, name: str, read_only: bool) -> None:
    assert operation_of(request(line)) == Operation(name, read_only, "Data", "bucket")


@pytest.mark.parametrize(
    ("line", "name", "read_only"),
    [
        ("PUT /b", "CreateBucket", False),
        ("DELETE /b", "DeleteBucket", False),
        ("GET /b?acl", "GetBucketAcl", True),
        ("PUT /b?policy", "PutBucketPolicy", False),
        ("DELETE /b?lifecycle", "DeleteBucketLifecycle", False),
        ("GET /b?location", "GetBucketLocation", True),
        ("PUT /b?publicAccessBlock", "PutBucketPublicAccessBlock", False),
        ("GET /b?object-lock", "GetObjectLockConfiguration", True),
    ],
)
def test_what_works_on_the_bucket_is_a_management_event(line: str, name: str, read_only: bool) -> None:
    assert operation_of(request(line)) == Operation(name, read_only, "Management", "bucket")


def test_listing_buckets_is_a_management_event() -> None:
    assert operation_of(request("GET /")) == Operation("ListBuckets", True, "Management", "service")


def test_a_post_form_is_about_an_object() -> None:
    form = (
        b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n\r\n--x--\r\n'
    )
    posted = {"REQUEST_METHOD": "POST", "REQUEST_URI": "/b", "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    assert operation_of(parse(posted, form)) == Operation("PostObject", False, "Data", "object")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("GET /b/k?versionId=1&response-content-type=a&x-id=GetObject", "GetObject"),
        ("GET /b/k?AWSAccessKeyId=A&Signature=s&Expires=1", "GetObject"),
        ("GET /b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=s", "GetObject"),
        ("GET /b/k?policy", "GetObject"),
        ("PUT /b/k?x-id=PutObject", "PutObject"),
        ("GET /b?unheard-of", "ListObjects"),
    ],
)
def test_a_parameter_that_is_no_subresource_changes_nothing(line: str, name: str) -> None:
    assert operation_of(request(line)).name == name


@pytest.mark.parametrize("line", ["BREW /b/k", "PATCH /b", "POST /b/k", "HEAD /", "DELETE /"])
def test_a_method_that_s3_does_not_have_is_refused(line: str) -> None:
    with pytest.raises(UnknownOperation, match="S3 has no such method"):
        operation_of(request(line))
