"""What an HTTP request asks of S3: which bucket and key, in which words.

The one place that knows WSGI's encodings, the two ways to address a bucket, and POST forms. Every
value is what a stranger sent: decoded so that JSON can hold it, and trusted no further.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed.wsgi import WSGIEnvironment

_REGION = r"(?!website)[a-z]{2,}(?:-[a-z]+)+-\d+"
_AWS_ENDPOINT = (
    r"s3(?:-accelerate|-external-1|-fips)?(?:\.dualstack)?"
    rf"(?:[.-]{_REGION})?\.amazonaws\.com(?:\.cn)?"
)
_VIRTUAL_HOST = re.compile(
    rf"(?P<bucket>.+)\.(?:{_AWS_ENDPOINT}|s3\.localhost)|(?P<local_bucket>(?!s3\.localhost).+)\.localhost"
)
_PORT = re.compile(r":[0-9]*$")
_VISIBLE_ASCII = re.compile(r"[!-~]*")
_LENGTH = re.compile(r"[0-9]{1,19}")

_MAX_FORM_BYTES = 20 * 1024
_CHUNK_BYTES = 4 * 1024


class BadRequest(ValueError):  # noqa: N818 - named after the answer, 400 Bad Request
    """The request is not one that S3 could read; its message repeats nothing of the request.

    Attributes:
        code: of S3's error.
    """

    def __init__(self, message: str, code: str = "InvalidRequest") -> None:
        super().__init__(message)
        self.code = code


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

    Path style and virtual-hosted style are told apart by the Host header, as
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html says; any host that
    is no bucket's own, an address for example, means path style.

    Args:
        environ: left untouched, `wsgi.input` included.
        body: the whole body, so that whoever serves the request can still be given it.

    Returns:
        The request.

    Raises:
        BadRequest: for what S3 answers with 400, whatever its bytes.
    """
    path, query_string = _target(environ)
    headers = _headers(environ)
    host = headers.get("host", "")
    bucket = _bucket_of_host(host)
    virtual_hosted = bucket is not None
    key = path[1:]
    if not virtual_hosted:
        first, _, key = key.partition("/")
        bucket = _decoded(first) or None
    if bucket is None and key:
        raise BadRequest("The path names a key and no bucket.")
    method = str(environ.get("REQUEST_METHOD", "")).upper()
    query = _query(query_string)
    is_form = method == "POST" and bucket is not None and not key and "delete" not in query
    return S3Request(
        method=method,
        host=host,
        bucket=bucket,
        key=_decoded(key) or None,
        query=query,
        headers=headers,
        form=_form(headers.get("content-type", ""), body) if is_form else {},
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
        raise BadRequest("The request line has characters that are not percent-encoded.")
    if not uri.startswith("/"):
        try:
            absolute = urlsplit(uri)
        except ValueError:
            raise BadRequest("The request line has no valid URI.") from None
        if not absolute.scheme or not absolute.netloc:
            raise BadRequest("The request line has no path.")
        uri = "/" + uri.split("://", 1)[1][len(absolute.netloc) :].removeprefix("/")
    path, _, query_string = uri.partition("?")
    return path, query_string


def _decoded(path: str) -> str:
    try:
        return unquote(path, errors="strict")
    except UnicodeDecodeError:
        # Whatever stood in its place would be the name of another object.
        raise BadRequest("Couldn't parse the specified URI.", "InvalidURI") from None


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


def _bucket_of_host(host: str) -> str | None:
    match = _VIRTUAL_HOST.fullmatch(_PORT.sub("", host).lower())
    return match and (match["bucket"] or match["local_bucket"])


def _query(query_string: str) -> dict[str, str]:
    pairs = parse_qsl(query_string, keep_blank_values=True)
    return dict(reversed(pairs))


def _content_length(environ: WSGIEnvironment, body: bytes) -> int:
    declared = str(environ.get("CONTENT_LENGTH") or len(body))
    if not _LENGTH.fullmatch(declared):
        raise BadRequest("The Content-Length header is not a number of bytes.")
    return int(declared)


def _form(content_type: str, body: bytes) -> dict[str, str]:
    """Fields up to the file, as S3 ignores what follows it and limits what precedes it.

    See https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html.
    """
    media_type, options = parse_options_header(content_type)
    if media_type != "multipart/form-data":
        return {}
    try:
        return _fields(options.get("boundary", "").encode("ascii"), body)
    except BadRequest:
        raise
    except (ValueError, HTTPException):
        raise BadRequest("The body is not well-formed multipart/form-data.") from None


def _fields(boundary: bytes, body: bytes) -> dict[str, str]:
    if not boundary:
        raise BadRequest("The multipart/form-data has no boundary.")
    fields: dict[str, str] = {}
    decoder = MultipartDecoder(boundary)
    name, value = "", b""
    for start in range(0, len(body) + _CHUNK_BYTES, _CHUNK_BYTES):
        decoder.receive_data(body[start : start + _CHUNK_BYTES] or None)
        while not isinstance(event := decoder.next_event(), (NeedData, Epilogue)):
            if isinstance(event, Field | File):
                name, value = (event.name or "").lower(), b""
                if isinstance(event, File) or name == "file":
                    return _with_filename(fields, event)
            elif isinstance(event, Data):
                value += event.data
                if not event.more_data:
                    fields.setdefault(name, value.decode(errors="replace"))
        if start > _MAX_FORM_BYTES:
            raise BadRequest("The form's fields before its file exceed 20 KB.")
    return fields


def _with_filename(fields: dict[str, str], file: Field | File) -> dict[str, str]:
    filename = file.filename if isinstance(file, File) else ""
    if "key" in fields:
        fields["key"] = fields["key"].replace("${filename}", filename.rpartition("/")[2])
    return fields
