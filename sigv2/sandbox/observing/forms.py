"""POST forms, as browsers upload with: read as S3 reads them, and said again for a server that reads them otherwise.

The rules are those of https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from sigv2.sandbox.observing.s3_errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAX_FORM_BYTES = 20 * 1024
_CHUNK_BYTES = 4 * 1024
_NOT_WELL_FORMED: Final = (
    *(400, "MalformedPOSTRequest"),
    "The body of your POST request is not well-formed multipart/form-data.",
)
_TOO_LARGE: Final = (
    *(400, "MaxPostPreDataLengthExceeded"),
    "Your POST request fields preceding the upload file were too large.",
)
_NO_MULTIPART: Final = (
    *(412, "PreconditionFailed"),
    "At least one of the pre-conditions you specified did not hold",
    {"Condition": "Bucket POST must be of the enclosure-type multipart/form-data"},
)
_FILENAME = re.compile(r';[ \t]*filename="?((?:(?<!\\)\\"|[^"])*)')
_STATUSES = frozenset({"200", "201", "204"})


@dataclass(frozen=True)
class Form:
    """A form, up to its file: S3 ignores what follows it.

    Attributes:
        fields: by lower-case name; of a repeated field the first value; `${filename}` replaced.
        content: of the file.
    """

    fields: Mapping[str, str]
    content: bytes


def missing_field(name: str) -> Refused:
    """Makes S3's refusal of a form in which a field is missing, or comes after the file."""
    message = (
        f"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
    )
    return Refused(400, "InvalidArgument", message, {"ArgumentName": name, "ArgumentValue": ""})


def read_form(content_type: str, body: bytes) -> Form:
    """Read a form.

    Args:
        content_type: of the request.
        body: the whole body.

    Raises:
        Refused: it is no form, or has no file or no key before it.
    """
    media_type, options = parse_options_header(content_type)
    if media_type != "multipart/form-data":
        raise Refused(*_NO_MULTIPART)
    try:
        form = _read(options.get("boundary", "").encode("ascii"), body)
    except (ValueError, HTTPException):
        raise Refused(*_NOT_WELL_FORMED) from None
    if "key" not in form.fields:
        raise missing_field("key")
    if not form.fields["key"]:
        raise Refused(400, "InvalidArgument", "User key must have a length greater than 0.")
    return form


def restated(form: Form) -> tuple[str, bytes]:
    """Say a form again, without what S3 ignores: its Content-Type, and its body."""
    boundary = secrets.token_hex(16)
    status = form.fields.get("success_action_status", "204")
    said = {**form.fields, "success_action_status": status if status in _STATUSES else "204"}
    if "success_action_redirect" in said:
        del said["success_action_status"]
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{quote(name)}"\r\n\r\n{value}\r\n'
        for name, value in said.items()
    )
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n'
    return f"multipart/form-data; boundary={boundary}", b"".join(
        (head.encode(), file.encode(), form.content, f"\r\n--{boundary}--\r\n".encode())
    )


def _read(boundary: bytes, body: bytes) -> Form:
    if not boundary:
        raise ValueError("no boundary")
    fields: dict[str, str] = {}
    part: Field | File | None = None
    pieces: list[bytes] = []
    for event in _events(MultipartDecoder(boundary), body):
        if isinstance(event, Field | File):
            part, pieces = event, []
        elif part is not None:
            pieces.append(event.data)
            if event.more_data:
                continue
            if _is_file(part):
                return Form(_with_filename(fields, part), b"".join(pieces))
            fields.setdefault((part.name or "").lower(), b"".join(pieces).decode(errors="replace"))
    message = "POST requires exactly one file upload per request."
    raise Refused(400, "InvalidArgument", message, {"ArgumentName": "file", "ArgumentValue": "0"})


def _events(decoder: MultipartDecoder, body: bytes) -> Iterator[Field | File | Data]:
    in_file = False
    for start in range(0, len(body) + _CHUNK_BYTES, _CHUNK_BYTES):
        decoder.receive_data(body[start : start + _CHUNK_BYTES] or None)
        while not isinstance(event := decoder.next_event(), (NeedData, Epilogue)):
            if isinstance(event, Field | File):
                in_file = _is_file(event)
            if isinstance(event, Field | File | Data):
                yield event
        if start > _MAX_FORM_BYTES and not in_file:
            raise Refused(*_TOO_LARGE)


def _is_file(part: Field | File) -> bool:
    return isinstance(part, File) or (part.name or "").lower() == "file"


def _with_filename(fields: dict[str, str], file: Field | File) -> dict[str, str]:
    """A file that says no name leaves the variable as it stands."""
    # As sent: werkzeug has dropped the backslashes of a browser that sends the whole path of a file on Windows.
    name = _FILENAME.search(file.headers.get("content-disposition", ""))
    if name is None:
        return fields
    filename = re.split(r'/|\\(?!")', name[1])[-1].replace('\\"', '"')
    return {field: value.replace("${filename}", filename) for field, value in fields.items()}
