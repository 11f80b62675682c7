"""What S3 does with what its clients send, byte by byte where clients cannot be had to send it."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from sigv2.sandbox.emulating.emulator import Emulator
from tests.sandbox.conftest import OTHER, TARGET, Pipeline, deploy_pipeline
from tests.sandbox.s3_clients import boto2
from tests.sandbox.test_hostile import SIGV2, Answer, exchange, request

DOMAIN = "www.example.com"
KMS_MESSAGE = "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4."


@pytest.fixture(scope="module")
def pipeline() -> Iterator[Pipeline]:
    with Emulator() as emulator:
        emulator.client("s3").create_bucket(Bucket=DOMAIN)
        yield deploy_pipeline(emulator, {"targetBuckets": f"{TARGET},{OTHER},{DOMAIN}"})


def sent(pipeline: Pipeline, line: str, *headers: str, host: str = "s3.localhost", body: bytes = b"") -> Answer:
    return exchange(pipeline, request(line, SIGV2, f"Content-Length: {len(body)}", *headers, host=host, body=body))


def newly_logged(pipeline: Pipeline, before: int) -> list[tuple[str, str, str | None, str | None]]:
    """Name, bucket, key and error of what was logged since."""
    return [
        (
            event["detail"]["eventName"],
            event["detail"]["requestParameters"]["bucketName"],
            event["detail"]["requestParameters"].get("key"),
            event["detail"].get("errorCode"),
        )
        for event in pipeline.logged()[before:]
    ]


# Paths


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("a+b", "a b"),
        ("a%2Bb", "a+b"),
        ("a%20b", "a b"),
        ("a%2520b", "a%20b"),
        ("/a//b/", "/a//b/"),
        ("a%2F%2Fb", "a//b"),
        ("a/../b", "a/../b"),
        ("./a", "./a"),
        ("%E2%82%AC%F0%9F%AA%A3", "€\U0001faa3"),
        ("%01%1f%0a%0d", "\x01\x1f\n\r"),
        ("a;b,c=d&e@f:g$h!i*j'(k)", "a;b,c=d&e@f:g$h!i*j'(k)"),
        ("%3F%23%5C%22%3C", '?#\\"<'),
    ],
)
@pytest.mark.parametrize("host", ["s3.localhost", f"{TARGET}.s3.localhost"])
def test_a_path_names_the_key_that_s3_reads_in_it(pipeline: Pipeline, path: str, key: str, host: str) -> None:
    before = len(pipeline.logged())
    url = f"/{path}" if host.startswith(TARGET) else f"/{TARGET}/{path}"
    assert sent(pipeline, f"PUT {url}", host=host, body=b"content").status == 200
    assert pipeline.s3("s3v4").get_object(Bucket=TARGET, Key=key)["Body"].read() == b"content"
    assert newly_logged(pipeline, before) == [("PutObject", TARGET, key, None)]
    pipeline.s3("s3v4").delete_object(Bucket=TARGET, Key=key)


@pytest.mark.parametrize("path", ["a%", "a%2", "a%zz", "a/%ff", "..", "../a", "a/../../b"])
def test_a_path_that_names_no_key_is_refused_and_not_logged(pipeline: Pipeline, path: str) -> None:
    before = len(pipeline.logged())
    answer = sent(pipeline, f"PUT /{TARGET}/{path}")
    assert (answer.status, answer.code) == (400, "InvalidURI")
    assert newly_logged(pipeline, before) == []


def test_a_key_that_is_too_long_is_refused_and_logged(pipeline: Pipeline) -> None:
    before = len(pipeline.logged())
    with pytest.raises(ClientError, match=r"\(KeyTooLongError\)"):
        pipeline.s3().put_object(Bucket=TARGET, Key="é" * 513, Body=b"")
    assert newly_logged(pipeline, before) == [("PutObject", TARGET, "é" * 513, "KeyTooLongError")]


def test_keys_with_control_characters_are_listed_so_that_clients_read_them(pipeline: Pipeline) -> None:
    key = "control/\x01\x08\x0b\r\n\x1f <&>"
    s3 = pipeline.s3()
    s3.put_object(Bucket=TARGET, Key=key, Body=b"")
    assert [each["Key"] for each in s3.list_objects(Bucket=TARGET, Prefix="control/")["Contents"]] == [key]
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=TARGET, Prefix="control/")["Contents"]] == [key]
    assert [each["Key"] for each in s3.list_object_versions(Bucket=TARGET, Prefix="control/")["Versions"]] == [key]
    plain = sent(pipeline, f"GET /{TARGET}?prefix=control/").body.decode()
    assert "<Key>control/&#x1;&#x8;&#xb;&#xd;\n&#x1f; &lt;&amp;&gt;</Key>" in plain
    with pytest.raises(ClientError, match="404"):  # no parser of XML 1.0 reads the key in this error
        s3.get_object(Bucket=TARGET, Key=f"{key}/absent")
    s3.delete_object(Bucket=TARGET, Key=key)
    assert "Contents" not in s3.list_objects_v2(Bucket=TARGET, Prefix="control/")
    errors = [event["detail"].get("errorCode") for event in pipeline.logged()[-3:]]
    assert errors == ["NoSuchKey", None, None]


# Versions


def test_the_version_null_is_the_object_of_a_bucket_without_versions(pipeline: Pipeline) -> None:
    s3 = pipeline.s3()
    s3.put_object(Bucket=TARGET, Key="unversioned", Body=b"content")
    before = len(pipeline.logged())
    asked: Any = {"Bucket": TARGET, "Key": "unversioned", "VersionId": "null"}
    assert s3.get_object(**asked)["Body"].read() == b"content"
    assert s3.head_object(**asked)["ContentLength"] == 7
    s3.copy_object(Bucket=TARGET, Key="copied", CopySource=asked)
    s3.delete_object(**asked)
    assert [name for name, *_ in newly_logged(pipeline, before)] == [
        *("GetObject", "HeadObject", "CopyObject", "DeleteObject")
    ]
    with pytest.raises(ClientError):
        s3.get_object(Bucket=TARGET, Key="unversioned")


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_no_version_at_all_is_an_invalid_argument(pipeline: Pipeline, method: str) -> None:
    answer = sent(pipeline, f"{method} /{TARGET}/key?versionId=")
    assert (answer.status, answer.code) == (400, None if method == "HEAD" else "InvalidArgument")


# Hosts


@pytest.mark.parametrize(
    ("host", "path", "bucket"),
    [
        (DOMAIN, "/key", DOMAIN),
        ("WWW.EXAMPLE.COM:8080", "/key", DOMAIN),
        (f"{DOMAIN}.s3.amazonaws.com", "/key", DOMAIN),
        ("s3.us-east-1.amazonaws.com", f"/{DOMAIN}/key", DOMAIN),
        (f"{TARGET}.s3.dualstack.us-east-1.amazonaws.com", "/key", TARGET),
        (f"{TARGET.upper()}.S3.Amazonaws.com:443", "/key", TARGET),
        ("bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com", f"/{TARGET}/key", TARGET),
        (f"{TARGET}.bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com", "/key", TARGET),
        (f"{DOMAIN}.bucket.vpce-1a2b3c4d-5e6f-us-east-1a.s3.us-east-1.vpce.amazonaws.com:80", "/key", DOMAIN),
    ],
)
def test_a_host_names_the_bucket_that_s3_reads_in_it(pipeline: Pipeline, host: str, path: str, bucket: str) -> None:
    before = len(pipeline.logged())
    assert sent(pipeline, f"PUT {path}", host=host, body=b"a").status == 200
    assert newly_logged(pipeline, before) == [("PutObject", bucket, "key", None)]
    assert pipeline.logged()[-1]["detail"]["requestParameters"]["Host"] == host


def test_a_domain_that_is_no_bucket_is_one_that_does_not_exist(pipeline: Pipeline) -> None:
    answer = sent(pipeline, "GET /key", host="files.example.com")
    assert (answer.status, answer.code) == (404, "NoSuchBucket")


# Forms


def form(fields: dict[str, str], *, file_first: bool = False, filename: str = "picture.jpg") -> tuple[str, bytes]:
    file = {"file": FileStorage(BytesIO(b"picture"), filename=filename)}
    boundary, body = encode_multipart({**file, **fields} if file_first else {**fields, **file})
    return f"Content-Type: multipart/form-data; boundary={boundary}", body


def signed(pipeline: Pipeline, key: str, seconds: int = 60, version: str = "s3") -> dict[str, str]:
    fields: dict[str, str] = pipeline.s3(version).generate_presigned_post(TARGET, key, ExpiresIn=seconds)["fields"]
    return fields


def posted(pipeline: Pipeline, content_type: str, body: bytes) -> Answer:
    return exchange(pipeline, request(f"POST /{TARGET}", content_type, f"Content-Length: {len(body)}", body=body))


def test_a_form_is_stored_under_the_name_of_its_file(pipeline: Pipeline) -> None:
    fields = {**signed(pipeline, "form/${filename}"), "x-amz-meta-name": "${filename}"}
    assert posted(pipeline, *form(fields, filename="C:\\pictures\\cat.jpg")).status == 204
    stored = pipeline.s3("s3v4").get_object(Bucket=TARGET, Key="form/cat.jpg")
    assert (stored["Body"].read(), stored["Metadata"]) == (b"picture", {"name": "cat.jpg"})


def test_no_field_of_a_form_passes_for_another(pipeline: Pipeline) -> None:
    fields = {**signed(pipeline, "one-field"), 'x"; name="key': "another", "x-amz-meta-lines": "a\r\n--b\r\nc"}
    before = len(pipeline.logged())
    assert posted(pipeline, *form(fields)).status < 500
    assert {key for _, _, key, _ in newly_logged(pipeline, before)} <= {"one-field"}
    with pytest.raises(ClientError, match="NoSuchKey"):
        pipeline.s3("s3v4").get_object(Bucket=TARGET, Key="another")


@pytest.mark.parametrize("headers", [[], ["x-amz-acl: nonsense"]])
def test_an_error_says_which_request_it_is_about(pipeline: Pipeline, headers: list[str]) -> None:
    pipeline.s3("s3v4").put_object(Bucket=TARGET, Key="tagged", Body=b"x")
    answer = sent(pipeline, f"PUT /{TARGET}/tagged?tagging", *headers, body=b"<a>")
    assert b"<RequestId></RequestId>" not in answer.body
    assert answer.status == 400


def test_what_follows_a_forms_file_is_ignored(pipeline: Pipeline) -> None:
    content_type, body = form(signed(pipeline, "before"))
    boundary = content_type.rpartition("=")[2]
    late = f'\r\nContent-Disposition: form-data; name="success_action_status"\r\n\r\n200\r\n--{boundary}--\r\n'
    assert posted(pipeline, content_type, body.removesuffix(b"--\r\n") + late.encode()).status == 204


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_form_whose_file_comes_first_has_no_key(pipeline: Pipeline, version: str) -> None:
    before = len(pipeline.logged())
    answer = posted(pipeline, *form(signed(pipeline, "late", version=version), file_first=True))
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert b"Bucket POST must contain a field named 'key'.  If it is specified, please check the order" in answer.body
    assert newly_logged(pipeline, before) == []
    with pytest.raises(ClientError, match="NoSuchKey"):
        pipeline.s3("s3v4").get_object(Bucket=TARGET, Key="late")


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/mixed"])
def test_a_form_in_any_other_encoding_is_refused(pipeline: Pipeline, content_type: str) -> None:
    before = len(pipeline.logged())
    body = "&".join(f"{name}={value}" for name, value in signed(pipeline, "encoded").items()) + "&file=a"
    answer = posted(pipeline, f"Content-Type: {content_type}", body.encode())
    assert (answer.status, answer.code) == (412, "PreconditionFailed")
    assert b"<Condition>Bucket POST must be of the enclosure-type multipart/form-data</Condition>" in answer.body
    assert newly_logged(pipeline, before) == []


def test_a_form_without_a_file_is_refused(pipeline: Pipeline) -> None:
    boundary, body = encode_multipart(signed(pipeline, "nothing"))
    answer = posted(pipeline, f"Content-Type: multipart/form-data; boundary={boundary}", body)
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert b"POST requires exactly one file upload per request." in answer.body


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_form_whose_policy_has_expired_is_refused_and_not_logged(pipeline: Pipeline, version: str) -> None:
    before = len(pipeline.logged())
    answer = posted(pipeline, *form(signed(pipeline, "expired", -5, version)))
    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert b"Invalid according to Policy: Policy expired." in answer.body
    assert newly_logged(pipeline, before) == []


@pytest.mark.parametrize("policy", ["no JSON", "{}", '{"expiration": "soon"}', "[]"])
def test_a_form_whose_policy_is_none_is_refused(pipeline: Pipeline, policy: str) -> None:
    fields = {**signed(pipeline, "policy"), "policy": base64.b64encode(policy.encode()).decode()}
    answer = posted(pipeline, *form(fields))
    assert (answer.status, answer.code) == (400, "InvalidPolicyDocument")


# Dates


def dated(minutes: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)


def compact(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y%m%dT%H%M%SZ")


def sent_dated(pipeline: Pipeline, *dates: str, authorization: str = SIGV2) -> Answer:
    lines = [f"GET /{TARGET}/absent HTTP/1.1", "Host: s3.localhost", authorization, *dates, "", ""]
    return exchange(pipeline, "\r\n".join(lines).encode())


SIGV4 = (
    "Authorization: AWS4-HMAC-SHA256 Credential=AKIASTRANGER00000000/20260102/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=abc"
)


@pytest.mark.parametrize("authorization", [SIGV2, SIGV4])
@pytest.mark.parametrize("dates", [[], ["Date: yesterday"], ["x-amz-date: 20260102"], ["x-amz-date: 99999999T999999Z"]])
def test_a_signed_request_without_a_date_is_denied_and_not_logged(
    pipeline: Pipeline, dates: list[str], authorization: str
) -> None:
    before = len(pipeline.logged())
    answer = sent_dated(pipeline, *dates, authorization=authorization)
    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert b"AWS authentication requires a valid Date or x-amz-date header" in answer.body
    assert newly_logged(pipeline, before) == []


@pytest.mark.parametrize("authorization", [SIGV2, SIGV4])
@pytest.mark.parametrize("minutes", [-16, 16, -600_000])
@pytest.mark.parametrize("header", ["Date", "x-amz-date"])
def test_a_request_of_another_time_is_too_skewed_and_not_logged(
    pipeline: Pipeline, minutes: float, header: str, authorization: str
) -> None:
    before = len(pipeline.logged())
    date = dated(minutes) if header == "Date" else compact(minutes)
    answer = sent_dated(pipeline, f"{header}: {date}", authorization=authorization)
    assert (answer.status, answer.code) == (403, "RequestTimeTooSkewed")
    assert newly_logged(pipeline, before) == []


def test_a_date_within_a_quarter_of_an_hour_is_taken_and_x_amz_date_goes_first(pipeline: Pipeline) -> None:
    assert sent_dated(pipeline, f"Date: {dated(-14)}").status == 404
    assert sent_dated(pipeline, f"Date: {dated(14).replace('GMT', '+0000')}").status == 404
    assert sent_dated(pipeline, f"x-amz-date: {dated(0)}", "Date: Thu, 01 Jan 1970 00:00:00 GMT").status == 404
    assert sent_dated(pipeline, f"Date: {dated(0)}", "x-amz-date: Thu, 01 Jan 1970 00:00:00 GMT").status == 403


@pytest.mark.parametrize(
    ("expires", "minutes", "expected"),
    [
        ("60", 16, (403, "AccessDenied")),
        ("-1", 0, (400, "AuthorizationQueryParametersError")),
        ("604801", 0, (400, "AuthorizationQueryParametersError")),
        ("soon", 0, (400, "AuthorizationQueryParametersError")),
        ("60", -2, (403, "AccessDenied")),
        ("60", 1, (404, "NoSuchKey")),
    ],
)
def test_a_sigv4_url_holds_from_its_date_for_its_seconds(
    pipeline: Pipeline, expires: str, minutes: float, expected: tuple[int, str]
) -> None:
    query = (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA/20260102/us-east-1/s3/aws4_request"
        f"&X-Amz-Date={compact(minutes)}&X-Amz-Expires={expires}&X-Amz-SignedHeaders=host&X-Amz-Signature=abc"
    )
    answer = exchange(pipeline, request(f"GET /{TARGET}/absent?{query}"))
    assert (answer.status, answer.code) == expected


# Bodies


@pytest.mark.parametrize(
    ("digest", "code"),
    [
        ("AAAA", "InvalidDigest"),
        ("no base64", "InvalidDigest"),
        (base64.b64encode(hashlib.md5(b"b", usedforsecurity=False).digest()).decode(), "BadDigest"),
        (base64.b64encode(hashlib.md5(b"a", usedforsecurity=False).digest()).decode(), None),
    ],
)
def test_a_digest_that_is_not_the_bodys_is_refused_and_logged(
    pipeline: Pipeline, digest: str, code: str | None
) -> None:
    before = len(pipeline.logged())
    assert sent(pipeline, f"PUT /{TARGET}/digest", f"Content-MD5: {digest}", body=b"a").code == code
    assert newly_logged(pipeline, before) == [("PutObject", TARGET, "digest", code)]


def test_an_upload_has_to_say_its_length(pipeline: Pipeline) -> None:
    answer = exchange(pipeline, request(f"PUT /{TARGET}/length", SIGV2))
    assert (answer.status, answer.code) == (411, "MissingContentLength")


def test_more_ranges_than_one_give_the_whole_object(pipeline: Pipeline) -> None:
    pipeline.s3().put_object(Bucket=TARGET, Key="ranges", Body=b"content")
    answer = sent(pipeline, f"GET /{TARGET}/ranges", "Range: bytes=0-0,2-3")
    assert (answer.status, answer.body) == (200, b"content")


@pytest.mark.parametrize("body", [b"", b"<Delete></Delete>", b"<Delete><Object><Key>\x01</Key></Object></Delete>"])
def test_a_deletion_of_nothing_is_malformed_and_logged(pipeline: Pipeline, body: bytes) -> None:
    before = len(pipeline.logged())
    assert sent(pipeline, f"POST /{TARGET}?delete", body=body).code == "MalformedXML"
    assert newly_logged(pipeline, before) == [("DeleteObjects", TARGET, None, "MalformedXML")]


# Copies


def deny(pipeline: Pipeline, bucket: str, **elements: Any) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        **elements,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    pipeline.s3("s3v4").put_bucket_policy(Bucket=bucket, Policy=policy)


@pytest.fixture
def secret(pipeline: Pipeline) -> Iterator[dict[str, str]]:
    """An object whose bucket denies SigV2, as `report --enforce` has it."""
    pipeline.s3("s3v4").put_object(Bucket=OTHER, Key="a secret+", Body=b"content")
    deny(pipeline, OTHER, Condition={"StringEquals": {"s3:signatureversion": "AWS"}})
    yield {"Bucket": OTHER, "Key": "a secret+"}
    pipeline.s3("s3v4").delete_bucket_policy(Bucket=OTHER)


def test_a_copy_is_denied_where_its_source_denies_it(pipeline: Pipeline, secret: Any) -> None:
    before = len(pipeline.logged())
    with pytest.raises(ClientError, match=r"AccessDenied.*CopyObject"):
        pipeline.s3().copy_object(Bucket=TARGET, Key="stolen", CopySource=secret)
    pipeline.s3("s3v4").copy_object(Bucket=TARGET, Key="copied", CopySource=secret)
    assert newly_logged(pipeline, before) == [("CopyObject", TARGET, "stolen", "AccessDenied")]
    record = pipeline.logged()[-1]["detail"]
    assert record["requestParameters"]["x-amz-copy-source"] == f"{OTHER}/a%20secret%2B"
    assert [resource["ARN"] for resource in record["resources"]] == [
        *(f"arn:aws:s3:::{TARGET}/stolen", f"arn:aws:s3:::{TARGET}")
    ]


def test_a_part_is_not_copied_where_its_source_denies_it(pipeline: Pipeline, secret: Any) -> None:
    before = len(pipeline.logged())
    v2, v4 = pipeline.s3(), pipeline.s3("s3v4")
    upload = v4.create_multipart_upload(Bucket=TARGET, Key="parts")["UploadId"]
    part: Any = {"Bucket": TARGET, "Key": "parts", "UploadId": upload, "PartNumber": 1, "CopySource": secret}
    with pytest.raises(ClientError, match=r"AccessDenied.*UploadPartCopy"):
        v2.upload_part_copy(**part)
    v4.upload_part_copy(**part)
    assert newly_logged(pipeline, before) == [("UploadPartCopy", TARGET, "parts", "AccessDenied")]


def test_boto_2_copies_nothing_from_a_bucket_that_denies_it(pipeline: Pipeline, secret: Any) -> None:
    connection = boto2(pipeline.emulator, pipeline.user)
    with pytest.raises(Exception, match="AccessDenied"):
        connection.get_bucket(TARGET, validate=False).copy_key("stolen", secret["Bucket"], secret["Key"])


@pytest.mark.parametrize(
    ("elements", "source"),
    [
        ({"Action": "s3:GetObject"}, "key"),
        ({"Action": "s3:GetObjectVersion"}, "key?versionId=null"),
        ({"Resource": f"arn:aws:s3:::{OTHER}/a b"}, "a+b"),
        ({"Resource": f"arn:aws:s3:::{OTHER}/a+b"}, "a%2Bb"),
        ({"Principal": {"AWS": "999999999999"}}, "key"),
        ({"Condition": {"StringNotLike": {"s3:x-amz-acl": "private"}}}, "key"),
    ],
)
@pytest.mark.parametrize("slash", ["", "/", "%2F"])
def test_a_source_denies_reading_by_any_of_its_names(
    pipeline: Pipeline, elements: dict[str, Any], source: str, slash: str
) -> None:
    deny(pipeline, OTHER, **elements)
    header = f"x-amz-copy-source: {slash}{OTHER}/{source}"
    answer = sent(pipeline, f"PUT /{TARGET}/stolen", header, "x-amz-acl: private")
    pipeline.s3("s3v4").delete_bucket_policy(Bucket=OTHER)
    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert sent(pipeline, f"PUT /{TARGET}/stolen", header, "x-amz-acl: private").code in ("NoSuchKey", "NoSuchVersion")


def test_a_source_that_denies_writing_alone_may_be_copied(pipeline: Pipeline) -> None:
    pipeline.s3("s3v4").put_object(Bucket=OTHER, Key="readable", Body=b"content")
    deny(pipeline, OTHER, Action="s3:PutObject")
    pipeline.s3().copy_object(Bucket=TARGET, Key="copied", CopySource={"Bucket": OTHER, "Key": "readable"})
    pipeline.s3("s3v4").delete_bucket_policy(Bucket=OTHER)


def test_a_source_that_refuses_sigv2_is_not_copied_with_it(pipeline: Pipeline) -> None:
    v4 = pipeline.s3("s3v4")
    v4.put_object(Bucket=OTHER, Key="new", Body=b"content")
    v4.put_bucket_tagging(Bucket=OTHER, Tagging={"TagSet": [{"Key": "sigv2-sandbox", "Value": "refused"}]})
    with pytest.raises(ClientError, match="The authorization mechanism you have provided is not supported"):
        pipeline.s3().copy_object(Bucket=TARGET, Key="copied", CopySource={"Bucket": OTHER, "Key": "new"})
    v4.delete_bucket_tagging(Bucket=OTHER)


@pytest.mark.parametrize("source", ["nonsense", "/", f"/{OTHER}", f"{OTHER}/", f"{OTHER}/%ff", "//key"])
def test_a_copy_of_nothing_is_an_invalid_argument_and_logged(pipeline: Pipeline, source: str) -> None:
    before = len(pipeline.logged())
    assert sent(pipeline, f"PUT /{TARGET}/copy", f"x-amz-copy-source: {source}").code == "InvalidArgument"
    assert newly_logged(pipeline, before) == [("CopyObject", TARGET, "copy", "InvalidArgument")]


def test_a_copy_through_an_access_point_finds_none_and_is_logged(pipeline: Pipeline) -> None:
    before = len(pipeline.logged())
    source = "arn:aws:s3:us-east-1:123456789012:accesspoint/mine/object/a%20key"
    answer = sent(pipeline, f"PUT /{TARGET}/copy", f"x-amz-copy-source: {source}")
    assert (answer.status, answer.code) == (404, "NoSuchAccessPoint")
    assert newly_logged(pipeline, before) == [("CopyObject", TARGET, "copy", "NoSuchAccessPoint")]


# KMS


@pytest.fixture
def encrypted(pipeline: Pipeline) -> Iterator[str]:
    """The key of an object that KMS encrypts."""
    pipeline.s3("s3v4").put_object(Bucket=OTHER, Key="encrypted", Body=b"content", ServerSideEncryption="aws:kms")
    yield "encrypted"
    pipeline.s3("s3v4").delete_object(Bucket=OTHER, Key="encrypted")


def test_what_kms_encrypts_is_read_with_sigv4_alone(pipeline: Pipeline, encrypted: str) -> None:
    v2, v4 = pipeline.s3(), pipeline.s3("s3v4")
    before = len(pipeline.logged())
    asked: Any = {"Bucket": OTHER, "Key": encrypted}
    with pytest.raises(ClientError) as refused:
        v2.get_object(**asked)
    assert refused.value.response["Error"]["Code"] == "InvalidArgument"
    assert refused.value.response["Error"]["Message"] == KMS_MESSAGE
    url = v2.generate_presigned_url("get_object", Params=asked)
    assert KMS_MESSAGE in requests.get(url, timeout=10).text
    with pytest.raises(ClientError, match="InvalidArgument"):
        v2.copy_object(Bucket=TARGET, Key="copied", CopySource=asked)
    assert v2.head_object(**asked)["ServerSideEncryption"] == "aws:kms"
    assert v4.get_object(**asked)["Body"].read() == b"content"
    assert requests.get(v4.generate_presigned_url("get_object", Params=asked), timeout=10).content == b"content"
    v4.copy_object(Bucket=TARGET, Key="copied", CopySource=asked)
    assert newly_logged(pipeline, before) == [
        ("GetObject", OTHER, encrypted, "InvalidArgument"),
        ("GetObject", OTHER, encrypted, "InvalidArgument"),
        ("CopyObject", TARGET, "copied", "InvalidArgument"),
        ("HeadObject", OTHER, encrypted, None),
    ]


def test_what_kms_is_to_encrypt_is_written_with_sigv4_alone(pipeline: Pipeline) -> None:
    v2, v4 = pipeline.s3(), pipeline.s3("s3v4")
    asked: Any = {"Bucket": OTHER, "Key": "written", "ServerSideEncryption": "aws:kms"}
    with pytest.raises(ClientError, match=KMS_MESSAGE):
        v2.put_object(**asked, Body=b"content")
    with pytest.raises(ClientError, match=KMS_MESSAGE):
        v2.create_multipart_upload(**asked)
    with pytest.raises(ClientError, match="NoSuchKey"):
        v4.get_object(Bucket=OTHER, Key="written")
    v4.put_object(**asked, Body=b"content")
    v2.put_object(Bucket=OTHER, Key="written", Body=b"content", ServerSideEncryption="AES256")


def test_a_bucket_that_encrypts_with_kms_by_default_is_written_with_sigv4_alone(pipeline: Pipeline) -> None:
    v2, v4 = pipeline.s3(), pipeline.s3("s3v4")
    rule: Any = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    v4.put_bucket_encryption(Bucket=OTHER, ServerSideEncryptionConfiguration={"Rules": [rule]})
    asked: Any = {"Bucket": OTHER, "Key": "by-default"}
    with pytest.raises(ClientError, match=KMS_MESSAGE):
        v2.put_object(**asked, Body=b"content")
    v4.put_object(**asked, Body=b"content")
    with pytest.raises(ClientError, match=KMS_MESSAGE):
        v2.get_object(**asked)
    v4.delete_bucket_encryption(Bucket=OTHER)
    v2.put_object(**asked, Body=b"content")
    assert v2.get_object(**asked)["Body"].read() == b"content"
