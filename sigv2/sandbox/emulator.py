"""AWS on loopback: moto's services, S3 with CloudTrail in front, and delivery behind.

Every service answers on one port of 127.0.0.1, in one account and one Region. moto keeps its state
in this process, so there is one emulator per process at a time.
"""

from __future__ import annotations

import http.client
import io
import threading
from typing import TYPE_CHECKING, Self
from unittest import mock

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.access_control import PermissionResult
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.s3.models import FakeBucket
from moto.utilities.utils import get_partition
from werkzeug.exceptions import BadRequest
from werkzeug.serving import ThreadedWSGIServer
from werkzeug.wsgi import get_input_stream

from sigv2.sandbox.clients import Clients
from sigv2.sandbox.delivery import Delivery
from sigv2.sandbox.deployed import Changes, Deployed, Deployment
from sigv2.sandbox.identities import Identities
from sigv2.sandbox.logs_api import LogsApi
from sigv2.sandbox.recorder import Place, Recorder
from sigv2.sandbox.routing import action_of, is_s3_request, may_change_deployment
from sigv2.sandbox.s3_errors import TRIPPED_OVER_REQUEST, refusal
from sigv2.sandbox.cloudtrail_api import CloudTrailApi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from sigv2.sandbox.targets import Event

_LOOPBACK = "127.0.0.1"
_SETTLE_SECONDS = 60.0
_POLL_SECONDS = 0.02


class Emulator:
    """A running emulator, from construction to `close`; a context manager that closes itself.

    Args:
        port: To listen on; 0 for any free one.
        region: Where everything is deployed.

    Attributes:
        endpoint: The URL to point AWS clients at.
        region: As given.
        account_id: The account that everything belongs to.
        client: Makes the sandbox's own boto3 clients, `client("s3")`; their S3 requests are not
            recorded.

    Raises:
        OSError: The port is taken.
    """

    def __init__(self, *, port: int = 0, region: str = "us-east-1") -> None:
        self._server = _Server(_LOOPBACK, port, self._answer, _Handler)
        host = f"{_LOOPBACK}:{self._server.port}"
        self.endpoint = f"http://{host}"
        self.region = region
        self.account_id = DEFAULT_ACCOUNT_ID
        self.client = Clients(self.endpoint, region)
        self._changes = Changes()
        self._deployed = Deployed(self.client, self._changes)
        self._delivery = Delivery(self.client, self._deployed)
        moto = _Dispatcher(create_backend_app)
        self._services: WSGIApplication = LogsApi(CloudTrailApi(moto, self._delivery.error_of), self.client)
        self._s3: WSGIApplication = Recorder(
            create_backend_app("s3"),
            Place(self.account_id, region, get_partition(region), host),
            self.client,
            Identities(self.client, self._changes),
            self._changes,
            self._delivery.submit,
        )
        # moto would apply a bucket policy's statements to everybody, whatever their conditions
        # and principals: the TLS-only statement alone would shut the trail bucket.
        self._no_bucket_policies = mock.patch.object(
            FakeBucket, "get_permission", return_value=PermissionResult.NEUTRAL
        )
        self._no_bucket_policies.start()
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="emulator", daemon=True
        )
        self._thread.start()
        _reset(host)

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Closes."""
        self.close()

    def deployment(self) -> Deployment:
        """Returns what is deployed at the moment."""
        return self._deployed.now()

    def on_delivered(self, listener: Callable[[Event], None]) -> None:
        """Has a listener called, by another thread, with each event put into a log group."""
        self._delivery.on_delivered(listener)

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Returns the sum of each metric of `AWS/Events` so far, by rule and metric name."""
        return self._delivery.counts()

    def settle(self, timeout: float = _SETTLE_SECONDS) -> None:
        """Waits until every request that was answered so far is delivered.

        Args:
            timeout: In seconds.

        Raises:
            TimeoutError: It takes longer.
            BaseExceptionGroup: What delivery could not do since the last time.
        """
        self._delivery.settle(timeout)

    def close(self) -> None:
        """Delivers what is left and stops listening."""
        self._delivery.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._no_bucket_policies.stop()

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            body = get_input_stream(environ).read()
        except (BadRequest, OSError):
            message = "You did not provide the number of bytes specified by the Content-Length."
            return refusal(400, "IncompleteBody", message, "")(environ, start_response)
        # moto dispatches under a lock and reads forms there: a slow body would stop everybody.
        environ["wsgi.input"] = io.BytesIO(body)
        if environ.pop("HTTP_TRANSFER_ENCODING", None):
            environ["CONTENT_LENGTH"] = str(len(body))
        if is_s3_request(environ, body):
            return self._s3(environ, start_response)
        try:
            answer = self._services(environ, start_response)
        except TRIPPED_OVER_REQUEST:
            answer = BadRequest("The request is not one that this service understands.")(environ, start_response)
        if may_change_deployment(action_of(environ, body)):
            self._changes.add()
        return answer


class _Dispatcher(DomainDispatcherApplication):
    def get_backend_for_host(self, host: str | None) -> object:
        """Refuses a service that moto lacks, which it would print, as sent, to standard output."""
        url = f"http://{host}"
        if host and "amazonaws.com" in host and not any(known.match(url) for _, known in self.backend_url_patterns):
            raise LookupError("no such service")
        return super().get_backend_for_host(host)


class _Server(ThreadedWSGIServer):
    request_queue_size = 1024


class _Handler(MotoRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Logs nothing: what a stranger requests is not to be printed raw."""


def _reset(host: str) -> None:
    connection = http.client.HTTPConnection(host)
    connection.request("POST", "/moto-api/reset")
    connection.getresponse().read()
    connection.close()
