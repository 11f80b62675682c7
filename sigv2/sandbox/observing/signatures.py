"""How a request was signed, told from the request alone.

Nothing here knows a secret: whether the signature is right, or still valid, is not its question.
Codes and messages are S3's own, see
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from sigv2.sandbox.observing.forms import missing_field
from sigv2.sandbox.observing.s3_errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigv2.sandbox.observing.http_request import S3Request

Version = Literal["SigV2", "SigV4", "SigV4A"]
Method = Literal["AuthHeader", "QueryString", "HtmlForm"]

_V4_ALGORITHMS: Final[Mapping[str, Version]] = {
    "AWS4-HMAC-SHA256": "SigV4",
    "AWS4-ECDSA-P256-SHA256": "SigV4A",
}
# A SigV4A scope names no Region: its signature holds in several.
_CREDENTIAL: Final[Mapping[Version, re.Pattern[str]]] = {
    "SigV4": re.compile(r"(?P<key>[^/\s]*)/[0-9]{8}/[^/\s]+/s3/aws4_request"),
    "SigV4A": re.compile(r"(?P<key>[^/\s]*)/[0-9]{8}/s3/aws4_request"),
}
_CREDENTIAL_SHAPE: Final[Mapping[Version, str]] = {
    "SigV4": '"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request"',
    "SigV4A": '"<YOUR-AKID>/YYYYMMDD/SERVICE/aws4_request"',
}
_V4_COMPONENTS = {"Credential", "SignedHeaders", "Signature"}
_V4_QUERY = (
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)
_V2_FORM = ("AWSAccessKeyId", "Policy", "Signature")
_V4_FORM = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "Policy", "X-Amz-Signature")
# A policy alone signs nothing: S3 takes such a form for an anonymous one.
_V2_FORM_MARKS = ("awsaccesskeyid", "signature")
_V4_FORM_MARKS = ("x-amz-algorithm", "x-amz-credential", "x-amz-signature")
_EPOCH_SECONDS = re.compile(r"[+-]?[0-9]{1,19}")

_ONE_MECHANISM = (
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
    "Signature query string parameter or the Authorization header should be specified"
)


@dataclass(frozen=True)
class Signature:
    """How a request was signed, and as whom it says it was.

    Attributes:
        version: as CloudTrail spells it. That it spells `SigV4A` so is unconfirmed: no published
            record has one.
        method: as CloudTrail spells it. `HtmlForm` is likewise unconfirmed.
        access_key_id: as sent, never empty.
        session_token: of temporary credentials, else None.
    """

    version: Version
    method: Method
    access_key_id: str
    session_token: str | None


def read_signature(request: S3Request) -> Signature | None:
    """Tell how a request was signed.

    A streaming upload (`x-amz-content-sha256: STREAMING-…`) is signed in its header like any
    other. `AWSAccessKeyId` without `Signature`, or `X-Amz-Signature` without `X-Amz-Algorithm`,
    signs nothing: S3 takes such a request for an anonymous one. Nor does a browser's preflight of
    a presigned URL count as signed: CloudTrail records it as anonymous.

    Args:
        request: the parsed request.

    Returns:
        How it was signed, None for an anonymous request.

    Raises:
        Refused: where S3 would refuse to read it, or finds two signatures.
    """
    if request.method == "OPTIONS":
        return None
    authorization = request.headers.get("authorization")
    readers = [
        reader
        for present, reader in (
            (authorization is not None, _read_header),
            ("X-Amz-Algorithm" in request.query, _read_v4_query),
            ("Signature" in request.query, _read_v2_query),
            (_is_form(request.form, _V4_FORM_MARKS), _read_v4_form),
            (_is_form(request.form, _V2_FORM_MARKS), _read_v2_form),
        )
        if present
    ]
    if len(readers) > 1:
        raise Refused(400, "InvalidArgument", _ONE_MECHANISM)
    return readers[0](request) if readers else None


def _read_header(request: S3Request) -> Signature:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
    # https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
    scheme, space, credentials = request.headers["authorization"].partition(" ")
    if not space:
        raise Refused(400, "InvalidArgument", _ONE_SPACE)
    token = request.headers.get("x-amz-security-token")
    if scheme.upper() == "AWS":
        return _signature("SigV2", "AuthHeader", _v2_access_key(credentials), token)
    version = _V4_ALGORITHMS.get(scheme.upper())
    if version is None:
        raise Refused(400, "InvalidArgument", "Unsupported Authorization Type")
    try:
        access_key_id = _v4_access_key(version, _v4_components(credentials)["Credential"])
    except ValueError as error:
        message = f"The authorization header is malformed; {error}"
        raise Refused(400, "AuthorizationHeaderMalformed", message) from None
    return _signature(version, "AuthHeader", access_key_id, token)


_ONE_SPACE = "Authorization header is invalid -- one and only one ' ' (space) required"


def _v2_access_key(credentials: str) -> str:
    # A second space is also what remains of two Authorization headers that a server has joined.
    if re.search(r"\s", credentials):
        raise Refused(400, "InvalidArgument", _ONE_SPACE)
    match = re.fullmatch(r"([^:]*):[^:]+", credentials)
    if match is None:
        message = "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature"
        raise Refused(400, "InvalidArgument", message)
    return match[1]


def _v4_components(credentials: str) -> dict[str, str]:
    pairs = [component.strip().partition("=") for component in credentials.split(",")]
    components = {name: value for name, _, value in pairs}
    if components.keys() != _V4_COMPONENTS or len(pairs) != len(_V4_COMPONENTS):
        raise ValueError(
            "the authorization header requires three components: Credential, SignedHeaders, and Signature."
        )
    if not components["Signature"] or re.search(r"\s", components["Signature"]):
        raise ValueError("the Signature is mal-formed.")
    return components


def _v4_access_key(version: Version, credential: str) -> str:
    match = _CREDENTIAL[version].fullmatch(credential)
    if match is None:
        raise ValueError(f"the Credential is mal-formed; expecting {_CREDENTIAL_SHAPE[version]}.")
    return match["key"]


def _read_v4_query(request: S3Request) -> Signature:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    version = _V4_ALGORITHMS.get(request.query["X-Amz-Algorithm"])
    if version is None:
        supported = " and ".join(_V4_ALGORITHMS)
        raise _query_parameters_error(f'X-Amz-Algorithm only supports "{supported}"')
    if not all(request.query.get(name) for name in _V4_QUERY):
        raise _query_parameters_error(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, "
            "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
            "X-Amz-Expires parameters."
        )
    try:
        access_key_id = _v4_access_key(version, request.query["X-Amz-Credential"])
    except ValueError as error:
        raise _query_parameters_error(f"Error parsing the X-Amz-Credential; {error}") from None
    return _signature(version, "QueryString", access_key_id, _query_token(request))


def _query_parameters_error(message: str) -> Refused:
    return Refused(400, "AuthorizationQueryParametersError", message)


def _read_v2_query(request: S3Request) -> Signature:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
    query = request.query
    if not all(name in query for name in ("AWSAccessKeyId", "Expires")) or not query["Signature"]:
        message = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
        raise Refused(403, "AccessDenied", message)
    if not _EPOCH_SECONDS.fullmatch(query["Expires"]):
        message = "Invalid date (should be seconds since epoch)"
        raise Refused(403, "AccessDenied", message)
    return _signature("SigV2", "QueryString", query["AWSAccessKeyId"], _query_token(request))


def _query_token(request: S3Request) -> str | None:
    # boto3 writes it in lower case beside a SigV2 signature.
    lower = {name.lower(): value for name, value in request.query.items()}
    return lower.get("x-amz-security-token")


def _is_form(form: Mapping[str, str], marks: tuple[str, ...]) -> bool:
    return any(mark in form for mark in marks)


def _read_v2_form(request: S3Request) -> Signature:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/HTTPPOSTForms.html
    form = request.form
    _require_fields(form, _V2_FORM)
    token = form.get("x-amz-security-token")
    return _signature("SigV2", "HtmlForm", form["awsaccesskeyid"], token)


def _read_v4_form(request: S3Request) -> Signature:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
    form = request.form
    _require_fields(form, _V4_FORM)
    version = _V4_ALGORITHMS.get(form["x-amz-algorithm"])
    if version is None:
        message = "X-Amz-Algorithm only supports AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"
        raise Refused(400, "InvalidArgument", message)
    try:
        access_key_id = _v4_access_key(version, form["x-amz-credential"])
    except ValueError as error:
        raise Refused(400, "InvalidArgument", str(error)) from None
    return _signature(version, "HtmlForm", access_key_id, form.get("x-amz-security-token"))


def _require_fields(form: Mapping[str, str], names: tuple[str, ...]) -> None:
    for name in names:
        if not form.get(name.lower()):
            raise missing_field(name)


def _signature(version: Version, method: Method, access_key_id: str, session_token: str | None) -> Signature:
    if not access_key_id:
        message = "The AWS Access Key Id you provided does not exist in our records."
        raise Refused(403, "InvalidAccessKeyId", message)
    return Signature(version, method, access_key_id, session_token or None)
