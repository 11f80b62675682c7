"""CloudTrail records of S3 requests, as AWS writes them, and their EventBridge events.

After the records in
https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-understanding-s3-entries.html
and what AWS says of their fields in
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sigv2.sandbox.observing.http_request import S3Request
    from sigv2.sandbox.observing.operations import Operation
    from sigv2.sandbox.observing.signatures import Signature

Record = dict[str, object]

_MAX_TEXT_BYTES: Final = 1024
"""Of `userAgent` and `errorMessage`, which CloudTrail cuts off (record contents, see above)."""

_SECRET_PARAMETERS: Final = frozenset(
    {
        "awsaccesskeyid",
        "signature",
        "x-amz-credential",
        "x-amz-security-token",
        "x-amz-signature",
    }
)
_RECORDED_HEADERS: Final = (
    "x-amz-acl",
    "x-amz-bypass-governance-retention",
    "x-amz-copy-source",
    "x-amz-copy-source-range",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-metadata-directive",
    "x-amz-object-lock-legal-hold",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-object-ownership",
    "x-amz-request-payer",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-tagging-directive",
    "x-amz-website-redirect-location",
)
"""Named one by one, so that no header with a secret (a customer's encryption key) can slip in."""


@dataclass(frozen=True)
class ResponseFacts:
    """What a record tells of the response.

    Attributes:
        status: of HTTP.
        error_code: of S3's error, None unless S3 refused.
        error_message: of S3's error, None unless S3 refused.
        bytes_in: of the request's body.
        bytes_out: of the response's body.
        request_id: S3's `x-amz-request-id`.
    """

    status: int
    error_code: str | None
    error_message: str | None
    bytes_in: int
    bytes_out: int
    request_id: str


def cloudtrail_record(
    request: S3Request,
    operation: Operation,
    signature: Signature | None,
    identity: Mapping[str, object],
    *,
    response: ResponseFacts,
    now: datetime,
    account_id: str,
    region: str,
    partition: str,
) -> Record:
    """Write the record of a request.

    It has no `tlsDetails` and no `CipherSuite`: the sandbox speaks plain HTTP.

    Args:
        request: the request.
        operation: which operation it is.
        signature: how it was signed, None for an anonymous request.
        identity: the record's `userIdentity`.
        response: what it was answered with.
        now: when, with its time zone.
        account_id: owner of the bucket and recipient of the record.
        region: of the bucket.
        partition: `aws`, `aws-cn` or `aws-us-gov`.

    Returns:
        The record, which JSON can hold as it is.
    """
    record: Record = {
        "eventVersion": "1.11",
        "userIdentity": dict(identity),
        "eventTime": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "s3.amazonaws.com",
        "eventName": operation.name,
        "awsRegion": region,
        "sourceIPAddress": request.source_ip,
        "userAgent": f"[{_cut_off(request.headers.get('user-agent', ''))}]",
    }
    if response.error_code is not None:
        record["errorCode"] = response.error_code
        record["errorMessage"] = _cut_off(response.error_message or "")
    record |= {
        "requestParameters": _request_parameters(request),
        "responseElements": None,
        "additionalEventData": _additional_event_data(signature, response),
        "requestID": response.request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": operation.read_only,
        "resources": _resources(request, operation, account_id, partition),
        "eventType": "AwsApiCall",
        "managementEvent": operation.category == "Management",
        "recipientAccountId": account_id,
        "eventCategory": operation.category,
    }
    if not record["resources"]:
        del record["resources"]
    return record


def copies_of(record: Record, identity: Mapping[str, object]) -> tuple[Record, Record]:
    """Write both records of a request to another account's bucket, of which the owner and the caller get one each.

    See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html and, of
    `sharedEventID`, https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html.

    Args:
        record: the owner's record.
        identity: the caller's `userIdentity`, as its own account is told.

    Returns:
        The owner's and the caller's.
    """
    owners = {**record, "sharedEventID": str(uuid.uuid4())}
    callers = {"userIdentity": dict(identity), "eventID": str(uuid.uuid4())}
    return owners, {**owners, **callers, "recipientAccountId": identity["accountId"]}


def deleted_object_record(batch: Mapping[str, object], key: str) -> Record:
    """Write the DeleteObject record that DeleteObjects causes for one of its keys.

    It is an `AwsServiceEvent`, which tells it from a client's own DeleteObject
    (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html,
    example 3). That the other fields are those of the DeleteObjects record is unconfirmed.

    Args:
        batch: the DeleteObjects record.
        key: the key that it deleted.

    Returns:
        The record.
    """
    parameters = cast("Mapping[str, str]", batch["requestParameters"])
    listing, bucket = cast("list[dict[str, str]]", batch["resources"])
    return {
        **batch,
        "eventName": "DeleteObject",
        "eventType": "AwsServiceEvent",
        "eventID": str(uuid.uuid4()),
        "requestParameters": {
            "bucketName": parameters["bucketName"],
            "Host": parameters["Host"],
            "key": key,
        },
        "resources": [{"type": listing["type"], "ARN": f"{listing['ARNPrefix']}{key}"}, bucket],
    }


def eventbridge_event(record: Mapping[str, object]) -> Record:
    """Wrap a record as CloudTrail sends it to the default event bus.

    See https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html.

    Args:
        record: a CloudTrail record.

    Returns:
        The event, whose `detail` is the record.
    """
    kind = "Service Event" if record["eventType"] == "AwsServiceEvent" else "API Call"
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": f"AWS {kind} via CloudTrail",
        "source": "aws.s3",
        "account": record["recipientAccountId"],
        "time": record["eventTime"],
        "region": record["awsRegion"],
        "resources": [],
        "detail": dict(record),
    }


def _cut_off(text: str) -> str:
    return text.encode()[:_MAX_TEXT_BYTES].decode(errors="ignore")


def _request_parameters(request: S3Request) -> dict[str, str]:
    """The query but for its credentials, a choice of headers, and what the URL addresses.

    The address comes last: a query parameter named `bucketName` must not pass for the bucket.
    """
    parameters = {name: value for name, value in request.query.items() if name.lower() not in _SECRET_PARAMETERS}
    headers = request.headers
    parameters |= {name: headers[name] for name in _RECORDED_HEADERS if name in headers}
    for name in ("bucketName", "Host", "key"):
        parameters.pop(name, None)
    address = {"bucketName": request.bucket, "Host": request.host, "key": _key(request)}
    return parameters | {name: value for name, value in address.items() if value is not None}


def _additional_event_data(signature: Signature | None, response: ResponseFacts) -> dict[str, str | int]:
    signed: dict[str, str | int] = (
        {"SignatureVersion": signature.version, "AuthenticationMethod": signature.method} if signature else {}
    )
    return signed | {
        "bytesTransferredIn": response.bytes_in,
        "x-amz-id-2": _extended_request_id(response.request_id),
        "bytesTransferredOut": response.bytes_out,
    }


def _extended_request_id(request_id: str) -> str:
    """In the form of S3's `x-amz-id-2`, which the emulator does not give."""
    return base64.b64encode(hashlib.sha512(request_id.encode()).digest()[:56]).decode()


def _resources(request: S3Request, operation: Operation, account_id: str, partition: str) -> list[dict[str, str]]:
    """The object or, where a data event has no object, the prefix that it is about; the bucket.

    Of a copy these are the destination's, as in the one published record of a CopyObject; `x-amz-copy-source` tells
    the source. That the source is not listed where it lies in another bucket is unconfirmed.
    """
    if request.bucket is None:
        return []
    bucket_arn = f"arn:{partition}:s3:::{request.bucket}"
    bucket = {"accountId": account_id, "type": "AWS::S3::Bucket", "ARN": bucket_arn}
    if operation.category == "Management":
        return [bucket]
    key = _key(request)
    if key is not None:
        return [{"type": "AWS::S3::Object", "ARN": f"{bucket_arn}/{key}"}, bucket]
    prefix = request.query.get("prefix", "") if operation.name.startswith("List") else ""
    return [{"type": "AWS::S3::Object", "ARNPrefix": f"{bucket_arn}/{prefix}"}, bucket]


def _key(request: S3Request) -> str | None:
    return request.key if request.key is not None else request.form.get("key")
