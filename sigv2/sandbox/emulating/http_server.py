"""The HTTP server, as strict as S3's: what it cannot read for certain, it refuses as S3 does.

Python's own server repairs what it can: it joins lines, drops headers after the first broken one, and takes a carriage
return for the end of a line. A repaired request could be logged as something that nobody sent.
"""

from __future__ import annotations

import contextlib
import re
import socket
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import ThreadedWSGIServer

from sigv2.sandbox.observing.s3_errors import Refused, refusal

if TYPE_CHECKING:
    from io import BufferedIOBase

_HEADER_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*\r?\n")
_METHOD = re.compile(r"[A-Z]+")
_TARGET = re.compile(r"[!-~]+")
_LENGTH = re.compile(r"[0-9]{1,19}")
_END_OF_HEADERS: Final = (b"\r\n", b"\n")

_DRAIN_SECONDS = 0.2
_DRAIN_READS = 100
_DRAIN_BYTES = 64 * 1024

_MAX_HEADER_BYTES: Final = 8 * 1024
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html"""

_UNREADABLE: Final = (400, "BadRequest", "An error occurred when parsing the HTTP request.")
_BAD_URI: Final = (400, "InvalidURI", "Couldn't parse the specified URI.")
_TOO_LARGE: Final = (
    *(400, "RequestHeaderSectionTooLarge"),
    "Your request header section exceeds the maximum allowed size.",
)
_UNKNOWN_CODING: Final = (
    *(501, "NotImplemented"),
    "A header that you provided implies functionality that is not implemented.",
)


class _HeaderLines:
    """Passes on the lines of a request and keeps them: who parses them keeps only what it could make of them."""

    def __init__(self, connection: BufferedIOBase) -> None:
        self._connection = connection
        self.seen: list[bytes] = []

    def readline(self, limit: int = -1) -> bytes:
        line = self._connection.readline(limit)
        self.seen.append(line)
        return line


class Server(ThreadedWSGIServer):
    """A thread for each connection."""

    request_queue_size = 1024


class Handler(MotoRequestHandler):
    """Reads one request, and passes it on only if it can be read in one way alone."""

    timeout = 60.0
    """Seconds without a byte after which a client is given up."""

    default_request_version = "HTTP/1.0"
    """What a request line is answered in that names no version, or nothing at all."""

    def parse_request(self) -> bool:
        """Returns whether there is a request to serve; otherwise it is answered already."""
        connection = self.rfile
        lines = _HeaderLines(connection)
        self.rfile = cast("BufferedIOBase", lines)
        try:
            if not super().parse_request():
                return False
        finally:
            self.rfile = connection
        words = self.requestline.split(" ")
        try:
            _check_target(words)
            _check_header_lines(lines.seen)
            self._check_framing()
        except Refused as refused:
            self._refuse(refused)
            return False
        # http.server joins the slashes of a key that begins with one.
        self.path = words[1]
        return True

    def handle_expect_100(self) -> bool:
        """Leaves it to werkzeug to ask for the body, once the head of the request has passed."""
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Answers, as S3 does, what http.server cannot read."""
        too_large = code == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        self._refuse(Refused(*(_TOO_LARGE if too_large else _UNREADABLE)))

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Logs nothing, and does not even look at the request: werkzeug would trip over some."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Logs nothing: what a stranger requests is not to be printed raw."""

    def _check_framing(self) -> None:
        """Host, length and coding of the body, each said once and in one way (RFC 9112, sections 3.2 and 6.3)."""
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1 and (hosts or self.request_version != "HTTP/1.0"):
            raise Refused(*_UNREADABLE)
        lengths = self.headers.get_all("Content-Length", [])
        codings = self.headers.get_all("Transfer-Encoding", [])
        if len(lengths) + len(codings) > 1 or any(not _LENGTH.fullmatch(length) for length in lengths):
            raise Refused(*_UNREADABLE)
        if any(coding.lower() != "chunked" for coding in codings):
            raise Refused(*_UNKNOWN_CODING)

    def _refuse(self, refused: Refused) -> None:
        response = refusal(refused.status, refused.code, refused.message, "")
        self.send_response(refused.status)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.get_data())
        self._drain()

    def _drain(self) -> None:
        """Take in what the client still sends: to close with bytes unread would reset the connection."""
        self.connection.settimeout(_DRAIN_SECONDS)
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            for _ in range(_DRAIN_READS):
                if not self.connection.recv(_DRAIN_BYTES):
                    break


def _check_target(words: list[str]) -> None:
    if len(words) != 3 or not _METHOD.fullmatch(words[0]):
        raise Refused(*_UNREADABLE)
    if not _TARGET.fullmatch(words[1]):
        raise Refused(*_BAD_URI)
    try:
        urlsplit(words[1])
    except ValueError:
        raise Refused(*_BAD_URI) from None


def _check_header_lines(lines: list[bytes]) -> None:
    if sum(map(len, lines)) > _MAX_HEADER_BYTES:
        raise Refused(*_TOO_LARGE)
    if not lines or lines[-1] not in _END_OF_HEADERS or not all(map(_HEADER_LINE.fullmatch, lines[:-1])):
        raise Refused(*_UNREADABLE)
