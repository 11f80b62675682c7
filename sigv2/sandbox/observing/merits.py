"""What S3 refuses of a request that it has read and authenticated; CloudTrail records such a refusal.

See https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Final

from sigv2.sandbox.observing.s3_errors import RefusedOnMerits

if TYPE_CHECKING:
    from sigv2.sandbox.observing.bucket_rules import BucketRules
    from sigv2.sandbox.observing.understanding import Understood

_MAX_KEY_BYTES: Final = 1024
_MAX_KEYS: Final = 1000
_MD5_BYTES: Final = 16

_ENCRYPTING: Final = frozenset(
    {"CopyObject", "CreateMultipartUpload", "PostObject", "PutObject", "UploadPart", "UploadPartCopy"}
)
_DECRYPTING: Final = frozenset({"GetObject", "GetObjectTorrent", "SelectObjectContent"})

ENCRYPTION: Final = "x-amz-server-side-encryption"
"""The header, of a request and of an answer, that says how an object is encrypted."""


def check_merits(understood: Understood, rules: BucketRules, body: bytes) -> None:
    """Check what can be told without looking at objects.

    Args:
        understood: the request.
        rules: of its bucket.
        body: of the request.

    Raises:
        RefusedOnMerits: S3 refuses it.
    """
    request = understood.request
    if any(len(key.encode("utf-8", "surrogatepass")) > _MAX_KEY_BYTES for key in understood.keys):
        raise RefusedOnMerits(400, "KeyTooLongError", "Your key is too long")
    if understood.operation.name == "DeleteObjects" and not 1 <= len(understood.keys) <= _MAX_KEYS:
        message = "The XML you provided was not well-formed or did not validate against our published schema"
        raise RefusedOnMerits(400, "MalformedXML", message)
    if request.query.get("versionId") == "":
        raise RefusedOnMerits(400, "InvalidArgument", "Version id cannot be the empty string")
    if "content-md5" in request.headers and "aws-chunked" not in request.headers.get("content-encoding", ""):
        _check_md5(request.headers["content-md5"], body)
    asked = {**request.headers, **request.form}.get(ENCRYPTION) or rules.encryption
    if understood.operation.name in _ENCRYPTING:
        check_kms(understood, asked)


def decrypts(understood: Understood) -> bool:
    """Says whether S3 has to decrypt an object to answer; it does not for HEAD."""
    return understood.operation.name in _DECRYPTING


def check_kms(understood: Understood, encryption: str | None) -> None:
    """Check that an object's encryption and a request's signature go together.

    KMS wants to know who asks, which only SigV4 proves to it; see
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html. An anonymous request proves nothing either.

    Args:
        understood: the request that reads or writes the object.
        encryption: of the object, `aws:kms` for example; None where it has none.

    Raises:
        RefusedOnMerits: S3 refuses it.
    """
    is_sigv4 = understood.signature is not None and understood.signature.version != "SigV2"
    if encryption is not None and encryption.startswith("aws:kms") and not is_sigv4:
        message = (
            "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4."
        )
        raise RefusedOnMerits(400, "InvalidArgument", message, {"ArgumentName": "Authorization"})


def _check_md5(declared: str, body: bytes) -> None:
    try:
        digest = base64.b64decode(declared, validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != _MD5_BYTES:
        raise RefusedOnMerits(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
    if digest != hashlib.md5(body, usedforsecurity=False).digest():
        message = "The Content-MD5 you specified did not match what we received."
        raise RefusedOnMerits(400, "BadDigest", message)
