"""Creates buckets, and what belongs to one, in the emulator."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sigv2.sandbox.deploying.created import Create, Created, Inputs, tags_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from sigv2.sandbox.emulating.aws_clients import Clients


def make_bucket(s3: S3Client, bucket: str) -> None:
    """Make a bucket in the Region of the client.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    """
    if s3.meta.region_name == "us-east-1":
        s3.create_bucket(Bucket=bucket)
    else:
        s3.create_bucket(
            Bucket=bucket,
            CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name},  # type: ignore[typeddict-item]
        )


def _bucket(aws: Clients, name: str, inputs: Inputs) -> Created:
    bucket = inputs.get("bucket", f"{name}-{secrets.token_hex(4)[:7]}")
    s3 = aws("s3")
    make_bucket(s3, bucket)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags_of(inputs)})
    partition = s3.meta.partition
    return bucket, {"bucket": bucket, "arn": f"arn:{partition}:s3:::{bucket}"}


def _ownership_controls(aws: Clients, _: str, inputs: Inputs) -> Created:
    aws("s3").put_bucket_ownership_controls(
        Bucket=inputs["bucket"],
        OwnershipControls={"Rules": [{"ObjectOwnership": inputs["rule"]["objectOwnership"]}]},
    )
    return inputs["bucket"], {}


def _public_access_block(aws: Clients, _: str, inputs: Inputs) -> Created:
    aws("s3").put_public_access_block(
        Bucket=inputs["bucket"],
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": inputs["blockPublicAcls"],
            "BlockPublicPolicy": inputs["blockPublicPolicy"],
            "IgnorePublicAcls": inputs["ignorePublicAcls"],
            "RestrictPublicBuckets": inputs["restrictPublicBuckets"],
        },
    )
    return inputs["bucket"], {}


def _encryption(aws: Clients, _: str, inputs: Inputs) -> Created:
    (rule,) = inputs["rules"]
    by_default = rule["applyServerSideEncryptionByDefault"]
    applied: Any = {"SSEAlgorithm": by_default["sseAlgorithm"]}
    if "kmsMasterKeyId" in by_default:
        applied["KMSMasterKeyID"] = by_default["kmsMasterKeyId"]
    aws("s3").put_bucket_encryption(
        Bucket=inputs["bucket"],
        ServerSideEncryptionConfiguration={
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": applied,
                    "BucketKeyEnabled": rule["bucketKeyEnabled"],
                    "BlockedEncryptionTypes": {"EncryptionType": rule["blockedEncryptionTypes"]},
                }
            ]
        },
    )
    return inputs["bucket"], {}


def _lifecycle(aws: Clients, _: str, inputs: Inputs) -> Created:
    aws("s3").put_bucket_lifecycle_configuration(
        Bucket=inputs["bucket"],
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": rule["id"],
                    "Status": rule["status"],
                    "Filter": {"Prefix": rule["filter"]["prefix"]},
                    "Expiration": {"Days": int(rule["expiration"]["days"])},
                }
                for rule in inputs["rules"]
            ]
        },
    )
    return inputs["bucket"], {}


def _policy(aws: Clients, _: str, inputs: Inputs) -> Created:
    aws("s3").put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])
    return inputs["bucket"], {}


TYPES: dict[str, Create] = {
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _ownership_controls,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _public_access_block,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _encryption,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _lifecycle,
    "aws:s3/bucketPolicy:BucketPolicy": _policy,
}
