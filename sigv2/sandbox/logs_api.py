"""The CloudWatch Logs calls that moto lacks: saved queries, and policies of one log group.

A WSGI layer that answers these calls itself and passes every other one on.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from sigv2.sandbox.deployed import log_group_name

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Document = Mapping[str, object]

_TARGET_PREFIX = "Logs_20140328."
_PAGE = 1000


class _Refused(Exception):  # noqa: N818 - a refusal is an answer
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class LogsApi:
    """Answers what moto's CloudWatch Logs cannot; what it answers lives as long as it does.

    Args:
        inner: Whoever answers everything else.
    """

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner
        self._definitions: dict[str, Document] = {}
        self._policies: dict[str, Document] = {}
        self._answers: Mapping[str, Callable[[Document], Document | None]] = {
            "PutQueryDefinition": self._put_query_definition,
            "DescribeQueryDefinitions": self._describe_query_definitions,
            "DeleteQueryDefinition": self._delete_query_definition,
            "PutResourcePolicy": self._put_resource_policy,
            "DescribeResourcePolicies": self._describe_resource_policies,
            "DeleteResourcePolicy": self._delete_resource_policy,
            "DeleteLogGroup": self._forget_log_group,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request whose body is buffered."""
        service, _, action = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")
        answer = self._answers.get(action) if f"{service}." == _TARGET_PREFIX else None
        if answer is None:
            return self._inner(environ, start_response)
        body = environ["wsgi.input"].read()
        environ["wsgi.input"].seek(0)
        try:
            output = answer(_request(body))
        except _Refused as refused:
            return _json({"__type": refused.code, "message": str(refused)}, 400)(environ, start_response)
        if output is None:
            return self._inner(environ, start_response)
        return _json(output, 200)(environ, start_response)

    def _put_query_definition(self, body: Document) -> Document:
        identifier = _text(body, "queryDefinitionId", str(uuid.uuid4()))
        if "queryDefinitionId" in body and identifier not in self._definitions:
            raise _Refused("ResourceNotFoundException", "The query definition does not exist.")
        self._definitions[identifier] = {
            "queryDefinitionId": identifier,
            "name": _text(body, "name"),
            "queryString": _text(body, "queryString"),
            "queryLanguage": body.get("queryLanguage", "CWLI"),
            "logGroupNames": body.get("logGroupNames", []),
            "lastModified": _now(),
        }
        return {"queryDefinitionId": identifier}

    def _describe_query_definitions(self, body: Document) -> Document:
        prefix = _text(body, "queryDefinitionNamePrefix", "")
        found = [
            definition for definition in list(self._definitions.values()) if str(definition["name"]).startswith(prefix)
        ]
        start, size = _number(body, "nextToken", 0), _number(body, "maxResults", _PAGE)
        more = {"nextToken": str(start + size)} if start + size < len(found) else {}
        return {"queryDefinitions": found[start : start + size], **more}

    def _delete_query_definition(self, body: Document) -> Document:
        if self._definitions.pop(_text(body, "queryDefinitionId"), None) is None:
            raise _Refused("ResourceNotFoundException", "The query definition does not exist.")
        return {"success": True}

    def _put_resource_policy(self, body: Document) -> Document | None:
        if "resourceArn" not in body:
            return None
        arn = _text(body, "resourceArn").removesuffix(":*")
        if log_group_name(arn) is None:
            raise _Refused("InvalidParameterException", "resourceArn must name a log group.")
        before = self._policies.get(arn, {})
        if body.get("expectedRevisionId") not in (None, before.get("revisionId")):
            raise _Refused("OperationAbortedException", "The policy has another revision.")
        self._policies[arn] = {
            "policyName": body.get("policyName", "resource-policy"),
            "policyDocument": _text(body, "policyDocument"),
            "policyScope": "RESOURCE",
            "resourceArn": arn,
            "revisionId": uuid.uuid4().hex,
            "lastUpdatedTime": _now(),
        }
        policy = self._policies[arn]
        return {"resourcePolicy": policy, "revisionId": policy["revisionId"]}

    def _describe_resource_policies(self, body: Document) -> Document | None:
        if "resourceArn" in body:
            policy = self._policies.get(_text(body, "resourceArn").removesuffix(":*"))
            return {"resourcePolicies": [policy] if policy else []}
        if body.get("policyScope") == "RESOURCE":
            return {"resourcePolicies": list(self._policies.values())}
        return None

    def _delete_resource_policy(self, body: Document) -> Document | None:
        if "resourceArn" not in body:
            return None
        if self._policies.pop(_text(body, "resourceArn").removesuffix(":*"), None) is None:
            raise _Refused("ResourceNotFoundException", "The log group has no policy.")
        return {}

    def _forget_log_group(self, body: Document) -> None:
        for arn in list(self._policies):
            if log_group_name(arn) == body.get("logGroupName"):
                del self._policies[arn]


def _request(body: bytes) -> Document:
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise _Refused("SerializationException", "The request is not a JSON object.")
    return document


def _json(document: Document, status: int) -> Response:
    return Response(json.dumps(document), status, content_type="application/x-amz-json-1.1")


def _text(body: Document, name: str, default: str | None = None) -> str:
    value = body.get(name, default)
    if not isinstance(value, str):
        raise _Refused("InvalidParameterException", f"{name} must be a string.")
    return value


def _number(body: Document, name: str, default: int) -> int:
    value = body.get(name, default)
    try:
        return int(str(value))
    except ValueError:
        raise _Refused("InvalidParameterException", f"{name} is not valid.") from None


def _now() -> int:
    return int(time.time() * 1000)
