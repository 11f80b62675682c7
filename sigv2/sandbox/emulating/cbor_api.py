"""Speaks CloudWatch's CBOR protocol, as AWS's SDK for Go does and with it newer providers of Pulumi and Terraform.

A WSGI layer in front of moto, which speaks JSON only: both are written from the same model of the service
(https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from botocore.model import OperationModel, StructureShape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from werkzeug.wrappers import Response

from sigv2.sandbox.emulating.refusals import CBOR, refuse
from sigv2.sandbox.emulating.routing import action_of, service_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from sigv2.sandbox.emulating.aws_clients import Clients

_PROTOCOL: Final = "smithy-rpc-v2-cbor"
_NOTHING: Final = StructureShape("Nothing", {"type": "structure", "members": {}})
_QUERY_ERROR: Final = "x-amzn-query-error"
"""Holds the code that an error had in the query protocol, which clients go by."""


class CborApi:
    """Passes every call on, a call in CBOR as the same one in JSON.

    Args:
        inner: Whoever answers everything.
        clients: The sandbox's own, for the model of CloudWatch.
    """

    def __init__(self, inner: WSGIApplication, clients: Clients) -> None:
        self._inner = inner
        self._clients = clients

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request whose body is buffered; raises OperationNotFoundError as moto does."""
        if environ.get("HTTP_SMITHY_PROTOCOL") != CBOR or service_of(environ) != "monitoring":
            return self._inner(environ, start_response)
        body = environ["wsgi.input"].read()
        operation = self._clients("cloudwatch").meta.service_model.operation_model(action_of(environ, body))
        answer = Response.from_app(self._inner, _in_json(environ, body, operation), buffered=True)
        return _in_cbor(answer, environ, operation)(environ, start_response)


def _in_json(environ: WSGIEnvironment, body: bytes, operation: OperationModel) -> WSGIEnvironment:
    sent = {"status_code": 200, "headers": {}, "body": body}
    parameters = create_parser(_PROTOCOL).parse(sent, operation.input_shape or _NOTHING)
    parameters.pop("ResponseMetadata")
    request = create_serializer("json").serialize_to_request(parameters, operation)
    spoken = {name: value for name, value in environ.items() if name != "HTTP_SMITHY_PROTOCOL"}
    return {
        **spoken,
        **dict.fromkeys(("PATH_INFO", "RAW_URI", "REQUEST_URI"), "/"),
        "CONTENT_LENGTH": str(len(request["body"])),
        "CONTENT_TYPE": request["headers"]["Content-Type"],
        "HTTP_X_AMZ_TARGET": request["headers"]["X-Amz-Target"],
        "wsgi.input": io.BytesIO(request["body"]),
    }


def _in_cbor(answer: Response, environ: WSGIEnvironment, operation: OperationModel) -> Response:
    data = answer.get_data()
    read = {"status_code": answer.status_code, "headers": dict(answer.headers), "body": data}
    said = create_parser("json").parse(read, operation.output_shape or _NOTHING)
    if answer.status_code >= 400:
        refusal = refuse(environ, b"", said["Error"]["Code"], said["Error"]["Message"])
        refusal.status_code = answer.status_code
        if _QUERY_ERROR in answer.headers:
            refusal.headers[_QUERY_ERROR] = answer.headers[_QUERY_ERROR]
        return refusal
    said.pop("ResponseMetadata")
    written = b"\xa0"  # a map of nothing
    if operation.output_shape is not None:
        # botocore writes requests only: the answer is written as that of an operation which takes it.
        taking_it = {"name": operation.name, "http": operation.http, "input": {"shape": operation.output_shape.name}}
        taker = OperationModel(taking_it, operation.service_model)
        written = create_serializer(_PROTOCOL).serialize_to_request(said, taker)["body"]
    return Response(written, answer.status_code, {"smithy-protocol": CBOR}, content_type="application/cbor")
