"""The statement that has a bucket refuse SigV2."""

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
    return {
        "Sid": "DenySigV2",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"StringEquals": {"s3:signatureversion": "AWS"}},
    }
