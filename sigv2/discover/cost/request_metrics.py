"""Asks CloudWatch how many requests a bucket got, where S3's request metrics are on.

S3 gives them on a best-effort basis, to a bucket that has a metrics configuration; one with a filter tells of some
objects only (https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-configurations.html). `AllRequests` counts requests to
objects and to the bucket itself, and a deletion of many objects once, where CloudTrail bills each object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from blueprint.sentences import counted
from sigv2.aws import explained
from sigv2.discover.cost.request_rate import Bound, RequestRate, UnknownRate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_s3 import S3Client

    from sigv2.period import Period

TOLD_BY: Final = "CloudWatch request metrics"
_SECONDS_OF_DAY: Final = 86_400
_COMPLETE: Final = "Complete"


def rate_by_metrics(
    s3: S3Client, cloudwatch: CloudWatchClient, bucket: str, period: Period
) -> RequestRate | UnknownRate:
    """What the request metrics of a bucket tell.

    Args:
        s3: a client in the bucket's Region.
        cloudwatch: the same.
        bucket: the bucket.
        period: some whole days.
    """
    try:
        configured = list(_configurations(s3, bucket))
    except (BotoCoreError, ClientError) as error:
        return UnknownRate(
            "whether it has request metrics cannot be asked, which takes s3:GetMetricsConfiguration: "
            f"{explained(error)}"
        )
    of_all = next((name for name, filtered in configured if not filtered), None)
    if of_all is None:
        return UnknownRate(
            "its request metrics are filtered, and do not tell of the whole bucket"
            if configured
            else "its request metrics are not on"
        )
    try:
        days = _requests(cloudwatch, bucket, of_all, period)
    except (BotoCoreError, ClientError) as error:
        return UnknownRate(
            f"its request metrics cannot be read, which takes cloudwatch:GetMetricData: {explained(error)}"
        )
    if days is None:
        return UnknownRate("CloudWatch could not give all of its request metrics; ask again")
    if not days:
        asked = counted((period.until - period.since).days, "day")
        return UnknownRate(
            f"its request metrics are on and tell of no request in {asked}: there was none, or they are new"
        )
    return RequestRate(sum(days) / len(days), len(days), Bound.ABOUT, TOLD_BY)


def _configurations(s3: S3Client, bucket: str) -> Iterator[tuple[str, bool]]:
    """The ids of a bucket's metrics configurations, and whether each is filtered."""
    page = s3.list_bucket_metrics_configurations(Bucket=bucket)
    while True:
        for configuration in page.get("MetricsConfigurationList", []):
            yield configuration["Id"], bool(configuration.get("Filter"))
        token = page.get("NextContinuationToken")
        if not page.get("IsTruncated") or not token:
            return
        page = s3.list_bucket_metrics_configurations(Bucket=bucket, ContinuationToken=token)


def _requests(cloudwatch: CloudWatchClient, bucket: str, filter_id: str, period: Period) -> list[float] | None:
    """The requests of each day that has any; None where CloudWatch has more, and does not give it."""
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[
            {
                "Id": "requests",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/S3",
                        "MetricName": "AllRequests",
                        "Dimensions": [
                            {"Name": "BucketName", "Value": bucket},
                            {"Name": "FilterId", "Value": filter_id},
                        ],
                    },
                    "Period": _SECONDS_OF_DAY,
                    "Stat": "Sum",
                },
            }
        ],
        StartTime=period.since,
        EndTime=period.until,
    )
    days: list[float] = []
    status = _COMPLETE
    for page in pages:
        for result in page["MetricDataResults"]:
            days += result.get("Values", [])
            status = result.get("StatusCode") or status
    return days if status == _COMPLETE else None
