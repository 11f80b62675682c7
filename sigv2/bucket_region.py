"""Which Region a bucket lies in, as S3 itself tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_REGION: Final = "x-amz-bucket-region"


def region_of_bucket(s3: S3Client, bucket: str) -> str | None:
    """The Region that a bucket lies in.

    S3 tells a bucket's Region even to those whom it tells nothing else
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html).

    Returns:
        None where what lets the bucket be asked leaves its Region out, as an endpoint that is not S3's may.

    Raises:
        botocore.exceptions.ClientError: S3 does not say, as of a bucket that does not exist.
        botocore.exceptions.BotoCoreError: S3 cannot be asked.
    """
    try:
        headers = s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    except ClientError as error:
        headers = error.response["ResponseMetadata"].get("HTTPHeaders", {})
        if _REGION not in headers:
            raise
    return headers.get(_REGION)
