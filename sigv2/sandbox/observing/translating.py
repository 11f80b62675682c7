"""Between S3 and moto: what moto reads and writes otherwise than S3 is said to it, and said again, in S3's way."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from sigv2.sandbox.observing.forms import read_form, restated
from sigv2.sandbox.observing.http_request import to_path_style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.wrappers import Response

    from sigv2.sandbox.observing.understanding import Understood

_CONTROL: Final = re.compile("[\\x00-\\x08\\x0b-\\x1f]")
_NAMES: Final = re.compile("<(Key|Prefix|Delimiter|KeyMarker|NextKeyMarker)>([^<]*)</")
_LISTINGS_IN_PLAIN: Final = {
    "ListObjectVersions": "</ListVersionsResult>",
    "ListMultipartUploads": "</ListMultipartUploadsResult>",
}


def to_moto(understood: Understood, environ: WSGIEnvironment, body: bytes, host: str) -> Iterator[WSGIEnvironment]:
    """Say a request to moto.

    Args:
        understood: the request.
        environ: what it was understood from; left untouched.
        body: the whole body.
        host: of moto.

    Yields:
        The request, and what to ask instead where moto answers that with 400.

    Raises:
        RefusedOnMerits: it copies from nowhere.
    """
    request, name = understood.request, understood.operation.name
    said = to_path_style(environ, request, host)
    if source := understood.source():
        said["HTTP_X_AMZ_COPY_SOURCE"] = source.header()
    if name == "PostObject":
        said["CONTENT_TYPE"], body = restated(read_form(request.headers.get("content-type", ""), body))
        said["CONTENT_LENGTH"] = str(len(body))
    yield said | {"wsgi.input": io.BytesIO(body)}
    if name == "HeadObject" and request.query.get("versionId") == "null":
        # moto knows no version in a bucket without versions; to S3 it is the object.
        path = said["RAW_URI"].partition("?")[0]
        yield said | {"wsgi.input": io.BytesIO(body), "QUERY_STRING": "", "RAW_URI": path, "REQUEST_URI": path}


def from_moto(understood: Understood, response: Response) -> None:
    """Say moto's answer as S3 does, in place.

    Character references stand for what XML 1.0 cannot hold, as in S3's answers; keys in listings are percent-encoded
    where the request asks for it
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html).
    """
    is_object = understood.operation.name == "GetObject" and response.status_code < 300
    if is_object or "xml" not in response.headers.get("Content-Type", ""):
        return
    text = response.get_data(as_text=True)
    end = _LISTINGS_IN_PLAIN.get(understood.operation.name)
    if end and understood.request.query.get("encoding-type") == "url" and "<EncodingType>" not in text:
        text = _NAMES.sub(lambda name: f"<{name[1]}>{quote(unescape(name[2]))}</", text)
        text = text.replace(end, f"<EncodingType>url</EncodingType>{end}")
    said = _CONTROL.sub(lambda character: f"&#x{ord(character[0]):x};", text)
    if said != text or end:
        response.set_data(said)
