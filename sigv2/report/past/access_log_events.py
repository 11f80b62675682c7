"""Turns what an access log tells into the event that CloudTrail would have logged, as far as it can be told.

So queries, ranking and fixes are the same. What an access log has no field for is told as unknown.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

from sigv2.report.past.access_log_lines import AccessLogLine
from sigv2.report.principals import NOT_LOGGED

NOT_TOLD: Final = ("accessKeyId", "vpcEndpointId", "sessionContext")
"""The fields of CloudTrail's records that an access log has nothing of."""

_IDENTITIES: Final = (
    ("IAMUser", re.compile(r"arn:[^:]*:iam::(?P<account>\d*):user/(?:.*/)?(?P<user>[^/]+)", re.DOTALL)),
    ("AssumedRole", re.compile(r"arn:[^:]*:sts::(?P<account>\d*):assumed-role/.+", re.DOTALL)),
    ("FederatedUser", re.compile(r"arn:[^:]*:sts::(?P<account>\d*):federated-user/.+", re.DOTALL)),
    ("Root", re.compile(r"arn:[^:]*:iam::(?P<account>\d*):root")),
    ("", re.compile(r"arn:[^:]*:[^:]*:[^:]*:(?P<account>\d*):.*", re.DOTALL)),
)
_TEMPORARY: Final = ("AssumedRole", "FederatedUser")
"""Their keys change by the hour, and a report names none of them."""

_OPERATIONS: Final[Mapping[str, str]] = {
    "REST.GET.SERVICE": "ListBuckets",
    "REST.GET.BUCKET": "ListObjects",
    "REST.GET.BUCKETVERSIONS": "ListObjectVersions",
    "REST.HEAD.BUCKET": "HeadBucket",
    "REST.GET.OBJECT": "GetObject",
    "REST.HEAD.OBJECT": "HeadObject",
    "REST.PUT.OBJECT": "PutObject",
    "REST.POST.OBJECT": "PostObject",
    "REST.DELETE.OBJECT": "DeleteObject",
    "BATCH.DELETE.OBJECT": "DeleteObject",
    "REST.POST.MULTI_OBJECT_DELETE": "DeleteObjects",
    "REST.COPY.OBJECT": "CopyObject",
    "REST.COPY.PART": "UploadPartCopy",
    "REST.POST.UPLOADS": "CreateMultipartUpload",
    "REST.PUT.PART": "UploadPart",
    "REST.POST.UPLOAD": "CompleteMultipartUpload",
    "REST.DELETE.UPLOAD": "AbortMultipartUpload",
    "REST.GET.UPLOADS": "ListMultipartUploads",
    "REST.GET.UPLOAD": "ListParts",
    "REST.GET.ACL": "GetObjectAcl",
    "REST.PUT.ACL": "PutObjectAcl",
    "REST.GET.OBJECT_TAGGING": "GetObjectTagging",
    "REST.PUT.OBJECT_TAGGING": "PutObjectTagging",
    "REST.DELETE.OBJECT_TAGGING": "DeleteObjectTagging",
}
"""What CloudTrail calls them; one that is not here keeps its name, as the line of what a copy read does."""


def event_of(line: AccessLogLine, place: tuple[str, str] | None) -> Mapping[str, Any]:
    """The event of a line.

    Args:
        line: the line.
        place: account and Region of the bucket, where the log's folder names them.
    """
    account, region = place or (NOT_LOGGED, NOT_LOGGED)
    identity = _identity(line.requester)
    return {
        "detail-type": "S3 server access log",
        "source": "aws.s3",
        "account": account,
        "region": region,
        "time": line.time,
        "detail": {
            "eventTime": line.time,
            "eventSource": "s3.amazonaws.com",
            "eventName": _OPERATIONS.get(line.operation, line.operation),
            "awsRegion": region,
            "recipientAccountId": account,
            "userIdentity": identity,
            "sourceIPAddress": line.address,
            "vpcEndpointId": NOT_LOGGED,
            "requestID": line.request_id,
            **({"userAgent": line.agent} if line.agent else {}),
            **({"errorCode": line.error} if line.error else {}),
            "requestParameters": {
                **({"bucketName": line.bucket} if line.bucket else {}),
                # Encoded twice on its way into the log, so that nothing in it can end the field.
                **({"key": unquote_plus(unquote_plus(line.key))} if line.key else {}),
            },
            "additionalEventData": {
                "SignatureVersion": line.signature,
                **({"AuthenticationMethod": line.method} if line.method else {}),
            },
        },
    }


def _identity(requester: str) -> Mapping[str, Any]:
    for kind, pattern in _IDENTITIES:
        if found := pattern.fullmatch(requester):
            named = found.groupdict()
            return {
                **({"type": kind} if kind else {}),
                "arn": requester,
                **({"accountId": named["account"]} if named["account"] else {}),
                **({"userName": named["user"]} if "user" in named else {}),
                **({} if kind in _TEMPORARY else {"accessKeyId": NOT_LOGGED}),
            }
    # A canonical id, or the name of a service.
    return {**({"principalId": requester} if requester else {}), "accessKeyId": NOT_LOGGED}
