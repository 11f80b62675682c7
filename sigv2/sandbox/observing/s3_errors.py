"""S3's way to refuse a request, for refusals that never reach moto.

See https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from sigv2.sandbox.observing.http_request import S3Request

_CODE_WITHOUT_BODY = {400: "BadRequest", 403: "AccessDenied", 412: "PreconditionFailed"}

_WEEK_SECONDS = 7 * 24 * 60 * 60

TRIPPED_OVER_REQUEST = (
    *(ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError),
    *(ExpatError, ET.ParseError),
)
"""What moto raises over a request that does not have the form it counts on."""


@dataclass(frozen=True)
class S3Error:
    """What S3 says when it refuses."""

    code: str
    message: str


class Refused(Exception):  # noqa: N818 - named after what became of the request
    """S3 refuses a request, and CloudTrail does not hear of it.

    Attributes:
        status: of the HTTP answer.
        code: of S3's error.
        message: of S3's error.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message


def refusal(status: int, code: str, message: str, request_id: str) -> Response:
    """Makes S3's answer to a request that it refuses."""
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        f"<RequestId>{escape(request_id)}</RequestId></Error>"
    )
    return Response(document, status, content_type="application/xml")


def error_in(response: Response, missing: str) -> S3Error | None:
    """Returns the error that an answer of S3 reports; None if it reports success.

    An answer to HEAD has no body, so its status has to do.

    Args:
        response: The answer.
        missing: The code for what is not found, `NoSuchKey` or `NoSuchBucket`.
    """
    if response.status_code < 400:
        return None
    try:
        # moto's own answer.
        root = ET.fromstring(response.get_data())  # noqa: S314
    except ET.ParseError:
        codes = _CODE_WITHOUT_BODY | {404: missing}
        code = codes.get(response.status_code, "InternalError")
        return S3Error(code, response.status.partition(" ")[2])
    return S3Error(root.findtext("{*}Code", ""), root.findtext("{*}Message", ""))


def has_expired(request: S3Request, now: datetime) -> bool:
    """Says whether a query string's signature is no longer valid.

    SigV2 says until when
    (https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html), SigV4 since when and
    for how many seconds
    (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html).

    Raises:
        ValueError: It is no time, or no period, that S3 understands.
    """
    query = request.query
    if "X-Amz-Signature" in query:
        since = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        seconds = int(query["X-Amz-Expires"])
        if seconds > _WEEK_SECONDS:
            raise ValueError("longer than a week")
        return now.timestamp() > since.timestamp() + seconds
    return now.timestamp() > int(query["Expires"])
