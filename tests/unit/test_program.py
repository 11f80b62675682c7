import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi import RunError

from blueprint.alarmed_metrics import ALARMED_METRICS
from blueprint.arguments import ARGUMENTS
from blueprint.queries import SAVED_QUERIES
from tests.unit.conftest import PROJECT, Deployed, Recorder, RecordingMonitor, deploy_program

TAGS = {"ManagedBy": "Pulumi", "Project": PROJECT, "Stack": "dev"}
BUCKET = "s3-sigv2-access-log-dev-trail-0a1b2c3"
TRAIL_ARN = "arn:aws:cloudtrail:us-east-1:123456789012:trail/s3-sigv2-access-log-dev"
RULE_ARN = "arn:aws:events:us-east-1:123456789012:rule/s3-sigv2-access-log-dev"
QUEUE_ARN = "arn:aws:sqs:us-east-1:123456789012:s3-sigv2-access-log-dev-undelivered"
LOG_GROUP_ARN = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/s3-sigv2-access-log"
ROOT = Path(__file__).parents[2]


def trail_values(deployed: Deployed) -> list[list[str]]:
    """The `StartsWith` values of each trail's selector."""
    return [
        next(
            fields["startsWiths"]
            for fields in trail.inputs["advancedEventSelectors"][0]["fieldSelectors"]
            if fields["field"] == "resources.ARN"
        )
        for trail in deployed.all("Trail")
    ]


def test_the_rule_lets_only_sigv2_requests_to_s3_through(deployed: Deployed) -> None:
    rule = deployed.the("EventRule")
    assert json.loads(rule.inputs.pop("eventPattern")) == {
        "source": ["aws.s3"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["s3.amazonaws.com"],
            "additionalEventData": {"SignatureVersion": ["SigV2"]},
        },
    }
    assert rule.inputs == {
        "name": "s3-sigv2-access-log-dev",
        "description": "S3 requests signed with Signature Version 2",
        "state": "ENABLED",
        "tags": TAGS,
    }


def test_the_trail_selects_every_data_event_of_the_target_buckets_and_nothing_else(deployed: Deployed) -> None:
    assert deployed.the("Trail").inputs == {
        "name": "s3-sigv2-access-log-dev",
        "s3BucketName": BUCKET,
        "enableLogging": True,
        "isMultiRegionTrail": False,
        "includeGlobalServiceEvents": False,
        "enableLogFileValidation": True,
        "advancedEventSelectors": [
            {
                "name": "S3 data events of the target buckets",
                "fieldSelectors": [
                    {"field": "eventCategory", "equals": ["Data"]},
                    {"field": "resources.type", "equals": ["AWS::S3::Object"]},
                    {
                        "field": "resources.ARN",
                        "startsWiths": ["arn:aws:s3:::example-reports/", "arn:aws:s3:::example-uploads/"],
                    },
                ],
            }
        ],
        "tags": TAGS,
    }


def test_the_trail_is_created_after_the_bucket_policy(deployed: Deployed) -> None:
    policy = deployed.the("BucketPolicy")
    assert any(urn.endswith(f"::{policy.name}") for urn in deployed.the("Trail").dependencies)


@pytest.mark.parametrize("policy", ["LogResourcePolicy", "QueuePolicy"])
def test_the_target_is_created_after_the_policies_that_let_events_in(deployed: Deployed, policy: str) -> None:
    name = deployed.the(policy).name
    assert any(urn.endswith(f"::{name}") for urn in deployed.the("EventTarget").dependencies)


def test_the_rules_target_is_the_log_group(deployed: Deployed) -> None:
    assert deployed.the("EventTarget").inputs == {
        "rule": "s3-sigv2-access-log-dev",
        "targetId": "log-group",
        "arn": LOG_GROUP_ARN,
        "retryPolicy": {"maximumEventAgeInSeconds": 86400, "maximumRetryAttempts": 185},
        "deadLetterConfig": {"arn": QUEUE_ARN},
    }


def test_the_log_group_keeps_its_old_name_and_thirteen_months_of_events(deployed: Deployed) -> None:
    assert deployed.the("LogGroup").inputs == {
        "name": "/aws/events/s3-sigv2-access-log",
        "retentionInDays": 400,
        "tags": TAGS,
    }


def test_the_log_groups_policy_admits_this_rule_only(deployed: Deployed) -> None:
    policy = deployed.the("LogResourcePolicy").inputs
    assert json.loads(policy.pop("policyDocument")) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "EventBridgeCreatesStreams",
                "Effect": "Allow",
                "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
                "Action": "logs:CreateLogStream",
                "Resource": f"{LOG_GROUP_ARN}:*",
            },
            {
                "Sid": "EventBridgePutsEvents",
                "Effect": "Allow",
                "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
                "Action": "logs:PutLogEvents",
                "Resource": f"{LOG_GROUP_ARN}:*:*",
                "Condition": {"ArnEquals": {"aws:SourceArn": RULE_ARN}},
            },
        ],
    }
    assert policy == {"policyName": "s3-sigv2-access-log-dev"}


def test_the_log_groups_policy_can_be_attached_to_the_group_instead_of_the_account() -> None:
    deployed = deploy_program({"targetBuckets": "example-uploads", "logResourcePolicyScope": "logGroup"})
    policy = deployed.the("LogResourcePolicy").inputs
    assert policy.keys() == {"resourceArn", "policyDocument"}
    assert policy["resourceArn"] == LOG_GROUP_ARN


def test_the_trail_bucket_admits_this_trail_and_nobody_without_tls(deployed: Deployed) -> None:
    policy = deployed.the("BucketPolicy").inputs
    assert policy["bucket"] == BUCKET
    assert json.loads(policy["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AWSCloudTrailAclCheck",
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:GetBucketAcl",
                "Resource": f"arn:aws:s3:::{BUCKET}",
                "Condition": {"StringEquals": {"aws:SourceArn": TRAIL_ARN}},
            },
            {
                "Sid": "AWSCloudTrailWrite",
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::{BUCKET}/AWSLogs/123456789012/*",
                "Condition": {
                    "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": TRAIL_ARN}
                },
            },
            {
                "Sid": "DenyPlainHttp",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}},
            },
        ],
    }


def test_the_trail_bucket_is_private_encrypted_and_empties_itself_after_seven_days(deployed: Deployed) -> None:
    assert deployed.the("Bucket").inputs == {"forceDestroy": False, "tags": TAGS}
    assert deployed.the("BucketPublicAccessBlock").inputs == {
        "bucket": BUCKET,
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    assert deployed.the("BucketOwnershipControls").inputs == {
        "bucket": BUCKET,
        "rule": {"objectOwnership": "BucketOwnerEnforced"},
    }
    assert deployed.the("BucketServerSideEncryptionConfiguration").inputs == {
        "bucket": BUCKET,
        "rules": [
            {
                "applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"},
                "bucketKeyEnabled": False,
                "blockedEncryptionTypes": ["SSE-C"],
            }
        ],
    }
    assert deployed.the("BucketLifecycleConfiguration").inputs == {
        "bucket": BUCKET,
        "rules": [{"id": "AutoDelete", "status": "Enabled", "filter": {"prefix": ""}, "expiration": {"days": 7}}],
    }


def test_destroy_leaves_the_logs_behind_and_all_that_guards_and_expires_them(deployed: Deployed) -> None:
    assert sorted(r.type.split(":")[-1] for r in deployed.resources if r.retained) == [
        "Bucket",
        "BucketLifecycleConfiguration",
        "BucketOwnershipControls",
        "BucketPolicy",
        "BucketPublicAccessBlock",
        "BucketServerSideEncryptionConfiguration",
        "LogGroup",
    ]


def test_destroy_takes_everything_once_the_logs_are_not_to_be_retained() -> None:
    deployed = deploy_program({"targetBuckets": "example-uploads", "retainLogs": "false"})
    assert [r.name for r in deployed.resources if r.retained] == []
    assert deployed.the("Bucket").inputs["forceDestroy"] is True


def test_the_articles_query_is_saved_in_a_folder_of_the_stack(deployed: Deployed) -> None:
    saved = {definition.inputs["name"]: definition.inputs for definition in deployed.all("QueryDefinition")}
    assert saved["s3-sigv2-access-log-dev/Requests by principal, user agent and bucket"] == {
        "name": "s3-sigv2-access-log-dev/Requests by principal, user agent and bucket",
        "logGroupNames": ["/aws/events/s3-sigv2-access-log"],
        "queryString": (
            "stats earliest(detail.eventTime) as eventTime by detail.userIdentity.arn, detail.userAgent, "
            "detail.requestParameters.bucketName, detail.eventID\n"
            "| stats count(*) as requests by detail.userIdentity.arn, detail.userAgent, "
            "detail.requestParameters.bucketName\n"
            "| sort requests desc"
        ),
    }


def test_what_is_deployed_is_exported(deployed: Deployed) -> None:
    outputs = dict(deployed.outputs)
    links = outputs.pop("queryLinks")
    assert outputs == {
        "accountId": "123456789012",
        "region": "us-east-1",
        "regions": ["us-east-1"],
        "eventBusArn": None,
        "forwardsTo": None,
        "formerLogGroupNames": [],
        "logGroupName": "/aws/events/s3-sigv2-access-log",
        "ruleName": "s3-sigv2-access-log-dev",
        "trailNames": ["s3-sigv2-access-log-dev"],
        "existingTrailArn": None,
        "trailBucketName": BUCKET,
        "deadLetterQueueUrl": "https://sqs/s3-sigv2-access-log-dev-undelivered",
        "alertTopicArn": None,
        "keyArn": None,
        "dashboardLink": (
            "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
            "#dashboards/dashboard/s3-sigv2-access-log-dev"
        ),
    }
    hint, *named = links.split("\n\n")
    assert hint.splitlines() == [
        "One link for each saved query, ready to run:",
        "`pulumi stack output queryLinks` prints them,",
        "and the dashboard has them, too.",
    ]
    assert [link.splitlines()[0] for link in named] == [query.name for query in SAVED_QUERIES]
    assert named[0].splitlines()[1] == (
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:logs-insights"
        "$3FqueryDetail$3D$257E$2528end$257E0$257Estart$257E-604800$257EtimeType$257E$2527RELATIVE$257Eunit$257E"
        "$2527seconds$257EeditorString$257E$2527stats*20earliest*28detail.eventTime*29*20as*20eventTime*20by*20"
        "detail.userIdentity.arn*2C*20detail.userAgent*2C*20detail.requestParameters.bucketName*2C*20detail.eventID"
        "*0A*7C*20stats*20count*28*2A*29*20as*20requests*20by*20detail.userIdentity.arn"
        "*2C*20detail.userAgent*2C*20detail.requestParameters.bucketName*0A*7C*20sort*20requests*20desc$257E"
        "isLiveTail$257Efalse$257Esource$257E$2528$257E$2527*2Faws*2Fevents*2Fs3-sigv2-access-log$2529$2529"
    )


def test_the_tree_that_people_see_first_has_short_names_of_one_scheme(deployed: Deployed) -> None:
    tree = {(r.name, r.type.rpartition(":")[2], r.parent.rpartition("::")[2]) for r in deployed.resources}
    assert tree == {
        ("sigv2", "SigV2AccessLog", "s3-sigv2-access-log-dev"),
        ("sigv2-trail-bucket", "TrailBucket", "sigv2"),
        ("s3-sigv2-access-log-dev-trail", "Bucket", "sigv2-trail-bucket"),
        ("sigv2-trail-bucket-ownership", "BucketOwnershipControls", "sigv2-trail-bucket"),
        ("sigv2-trail-bucket-public-access-block", "BucketPublicAccessBlock", "sigv2-trail-bucket"),
        ("sigv2-trail-bucket-encryption", "BucketServerSideEncryptionConfiguration", "sigv2-trail-bucket"),
        ("sigv2-trail-bucket-lifecycle", "BucketLifecycleConfiguration", "sigv2-trail-bucket"),
        ("sigv2-trail-bucket-policy", "BucketPolicy", "sigv2-trail-bucket"),
        ("sigv2-trail-1", "S3DataEventTrail", "sigv2"),
        ("sigv2-trail-1", "Trail", "sigv2-trail-1"),
        ("sigv2-rule", "SigV2Rule", "sigv2"),
        ("sigv2-rule", "EventRule", "sigv2-rule"),
        ("sigv2-rule-target", "EventTarget", "sigv2-rule"),
        ("sigv2-log-group", "AccessLogGroup", "sigv2"),
        ("sigv2-log-group", "LogGroup", "sigv2-log-group"),
        ("sigv2-log-group-policy", "LogResourcePolicy", "sigv2-log-group"),
        ("sigv2-dead-letter-queue", "DeadLetterQueue", "sigv2"),
        ("sigv2-dead-letter-queue", "Queue", "sigv2-dead-letter-queue"),
        ("sigv2-dead-letter-queue-policy", "QueuePolicy", "sigv2-dead-letter-queue"),
        ("sigv2-alarm", "Alarms", "sigv2"),
        *((f"sigv2-alarm-{metric.key}", "MetricAlarm", "sigv2-alarm") for metric in ALARMED_METRICS),
        ("sigv2-queries", "SavedQueries", "sigv2"),
        *((f"sigv2-queries-{query.key}", "QueryDefinition", "sigv2-queries") for query in SAVED_QUERIES),
        ("sigv2-dashboard", "Dashboard", "sigv2"),
        ("sigv2-dashboard", "Dashboard", "sigv2-dashboard"),
    }
    assert len(tree) == len(deployed.resources)


def test_every_child_hangs_below_the_one_component(deployed: Deployed) -> None:
    top = deployed.the("SigV2AccessLog")
    assert top.parent.endswith("pulumi:pulumi:Stack::s3-sigv2-access-log-dev")
    others = [r for r in deployed.resources if r is not top]
    assert [r.name for r in others if "sigv2:index:SigV2AccessLog" not in r.parent] == []
    components = {r.type for r in deployed.resources if not r.type.startswith("aws:")}
    assert all(re.fullmatch(r"sigv2:logging:[A-Z]\w+", token) for token in components - {top.type})


@pytest.mark.parametrize(
    "form",
    [
        "example-uploads,example-reports",
        "example-uploads example-reports",
        " example-reports ,\n example-uploads, ",
        '["example-uploads", "example-reports"]',
        ["example-uploads", "example-reports"],
        ["example-reports", "example-uploads", "example-reports"],
    ],
)
def test_target_buckets_may_come_in_every_form_and_order(form: str | list[str]) -> None:
    deployed = deploy_program({"targetBuckets": form})
    assert trail_values(deployed) == [["arn:aws:s3:::example-reports/", "arn:aws:s3:::example-uploads/"]]


def test_one_target_bucket_is_set_as_plain_text() -> None:
    deployed = deploy_program({"targetBuckets": "example-uploads"})
    assert trail_values(deployed) == [["arn:aws:s3:::example-uploads/"]]


def test_a_bucket_name_of_digits_survives_the_cli_that_makes_it_a_number() -> None:
    deployed = deploy_program({"targetBuckets": [20190630]})
    assert trail_values(deployed) == [["arn:aws:s3:::20190630/"]]


def test_events_are_kept_for_ever_with_a_retention_of_zero() -> None:
    deployed = deploy_program({"targetBuckets": "example-uploads", "logRetentionDays": "0"})
    assert deployed.the("LogGroup").inputs["retentionInDays"] == 0


def test_a_second_stack_with_a_log_group_of_its_own_shares_no_name_with_the_first(deployed: Deployed) -> None:
    second = deploy_program({"targetBuckets": "example-uploads", "logGroupName": "/aws/events/second"}, stack="prod")

    def names(program: Deployed) -> set[str]:
        keys = ("name", "policyName")
        return {r.inputs[key] for r in program.resources for key in keys if key in r.inputs}

    assert names(second) & names(deployed) == set()
    assert len(names(second)) == len(names(deployed)) >= 3


def log_group_tagged(tags: dict[str, str]) -> Recorder:
    return Recorder(
        answers={
            "aws:cloudwatch/getLogGroups:getLogGroups": lambda args: {
                "logGroupNames": [args["logGroupNamePrefix"] + "-other", args["logGroupNamePrefix"]]
            },
            "aws:cloudwatch/getLogGroup:getLogGroup": lambda args: {"name": args["name"], "tags": tags},
        }
    )


@pytest.mark.parametrize(
    ("tags", "owner"),
    [
        ({**TAGS, "Stack": "prod"}, "stack s3-sigv2-access-log/prod"),
        ({}, "something else"),
    ],
)
def test_a_log_group_that_belongs_to_another_is_refused_with_the_way_out(tags: dict[str, str], owner: str) -> None:
    recorder = log_group_tagged(tags)
    monitor = RecordingMonitor(recorder)
    with pytest.raises(RunError) as refused:
        deploy_program({"targetBuckets": "example-uploads"}, recorder=recorder, monitor=monitor)
    assert str(refused.value) == (
        f"logGroupName: '/aws/events/s3-sigv2-access-log' exists and belongs to {owner}, not to this stack; "
        "choose another with `pulumi config set logGroupName /aws/events/s3-sigv2-access-log-dev`, or, if it is this "
        "stack's from before it was renamed or lost its tags, give it back with `aws logs tag-resource --resource-arn "
        f"{LOG_GROUP_ARN} --tags Project=s3-sigv2-access-log,Stack=dev`."
    )
    assert monitor.registered == []


def test_a_log_group_that_an_earlier_destroy_left_behind_is_adopted() -> None:
    deployed = deploy_program({"targetBuckets": "example-uploads"}, recorder=log_group_tagged(TAGS))
    assert deployed.the("LogGroup").import_id == "/aws/events/s3-sigv2-access-log"


def test_a_log_group_that_is_new_is_created(deployed: Deployed) -> None:
    assert deployed.the("LogGroup").import_id == ""


@pytest.mark.parametrize(
    ("partition", "region", "console"),
    [
        ("aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/"),
        ("aws-us-gov", "us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"),
    ],
)
def test_partition_and_region_come_from_the_provider(partition: str, region: str, console: str) -> None:
    deployed = deploy_program({"targetBuckets": "example-uploads"}, recorder=Recorder(partition, region))
    everything = json.dumps([r.inputs for r in deployed.resources])
    assert set(re.findall(r"arn:([\w-]+):", everything)) == {partition}
    assert "us-east-1" not in everything + json.dumps(deployed.outputs)
    assert deployed.outputs["queryLinks"].count(console) == len(SAVED_QUERIES)


def declared_keys() -> dict[str, dict[str, Any]]:
    declared: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    return declared


def test_pulumi_yaml_describes_every_key_and_repeats_the_programs_defaults() -> None:
    declared = declared_keys()
    assert list(declared) == list(ARGUMENTS)
    assert all(key["description"] for key in declared.values())
    defaults = {key: about["default"] for key, about in declared.items() if "default" in about}
    with_defaults = deploy_program({"targetBuckets": "example-uploads", **defaults})
    without = deploy_program({"targetBuckets": "example-uploads"})
    assert with_defaults.outputs == without.outputs
    assert with_defaults.resources == without.resources
    assert set(declared) - set(defaults) == {"targetBuckets"}


def test_the_example_stack_is_a_complete_one() -> None:
    stack = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    project = {key.removeprefix(f"{PROJECT}:"): value for key, value in stack.items() if key.startswith(PROJECT)}
    assert sorted(project) == sorted(ARGUMENTS)
    by_default = deploy_program({"targetBuckets": project["targetBuckets"]})
    deployed = deploy_program(project)
    assert trail_values(deployed) == [["arn:aws:s3:::example-reports/", "arn:aws:s3:::example-uploads/"]]
    assert deployed.resources == by_default.resources
