"""Whether a bucket's own policy denies a person's request.

Only explicit Deny statements are asked: the sandbox's people own its buckets, so nobody has to allow them anything.
What S3 tells a policy about a request is said in
https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Literal, cast

from sigv2.policy_evaluation import Call, UnsupportedPolicy, is_denied

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sigv2.sandbox.observing.copies import CopySource
    from sigv2.sandbox.observing.http_request import S3Request
    from sigv2.sandbox.observing.identities import Identity
    from sigv2.sandbox.observing.operations import Operation
    from sigv2.sandbox.observing.signatures import Method, Signature, Version

_ACTIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("HeadObject", "SelectObjectContent"), "GetObject"),
    **dict.fromkeys(
        (
            "CompleteMultipartUpload",
            "CopyObject",
            "CreateMultipartUpload",
            "PostObject",
            "UploadPart",
            "UploadPartCopy",
        ),
        "PutObject",
    ),
    **dict.fromkeys(("HeadBucket", "ListObjects"), "ListBucket"),
    "DeleteObjects": "DeleteObject",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListParts": "ListMultipartUploadParts",
    **{
        f"{verb}{operation}": f"{'Get' if verb == 'Get' else 'Put'}{action}"
        for verb in ("Get", "Put", "Delete")
        for operation, action in (
            ("BucketAccelerateConfiguration", "AccelerateConfiguration"),
            ("BucketAnalyticsConfiguration", "AnalyticsConfiguration"),
            ("BucketCors", "BucketCORS"),
            ("BucketEncryption", "EncryptionConfiguration"),
            ("BucketIntelligentTieringConfiguration", "IntelligentTieringConfiguration"),
            ("BucketInventoryConfiguration", "InventoryConfiguration"),
            ("BucketLifecycle", "LifecycleConfiguration"),
            ("BucketMetricsConfiguration", "MetricsConfiguration"),
            ("BucketOwnershipControls", "BucketOwnershipControls"),
            ("BucketPublicAccessBlock", "BucketPublicAccessBlock"),
            ("BucketReplication", "ReplicationConfiguration"),
            ("BucketTagging", "BucketTagging"),
            ("ObjectLockConfiguration", "BucketObjectLockConfiguration"),
        )
    },
}
"""The action that a policy names, where it is not the operation's own name
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html)."""

_OF_A_VERSION: Final = frozenset(
    {
        *("DeleteObject", "DeleteObjectTagging", "GetObject", "GetObjectAcl", "GetObjectAttributes"),
        *("GetObjectTagging", "GetObjectTorrent", "PutObjectAcl", "PutObjectTagging"),
    }
)
_VERSIONS: Final[Mapping[Version, str]] = {
    "SigV2": "AWS",
    "SigV4": "AWS4-HMAC-SHA256",
    "SigV4A": "AWS4-ECDSA-P256-SHA256",
}
_METHODS: Final[Mapping[Method, str]] = {
    "AuthHeader": "REST-HEADER",
    "QueryString": "REST-QUERY-STRING",
    "HtmlForm": "POST",
}


def is_denied_by_bucket(
    policy: str,
    request: S3Request,
    operation: Operation,
    signature: Signature | None,
    identity: Identity,
    *,
    keys: Iterable[str],
    partition: str,
) -> bool:
    """Say whether a Deny statement of a bucket's policy covers a request.

    Args:
        policy: the policy of the request's bucket, as text.
        request: the request.
        operation: which operation it is.
        signature: how it was signed, None for an anonymous request.
        identity: its `userIdentity` in CloudTrail.
        keys: of the objects that it is about; none for an operation on the bucket.
        partition: `aws`, `aws-cn` or `aws-us-gov`.

    Raises:
        UnsupportedPolicy: the policy is not JSON, or a Deny statement holds what the evaluator does not know.
    """
    bucket_arn = f"arn:{partition}:s3:::{request.bucket}"
    return _is_denied(
        policy,
        _action(request, operation),
        [f"{bucket_arn}/{key}" for key in keys] or [bucket_arn],
        {**_headers(request), **_context(request, signature, identity, request.query.get("versionId"))},
        _principals(signature, identity, partition),
    )


def is_copy_denied_by_source(
    policy: str,
    source: CopySource,
    request: S3Request,
    signature: Signature | None,
    identity: Identity,
    *,
    partition: str,
) -> bool:
    """Say whether a Deny statement of a bucket's policy keeps an object of it from being copied.

    Whoever copies needs `s3:GetObject` for the source
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html). The headers of the copy are for the
    destination, whose policy they are told to.

    Args:
        policy: the policy of the source's bucket, as text.
        source: the object to be copied.
        request: which copies it.
        signature: how it was signed, None for an anonymous request.
        identity: its `userIdentity` in CloudTrail.
        partition: `aws`, `aws-cn` or `aws-us-gov`.

    Raises:
        UnsupportedPolicy: as `is_denied_by_bucket`.
    """
    return _is_denied(
        policy,
        "s3:GetObject" if source.version_id is None else "s3:GetObjectVersion",
        [f"arn:{partition}:s3:::{source.bucket}/{source.key}"],
        _context(request, signature, identity, source.version_id),
        _principals(signature, identity, partition),
    )


def _is_denied(
    policy: str,
    action: str,
    resources: Sequence[str],
    context: Mapping[str, str],
    principals: Iterable[tuple[Literal["AWS", "Anonymous"], str]],
) -> bool:
    try:
        document = json.loads(policy)
    except ValueError:
        raise UnsupportedPolicy("text that is not JSON") from None
    if not isinstance(document, dict):
        raise UnsupportedPolicy("JSON that is no object")
    return any(
        is_denied(document, Call(principal_type, principal, action, resource, context))
        for principal_type, principal in principals
        for resource in resources
    )


def _action(request: S3Request, operation: Operation) -> str:
    action = _ACTIONS.get(operation.name, operation.name)
    if action in _OF_A_VERSION and "versionId" in request.query:
        action = action.replace("Object", "ObjectVersion", 1)
    return f"s3:{action}"


def _principals(
    signature: Signature | None, identity: Identity, partition: str
) -> Iterator[tuple[Literal["AWS", "Anonymous"], str]]:
    """All names that a policy can call the caller by; a session is also its role."""
    if signature is None:
        yield "Anonymous", ""
        return
    yield "AWS", str(identity.get("arn", f"arn:{partition}:iam::{identity['accountId']}:root"))
    if role := _role(identity):
        yield "AWS", role


def _role(identity: Identity) -> str | None:
    session = cast("Mapping[str, Mapping[str, str]]", identity.get("sessionContext", {}))
    return session.get("sessionIssuer", {}).get("arn")


def _headers(request: S3Request) -> Mapping[str, str]:
    headers = {f"s3:{name}": value for name, value in request.headers.items() if name.startswith("x-amz-")}
    listing = ("prefix", "delimiter", "max-keys")
    return headers | {f"s3:{name}": request.query[name] for name in listing if name in request.query}


def _context(
    request: S3Request, signature: Signature | None, identity: Identity, version_id: str | None
) -> Mapping[str, str]:
    context = {
        # Loopback stands for TLS: a TLS-only policy is to be rehearsed, not to shut everybody out.
        "aws:SecureTransport": "true",
        "aws:SourceIp": request.source_ip,
    }
    if "user-agent" in request.headers:
        context["aws:UserAgent"] = request.headers["user-agent"]
    if version_id is not None:
        context["s3:VersionId"] = version_id
    if signature is not None:
        context |= {
            "s3:signatureversion": _VERSIONS[signature.version],
            "s3:authType": _METHODS[signature.method],
            "aws:PrincipalAccount": str(identity["accountId"]),
            "aws:PrincipalIsAWSService": "false",
        }
        if arn := _role(identity) or identity.get("arn"):
            context["aws:PrincipalArn"] = str(arn)
    return context
