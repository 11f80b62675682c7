from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3.session
import pytest
from botocore.stub import Stubber

from sigv2.discover.cost.request_metrics import rate_by_metrics
from sigv2.discover.cost.request_rate import Bound, RequestRate, UnknownRate
from sigv2.period import Period

UNTIL = datetime(2026, 11, 26, tzinfo=UTC)
WEEK = Period(UNTIL - timedelta(days=7), UNTIL)
WHOLE = {"Id": "EntireBucket"}
FILTERED = {"Id": "photos", "Filter": {"Prefix": "photos/"}}
ASKED = {
    "MetricDataQueries": [
        {
            "Id": "requests",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/S3",
                    "MetricName": "AllRequests",
                    "Dimensions": [
                        {"Name": "BucketName", "Value": "uploads"},
                        {"Name": "FilterId", "Value": "EntireBucket"},
                    ],
                },
                "Period": 86_400,
                "Stat": "Sum",
            },
        }
    ],
    "StartTime": WEEK.since,
    "EndTime": WEEK.until,
}


class Aws:
    """Clients that answer what a test says, and nothing else."""

    def __init__(self) -> None:
        session = boto3.session.Session("AKIA", "secret", region_name="eu-west-1")
        self.s3, self.cloudwatch = session.client("s3"), session.client("cloudwatch")
        self.of_s3, self.of_cloudwatch = Stubber(self.s3), Stubber(self.cloudwatch)

    def configured(self, *configurations: dict[str, Any], after: str = "", more: str = "") -> None:
        asked = {"Bucket": "uploads"} | ({"ContinuationToken": after} if after else {})
        answer = {"MetricsConfigurationList": list(configurations), "IsTruncated": bool(more)}
        self.of_s3.add_response(
            "list_bucket_metrics_configurations", answer | ({"NextContinuationToken": more} if more else {}), asked
        )

    def told(self, *values: float, status: str = "Complete", after: str = "", more: str = "") -> None:
        times = [WEEK.since + timedelta(days=number) for number, _ in enumerate(values)]
        result = {"Id": "requests", "Values": list(values), "Timestamps": times, "StatusCode": status}
        answer = {"MetricDataResults": [result]} | ({"NextToken": more} if more else {})
        self.of_cloudwatch.add_response("get_metric_data", answer, ASKED | ({"NextToken": after} if after else {}))

    def rate(self) -> RequestRate | UnknownRate:
        rate = rate_by_metrics(self.s3, self.cloudwatch, "uploads", WEEK)
        self.of_s3.assert_no_pending_responses()
        self.of_cloudwatch.assert_no_pending_responses()
        return rate


@pytest.fixture
def aws() -> Iterator[Aws]:
    made = Aws()
    with made.of_s3, made.of_cloudwatch:
        yield made


def test_requests_are_those_of_a_day_on_average_over_the_days_that_have_any(aws: Aws) -> None:
    aws.configured(WHOLE)
    aws.told(100, 250, 400)
    assert aws.rate() == RequestRate(250, 3, Bound.ABOUT, "CloudWatch request metrics")


def test_the_configuration_of_the_whole_bucket_is_looked_for_on_every_page(aws: Aws) -> None:
    aws.configured(FILTERED, more="next")
    aws.configured(WHOLE, after="next")
    aws.told(10, more="page", status="PartialData")
    aws.told(30, after="page")
    assert aws.rate() == RequestRate(20, 2, Bound.ABOUT, "CloudWatch request metrics")


def test_a_filtered_configuration_tells_nothing_of_the_whole_bucket(aws: Aws) -> None:
    aws.configured(FILTERED)
    assert aws.rate() == UnknownRate("its request metrics are filtered, and do not tell of the whole bucket")


def test_without_any_configuration_nothing_is_known(aws: Aws) -> None:
    aws.configured()
    assert aws.rate() == UnknownRate("its request metrics are not on")


def test_metrics_that_tell_nothing_are_no_zero(aws: Aws) -> None:
    aws.configured(WHOLE)
    aws.told()
    assert aws.rate() == UnknownRate(
        "its request metrics are on and tell of no request in 7 days: there was none, or they are new"
    )


def test_what_cloudwatch_has_and_does_not_give_is_no_answer(aws: Aws) -> None:
    aws.configured(WHOLE)
    aws.told(100, status="InternalError")
    assert aws.rate() == UnknownRate("CloudWatch could not give all of its request metrics; ask again")


def test_a_missing_permission_is_named_with_what_aws_says(aws: Aws) -> None:
    aws.of_s3.add_client_error("list_bucket_metrics_configurations", "AccessDenied", "no \x1b[31m way")
    assert aws.rate() == UnknownRate(
        "whether it has request metrics cannot be asked, which takes s3:GetMetricsConfiguration: these credentials may "
        r"not call ListBucketMetricsConfigurations: no \x1b[31m way"
    )
    aws.configured(WHOLE)
    aws.of_cloudwatch.add_client_error("get_metric_data", "AccessDenied", "no")
    assert aws.rate() == UnknownRate(
        "its request metrics cannot be read, which takes cloudwatch:GetMetricData: these credentials may not call "
        "GetMetricData: no"
    )
