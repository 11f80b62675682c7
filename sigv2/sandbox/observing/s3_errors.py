"""S3's way to refuse a request, for refusals that never reach moto.

See https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODE = re.compile(r"<Code>([^<]*)</Code>")
_MESSAGE = re.compile(r"<Message>([^<]*)</Message>")
# No parser of XML 1.0: S3 repeats a key in its errors, and a key may hold what XML cannot.
_CODE_WITHOUT_BODY = {400: "BadRequest", 403: "AccessDenied", 412: "PreconditionFailed"}

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
        message: of S3's error, without anything from the request.
        details: further elements of S3's error, by name.
    """

    def __init__(self, status: int, code: str, message: str, details: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details or {}

    def response(self, request_id: str) -> Response:
        """Makes S3's answer."""
        elements = {"Code": self.code, "Message": self.message, **self.details, "RequestId": request_id}
        document = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in elements.items())
        return Response(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{document}</Error>',
            self.status,
            content_type="application/xml",
        )


class RefusedOnMerits(Refused):
    """S3 refuses a request that it has authenticated, and CloudTrail records it."""


def refusal(status: int, code: str, message: str, request_id: str) -> Response:
    """Makes S3's answer to a request that it refuses."""
    return Refused(status, code, message).response(request_id)


def error_in(response: Response, missing: str) -> S3Error | None:
    """Returns the error that an answer of S3 reports; None if it reports success.

    An answer to HEAD has no body, so its status has to do.

    Args:
        response: The answer.
        missing: The code for what is not found, `NoSuchKey` or `NoSuchBucket`.
    """
    if response.status_code < 400:
        return None
    text = response.get_data(as_text=True)
    code = _CODE.search(text)
    if code is None:
        codes = _CODE_WITHOUT_BODY | {404: missing}
        return S3Error(codes.get(response.status_code, "InternalError"), response.status.partition(" ")[2])
    message = _MESSAGE.search(text)
    return S3Error(unescape(code[1]), unescape(message[1]) if message else "")
