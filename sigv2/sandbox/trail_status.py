"""Tells in CloudTrail's GetTrailStatus why log files could not be delivered, which moto never does.

A WSGI layer. `LatestDeliveryError` is the error code that S3 gave, see
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class TrailStatus:
    """Adds the delivery error to a trail's status.

    Args:
        inner: Whoever answers everything, GetTrailStatus included.
        error_of: From a trail's name to the code of its latest delivery error, or None.
    """

    def __init__(self, inner: WSGIApplication, error_of: Callable[[str], str | None]) -> None:
        self._inner = inner
        self._error_of = error_of

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request whose body is buffered."""
        if not environ.get("HTTP_X_AMZ_TARGET", "").endswith(".GetTrailStatus"):
            return self._inner(environ, start_response)
        body = environ["wsgi.input"].read()
        environ["wsgi.input"].seek(0)
        response = Response.from_app(self._inner, environ, buffered=True)
        if response.status_code == 200:
            error = self._error_of(json.loads(body)["Name"].rpartition("/")[2])
            if error:
                response.set_data(json.dumps({**json.loads(response.get_data()), "LatestDeliveryError": error}))
        return response(environ, start_response)
