"""Sees every S3 request, has moto serve it, and writes what CloudTrail would record of it.

A WSGI layer. Requests that fail authentication, and redirections, leave no record: see
https://docs.aws.amazon.com/AmazonS3/latest/userguide/logging-with-S3.html. Signatures are not
verified: the sandbox is about how a request is signed, and any secret will do.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from werkzeug.wrappers import Response

from sigv2.sandbox.http_request import BadRequest, S3Request, parse, to_path_style
from sigv2.sandbox.identities import ANONYMOUS, Identities
from sigv2.sandbox.operations import Operation, UnknownOperation, operation_of
from sigv2.sandbox.records import ResponseFacts, cloudtrail_record, deleted_object_record
from sigv2.sandbox.s3_errors import TRIPPED_OVER_REQUEST, error_in, has_expired, refusal
from sigv2.sandbox.signatures import MalformedSignature, Signature, read_signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from sigv2.sandbox.clients import Clients
    from sigv2.sandbox.deployed import Changes

_UNAUTHENTICATED = frozenset(
    {
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)


@dataclass(frozen=True)
class Place:
    """Whose S3 this is, and where."""

    account_id: str
    region: str
    partition: str
    host: str


@dataclass(frozen=True)
class _Understood:
    request: S3Request
    signature: Signature | None
    operation: Operation


class Recorder:
    """Serves S3 and records what it serves.

    Args:
        s3: moto's S3.
        place: Whose S3 it is.
        clients: The sandbox's own, whose requests are not recorded.
        identities: Tells whose an access key is.
        changes: Is told of every bucket that may have changed.
        submit: Takes each record.
    """

    def __init__(
        self,
        s3: WSGIApplication,
        place: Place,
        clients: Clients,
        identities: Identities,
        changes: Changes,
        submit: Callable[[Mapping[str, object]], None],
    ) -> None:
        self._s3 = s3
        self._place = place
        self._clients = clients
        self._identities = identities
        self._changes = changes
        self._submit = submit

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request whose body is buffered."""
        body = environ["wsgi.input"].read()
        environ["wsgi.input"].seek(0)
        request_id = secrets.token_hex(8).upper()
        try:
            understood = _understand(environ, body, datetime.now(UTC))
        except MalformedSignature as malformed:
            response = refusal(malformed.status, malformed.code, malformed.message, request_id)
        except UnknownOperation:
            message = "The specified method is not allowed against this resource."
            response = refusal(405, "MethodNotAllowed", message, request_id)
        except BadRequest as bad:
            response = refusal(400, "InvalidRequest", str(bad), request_id)
        else:
            response = self._serve(understood, environ, request_id)
            if understood.operation.category == "Management" and not understood.operation.read_only:
                self._changes.add()
            response.headers["x-amz-request-id"] = request_id
            if not self._clients.sent(environ):
                self._record(understood, body, response)
        if environ["REQUEST_METHOD"].upper() == "HEAD" and response.status_code >= 400:
            response.set_data(b"")
        response.headers["x-amz-request-id"] = request_id
        return response(environ, start_response)

    def _serve(self, understood: _Understood, environ: WSGIEnvironment, request_id: str) -> Response:
        inner = to_path_style(environ, understood.request, self._place.host)
        try:
            return Response.from_app(self._s3, inner, buffered=True)
        except TRIPPED_OVER_REQUEST:
            return refusal(400, "InvalidRequest", "The request is not one that S3 understands.", request_id)
        except Exception:  # noqa: BLE001 - nothing that moto trips over may end the server
            message = "We encountered an internal error. Please try again."
            return refusal(500, "InternalError", message, request_id)

    def _record(self, understood: _Understood, body: bytes, response: Response) -> None:
        error = error_in(response, "NoSuchKey" if understood.request.key else "NoSuchBucket")
        if response.status_code == 301 or (error and error.code in _UNAUTHENTICATED):
            return
        request, signature = understood.request, understood.signature
        record = cloudtrail_record(
            request,
            understood.operation,
            signature,
            self._identities.identity_of(signature.access_key_id) if signature else ANONYMOUS,
            response=ResponseFacts(
                status=response.status_code,
                error_code=error.code if error else None,
                error_message=error.message if error else None,
                bytes_in=len(body),
                bytes_out=0 if request.method == "HEAD" else len(response.get_data()),
                request_id=response.headers["x-amz-request-id"],
            ),
            now=datetime.now(UTC),
            account_id=self._place.account_id,
            region=self._place.region,
            partition=self._place.partition,
        )
        self._submit(record)
        if understood.operation.name == "DeleteObjects" and error is None:
            for key in _keys_to_delete(body):
                self._submit(deleted_object_record(record, key))


def _understand(environ: WSGIEnvironment, body: bytes, now: datetime) -> _Understood:
    request = parse(environ, body)
    signature = read_signature(request)
    if signature is not None and signature.method == "QueryString":
        try:
            expired = has_expired(request, now)
        except ValueError:
            message = "X-Amz-Date must be in the ISO8601 Long Format and X-Amz-Expires a number"
            raise MalformedSignature(400, "AuthorizationQueryParametersError", message) from None
        if expired:
            raise MalformedSignature(403, "AccessDenied", "Request has expired")
    return _Understood(request, signature, operation_of(request))


def _keys_to_delete(body: bytes) -> list[str]:
    # moto has accepted this document, and expat bounds what entities grow to.
    root = ET.fromstring(body)  # noqa: S314
    return [key.text or "" for key in root.iterfind("{*}Object/{*}Key")]
