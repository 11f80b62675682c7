"""SECURITY.md's IAM policy holds what the AWS provider calls for each type that the program registers, and no more."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.account_of_trails import AskedAccount, MadeTrail
from tests.unit.conftest import deploy_program

SECURITY = Path(__file__).parents[2] / "SECURITY.md"
EVERYTHING = {
    "targetBuckets": "one-bucket",
    "kmsKey": "create",
    "alertEmails": "ops@example.com",
    "includeManagementEvents": "true",
    "regions": "eu-west-1",
    "acceptFrom": "210987654321",
}


def actions(service: str, names: str) -> set[str]:
    return {f"{service}:{name}" for name in names.split()}


TAGGING = "TagResource UntagResource ListTagsForResource"
NEEDED = {
    "aws:s3/bucket:Bucket": actions(
        "s3",
        "CreateBucket DeleteBucket ListBucket ListBucketVersions DeleteObject DeleteObjectVersion PutBucketTagging "
        "GetBucketTagging GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging "
        "GetBucketObjectLockConfiguration GetBucketPolicy GetBucketRequestPayment GetBucketVersioning GetBucketWebsite "
        "GetEncryptionConfiguration GetLifecycleConfiguration GetReplicationConfiguration "
        "TagResource UntagResource ListTagsForResource",
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": actions(
        "s3", "PutBucketOwnershipControls GetBucketOwnershipControls"
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": actions(
        "s3", "PutBucketPublicAccessBlock GetBucketPublicAccessBlock"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": actions(
        "s3", "PutEncryptionConfiguration GetEncryptionConfiguration"
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": actions(
        "s3", "PutLifecycleConfiguration GetLifecycleConfiguration"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": actions("s3", "PutBucketPolicy GetBucketPolicy DeleteBucketPolicy"),
    "aws:cloudtrail/trail:Trail": actions(
        "cloudtrail",
        "CreateTrail UpdateTrail DeleteTrail GetTrail DescribeTrails GetTrailStatus StartLogging StopLogging "
        "PutEventSelectors GetEventSelectors GetInsightSelectors AddTags RemoveTags ListTags",
    ),
    "aws:cloudwatch/logGroup:LogGroup": actions(
        "logs",
        "CreateLogGroup DeleteLogGroup DescribeLogGroups PutRetentionPolicy DeleteRetentionPolicy AssociateKmsKey "
        f"DisassociateKmsKey {TAGGING}",
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": actions(
        "logs", "PutResourcePolicy DescribeResourcePolicies DeleteResourcePolicy"
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": actions(
        "logs", "PutQueryDefinition DescribeQueryDefinitions DeleteQueryDefinition"
    ),
    "aws:cloudwatch/eventBus:EventBus": actions(
        "events", f"CreateEventBus DescribeEventBus UpdateEventBus DeleteEventBus {TAGGING}"
    ),
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": actions(
        "events", "PutPermission DescribeEventBus RemovePermission"
    ),
    "aws:iam/role:Role": actions(
        "iam",
        "CreateRole GetRole DeleteRole UpdateRoleDescription UpdateAssumeRolePolicy ListRolePolicies "
        "ListAttachedRolePolicies ListInstanceProfilesForRole TagRole UntagRole",
    ),
    "aws:iam/rolePolicy:RolePolicy": actions("iam", "PutRolePolicy GetRolePolicy DeleteRolePolicy"),
    "aws:cloudwatch/eventRule:EventRule": actions("events", f"PutRule DescribeRule DeleteRule {TAGGING}"),
    "aws:cloudwatch/eventTarget:EventTarget": actions("events", "PutTargets RemoveTargets ListTargetsByRule")
    | {"iam:PassRole"},
    "aws:sqs/queue:Queue": actions(
        "sqs",
        "CreateQueue DeleteQueue GetQueueUrl GetQueueAttributes SetQueueAttributes TagQueue UntagQueue ListQueueTags",
    ),
    "aws:sqs/queuePolicy:QueuePolicy": actions("sqs", "GetQueueAttributes SetQueueAttributes"),
    "aws:sns/topic:Topic": actions("sns", f"CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes {TAGGING}"),
    "aws:sns/topicPolicy:TopicPolicy": actions("sns", "GetTopicAttributes SetTopicAttributes"),
    "aws:sns/topicSubscription:TopicSubscription": actions(
        "sns", "Subscribe Unsubscribe GetSubscriptionAttributes SetSubscriptionAttributes"
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": actions(
        "cloudwatch", f"PutMetricAlarm DescribeAlarms DeleteAlarms {TAGGING}"
    ),
    "aws:cloudwatch/dashboard:Dashboard": actions("cloudwatch", "PutDashboard GetDashboard DeleteDashboards"),
    "aws:kms/key:Key": actions(
        "kms",
        "CreateKey DescribeKey GetKeyPolicy PutKeyPolicy GetKeyRotationStatus EnableKeyRotation UpdateKeyDescription "
        "ScheduleKeyDeletion TagResource UntagResource ListResourceTags",
    ),
    "aws:kms/alias:Alias": actions("kms", "CreateAlias UpdateAlias DeleteAlias ListAliases"),
    "pulumi:pulumi:readStackResourceOutputs": set(),
    "aws:index/getCallerIdentity:getCallerIdentity": {"sts:GetCallerIdentity"},
    "aws:index/getPartition:getPartition": set(),
    "aws:index/getRegion:getRegion": set(),
    "aws:s3/getBucket:getBucket": {"s3:ListBucket"},
    "aws:cloudwatch/getLogGroups:getLogGroups": {"logs:DescribeLogGroups"},
}


@pytest.fixture(scope="module")
def statements() -> list[dict[str, Any]]:
    (block,) = re.findall(r"```json\n(.*?)```", SECURITY.read_text(), re.DOTALL)
    document = json.loads(block)
    assert document["Version"] == "2012-10-17"
    return list(document["Statement"])


def test_the_policy_allows_what_registered_types_lookups_and_the_program_take_and_no_more(
    statements: list[dict[str, Any]],
) -> None:
    account = AskedAccount(trails=[MadeTrail("audit")])
    deployed = deploy_program(EVERYTHING, recorder=account)
    used = {r.type for r in deployed.resources if r.type.startswith("aws:")} | set(deployed.looked_up)
    needed = set().union(*(NEEDED[used_type] for used_type in used))
    allowed = [statement["Action"] for statement in statements]
    granted = {action for given in allowed for action in ([given] if isinstance(given, str) else given)}
    assert granted == needed | {asked.partition(" ")[0] for asked in account.asked}


def test_only_what_aws_cannot_narrow_is_allowed_on_everything(statements: list[dict[str, Any]]) -> None:
    everywhere = {statement["Sid"] for statement in statements if statement["Resource"] == "*"}
    assert everywhere == {"WhatCannotBeNarrowed", "UseOwnKey"}
    assert not any("*" in action for statement in statements for action in statement["Action"])
