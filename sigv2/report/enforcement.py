"""What has a bucket, or all buckets of an organization, refuse SigV2."""

from typing import Any


def deny_statement(bucket: str, partition: str) -> dict[str, Any]:
    """Deny every SigV2 request to a bucket and its objects, whoever sends it.

    It names SigV2 rather than everything but SigV4, so that anonymous requests, calls of AWS services and later
    signatures are left alone
    (https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html).

    Args:
        bucket: the bucket's name.
        partition: `aws`, `aws-cn` or `aws-us-gov`.

    Returns:
        One element of a bucket policy's `Statement`.
    """
    arn = f"arn:{partition}:s3:::{bucket}"
    return _denied_on([arn, f"{arn}/*"])


def resource_control_policy() -> dict[str, Any]:
    """Deny every SigV2 request to any bucket of the accounts that it is attached to, whoever sends it.

    Such a policy knows but `Deny` and the principal `*`, names the service of each action, has at most 5,120
    characters, and leaves the organization's management account alone
    (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html).

    Returns:
        The whole policy, the same in every partition.
    """
    return {"Version": "2012-10-17", "Statement": [_denied_on("*")]}


def _denied_on(resource: str | list[str]) -> dict[str, Any]:
    return {
        "Sid": "DenySigV2",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": resource,
        "Condition": {"StringEquals": {"s3:signatureversion": "AWS"}},
    }
