"""Telling how real clients signed, and hostile ones did not."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import boto3
import pytest
import requests
from awsauth import S3Auth
from botocore import UNSIGNED
from botocore.config import Config
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from sigv2.sandbox.observing.http_request import S3Request, parse
from sigv2.sandbox.observing.s3_errors import Refused
from sigv2.sandbox.observing.signatures import Signature, read_signature
from sigv2.sandbox.visitors import BOTO2

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.awsrequest import AWSPreparedRequest
    from mypy_boto3_s3 import S3Client

KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # noqa: S105 - AWS's own example, opens nothing
TOKEN = "a session token"  # noqa: S105 - likewise
SCOPE = f"{KEY}/20190630/us-east-1/s3/aws4_request"

V2_QUERY = {"AWSAccessKeyId": KEY, "Signature": "c2lnbmF0dXJl", "Expires": "1561889203"}
V4_QUERY = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": SCOPE,
    "X-Amz-Date": "20190630T102003Z",
    "X-Amz-Expires": "300",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": "abc123",
}
V2_FORM = {"AWSAccessKeyId": KEY, "policy": "e30=", "signature": "c2lnbmF0dXJl"}
V4_FORM = {
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": SCOPE,
    "x-amz-date": "20190630T102003Z",
    "policy": "e30=",
    "x-amz-signature": "abc123",
}


class _Captured(Exception):  # noqa: N818 - carries a request, is no error
    def __init__(self, request: AWSPreparedRequest) -> None:
        super().__init__()
        self.request = request


def _stop(request: AWSPreparedRequest, **_: object) -> None:
    raise _Captured(request)


def client(signature_version: str | None = None, token: str | None = None) -> S3Client:
    s3: S3Client = boto3.client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        aws_session_token=token,
        config=Config(signature_version=signature_version, s3={"addressing_style": "path"}),
    )
    s3.meta.events.register("before-send.s3", _stop)
    return s3


def sent_by(call: Callable[[], object]) -> S3Request:
    """The request that a boto3 call would have put on the wire."""
    with pytest.raises(_Captured) as captured:
        call()
    prepared = captured.value.request
    headers = {name: _decoded(value) for name, value in prepared.headers.items()}
    return get(prepared.url, headers, str(prepared.method))


def _decoded(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def get(url: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> S3Request:
    parts = urlsplit(url)
    names = {f"HTTP_{name.upper().replace('-', '_')}": v for name, v in (headers or {}).items()}
    names.pop("HTTP_CONTENT_LENGTH", None)
    uri = f"{parts.path}?{parts.query}"
    return parse({"REQUEST_METHOD": method, "REQUEST_URI": uri, **names}, b"")


def queried(query: Mapping[str, str], headers: Mapping[str, str] | None = None) -> S3Request:
    return get(f"/photos/cat.jpg?{urlencode(query)}", headers)


def post(fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> S3Request:
    boundary, body = encode_multipart({"key": "cat.jpg", **fields, "file": FileStorage(BytesIO(b""), filename="a")})
    environ = {
        "REQUEST_METHOD": "POST",
        "REQUEST_URI": "/photos",
        "CONTENT_TYPE": f"multipart/form-data; boundary={boundary}",
        **(headers or {}),
    }
    return parse(environ, body)


def authorized(authorization: str) -> S3Request:
    return get("/photos/cat.jpg", {"Authorization": authorization})


def refusal(request: S3Request) -> tuple[int, str, str]:
    with pytest.raises(Refused) as refused:
        read_signature(request)
    return refused.value.status, refused.value.code, refused.value.message


# Real clients


def test_a_request_of_boto3_is_sigv4_by_header() -> None:
    request = sent_by(lambda: client().get_object(Bucket="photos", Key="cat.jpg"))
    assert read_signature(request) == Signature("SigV4", "AuthHeader", KEY, None)


def test_a_streaming_upload_of_boto3_is_sigv4_by_header() -> None:
    request = sent_by(lambda: client().put_object(Bucket="photos", Key="cat.jpg", Body=BytesIO(b"cat")))
    assert request.headers["x-amz-content-sha256"].startswith("STREAMING-")
    assert read_signature(request) == Signature("SigV4", "AuthHeader", KEY, None)


def test_boto3_told_to_sign_with_s3_is_sigv2_by_header() -> None:
    s3 = client("s3", TOKEN)
    request = sent_by(lambda: s3.get_object(Bucket="photos", Key="cat.jpg"))
    assert read_signature(request) == Signature("SigV2", "AuthHeader", KEY, TOKEN)


@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_presigned_url_of_boto3_is_sigv2_by_query_string(token: str | None) -> None:
    url = client(token=token).generate_presigned_url("get_object", {"Bucket": "photos", "Key": "cat.jpg"})
    assert read_signature(get(url)) == Signature("SigV2", "QueryString", KEY, token)


@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_presigned_url_of_boto3_told_to_use_s3v4_is_sigv4(token: str | None) -> None:
    url = client("s3v4", token).generate_presigned_url("get_object", {"Bucket": "photos", "Key": "cat.jpg"})
    assert read_signature(get(url)) == Signature("SigV4", "QueryString", KEY, token)


@pytest.mark.parametrize(("signature_version", "version"), [(None, "SigV2"), ("s3", "SigV2"), ("s3v4", "SigV4")])
@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_post_form_of_boto3_is_signed_in_its_fields(
    signature_version: str | None, version: str, token: str | None
) -> None:
    fields = client(signature_version, token).generate_presigned_post("photos", "cat.jpg")["fields"]
    signature = read_signature(post(fields))
    assert signature is not None
    assert (signature.version, signature.method) == (version, "HtmlForm")
    assert (signature.access_key_id, signature.session_token) == (KEY, token)


@pytest.fixture
def boto2() -> Any:
    """A connection of boto 2.49, which sends nothing."""
    if missing := BOTO2.missing():
        pytest.skip(f"{BOTO2.name} {missing}")
    from boto.s3.connection import OrdinaryCallingFormat, S3Connection  # noqa: PLC0415 - not installed everywhere

    return S3Connection(KEY, SECRET, calling_format=OrdinaryCallingFormat())


def test_a_request_of_boto_2_is_sigv2_by_header(boto2: Any) -> None:
    request = boto2.build_base_http_request("GET", "/photos/cat.jpg", "/photos/cat.jpg", headers={})
    request.authorize(connection=boto2)
    read = read_signature(get("/photos/cat.jpg", request.headers))
    assert read == Signature("SigV2", "AuthHeader", KEY, None)


def test_a_url_of_boto_2_is_sigv2_by_query_string(boto2: Any) -> None:
    url = boto2.generate_url(300, "GET", "photos", "cat.jpg")
    assert read_signature(get(url)) == Signature("SigV2", "QueryString", KEY, None)


def test_a_request_of_requests_aws_is_sigv2_by_header() -> None:
    auth = S3Auth(KEY, SECRET)
    request = requests.Request("GET", "https://s3.amazonaws.com/photos/cat.jpg", auth=auth).prepare()
    headers = {name: _decoded(value) for name, value in request.headers.items()}
    assert read_signature(get(str(request.url), headers)) == Signature("SigV2", "AuthHeader", KEY, None)


def test_an_unsigned_request_of_boto3_is_anonymous() -> None:
    s3 = boto3.client("s3", region_name="us-east-1", config=Config(signature_version=UNSIGNED))
    s3.meta.events.register("before-send.s3", _stop)
    request = sent_by(lambda: s3.get_object(Bucket="photos", Key="cat.jpg"))
    assert read_signature(request) is None


# What S3 answers to the others


def test_a_preflight_of_a_presigned_url_is_anonymous() -> None:
    request = get(f"/photos/cat.jpg?{urlencode(V2_QUERY)}", method="OPTIONS")
    assert read_signature(request) is None


def test_sigv4a_is_told_from_both() -> None:
    scope = f"{KEY}/20190630/s3/aws4_request"
    header = f"AWS4-ECDSA-P256-SHA256 Credential={scope}, SignedHeaders=host, Signature=abc"
    assert read_signature(authorized(header)) == Signature("SigV4A", "AuthHeader", KEY, None)
    query = V4_QUERY | {"X-Amz-Algorithm": "AWS4-ECDSA-P256-SHA256", "X-Amz-Credential": scope}
    assert read_signature(queried(query)) == Signature("SigV4A", "QueryString", KEY, None)


@pytest.mark.parametrize("authorization", ["Basic dXNlcg==", "Bearer abc", "AWS4-HMAC-SHA512 a"])
def test_another_scheme_is_no_authorization(authorization: str) -> None:
    expected = (400, "InvalidArgument", "Unsupported Authorization Type")
    assert refusal(authorized(authorization)) == expected


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        ("AWS", "Authorization header is invalid -- one and only one ' ' (space) required"),
        ("AWS  a:b", "Authorization header is invalid -- one and only one ' ' (space) required"),
        ("AWS a:b,AWS c:d", "Authorization header is invalid -- one and only one ' ' (space) required"),
        ("AWS garbage", "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature"),
        ("AWS a:", "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature"),
        ("AWS a:b:c", "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature"),
    ],
)
def test_a_malformed_sigv2_header_is_an_invalid_argument(authorization: str, message: str) -> None:
    assert refusal(authorized(authorization)) == (400, "InvalidArgument", message)


@pytest.mark.parametrize(
    "components",
    [
        "",
        "garbage",
        f"Credential={SCOPE}",
        f"Credential={SCOPE}, SignedHeaders=host, Signature=a, Signature=b",
        f"Credential={SCOPE}, SignedHeaders=host, Signature=",
        f"Credential={SCOPE}, SignedHeaders=host, Signature=a,AWS {KEY}:b",
        f"Credential={KEY}, SignedHeaders=host, Signature=a",
        f"Credential={KEY}/20190630/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=a",
    ],
)
def test_a_malformed_sigv4_header_is_so_called(components: str) -> None:
    status, code, message = refusal(authorized(f"AWS4-HMAC-SHA256 {components}"))
    assert (status, code) == (400, "AuthorizationHeaderMalformed")
    assert message.startswith("The authorization header is malformed; the ")


@pytest.mark.parametrize("missing", ["AWSAccessKeyId", "Expires"])
def test_a_truncated_sigv2_url_is_denied(missing: str) -> None:
    query = {name: value for name, value in V2_QUERY.items() if name != missing}
    assert refusal(queried(query)) == (
        403,
        "AccessDenied",
        "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
    )


def test_an_expiry_that_is_no_number_is_denied() -> None:
    expected = (403, "AccessDenied", "Invalid date (should be seconds since epoch)")
    assert refusal(queried(V2_QUERY | {"Expires": "tomorrow"})) == expected


@pytest.mark.parametrize("missing", [name for name in V4_QUERY if name != "X-Amz-Algorithm"])
def test_a_truncated_sigv4_url_is_refused(missing: str) -> None:
    query = {name: value for name, value in V4_QUERY.items() if name != missing}
    assert refusal(queried(query)) == (
        400,
        "AuthorizationQueryParametersError",
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
        "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
    )


@pytest.mark.parametrize("change", [{"X-Amz-Algorithm": "AWS4-HMAC-SHA1"}, {"X-Amz-Credential": KEY}])
def test_a_malformed_sigv4_url_is_refused(change: dict[str, str]) -> None:
    status, code, _ = refusal(queried(V4_QUERY | change))
    assert (status, code) == (400, "AuthorizationQueryParametersError")


@pytest.mark.parametrize(
    ("form", "missing"),
    [
        *((V2_FORM, name) for name in ("AWSAccessKeyId", "policy", "signature")),
        *((V4_FORM, name) for name in V4_FORM),
    ],
)
def test_a_truncated_form_is_refused(form: Mapping[str, str], missing: str) -> None:
    fields = {name: value for name, value in form.items() if name != missing}
    status, code, message = refusal(post(fields))
    assert (status, code) == (400, "InvalidArgument")
    assert message.lower() == (
        f"bucket post must contain a field named '{missing.lower()}'.  "
        "if it is specified, please check the order of the fields."
    )


@pytest.mark.parametrize("fields", [{}, {"policy": "e30="}])
def test_a_form_without_credentials_is_anonymous(fields: dict[str, str]) -> None:
    assert read_signature(post(fields)) is None


@pytest.mark.parametrize("query", [{"AWSAccessKeyId": KEY}, {"X-Amz-Signature": "abc"}])
def test_half_a_signature_that_s3_ignores_is_anonymous(query: dict[str, str]) -> None:
    assert read_signature(queried(query)) is None


@pytest.mark.parametrize(
    "request_",
    [
        queried(V2_QUERY, {"Authorization": f"AWS {KEY}:sig"}),
        queried(V4_QUERY, {"Authorization": f"AWS {KEY}:sig"}),
        queried(V2_QUERY, {"Authorization": "Bearer abc"}),
        queried(V2_QUERY | V4_QUERY),
        post(V2_FORM, {"HTTP_AUTHORIZATION": f"AWS {KEY}:sig"}),
        post(V2_FORM | {"x-amz-algorithm": "AWS4-HMAC-SHA256"}),
    ],
)
def test_two_signatures_at_once_are_refused(request_: S3Request) -> None:
    status, code, message = refusal(request_)
    assert (status, code) == (400, "InvalidArgument")
    assert message.startswith("Only one auth mechanism allowed")


@pytest.mark.parametrize(
    "request_",
    [
        authorized("AWS :sig"),
        authorized("AWS4-HMAC-SHA256 Credential=/20190630/r/s3/aws4_request, SignedHeaders=host, Signature=a"),
        queried(V2_QUERY | {"AWSAccessKeyId": ""}),
    ],
)
def test_nobodys_signature_is_refused(request_: S3Request) -> None:
    assert refusal(request_)[:2] == (403, "InvalidAccessKeyId")


def test_a_refusal_repeats_nothing_of_the_request() -> None:
    marker = "\x1b[31mpwned"
    for request in (authorized(f"AWS {marker}"), queried(V2_QUERY | {"Expires": marker})):
        assert marker not in "".join(map(str, refusal(request)))


# Whatever is thrown at it

_WORDS = st.sampled_from(["AWS", "AWS4-HMAC-SHA256", " ", ":", ",", "=", "Credential=", "Signature=", SCOPE, KEY, "é"])
_HEADERS = st.text() | st.lists(_WORDS).map("".join)
_PARAMETERS = st.dictionaries(
    st.sampled_from([*V2_QUERY, *V4_QUERY, "x-amz-security-token"]) | st.text(),
    st.sampled_from([KEY, SCOPE, "AWS4-HMAC-SHA256", "1561889203", ""]) | st.text(),
)


@given(authorization=st.none() | _HEADERS, parameters=_PARAMETERS)
@example(authorization=f"AWS {KEY}:sig", parameters={})
@example(authorization=None, parameters=V2_QUERY)
def test_only_a_request_with_the_marks_of_sigv2_is_sigv2(authorization: str | None, parameters: dict[str, str]) -> None:
    uri = f"/photos/cat.jpg?{urlencode(parameters, errors='replace')}"
    try:
        request = get(uri, {} if authorization is None else {"Authorization": authorization})
        signature = read_signature(request)
    except Refused:
        return
    by_header = (authorization or "").upper().startswith("AWS ")
    by_query = {"AWSAccessKeyId", "Signature", "Expires"} <= parse_qs(
        urlsplit(uri).query, keep_blank_values=True
    ).keys()
    if signature is not None and signature.version == "SigV2":
        assert (by_header, by_query) == (
            signature.method == "AuthHeader",
            signature.method == "QueryString",
        )
