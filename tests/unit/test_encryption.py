"""The customer-managed key: where it is used, and who may use it."""

import json

import pytest
from pulumi import RunError

from tests.unit.conftest import Deployed, Recorder, RecordingMonitor, deploy_program

GIVEN = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000"
CREATED = "arn:aws:kms:us-east-1:123456789012:key/1234abcd"
TRAIL_ARN = "arn:aws:cloudtrail:us-east-1:123456789012:trail/s3-sigv2-access-log-dev"
RULE_ARN = "arn:aws:events:us-east-1:123456789012:rule/s3-sigv2-access-log-dev"
ALARM_ARNS = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:s3-sigv2-access-log-dev-*"
LOG_GROUP_ARN = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/s3-sigv2-access-log"


def deployed_with(kms_key: str, **settings: str) -> Deployed:
    return deploy_program(
        {"targetBuckets": "one-bucket", "alertEmails": "ops@example.com", "kmsKey": kms_key, **settings}
    )


@pytest.mark.parametrize(("setting", "key_arn"), [("create", CREATED), (GIVEN, GIVEN)])
def test_the_key_encrypts_trail_bucket_log_group_queue_and_topic(setting: str, key_arn: str) -> None:
    deployed = deployed_with(setting)
    assert deployed.the("Trail").inputs["kmsKeyId"] == key_arn
    assert deployed.the("LogGroup").inputs["kmsKeyId"] == key_arn
    assert deployed.the("Queue").inputs["kmsMasterKeyId"] == key_arn
    assert "sqsManagedSseEnabled" not in deployed.the("Queue").inputs
    assert deployed.the("Topic").inputs["kmsMasterKeyId"] == key_arn
    assert deployed.the("BucketServerSideEncryptionConfiguration").inputs["rules"] == [
        {
            "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key_arn},
            "bucketKeyEnabled": False,
            "blockedEncryptionTypes": ["SSE-C"],
        }
    ]
    assert deployed.outputs["keyArn"] == key_arn
    assert len(deployed.all("Key")) == (setting == "create")


def test_by_default_each_service_uses_a_key_of_its_own() -> None:
    deployed = deployed_with("aws")
    assert deployed.all("Key") == deployed.all("Alias") == []
    assert "kms" not in json.dumps([r.inputs for r in deployed.resources]).lower()


def test_the_created_key_rotates_has_an_alias_and_outlives_the_logs_that_it_encrypts() -> None:
    deployed = deployed_with("create")
    key = deployed.the("Key")
    assert {name: value for name, value in key.inputs.items() if name != "policy"} == {
        "description": "Encrypts the SigV2 access log and all that it is made of",
        "enableKeyRotation": True,
        "deletionWindowInDays": 30,
        "tags": {"ManagedBy": "Pulumi", "Project": "s3-sigv2-access-log", "Stack": "dev"},
    }
    assert key.retained
    assert deployed.the("Alias").inputs == {"name": "alias/s3-sigv2-access-log-dev", "targetKeyId": "1234abcd"}
    assert not deployed_with("create", retainLogs="false").the("Key").retained


def test_the_created_keys_policy_lets_each_service_do_what_it_does_here() -> None:
    assert json.loads(deployed_with("create").the("Key").inputs["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AccountManages",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "CloudTrailEncrypts",
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "kms:GenerateDataKey*",
                "Resource": "*",
                "Condition": {
                    "StringEquals": {"aws:SourceArn": TRAIL_ARN},
                    "StringLike": {
                        "kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:123456789012:trail/*"
                    },
                },
            },
            {
                "Sid": "CloudTrailDescribes",
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "kms:DescribeKey",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceArn": TRAIL_ARN}},
            },
            {
                "Sid": "LogGroupEncrypts",
                "Effect": "Allow",
                "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
                "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
                "Resource": "*",
                "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": LOG_GROUP_ARN}},
            },
            {
                "Sid": "EventBridgeSendsToQueue",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": "*",
            },
            {
                "Sid": "AlarmsPublishToTopic",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": {
                    "ArnLikeIfExists": {"aws:SourceArn": ALARM_ARNS},
                    "StringEqualsIfExists": {"aws:SourceAccount": "123456789012"},
                },
            },
        ],
    }


def test_cloudwatch_logs_is_named_as_each_partition_names_it() -> None:
    recorder = Recorder("aws-cn", "cn-north-1")
    deployed = deploy_program({"targetBuckets": "one-bucket", "kmsKey": "create"}, recorder=recorder)
    statements = json.loads(deployed.the("Key").inputs["policy"])["Statement"]
    assert statements[3]["Principal"] == {"Service": "logs.cn-north-1.amazonaws.com.cn"}


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (
            "alias/mine",
            "kmsKey: 'alias/mine' is neither aws nor create nor a KMS key's ARN; an alias will not do; "
            "set it with `pulumi config set kmsKey arn:aws:kms:REGION:ACCOUNT:key/ID`.",
        ),
        (
            f"{GIVEN}0",
            f"kmsKey: '{GIVEN}0' is neither aws nor create nor a KMS key's ARN; an alias will not do; set it with "
            "`pulumi config set kmsKey arn:aws:kms:REGION:ACCOUNT:key/ID`.",
        ),
        (
            GIVEN.replace("us-east-1", "eu-west-1"),
            f"kmsKey: '{GIVEN.replace('us-east-1', 'eu-west-1')}' does not lie in us-east-1 of 'aws', where the stack "
            "is deployed; name one that does with `pulumi config set kmsKey ARN`.",
        ),
    ],
)
def test_a_key_that_cannot_be_used_ends_with_one_sentence(key: str, sentence: str) -> None:
    monitor = RecordingMonitor(Recorder())
    with pytest.raises(RunError) as refused:
        deploy_program({"targetBuckets": "one-bucket", "kmsKey": key}, monitor=monitor)
    assert str(refused.value) == sentence
    assert monitor.registered == []
