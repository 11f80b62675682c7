"""moto's services but S3: each call in turn, and what moto does not know refused at once.

moto raises, or answers with a 5xx, where it does not know a call or trips over one, and clients try such a call again
for minutes. Its services are not made for threads either: one that lists things fails while another thread adds one.
"""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING

from botocore.model import OperationNotFoundError
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Response

from sigv2.sandbox.emulating.refusals import refuse
from sigv2.sandbox.emulating.routing import action_of, form_action, is_administration, service_of
from sigv2.sandbox.observing.s3_errors import TRIPPED_OVER_REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_WAITING = frozenset({"ReceiveMessage"})
"""Actions that wait, for another call to bring what they wait for."""

_UNREADABLE = "The request is not one that this service understands."


class UnknownService(LookupError):  # noqa: N818 - named after what it is about
    """moto has no such service."""


class InTurn:
    """Passes one call on at a time, but for those that wait.

    Args:
        inner: Whoever answers.
    """

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner
        self._turn = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request whose body is buffered."""
        with nullcontext() if action_of(environ, _body(environ)) in _WAITING else self._turn:
            response = Response.from_app(self._inner, environ, buffered=True)
        return response(environ, start_response)


class Refusing:
    """Answers 400 where whoever should answer fails.

    Args:
        inner: Whoever answers.
        failed: Takes what went wrong in the sandbox itself.
    """

    def __init__(self, inner: WSGIApplication, failed: Callable[[BaseException], None]) -> None:
        self._inner = inner
        self._failed = failed

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request whose body is buffered."""
        return self._answer(environ)(environ, start_response)

    def _answer(self, environ: WSGIEnvironment) -> Response:
        body = _body(environ)
        try:
            response = Response.from_app(self._inner, environ, buffered=True)
        except (UnknownService, ImportError):  # moto imports a service when it is called, and some need more packages
            message = f"The emulator has no service {service_of(environ)!r}, or cannot tell which the request is for."
            return refuse(environ, body, "UnknownOperationException", message)
        except (NotImplementedError, OperationNotFoundError):
            return _unknown_operation(environ, body)
        except TRIPPED_OVER_REQUEST:
            return refuse(environ, body, "ValidationException", _UNREADABLE)
        except Exception as error:  # noqa: BLE001 - it is settle's to raise; the client gets an answer
            self._failed(error)
            return refuse(environ, body, "InternalFailure", f"The emulator failed: {type(error).__name__}.")
        if is_administration(environ):
            return response
        if response.status_code >= 500:
            return refuse(environ, body, "InternalFailure", "The emulator failed.")
        if response.status_code >= 400 and _is_page(response):
            return _unknown_operation(environ, body)
        return response


class MotoServices(DomainDispatcherApplication):
    """moto's own dispatcher, without its habit of taking a service that it does not know for S3."""

    def __init__(self) -> None:
        """Takes any service of moto's."""
        super().__init__(create_backend_app)

    def get_backend_for_host(self, host: str | None) -> object:
        """Names moto's backend of a host.

        Raises:
            UnknownService: moto has none, and would print the host, as sent, to standard output.
        """
        url = f"http://{host}"
        if host and "amazonaws.com" in host and not any(known.match(url) for _, known in self.backend_url_patterns):
            raise UnknownService
        backend = super().get_backend_for_host(host)
        if backend == "s3" or (host and not backend):
            raise UnknownService
        return backend


def _body(environ: WSGIEnvironment) -> bytes:
    body: bytes = environ["wsgi.input"].read()
    environ["wsgi.input"].seek(0)
    return body


def _unknown_operation(environ: WSGIEnvironment, body: bytes) -> Response:
    called = action_of(environ, body) or f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '')}"
    code = "InvalidAction" if form_action(environ, body) else "UnknownOperationException"
    return refuse(environ, body, code, f"The emulator does not know {called} of {service_of(environ)}.")


def _is_page(response: Response) -> bool:
    """Whether it is nothing, or a page for people: what Flask answers where moto has no such path or method."""
    return response.get_data()[:9].lower() in (b"", b"<!doctype")
