"""What an HTTP request asks of S3: which bucket and key, in which words.

The one place that knows WSGI's encodings and the two ways to address a bucket. Every value is what a stranger sent:
decoded so that JSON can hold it, and trusted no further.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes, urlsplit

from sigv2.sandbox.observing.forms import read_form
from sigv2.sandbox.observing.hosts import bucket_of_host
from sigv2.sandbox.observing.s3_errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed.wsgi import WSGIEnvironment

_VISIBLE_ASCII = re.compile(r"[!-~]*")
_LENGTH = re.compile(r"[0-9]{1,19}")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BAD_URI: Final = (400, "InvalidURI", "Couldn't parse the specified URI.")


@dataclass(frozen=True)
class S3Request:
    """A request to S3, read but not yet understood.

    Attributes:
        method: upper case.
        host: the Host header as sent, "" when absent.
        bucket: None at service level.
        key: None at bucket level; percent-decoded.
        query: decoded, U+FFFD for what is not UTF-8; of a repeated parameter the first value; "" for one without "=".
        headers: by lower-case name.
        form: the fields of a POST form that come before its file, by lower-case name, the
            `${filename}` of its key replaced; empty for anything but a POST form.
        source_ip: the address that the request came from.
        content_length: bytes of the body.
        virtual_hosted: whether the Host header names the bucket.
    """

    method: str
    host: str
    bucket: str | None
    key: str | None
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str]
    source_ip: str
    content_length: int
    virtual_hosted: bool


def parse(environ: WSGIEnvironment, body: bytes) -> S3Request:
    """Read an S3 request.

    Path style and virtual-hosted style are told apart by the Host header.

    Args:
        environ: left untouched, `wsgi.input` included.
        body: the whole body, so that whoever serves the request can still be given it.

    Returns:
        The request.

    Raises:
        Refused: S3 cannot read it, whatever its bytes.
    """
    path, query_string = _target(environ)
    headers = _headers(environ)
    host = headers.get("host", "")
    bucket = bucket_of_host(host)
    virtual_hosted = bucket is not None
    key = path[1:]
    if not virtual_hosted:
        first, _, key = key.partition("/")
        bucket = _decoded(first) or None
    if bucket is None and key:
        raise _bad_request("The path names a key and no bucket.")
    method = str(environ.get("REQUEST_METHOD", "")).upper()
    query = _query(query_string)
    is_form = method == "POST" and bucket is not None and not key and "delete" not in query
    return S3Request(
        method=method,
        host=host,
        bucket=bucket,
        key=_key(key),
        query=query,
        headers=headers,
        form=read_form(headers.get("content-type", ""), body).fields if is_form else {},
        source_ip=str(environ.get("REMOTE_ADDR", "")),
        content_length=_content_length(environ, body),
        virtual_hosted=virtual_hosted,
    )


def to_path_style(environ: WSGIEnvironment, request: S3Request, host: str) -> WSGIEnvironment:
    """Say the same in path style, for a server that knows no other.

    Args:
        environ: what `request` was parsed from; left untouched.
        request: the parsed request.
        host: the new Host header, an address with its port.

    Returns:
        A copy of the environment, its path still percent-encoded as the client sent it.
    """
    path, query_string = _target(environ)
    if request.virtual_hosted and request.bucket is not None:
        path = f"/{quote(request.bucket, safe='')}{path}"
    uri = f"{path}?{query_string}" if query_string else path
    return environ | {
        "HTTP_HOST": host,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query_string,
        "RAW_URI": uri,
        "REQUEST_URI": uri,
    }


def _target(environ: WSGIEnvironment) -> tuple[str, str]:
    """Path and query as they were on the wire: PATH_INFO no longer knows `%2F` from `/`."""
    uri = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if uri is None:
        path = quote(str(environ.get("PATH_INFO", "")).encode("latin-1", "replace"))
        uri = f"{path or '/'}?{environ.get('QUERY_STRING', '')}"
    uri = str(uri)
    if not _VISIBLE_ASCII.fullmatch(uri):
        raise _bad_request("The request line has characters that are not percent-encoded.")
    if not uri.startswith("/"):
        try:
            absolute = urlsplit(uri)
        except ValueError:
            raise _bad_request("The request line has no valid URI.") from None
        if not absolute.scheme or not absolute.netloc:
            raise _bad_request("The request line has no path.")
        uri = "/" + uri.split("://", 1)[1][len(absolute.netloc) :].removeprefix("/")
    path, _, query_string = uri.partition("?")
    # S3 decodes a path as if it were a form: https://github.com/s3tools/s3cmd/issues/554, AdRoll/goamz issue 259.
    return path.replace("+", "%20"), query_string


def _bad_request(message: str) -> Refused:
    return Refused(400, "InvalidRequest", message)


def _key(path: str) -> str | None:
    """The key that a path names, where it stays below its bucket.

    See "relative path elements" in https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html.
    """
    key = _decoded(path)
    depth = 0
    for element in key.split("/"):
        depth += -1 if element == ".." else int(element not in ("", "."))
        if depth < 0:
            raise Refused(*_BAD_URI)
    return key or None


def _decoded(path: str) -> str:
    if _BROKEN_ESCAPE.search(path):
        raise Refused(*_BAD_URI)
    try:
        return unquote(path, errors="strict")
    except UnicodeDecodeError:
        # Whatever stood in its place would be the name of another object.
        raise Refused(*_BAD_URI) from None


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    names = {
        name: name.removeprefix("HTTP_").lower().replace("_", "-")
        for name in environ
        if name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")
    }
    return {lower: _text(str(environ[name])) for name, lower in names.items() if environ[name]}


def _text(value: str) -> str:
    """WSGI's Latin-1 stands for bytes, which are UTF-8 if they can be."""
    raw = value.encode("latin-1", "replace")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _query(query_string: str) -> dict[str, str]:
    pairs = parse_qsl(query_string, keep_blank_values=True)
    return dict(reversed(pairs))


def _content_length(environ: WSGIEnvironment, body: bytes) -> int:
    declared = str(environ.get("CONTENT_LENGTH") or len(body))
    if not _LENGTH.fullmatch(declared):
        raise _bad_request("The Content-Length header is not a number of bytes.")
    return int(declared)
