"""When a request was signed, and whether S3 takes it at that time.

See https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html for SigV2,
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html for SigV4, and
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html for forms. The words are S3's.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from sigv2.sandbox.observing.s3_errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigv2.sandbox.observing.http_request import S3Request
    from sigv2.sandbox.observing.signatures import Signature

_SKEW: Final = timedelta(minutes=15)
_WEEK_SECONDS: Final = 7 * 24 * 60 * 60
_SECONDS = re.compile(r"[+-]?[0-9]{1,19}")
_COMPACT = re.compile(r"[0-9]{8}T[0-9]{6}Z")


def check_time(request: S3Request, signature: Signature, now: datetime) -> None:
    """Check that S3 takes a signed request at a moment.

    Args:
        request: the request.
        signature: how it was signed.
        now: when it came in.

    Raises:
        Refused: it does not say when it was signed, or that was too long ago, or is yet to come.
    """
    if signature.method == "AuthHeader":
        _check_date(request.headers, now)
    elif signature.method == "HtmlForm":
        _check_policy(request.form["policy"], now)
    elif signature.version == "SigV2":
        if now.timestamp() > int(request.query["Expires"]):
            raise Refused(403, "AccessDenied", "Request has expired")
    else:
        _check_period(request.query, now)


def _check_date(headers: Mapping[str, str], now: datetime) -> None:
    signed = _date(headers.get("x-amz-date") or headers.get("date", ""))
    if signed is None:
        message = "AWS authentication requires a valid Date or x-amz-date header"
        raise Refused(403, "AccessDenied", message)
    if abs(now - signed) > _SKEW:
        message = "The difference between the request time and the current time is too large."
        raise Refused(403, "RequestTimeTooSkewed", message, {"MaxAllowedSkewMilliseconds": "900000"})


def _date(text: str) -> datetime | None:
    """One of HTTP's forms of a date (RFC 9110, section 5.6.7), or the compact one of SigV4."""
    try:
        if _COMPACT.fullmatch(text):
            return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _check_period(query: Mapping[str, str], now: datetime) -> None:
    since = _date(query["X-Amz-Date"]) if _COMPACT.fullmatch(query["X-Amz-Date"]) else None
    if since is None:
        raise _parameters_error("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    if not _SECONDS.fullmatch(query["X-Amz-Expires"]):
        raise _parameters_error("X-Amz-Expires should be a number")
    seconds = int(query["X-Amz-Expires"])
    if seconds < 0:
        raise _parameters_error("X-Amz-Expires must be non-negative")
    if seconds > _WEEK_SECONDS:
        raise _parameters_error(
            "X-Amz-Expires must be less than a week (in seconds); that is, less than 604800 seconds"
        )
    if since - now > _SKEW:
        raise Refused(403, "AccessDenied", "Request is not yet valid")
    if now.timestamp() > since.timestamp() + seconds:
        raise Refused(403, "AccessDenied", "Request has expired")


def _parameters_error(message: str) -> Refused:
    return Refused(400, "AuthorizationQueryParametersError", message)


def _check_policy(policy: str, now: datetime) -> None:
    try:
        document = json.loads(base64.b64decode(policy))
    except (ValueError, RecursionError):
        raise _policy_error("Invalid JSON.") from None
    if not isinstance(document, dict) or not isinstance(document.get("expiration"), str):
        raise _policy_error("Policy missing expiration.")
    try:
        expiration = datetime.fromisoformat(document["expiration"])
    except ValueError:
        raise _policy_error("Invalid 'expiration' value") from None
    if now > (expiration if expiration.tzinfo else expiration.replace(tzinfo=UTC)):
        raise Refused(403, "AccessDenied", "Invalid according to Policy: Policy expired.")


def _policy_error(message: str) -> Refused:
    return Refused(400, "InvalidPolicyDocument", f"Invalid Policy: {message}")
