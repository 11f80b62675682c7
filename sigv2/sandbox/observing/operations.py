"""Which S3 operation a request is, by the event name that CloudTrail gives it.

A table of data, first match first: what S3 tells apart by method, subresource and header.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigv2.sandbox.observing.http_request import S3Request

Category = Literal["Data", "Management"]
Level = Literal["object", "bucket", "service"]


@dataclass(frozen=True)
class Operation:
    """An S3 operation.

    Attributes:
        name: CloudTrail's `eventName`.
        read_only: CloudTrail's `readOnly`.
        category: CloudTrail's `eventCategory`.
        level: what it works on, which for a POST form is an object though its URL is the bucket's.
    """

    name: str
    read_only: bool
    category: Category
    level: Level


class UnknownOperation(ValueError):  # noqa: N818 - named after what it is about
    """S3 has no such operation, and answers 405 MethodNotAllowed."""


@dataclass(frozen=True)
class _Row:
    """A request of this method matches if it has all of these query parameters and headers."""

    method: str
    name: str
    query: tuple[str, ...] = ()
    header: str | None = None


_OBJECT: Final = (
    _Row("GET", "GetObjectAcl", ("acl",)),
    _Row("GET", "GetObjectAttributes", ("attributes",)),
    _Row("GET", "GetObjectLegalHold", ("legal-hold",)),
    _Row("GET", "GetObjectRetention", ("retention",)),
    _Row("GET", "GetObjectTagging", ("tagging",)),
    _Row("GET", "GetObjectTorrent", ("torrent",)),
    _Row("GET", "ListParts", ("uploadId",)),
    _Row("GET", "GetObject"),
    _Row("HEAD", "HeadObject"),
    _Row("PUT", "PutObjectAcl", ("acl",)),
    _Row("PUT", "PutObjectLegalHold", ("legal-hold",)),
    _Row("PUT", "PutObjectRetention", ("retention",)),
    _Row("PUT", "PutObjectTagging", ("tagging",)),
    _Row("PUT", "UploadPartCopy", ("partNumber", "uploadId"), "x-amz-copy-source"),
    _Row("PUT", "UploadPart", ("partNumber", "uploadId")),
    _Row("PUT", "CopyObject", header="x-amz-copy-source"),
    _Row("PUT", "PutObject"),
    _Row("DELETE", "AbortMultipartUpload", ("uploadId",)),
    _Row("DELETE", "DeleteObjectTagging", ("tagging",)),
    _Row("DELETE", "DeleteObject"),
    _Row("POST", "CreateMultipartUpload", ("uploads",)),
    _Row("POST", "CompleteMultipartUpload", ("uploadId",)),
    _Row("POST", "RestoreObject", ("restore",)),
    _Row("POST", "SelectObjectContent", ("select",)),
    _Row("OPTIONS", "PreflightRequest"),
)
"""All are data events
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html)."""

_BUCKET_DATA: Final = (
    _Row("GET", "ListMultipartUploads", ("uploads",)),
    _Row("GET", "ListObjectVersions", ("versions",)),
    _Row("POST", "DeleteObjects", ("delete",)),
)
_BUCKET_DEFAULTS: Final = (
    _Row("GET", "ListObjects"),
    _Row("HEAD", "HeadBucket"),
    _Row("POST", "PostObject"),
    _Row("OPTIONS", "PreflightRequest"),
)
"""What a bucket's URL is without a subresource; data events like the objects' own (same page)."""

_BUCKET_SUBRESOURCES: Final[Mapping[str, tuple[str, str]]] = {
    "accelerate": ("BucketAccelerateConfiguration", "GET PUT"),
    "acl": ("BucketAcl", "GET PUT"),
    "analytics": ("BucketAnalyticsConfiguration", "GET PUT DELETE"),
    "cors": ("BucketCors", "GET PUT DELETE"),
    "encryption": ("BucketEncryption", "GET PUT DELETE"),
    "intelligent-tiering": ("BucketIntelligentTieringConfiguration", "GET PUT DELETE"),
    "inventory": ("BucketInventoryConfiguration", "GET PUT DELETE"),
    "lifecycle": ("BucketLifecycle", "GET PUT DELETE"),
    "location": ("BucketLocation", "GET"),
    "logging": ("BucketLogging", "GET PUT"),
    "metrics": ("BucketMetricsConfiguration", "GET PUT DELETE"),
    "notification": ("BucketNotification", "GET PUT"),
    "object-lock": ("ObjectLockConfiguration", "GET PUT"),
    "ownershipControls": ("BucketOwnershipControls", "GET PUT DELETE"),
    "policy": ("BucketPolicy", "GET PUT DELETE"),
    "policyStatus": ("BucketPolicyStatus", "GET"),
    "publicAccessBlock": ("BucketPublicAccessBlock", "GET PUT DELETE"),
    "replication": ("BucketReplication", "GET PUT DELETE"),
    "requestPayment": ("BucketRequestPayment", "GET PUT"),
    "tagging": ("BucketTagging", "GET PUT DELETE"),
    "versioning": ("BucketVersioning", "GET PUT"),
    "website": ("BucketWebsite", "GET PUT DELETE"),
}
"""Of each subresource its name in CloudTrail, after Get, Put or Delete, and its methods."""

_BUCKET_MANAGEMENT: Final = (
    *(
        _Row(method, f"{method.title()}{name}", (subresource,))
        for subresource, (name, methods) in _BUCKET_SUBRESOURCES.items()
        for method in methods.split()
    ),
    _Row("PUT", "CreateBucket"),
    _Row("DELETE", "DeleteBucket"),
)
_SERVICE: Final = (_Row("GET", "ListBuckets"),)

_READING_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_READING_POSTS: Final = frozenset({"SelectObjectContent"})

_TABLE: Final[tuple[tuple[Level, Category, tuple[_Row, ...]], ...]] = (
    ("object", "Data", _OBJECT),
    ("bucket", "Data", _BUCKET_DATA),
    ("bucket", "Management", _BUCKET_MANAGEMENT),
    ("bucket", "Data", _BUCKET_DEFAULTS),
    ("service", "Management", _SERVICE),
)


def operation_of(request: S3Request) -> Operation:
    """Tell which operation a request is.

    Query parameters that are no subresource (`versionId`, `response-content-type`, `x-id`, those
    of a signature) do not matter, as they do not to S3.

    Args:
        request: the parsed request.

    Returns:
        The operation.

    Raises:
        UnknownOperation: where no operation has this method at this level.
    """
    level = _level(request)
    for row_level, category, rows in _TABLE:
        for row in rows if row_level == level else ():
            if _matches(row, request):
                return Operation(
                    name=row.name,
                    read_only=row.method in _READING_METHODS or row.name in _READING_POSTS,
                    category=category,
                    level="object" if row.name == "PostObject" else level,
                )
    raise UnknownOperation(f"S3 has no such method at {level} level")


def _level(request: S3Request) -> Level:
    if request.bucket is None:
        return "service"
    return "bucket" if request.key is None else "object"


def _matches(row: _Row, request: S3Request) -> bool:
    return (
        row.method == request.method
        and all(name in request.query for name in row.query)
        and (row.header is None or row.header in request.headers)
    )
