"""From an HTTP request to what it asks of S3 and in whose name, or S3's refusal to read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from sigv2.sandbox.observing.copies import HEADER, CopySource, read_copy_source
from sigv2.sandbox.observing.http_request import S3Request, parse
from sigv2.sandbox.observing.operations import Operation, UnknownOperation, operation_of
from sigv2.sandbox.observing.s3_errors import Refused
from sigv2.sandbox.observing.signatures import Signature, read_signature
from sigv2.sandbox.observing.times import check_time

if TYPE_CHECKING:
    from datetime import datetime

    from _typeshed.wsgi import WSGIEnvironment


@dataclass(frozen=True)
class Understood:
    """A request that S3 would serve or refuse on its merits.

    Attributes:
        request: what was sent.
        signature: how it was signed, None for an anonymous request.
        operation: what it asks for.
        keys: of the objects that it is about; none for an operation on the bucket, or on all buckets.
    """

    request: S3Request
    signature: Signature | None
    operation: Operation
    keys: tuple[str, ...]

    def source(self) -> CopySource | None:
        """Returns what it copies, None unless it copies.

        Raises:
            RefusedOnMerits: it copies from nowhere.
        """
        copies = self.operation.name in ("CopyObject", "UploadPartCopy")
        return read_copy_source(self.request.headers[HEADER]) if copies else None


def understand(environ: WSGIEnvironment, body: bytes, now: datetime) -> Understood:
    """Read a request.

    Args:
        environ: left untouched.
        body: the whole body.
        now: when it came in, to tell whether its signature holds.

    Raises:
        Refused: S3 could not read it, or not authenticate it; CloudTrail never sees such a request.
    """
    request = parse(environ, body)
    if request.method in ("PUT", "POST") and "content-length" not in request.headers:
        raise Refused(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
    signature = read_signature(request)
    try:
        operation = operation_of(request)
    except UnknownOperation:
        raise Refused(405, "MethodNotAllowed", "The specified method is not allowed against this resource.") from None
    if signature is not None:
        check_time(request, signature, now)
    return Understood(request, signature, operation, _keys(request, operation, body))


def _keys(request: S3Request, operation: Operation, body: bytes) -> tuple[str, ...]:
    if operation.name == "DeleteObjects":
        try:
            # expat bounds what entities grow to.
            root = ET.fromstring(body)  # noqa: S314
        except ET.ParseError:
            return ()
        return tuple(key.text or "" for key in root.iterfind("{*}Object/{*}Key"))
    key = request.key if request.key is not None else request.form.get("key")
    return () if key is None else (key,)
