"""Reading S3 requests off WSGI."""

from __future__ import annotations

import json
from dataclasses import asdict
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from sigv2.sandbox.observing.http_request import S3Request, parse, to_path_style
from sigv2.sandbox.observing.s3_errors import Refused

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def environ(method: str, uri: str, host: str = "127.0.0.1:5000", **extra: str) -> WSGIEnvironment:
    """As werkzeug's server makes it."""
    path, _, query = uri.partition("?")
    return {
        "REQUEST_METHOD": method,
        "REQUEST_URI": uri,
        "RAW_URI": uri,
        "PATH_INFO": unquote_to_bytes(path).decode(errors="replace").encode().decode("latin-1"),
        "QUERY_STRING": query,
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_HOST": host,
        **extra,
    }


def read(uri: str, host: str = "127.0.0.1:5000") -> S3Request:
    return parse(environ("GET", uri, host), b"")


def form_request(body: bytes, boundary: str, uri: str = "/photos") -> S3Request:
    content_type = f"multipart/form-data; boundary={boundary}"
    return parse(environ("POST", uri, CONTENT_TYPE=content_type), body)


def test_a_request_is_read_whole() -> None:
    request = parse(
        environ(
            "put",
            "/photos/2019/cat.jpg?versionId=1&versionId=2&acl",
            CONTENT_TYPE="image/jpeg",
            CONTENT_LENGTH="3",
            HTTP_USER_AGENT="aws-cli/1.10.56",
            HTTP_X_AMZ_ACL="private",
        ),
        b"cat",
    )
    assert request == S3Request(
        method="PUT",
        host="127.0.0.1:5000",
        bucket="photos",
        key="2019/cat.jpg",
        query={"versionId": "1", "acl": ""},
        headers={
            "host": "127.0.0.1:5000",
            "content-type": "image/jpeg",
            "content-length": "3",
            "user-agent": "aws-cli/1.10.56",
            "x-amz-acl": "private",
        },
        form={},
        source_ip="192.0.2.7",
        content_length=3,
        virtual_hosted=False,
    )


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [
        ("/", None, None),
        ("/photos", "photos", None),
        ("/photos/", "photos", None),
        ("/photos/a", "photos", "a"),
        ("/photos//a", "photos", "/a"),
        ("/photos/a/", "photos", "a/"),
        ("/photos/a%2Fb", "photos", "a/b"),
        ("/photos/a%252Fb", "photos", "a%2Fb"),
        ("/photos/a+b", "photos", "a b"),
        ("/photos/a%2Bb", "photos", "a+b"),
        ("/photos/./a", "photos", "./a"),
        ("/photos/a/b/../../c", "photos", "a/b/../../c"),
        ("/photos/%01%1F", "photos", "\x01\x1f"),
        ("/photos/a%20b", "photos", "a b"),
        ("/photos/a%3Fb?x", "photos", "a?b"),
        ("/photos/%C3%A9%E2%82%AC", "photos", "é€"),
        ("/photos/a/../b", "photos", "a/../b"),
        ("http://127.0.0.1:5000/photos/a", "photos", "a"),
        ("http://127.0.0.1:5000", None, None),
    ],
)
def test_a_path_decodes_as_s3_decodes_it(uri: str, bucket: str | None, key: str | None) -> None:
    request = read(uri)
    assert (request.bucket, request.key) == (bucket, key)


def test_a_plus_is_a_space_in_path_and_query_alike() -> None:
    request = read("/photos/a+b?prefix=a+b%2B")
    assert (request.key, request.query) == ("a b", {"prefix": "a b+"})


@pytest.mark.parametrize(
    "host",
    [
        "photos.s3.amazonaws.com",
        "photos.s3.eu-west-1.amazonaws.com",
        "photos.s3-eu-west-1.amazonaws.com",
        "photos.s3.cn-north-1.amazonaws.com.cn",
        "photos.s3.us-gov-west-1.amazonaws.com",
        "photos.s3.dualstack.eu-west-1.amazonaws.com",
        "photos.s3-accelerate.amazonaws.com",
        "PHOTOS.S3.amazonaws.com:443",
        "photos.s3.amazonaws.com.",
        "photos.s3-fips.dualstack.us-east-1.amazonaws.com",
        "photos.bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com",
        "photos.bucket.vpce-1a2b3c4d-5e6f-us-east-1a.s3.us-east-1.vpce.amazonaws.com",
        "photos.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com",
        "photos.127.0.0.1:5000",
        "photos.s3.localhost:5000",
        "photos.localhost:5000",
        "photos.localhost",
    ],
)
def test_a_host_of_a_bucket_names_the_bucket(host: str) -> None:
    request = read("/photos/a", host)
    assert (request.bucket, request.key, request.virtual_hosted) == ("photos", "photos/a", True)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1:5000",
        "[::1]:5000",
        "localhost:5000",
        "s3.localhost:5000",
        "s3.amazonaws.com",
        "s3.eu-west-1.amazonaws.com",
        "S3.AMAZONAWS.COM:443",
        "s3-eu-west-1.amazonaws.com",
        "bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com",
        "vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com:443",
        "host.docker.internal:5000",
        "sandbox:5000",
        "[::1]",
        "-,-",
    ],
)
def test_any_other_host_means_path_style(host: str) -> None:
    request = read("/photos/a", host)
    assert (request.bucket, request.key, request.virtual_hosted) == ("photos", "a", False)


@pytest.mark.parametrize("bucket", ["my.s3.photos", "s3", "www.example.com", "my.s3.us-east-1", "127.0.0.1.photos"])
def test_a_bucket_name_may_have_dots_and_even_an_endpoint_in_it(bucket: str) -> None:
    assert read("/a", f"{bucket}.s3.amazonaws.com").bucket == bucket


@pytest.mark.parametrize("host", ["www.example.com", "WWW.Example.com:8080", "www.example.com."])
def test_a_domain_that_is_no_endpoint_is_itself_a_bucket(host: str) -> None:
    request = read("/photos/a", host)
    assert (request.bucket, request.key, request.virtual_hosted) == ("www.example.com", "photos/a", True)


@pytest.mark.parametrize(
    "host",
    [
        "photos.s3-website-eu-west-1.amazonaws.com",
        "photos.s3-website.eu-central-1.amazonaws.com",
        "mine-123456789012.s3-accesspoint.us-east-1.amazonaws.com",
        "mine-123456789012.accesspoint.vpce-1a2b.s3.us-east-1.vpce.amazonaws.com",
        "123456789012.s3-control.us-east-1.amazonaws.com",
        "sqs.us-east-1.amazonaws.com",
    ],
)
def test_another_endpoint_of_aws_is_not_taken_for_a_bucket(host: str) -> None:
    with pytest.raises(Refused, match="NotImplemented"):
        read("/photos/a", host)


@pytest.mark.parametrize(
    ("uri", "headers"),
    [
        ("//a", {}),
        ("*", {}),
        ("photos/a", {}),
        ("http://[/a", {}),
        ("/photos/\xc3\xa9", {}),
        ("/photos/a b", {}),
        ("/photos/a\x00", {}),
        ("/photos/a%", {}),
        ("/photos/a%2", {}),
        ("/photos/a%zz", {}),
        ("/photos/..", {}),
        ("/photos/../a", {}),
        ("/photos/a/../../b", {}),
        ("/photos/%2e%2e/a", {}),
        ("/photos/a", {"CONTENT_LENGTH": "-1"}),
        ("/photos/a", {"CONTENT_LENGTH": "1e3"}),
        ("/photos/a", {"CONTENT_LENGTH": "٣"}),
        ("/photos/a", {"CONTENT_LENGTH": "9" * 5000}),
    ],
)
def test_what_no_s3_client_sends_is_a_bad_request(uri: str, headers: dict[str, str]) -> None:
    with pytest.raises(Refused):
        parse(environ("GET", uri, **headers), b"")


def test_the_body_says_its_length_where_no_header_does() -> None:
    assert parse(environ("PUT", "/photos/a"), b"chunked").content_length == 7


def test_without_a_raw_uri_the_path_is_still_read() -> None:
    request = parse({"REQUEST_METHOD": "GET", "PATH_INFO": "/photos/\xc3\xa9"}, b"")
    assert (request.bucket, request.key) == ("photos", "é")


def test_a_header_is_read_as_utf_8_or_else_as_latin_1() -> None:
    headers = parse(environ("GET", "/", HTTP_USER_AGENT="caf\xc3\xa9", HTTP_REFERER="caf\xe9"), b"").headers
    assert (headers["user-agent"], headers["referer"]) == ("café", "café")


def test_a_post_form_has_the_fields_before_its_file() -> None:
    boundary, body = encode_multipart(
        {
            "Key": "in/${filename}",
            "AWSAccessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "x-amz-meta-name": "${filename}",
            "file": FileStorage(BytesIO(b"x" * 100_000), filename="pictures/cat.jpg"),
            "signature": "too late",
        }
    )
    request = form_request(body, boundary)
    assert request.form == {
        "key": "in/cat.jpg",
        "awsaccesskeyid": "AKIAIOSFODNN7EXAMPLE",
        "x-amz-meta-name": "cat.jpg",
    }
    assert (request.bucket, request.key) == ("photos", None)


@pytest.mark.parametrize("uri", ["/", "/photos/a", "/photos?delete"])
def test_a_form_sent_elsewhere_than_to_a_bucket_is_none(uri: str) -> None:
    boundary, body = encode_multipart({"key": "a"})
    assert form_request(body, boundary, uri).form == {}


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (b"", "x"),
        (b"garbage", "x"),
        (b"--x\r\n\r\n\r\n--x--\r\n", "x"),
        (b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\na', "x"),
        (b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\na\r\n--x--\r\n', "x"),
        (b"--x--\r\n", ""),
        (b"--x--\r\n", "\xe9"),
        (b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\n' + b"a" * 30_000, "x"),
    ],
)
def test_a_malformed_form_is_a_bad_request(body: bytes, boundary: str) -> None:
    with pytest.raises(Refused):
        form_request(body, boundary)


def test_path_style_says_the_same_to_a_server_that_knows_no_other() -> None:
    before = environ("GET", "/a%2Fb%C3%BF?acl", "photos.s3.amazonaws.com", HTTP_DATE="today")
    after = to_path_style(before, parse(before, b""), "127.0.0.1:5000")
    assert after == {
        "REQUEST_METHOD": "GET",
        "REQUEST_URI": "/photos/a%2Fb%C3%BF?acl",
        "RAW_URI": "/photos/a%2Fb%C3%BF?acl",
        "PATH_INFO": "/photos/a/b\xc3\xbf",
        "QUERY_STRING": "acl",
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_HOST": "127.0.0.1:5000",
        "HTTP_DATE": "today",
    }
    assert before["HTTP_HOST"] == "photos.s3.amazonaws.com"


@given(
    bucket=st.from_regex(r"[a-z0-9]([a-z0-9-]{1,20}[a-z0-9])", fullmatch=True),
    key=st.text(min_size=1),
    query=st.sampled_from(["", "?acl", "?uploadId=1&partNumber=2", "?prefix=a%2Fb"]),
)
def test_both_styles_of_one_object_are_one_request(bucket: str, key: str, query: str) -> None:
    encoded = quote(key.encode(errors="replace"), safe="/")
    hosted = read(f"/{encoded}{query}", f"{bucket}.s3.amazonaws.com")
    path_style = read(f"/{bucket}/{encoded}{query}")
    assert hosted.key == key.encode(errors="replace").decode()
    same = {"host": "", "headers": {}, "virtual_hosted": False}
    assert {**asdict(hosted), **same} == {**asdict(path_style), **same}


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "BREW"]),
    uri=st.text(st.characters(max_codepoint=255)) | st.binary().map(lambda raw: "/" + quote(raw)),
    host=st.text(st.characters(max_codepoint=255)),
    content_type=st.text() | st.just("multipart/form-data; boundary=x"),
    content_length=st.text(),
    body=st.binary() | st.binary().map(lambda raw: b"--x\r\nContent-Disposition:" + raw),
)
def test_no_request_breaks_more_than_itself(
    method: str, uri: str, host: str, content_type: str, content_length: str, body: bytes
) -> None:
    hostile = environ(method, uri, host, CONTENT_TYPE=content_type, CONTENT_LENGTH=content_length)
    try:
        request = parse(hostile, body)
    except Refused:
        return
    assert json.loads(json.dumps(asdict(request)).encode()) == asdict(request)
