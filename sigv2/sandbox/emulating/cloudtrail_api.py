"""Mends the CloudTrail calls that moto gets wrong.

A WSGI layer; see also `trails` and `seen_trails`. GetEventSelectors tells of the selectors of one kind
(https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html), and GetTrailStatus why log
files could not be delivered: `LatestDeliveryError` is the error code that S3 gave
(https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html).
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from sigv2.sandbox.emulating.asked_places import asked_place
from sigv2.sandbox.emulating.selector_rules import DEFAULT_SELECTOR
from sigv2.sandbox.observing.deployment import RegionOfAccount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class CloudTrailApi:
    """Passes every call on, and mends the answers to some of CloudTrail's.

    Args:
        inner: Whoever answers everything.
        error_of: From where a trail is, and its name, to the code of its latest delivery error, or None.
    """

    def __init__(self, inner: WSGIApplication, error_of: Callable[[RegionOfAccount, str], str | None]) -> None:
        self._inner = inner
        self._error_of = error_of
        self._mend: Mapping[str, Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]] = {
            ".GetEventSelectors": _only_the_kind_in_force,
            ".PutEventSelectors": _only_the_kind_in_force,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request whose body is buffered."""
        _, dot, action = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")
        mend = self._mend.get(dot + action)
        if dot + action == ".GetTrailStatus":
            mend = partial(self._with_delivery_error, asked_place(environ))
        if mend is None:
            return self._inner(environ, start_response)
        body = environ["wsgi.input"].read()
        environ["wsgi.input"].seek(0)
        response = Response.from_app(self._inner, environ, buffered=True)
        if response.status_code == 200:
            response.set_data(json.dumps(mend(json.loads(body or b"{}"), json.loads(response.get_data()))))
        return response(environ, start_response)

    def _with_delivery_error(
        self, place: RegionOfAccount | None, asked: dict[str, Any], status: dict[str, Any]
    ) -> dict[str, Any]:
        named = str(asked["Name"])
        is_at = RegionOfAccount.of_arn(named) if ":" in named else place
        error = self._error_of(is_at, named.rpartition("/")[2]) if is_at else None
        if not error:
            return status
        # moto would have it that log files were delivered just now.
        return {**status, "LatestDeliveryError": error, "LatestDeliveryTime": None}


def _only_the_kind_in_force(_: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    advanced = answer["AdvancedEventSelectors"]
    in_force = (
        {"AdvancedEventSelectors": advanced}
        if advanced
        else {"EventSelectors": answer["EventSelectors"] or [DEFAULT_SELECTOR]}
    )
    return {"TrailARN": answer["TrailARN"], **in_force}
