"""AWS on loopback: moto's services, S3 with CloudTrail in front, and delivery behind.

Every service answers on one port of 127.0.0.1, in every account and Region: a request's signature says which. moto
keeps its state in this process, so there is one emulator per process at a time.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
from typing import TYPE_CHECKING, Self
from unittest import mock

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server import werkzeug_app
from moto.moto_server.utilities import RegexConverter
from moto.moto_server.werkzeug_app import create_backend_app
from moto.utilities.utils import get_partition
from werkzeug.exceptions import BadRequest, InternalServerError, RequestEntityTooLarge
from werkzeug.wrappers import Response
from werkzeug.wsgi import get_input_stream

from sigv2.sandbox.emulating.asked_places import asked_place
from sigv2.sandbox.emulating.aws_clients import Clients
from sigv2.sandbox.emulating.cbor_api import CborApi
from sigv2.sandbox.emulating.cloudtrail_api import CloudTrailApi
from sigv2.sandbox.emulating.http_server import Handler, Server
from sigv2.sandbox.emulating.logs_api import LogsApi
from sigv2.sandbox.emulating.moto_mends import mend_moto
from sigv2.sandbox.emulating.routing import action_of, is_s3_request, may_change_deployment, service_of
from sigv2.sandbox.emulating.s3_api import S3Api, place_of_bucket
from sigv2.sandbox.emulating.services import InTurn, MotoServices, Refusing
from sigv2.sandbox.observing.bucket_rules import RulesOfBuckets
from sigv2.sandbox.observing.delivery import Delivery
from sigv2.sandbox.observing.deployed import Changes, Deployed
from sigv2.sandbox.observing.deployment import Deployment, RegionOfAccount
from sigv2.sandbox.observing.identities import Identities
from sigv2.sandbox.observing.recorder import Recorder, S3Location
from sigv2.sandbox.observing.s3_errors import Refused, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.routing import Map

    from sigv2.sandbox.observing.target_invocation import Event

_LOOPBACK = "127.0.0.1"
_SETTLE_SECONDS = 60.0
_POLL_SECONDS = 0.02
_WITH_PLACES = ("cloudtrail", "events")
"""The services that let events through, whose places are to be read."""

_LARGEST_BODY = 1024**3
"""Bytes; S3 takes five times as much at once, but here they are held in memory."""


class Emulator:
    """A running emulator, from construction to `close`; a context manager that closes itself.

    Args:
        port: To listen on; 0 for any free one.
        region: Where the sandbox's own clients are at home.

    Attributes:
        endpoint: The URL to point AWS clients at.
        region: As given.
        account_id: The account of whoever says no other.
        client: Makes the sandbox's own boto3 clients, `client("s3")`; their S3 requests are not
            recorded. `client.of(ACCOUNT, REGION)` makes those of another account.

    Raises:
        OSError: The port is taken.
    """

    def __init__(self, *, port: int = 0, region: str = "us-east-1") -> None:
        # Bound here, as werkzeug ends the whole program where a port is taken.
        with socket.create_server((_LOOPBACK, port), backlog=Server.request_queue_size) as listener:
            self._server = Server(_LOOPBACK, port, self._answer, Handler, fd=listener.fileno())
        host = f"{_LOOPBACK}:{self._server.port}"
        self.endpoint = f"http://{host}"
        self.region = region
        self.account_id = DEFAULT_ACCOUNT_ID
        self.client = Clients(self.endpoint, region)
        self._errors: list[BaseException] = []
        self._changes = Changes()
        self._deployed = Deployed(self.client, self._changes)
        self._delivery = Delivery(self.client, self._deployed, RegionOfAccount(self.account_id, region))
        moto = CborApi(InTurn(MotoServices()), self.client)
        mended = LogsApi(CloudTrailApi(moto, self._delivery.error_of), self.client)
        self._services: WSGIApplication = Refusing(mended, self._errors.append)
        with mock.patch.object(werkzeug_app, "RegexConverter", _AnyCharacter):
            s3 = create_backend_app("s3")
        self._s3: WSGIApplication = Recorder(
            S3Api(InTurn(s3)),
            S3Location(self.account_id, region, get_partition(region), host),
            self.client,
            Identities(self.client, self._changes),
            RulesOfBuckets(self.client, self._changes),
            self._changes,
            place_of_bucket,
            self._delivery.submit,
            self._errors.append,
        )
        self._mends = mend_moto()
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
            BaseExceptionGroup: What delivery, or the sandbox itself, could not do since the last time.
        """
        self._delivery.settle(timeout)
        errors, self._errors[:] = list(self._errors), []
        if errors:
            raise BaseExceptionGroup("the sandbox could not answer or record every request", errors)

    def close(self) -> None:
        """Delivers what is left and stops listening."""
        self._delivery.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._mends.close()

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            body = _read_body(environ)
            # moto dispatches under a lock and reads forms there: a slow body would stop everybody.
            environ["wsgi.input"] = io.BytesIO(body)
            if environ.pop("HTTP_TRANSFER_ENCODING", None):
                environ["CONTENT_LENGTH"] = str(len(body))
            if is_s3_request(environ, body):
                return self._s3(environ, start_response)
            return self._answer_of_service(environ, body)(environ, start_response)
        except Refused as refused:
            return refusal(refused.status, refused.code, refused.message, "")(environ, start_response)
        except Exception as error:  # noqa: BLE001 - it is settle's to raise; the client gets an answer
            self._errors.append(error)
            return InternalServerError()(environ, start_response)

    def _answer_of_service(self, environ: WSGIEnvironment, body: bytes) -> Response:
        try:
            return Response.from_app(self._services, environ, buffered=True)
        finally:
            if may_change_deployment(action_of(environ, body)):
                self._changes.add(asked_place(environ) if service_of(environ) in _WITH_PLACES else None)


class _AnyCharacter(RegexConverter):
    """Takes a line break in a key for a character like any other."""

    def __init__(self, url_map: Map, *items: str) -> None:
        super().__init__(url_map, *(item.replace(".", r"[\s\S]") for item in items))


def _read_body(environ: WSGIEnvironment) -> bytes:
    try:
        return get_input_stream(environ, max_content_length=_LARGEST_BODY).read()
    except RequestEntityTooLarge:
        message = "Your proposed upload exceeds the maximum allowed size"
        raise Refused(400, "EntityTooLarge", message) from None
    except (BadRequest, OSError) as error:
        if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            message = "Your socket connection to the server was not read from or written to within the timeout period."
            raise Refused(400, "RequestTimeout", message) from None
        message = "You did not provide the number of bytes specified by the Content-Length."
        raise Refused(400, "IncompleteBody", message) from None


def _reset(host: str) -> None:
    connection = http.client.HTTPConnection(host)
    connection.request("POST", "/moto-api/reset")
    connection.getresponse().read()
    connection.close()
