"""Refuses a call to another service than S3, in the protocol that the call was made in.

Always with status 400: a client gives up at once, where it would try a 5xx again for minutes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from sigv2.sandbox.emulating.routing import form_action, service_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

CBOR = "rpc-v2-cbor"
"""How a message in the CBOR protocol says so, in its header `smithy-protocol`."""
_REST_XML = frozenset({"cloudfront", "route53", "s3", "s3-object-lambda", "s3express"})


def refuse(environ: WSGIEnvironment, body: bytes, code: str, message: str) -> Response:
    """Makes the answer to a call that is refused.

    The protocols are those of https://smithy.io/2.0/aws/protocols/index.html.

    Args:
        environ: of the call.
        body: of the call.
        code: of the error.
        message: for a person.
    """
    service = service_of(environ)
    if environ.get("HTTP_SMITHY_PROTOCOL") == CBOR:
        response = Response(_cbor({"__type": code, "message": message}), 400, content_type="application/cbor")
        response.headers["smithy-protocol"] = CBOR
    elif "HTTP_X_AMZ_TARGET" not in environ and (form_action(environ, body) or service in _REST_XML):
        response = Response(_xml(service, code, message), 400, content_type="text/xml")
    else:
        document = json.dumps({"__type": code, "message": message})
        response = Response(document, 400, content_type="application/x-amz-json-1.1")
        response.headers["x-amzn-errortype"] = code
    return response


def _xml(service: str, code: str, message: str) -> str:
    error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if service == "ec2":
        return f"<Response><Errors><Error>{error}</Error></Errors><RequestID></RequestID></Response>"
    return f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error><RequestId></RequestId></ErrorResponse>"


def _cbor(document: dict[str, str]) -> bytes:
    """Writes a map of texts (RFC 8949), of which there are fewer than 24, each shorter than 64 KiB."""
    texts = [text.encode() for item in document.items() for text in item]
    return bytes([0xA0 + len(document)]) + b"".join(b"\x79" + len(text).to_bytes(2) + text for text in texts)
