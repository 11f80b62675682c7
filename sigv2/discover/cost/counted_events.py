"""What CloudTrail bills as data events of S3, of its own records and of the lines of access logs.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html#cloudtrail-object-level-tracking
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sigv2.report.past.access_log_lines import UntoldError, request_of, signature_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NOTHING: Final = msgspec.Raw(b"null")
_OBJECT: Final = "AWS::S3::Object"
_SIGV2: Final = "SigV2"
_OF_BUCKET: Final = frozenset(
    {
        *("REST.GET.BUCKET", "REST.GET.BUCKETVERSIONS", "REST.HEAD.BUCKET", "REST.GET.UPLOADS"),
        *("REST.POST.MULTI_OBJECT_DELETE", "REST.POST.OBJECT"),
    }
)
"""What names no object and is a data event nevertheless: listings, HeadBucket, DeleteObjects, forms."""
_OF_S3_ITSELF: Final = "S3."
"""How the operations begin that nobody requests, such as those of lifecycle rules."""


class _Record(msgspec.Struct):
    """What of a record tells whether it is a data event of S3; all else is passed over, and not decoded."""

    source: Any = msgspec.field(default=None, name="eventSource")
    category: Any = msgspec.field(default=None, name="eventCategory")
    management: Any = msgspec.field(default=None, name="managementEvent")
    time: Any = msgspec.field(default=None, name="eventTime")
    event_id: Any = msgspec.field(default=None, name="eventID")
    recipient: Any = msgspec.field(default=None, name="recipientAccountId")
    resources: msgspec.Raw = msgspec.field(default=_NOTHING)
    parameters: msgspec.Raw = msgspec.field(default=_NOTHING, name="requestParameters")
    additional: msgspec.Raw = msgspec.field(default=_NOTHING, name="additionalEventData")


class DataEvent(msgspec.Struct):
    """A request as it is billed.

    Attributes:
        buckets: whose objects it is about.
        day: as `2026-11-26`.
        is_sigv2: whether it is signed so; None where that is not told.
        event_id: CloudTrail's, empty of an access log's.
        recipient: the account that it was recorded for, where that is told.
    """

    buckets: frozenset[str]
    day: str
    is_sigv2: bool | None
    event_id: str = ""
    recipient: str | None = None


_decoder: Final = msgspec.json.Decoder(_Record)


def data_event_of_record(text: msgspec.Raw | bytes) -> DataEvent | None:
    """Read a record of CloudTrail's.

    Returns:
        None where it is no data event of an object of S3.

    Raises:
        msgspec.DecodeError: it is no record.
    """
    record = _decoder.decode(text)
    if record.source != "s3.amazonaws.com" or not _is_data_event(record):
        return None
    data = msgspec.json.decode(record.additional)
    return DataEvent(
        frozenset(_buckets(record)),
        str(record.time)[:10],
        isinstance(data, dict) and data.get("SignatureVersion") == _SIGV2,
        str(record.event_id or ""),
        record.recipient if isinstance(record.recipient, str) else None,
    )


def data_event_of_line(line: bytes) -> DataEvent | None:
    """Read a line of an access log.

    Of these are more than CloudTrail bills: it records none whose authentication failed, and one for a copy, of which
    there are two lines.

    Returns:
        None where it is no request for an object or a list of objects.

    Raises:
        BrokenLineError: it is no line of an access log.
    """
    is_sigv2: bool | None = None
    with contextlib.suppress(UntoldError):
        is_sigv2 = signature_of(line) == _SIGV2.encode()
    request = request_of(line)
    if request.operation.startswith(_OF_S3_ITSELF) or not (request.of_object or request.operation in _OF_BUCKET):
        return None
    return DataEvent(frozenset({request.bucket}), request.day, is_sigv2)


def _is_data_event(record: _Record) -> bool:
    # Old records do not tell their category.
    return record.category == "Data" or (record.category is None and record.management is False)


def _buckets(record: _Record) -> Iterator[str]:
    resources = msgspec.json.decode(record.resources)
    named = False
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, dict) and resource.get("type") == _OBJECT:
            named = True
            yield _bucket_of(resource)
    if not named:
        parameters = msgspec.json.decode(record.parameters)
        if isinstance(parameters, dict):
            yield str(parameters.get("bucketName"))


def _bucket_of(resource: Mapping[str, Any]) -> str:
    # A listing names the prefix that it lists, not an object.
    arn = str(resource.get("ARN") or resource.get("ARNPrefix"))
    return arn.partition(":::")[2].partition("/")[0]
