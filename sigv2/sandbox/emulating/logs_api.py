"""The CloudWatch Logs calls that moto lacks: saved queries, running them, and policies of one log group.

A WSGI layer that answers these calls itself and passes every other one on.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from sigv2.sandbox.emulating.insights_api import Insights
from sigv2.sandbox.emulating.logs_request import Document, LogsRefused, number, text
from sigv2.sandbox.observing.deployed import log_group_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from sigv2.sandbox.emulating.aws_clients import Clients

_TARGET_PREFIX = "Logs_20140328."
_PAGE = 1000


class LogsApi:
    """Answers what moto's CloudWatch Logs cannot; what it answers lives as long as it does.

    Args:
        inner: Whoever answers everything else.
        clients: Makes the client that queries read log groups with.
    """

    def __init__(self, inner: WSGIApplication, clients: Clients) -> None:
        self._inner = inner
        insights = Insights(clients)
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
            "StartQuery": insights.start_query,
            "GetQueryResults": insights.get_query_results,
            "StopQuery": insights.stop_query,
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
        except LogsRefused as refused:
            return _json({"__type": refused.code, "message": str(refused)}, 400)(environ, start_response)
        if output is None:
            return self._inner(environ, start_response)
        return _json(output, 200)(environ, start_response)

    def _put_query_definition(self, body: Document) -> Document:
        identifier = text(body, "queryDefinitionId", str(uuid.uuid4()))
        if "queryDefinitionId" in body and identifier not in self._definitions:
            raise LogsRefused("ResourceNotFoundException", "The query definition does not exist.")
        self._definitions[identifier] = {
            "queryDefinitionId": identifier,
            "name": text(body, "name"),
            "queryString": text(body, "queryString"),
            "queryLanguage": body.get("queryLanguage", "CWLI"),
            "logGroupNames": body.get("logGroupNames", []),
            "lastModified": _now(),
        }
        return {"queryDefinitionId": identifier}

    def _describe_query_definitions(self, body: Document) -> Document:
        prefix = text(body, "queryDefinitionNamePrefix", "")
        found = [
            definition for definition in list(self._definitions.values()) if str(definition["name"]).startswith(prefix)
        ]
        start, size = number(body, "nextToken", 0), number(body, "maxResults", _PAGE)
        more = {"nextToken": str(start + size)} if start + size < len(found) else {}
        return {"queryDefinitions": found[start : start + size], **more}

    def _delete_query_definition(self, body: Document) -> Document:
        if self._definitions.pop(text(body, "queryDefinitionId"), None) is None:
            raise LogsRefused("ResourceNotFoundException", "The query definition does not exist.")
        return {"success": True}

    def _put_resource_policy(self, body: Document) -> Document | None:
        if "resourceArn" not in body:
            return None
        arn = text(body, "resourceArn").removesuffix(":*")
        if log_group_name(arn) is None:
            raise LogsRefused("InvalidParameterException", "resourceArn must name a log group.")
        before = self._policies.get(arn, {})
        if body.get("expectedRevisionId") not in (None, before.get("revisionId")):
            raise LogsRefused("OperationAbortedException", "The policy has another revision.")
        self._policies[arn] = {
            "policyName": body.get("policyName", "resource-policy"),
            "policyDocument": text(body, "policyDocument"),
            "policyScope": "RESOURCE",
            "resourceArn": arn,
            "revisionId": uuid.uuid4().hex,
            "lastUpdatedTime": _now(),
        }
        policy = self._policies[arn]
        return {"resourcePolicy": policy, "revisionId": policy["revisionId"]}

    def _describe_resource_policies(self, body: Document) -> Document | None:
        if "resourceArn" in body:
            policy = self._policies.get(text(body, "resourceArn").removesuffix(":*"))
            return {"resourcePolicies": [policy] if policy else []}
        if body.get("policyScope") == "RESOURCE":
            return {"resourcePolicies": list(self._policies.values())}
        return None

    def _delete_resource_policy(self, body: Document) -> Document | None:
        if "resourceArn" not in body:
            return None
        if self._policies.pop(text(body, "resourceArn").removesuffix(":*"), None) is None:
            raise LogsRefused("ResourceNotFoundException", "The log group has no policy.")
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
        raise LogsRefused("SerializationException", "The request is not a JSON object.")
    return document


def _json(document: Document, status: int) -> Response:
    return Response(json.dumps(document), status, content_type="application/x-amz-json-1.1")


def _now() -> int:
    return int(time.time() * 1000)
