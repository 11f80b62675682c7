"""Decides which requests on the one endpoint are S3's, and which could change what is deployed.

Every service answers on the same port, so the request itself has to say whom it is for. Nothing
else is special about S3: what no other service claims is an S3 request.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_HEADER_SCOPE = re.compile(r"^AWS4-\S+\s+.*?Credential=([^,/]*)/\d{8}/([^/,]*)/([^/,]+)/aws4_request")
_QUERY_SCOPE = re.compile(r"^([^/]*)/\d{8}/([^/]*)/([^/]+)/aws4_request$")
_S3_CONTROL = "/v20180820/"
_ADMINISTRATION = re.compile(r"/moto-api(/|$)")

_READING = ("Describe", "Get", "List", "Filter", "Lookup", "Receive", "Test")
_DATA = frozenset(
    {
        "CreateLogStream",
        "PutLogEvents",
        "PutMetricData",
        "SendMessage",
        "SendMessageBatch",
        "DeleteMessage",
        "DeleteMessageBatch",
        "ChangeMessageVisibility",
        "StartQuery",
        "StopQuery",
    }
)


def is_s3_request(environ: WSGIEnvironment, body: bytes) -> bool:
    """Says whether a request is for S3, which is true unless another service claims it.

    A Signature Version 4 scope names its service and so decides alone, but for S3 Control, which signs as S3 and names
    an account (https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListTagsForResource.html). Otherwise a
    request is another service's if it is a POST to "/" in a JSON protocol (`X-Amz-Target`) or in the query protocol
    (a form with `Action` and `Version`), or goes to the emulator's administration.
    """
    path = environ.get("PATH_INFO", "/")
    if is_administration(environ):
        return False
    if service := service_of(environ):
        return service == "s3" and not (path.startswith(_S3_CONTROL) and "HTTP_X_AMZ_ACCOUNT_ID" in environ)
    if environ.get("HTTP_AUTHORIZATION") or environ["REQUEST_METHOD"] != "POST" or path not in ("", "/"):
        return True
    return not ("HTTP_X_AMZ_TARGET" in environ or form_action(environ, body))


def is_administration(environ: WSGIEnvironment) -> bool:
    """Says whether a request is for the emulator itself."""
    return bool(_ADMINISTRATION.match(environ.get("PATH_INFO", "/")))


class Scope(NamedTuple):
    """What a request's Signature Version 4 says of it."""

    access_key_id: str
    region: str
    service: str


def scope_of(environ: WSGIEnvironment) -> Scope | None:
    """Reads the scope of a request's Signature Version 4, None where it has none."""
    query = parse_qs(environ.get("QUERY_STRING", ""), max_num_fields=None)
    scope = _HEADER_SCOPE.match(environ.get("HTTP_AUTHORIZATION", "")) or _QUERY_SCOPE.match(
        query.get("X-Amz-Credential", [""])[0]
    )
    return Scope(*scope.groups()) if scope else None


def service_of(environ: WSGIEnvironment) -> str:
    """Names the service of a request's Signature Version 4 scope, or "" where it has none."""
    scope = scope_of(environ)
    return scope.service if scope else ""


def action_of(environ: WSGIEnvironment, body: bytes) -> str:
    """Names the action of a request to another service than S3, or "" where it has none."""
    target: str = environ.get("HTTP_X_AMZ_TARGET", "")
    path: str = environ.get("PATH_INFO", "")
    if target:
        return target.rpartition(".")[2]
    if "/operation/" in path:
        return path.rpartition("/")[2]
    return form_action(environ, body)


def may_change_deployment(action: str) -> bool:
    """Says whether an action of another service than S3 may change what is deployed."""
    return not (action.startswith(_READING) or action in _DATA)


def form_action(environ: WSGIEnvironment, body: bytes) -> str:
    """Names the action of a request in the query protocol, or "" for any other."""
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return ""
    form = parse_qs(body.decode("utf-8", "replace"))
    return form["Action"][0] if "Action" in form and "Version" in form else ""
