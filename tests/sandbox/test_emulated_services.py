"""What the emulator's trails, queues and log groups do as AWS's do, and moto's do not."""

from typing import TYPE_CHECKING

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError

from sigv2.sandbox.emulating.emulator import Emulator

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudtrail.type_defs import AdvancedEventSelectorTypeDef, EventSelectorUnionTypeDef
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_sqs import SQSClient

TRAIL_ARN = "arn:aws:cloudtrail:us-east-1:123456789012:trail/trail"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
POLICY = '{"Version":"2012-10-17","Statement":[]}'

DEFAULT: "EventSelectorUnionTypeDef" = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}
BASIC: "EventSelectorUnionTypeDef" = {
    "ReadWriteType": "WriteOnly",
    "IncludeManagementEvents": False,
    "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::bucket/"]}],
    "ExcludeManagementEventSources": [],
}
ADVANCED: "AdvancedEventSelectorTypeDef" = {
    "Name": "writes",
    "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
}


@pytest.fixture
def cloudtrail(emulator: Emulator) -> "CloudTrailClient":
    """With a trail."""
    emulator.client("s3").create_bucket(Bucket="trail-bucket")
    client = emulator.client("cloudtrail")
    client.create_trail(Name="trail", S3BucketName="trail-bucket", TagsList=[{"Key": "Stack", "Value": "one"}])
    return client


@pytest.mark.parametrize("name", ["trail", TRAIL_ARN])
def test_a_trail_is_deleted_by_its_name_or_arn_and_comes_back_as_a_new_one(
    cloudtrail: "CloudTrailClient", name: str
) -> None:
    cloudtrail.put_event_selectors(TrailName="trail", AdvancedEventSelectors=[ADVANCED])
    cloudtrail.delete_trail(Name=name)
    assert cloudtrail.describe_trails()["trailList"] == []
    cloudtrail.create_trail(Name="trail", S3BucketName="trail-bucket")
    assert cloudtrail.list_tags(ResourceIdList=[TRAIL_ARN])["ResourceTagList"][0]["TagsList"] == []
    assert cloudtrail.get_event_selectors(TrailName="trail")["EventSelectors"] == [DEFAULT]


def test_a_trail_that_is_not_there_cannot_be_deleted(cloudtrail: "CloudTrailClient") -> None:
    with pytest.raises(
        cloudtrail.exceptions.TrailNotFoundException,
        match="Unknown trail: arn:aws:cloudtrail:us-east-1:123456789012:trail/other",
    ):
        cloudtrail.delete_trail(Name="other")
    assert [trail["Name"] for trail in cloudtrail.describe_trails()["trailList"]] == ["trail"]


def test_a_trails_name_is_taken_and_the_trail_left_as_it_is(emulator: Emulator, cloudtrail: "CloudTrailClient") -> None:
    emulator.client("s3").create_bucket(Bucket="other-bucket")
    with pytest.raises(cloudtrail.exceptions.TrailAlreadyExistsException, match="Trail trail already exists"):
        cloudtrail.create_trail(Name="trail", S3BucketName="other-bucket")
    assert cloudtrail.get_trail(Name="trail")["Trail"]["S3BucketName"] == "trail-bucket"


def test_event_selectors_of_one_kind_take_the_place_of_the_other(cloudtrail: "CloudTrailClient") -> None:
    def in_force() -> tuple[dict[str, object], bool]:
        answer = {**cloudtrail.get_event_selectors(TrailName=TRAIL_ARN)}
        answer.pop("ResponseMetadata")
        return answer, cloudtrail.get_trail(Name=TRAIL_ARN)["Trail"]["HasCustomEventSelectors"]

    seen = [in_force()]
    advanced = cloudtrail.put_event_selectors(TrailName="trail", AdvancedEventSelectors=[ADVANCED])
    seen.append(in_force())
    basic = cloudtrail.put_event_selectors(TrailName=TRAIL_ARN, EventSelectors=[BASIC])
    seen.append(in_force())
    cloudtrail.put_event_selectors(TrailName="trail", AdvancedEventSelectors=[ADVANCED])
    seen.append(in_force())
    cloudtrail.put_event_selectors(
        TrailName="trail", EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True}]
    )
    seen.append(in_force())
    assert seen == [
        ({"TrailARN": TRAIL_ARN, "EventSelectors": [DEFAULT]}, False),
        ({"TrailARN": TRAIL_ARN, "AdvancedEventSelectors": [ADVANCED]}, True),
        ({"TrailARN": TRAIL_ARN, "EventSelectors": [BASIC]}, True),
        ({"TrailARN": TRAIL_ARN, "AdvancedEventSelectors": [ADVANCED]}, True),
        ({"TrailARN": TRAIL_ARN, "EventSelectors": [DEFAULT]}, False),
    ]
    assert set(advanced) == {"TrailARN", "AdvancedEventSelectors", "ResponseMetadata"}
    assert set(basic) == {"TrailARN", "EventSelectors", "ResponseMetadata"}


def test_event_selectors_are_of_one_kind_at_a_time(cloudtrail: "CloudTrailClient") -> None:
    with pytest.raises(cloudtrail.exceptions.InvalidEventSelectorsException, match="Specify either"):
        cloudtrail.put_event_selectors(TrailName="trail", EventSelectors=[BASIC], AdvancedEventSelectors=[ADVANCED])
    with pytest.raises(cloudtrail.exceptions.InvalidEventSelectorsException, match="Specify either"):
        cloudtrail.put_event_selectors(TrailName="trail")
    assert cloudtrail.get_event_selectors(TrailName="trail")["EventSelectors"] == [DEFAULT]


def test_insight_selectors_are_replaced_and_told_of(cloudtrail: "CloudTrailClient") -> None:
    with pytest.raises(cloudtrail.exceptions.InsightNotEnabledException):
        cloudtrail.get_insight_selectors(TrailName="trail")
    cloudtrail.put_insight_selectors(TrailName="trail", InsightSelectors=[{"InsightType": "ApiErrorRateInsight"}])
    cloudtrail.put_insight_selectors(TrailName="trail", InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])
    selectors = cloudtrail.get_insight_selectors(TrailName="trail")["InsightSelectors"]
    assert selectors == [{"InsightType": "ApiCallRateInsight"}]
    assert cloudtrail.get_trail(Name="trail")["Trail"]["HasInsightSelectors"] is True


def test_a_trail_without_its_key_names_none(cloudtrail: "CloudTrailClient") -> None:
    cloudtrail.update_trail(Name=TRAIL_ARN, KmsKeyId=KEY_ARN)
    assert cloudtrail.get_trail(Name="trail")["Trail"]["KmsKeyId"] == KEY_ARN
    cloudtrail.update_trail(Name=TRAIL_ARN, KmsKeyId="")
    assert "KmsKeyId" not in cloudtrail.get_trail(Name="trail")["Trail"]


def test_a_log_groups_key_is_associated_and_disassociated(emulator: Emulator) -> None:
    logs = emulator.client("logs")
    logs.create_log_group(logGroupName="group")
    keys = []

    def note() -> None:
        keys.append(logs.describe_log_groups()["logGroups"][0].get("kmsKeyId"))

    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    note()
    logs.associate_kms_key(logGroupName="group", kmsKeyId=KEY_ARN)
    note()
    logs.disassociate_kms_key(logGroupName="group")
    note()
    logs.associate_kms_key(resourceIdentifier=arn, kmsKeyId=KEY_ARN)
    note()
    logs.disassociate_kms_key(resourceIdentifier=arn)
    note()
    assert keys == [None, KEY_ARN, None, KEY_ARN, None]


def test_a_key_is_associated_by_its_arn_with_a_log_group_that_is_there(emulator: Emulator) -> None:
    logs = emulator.client("logs")
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.associate_kms_key(logGroupName="nowhere", kmsKeyId=KEY_ARN)
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.disassociate_kms_key(logGroupName="nowhere")
    logs.create_log_group(logGroupName="group")
    with pytest.raises(logs.exceptions.InvalidParameterException, match="must be the ARN of a KMS key"):
        logs.associate_kms_key(logGroupName="group", kmsKeyId="alias/key")
    with pytest.raises(logs.exceptions.InvalidParameterException, match="Name a log group"):
        logs.associate_kms_key(kmsKeyId=KEY_ARN)


def encryption(sqs: "SQSClient", url: str) -> tuple[str | None, str | None]:
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return attributes["SqsManagedSseEnabled"], attributes.get("KmsMasterKeyId")


def test_a_queues_two_ways_of_encryption_reset_each_other(emulator: Emulator) -> None:
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    seen = [encryption(sqs, url)]
    for attributes in (
        {"KmsMasterKeyId": KEY_ARN},
        {"SqsManagedSseEnabled": "true"},
        {"KmsMasterKeyId": KEY_ARN},
        {"KmsMasterKeyId": ""},
        {"KmsMasterKeyId": "", "SqsManagedSseEnabled": "true"},
        {"SqsManagedSseEnabled": "false"},
    ):
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)  # type: ignore[arg-type]
        seen.append(encryption(sqs, url))
    assert seen == [
        ("true", None),
        ("false", KEY_ARN),
        ("true", None),
        ("false", KEY_ARN),
        ("false", None),
        ("true", None),
        ("false", None),
    ]


def test_a_queue_is_created_with_one_way_of_encryption(emulator: Emulator) -> None:
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="queue", Attributes={"KmsMasterKeyId": KEY_ARN})["QueueUrl"]
    assert encryption(sqs, url) == ("false", KEY_ARN)
    with pytest.raises(ClientError, match="You can either enable KMS SSE or SQS SSE") as refused:
        sqs.create_queue(QueueName="other", Attributes={"KmsMasterKeyId": KEY_ARN, "SqsManagedSseEnabled": "true"})
    assert refused.value.response["Error"]["Code"] == "InvalidAttributeName"
    assert sqs.list_queues()["QueueUrls"] == [url]


def test_a_queues_attribute_that_is_not_set_stays_as_it_is(emulator: Emulator) -> None:
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="queue", Attributes={"Policy": POLICY})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": KEY_ARN})
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    assert policy == POLICY
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])


def cloudwatch_in_cbor(emulator: Emulator) -> "CloudWatchClient":
    session = botocore.session.get_session()
    model = session.get_component("data_loader").load_service_model("cloudwatch", "service-2")
    model["metadata"]["protocols"] = ["smithy-rpc-v2-cbor"]
    client = boto3.Session(botocore_session=session).client(
        "cloudwatch",
        region_name="us-east-1",
        endpoint_url=emulator.endpoint,
        aws_access_key_id="AKIASTRANGER00000000",
        aws_secret_access_key="any secret will do",
    )
    assert client.meta.service_model.resolved_protocol == "smithy-rpc-v2-cbor"
    return client


def test_cloudwatch_is_spoken_to_in_cbor_as_newer_providers_do(emulator: Emulator) -> None:
    cloudwatch = cloudwatch_in_cbor(emulator)
    cloudwatch.put_metric_alarm(
        AlarmName="alarm",
        Namespace="AWS/Events",
        MetricName="FailedInvocations",
        Dimensions=[{"Name": "RuleName", "Value": "rule"}],
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=0.5,
        ComparisonOperator="GreaterThanThreshold",
        Tags=[{"Key": "Stack", "Value": "one"}],
    )
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=["alarm"])["MetricAlarms"]
    (as_in_json,) = emulator.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm == as_in_json
    assert (alarm["Threshold"], alarm["Dimensions"]) == (0.5, [{"Name": "RuleName", "Value": "rule"}])
    tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    assert tags == [{"Key": "Stack", "Value": "one"}]


def test_an_error_in_cbor_has_the_code_that_clients_go_by(emulator: Emulator) -> None:
    cloudwatch = cloudwatch_in_cbor(emulator)
    with pytest.raises(ClientError, match="Dashboard does not exist") as refused:
        cloudwatch.get_dashboard(DashboardName="nowhere")
    assert refused.value.response["Error"]["Code"] == "ResourceNotFound"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
