"""What a copy is made of: the `x-amz-copy-source` of CopyObject and UploadPartCopy.

See https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html. Access points, which it may name by an ARN,
the sandbox has not.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from sigv2.sandbox.observing.s3_errors import RefusedOnMerits

HEADER = "x-amz-copy-source"

_VERSION = "?versionId="


@dataclass(frozen=True)
class CopySource:
    """The object that a copy is made of, of its newest version where `version_id` is None."""

    bucket: str
    key: str
    version_id: str | None

    def header(self) -> str:
        """Says it again, in the one way that every server understands."""
        version = "" if self.version_id is None else _VERSION + quote(self.version_id, safe="")
        return f"/{quote(self.bucket, safe='')}/{quote(self.key)}{version}"


def read_copy_source(header: str) -> CopySource:
    """Read an `x-amz-copy-source`.

    Raises:
        RefusedOnMerits: it names no object.
    """
    path, is_versioned, version_id = header.partition(_VERSION)
    try:
        # Decoded as the path of a request is.
        name = unquote(path.replace("+", "%20"), errors="strict")
    except UnicodeDecodeError:
        raise _refused("Invalid copy source encoding.") from None
    if name.startswith("arn:"):
        raise RefusedOnMerits(404, "NoSuchAccessPoint", "The specified accesspoint does not exist", {})
    bucket, slash, key = name.removeprefix("/").partition("/")
    if not slash or not bucket:
        raise _refused("Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
    if not key:
        raise _refused("Invalid copy source object key")
    return CopySource(bucket, key, unquote(version_id) if is_versioned else None)


def _refused(message: str) -> RefusedOnMerits:
    return RefusedOnMerits(400, "InvalidArgument", message, {"ArgumentName": HEADER})
