"""What watches over the pipeline: dead-letter queue, alarms, topic, saved queries, dashboard."""

import json
from typing import Any

import pytest
from pulumi import RunError
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret

from blueprint.console_links import query_links
from blueprint.queries import SAVED_QUERIES
from tests.unit.conftest import Deployed, Recorder, RecordingMonitor, deploy_program

TAGS = {"ManagedBy": "Pulumi", "Project": "s3-sigv2-access-log", "Stack": "dev"}
RULE_ARN = "arn:aws:events:us-east-1:123456789012:rule/s3-sigv2-access-log-dev"
QUEUE = "s3-sigv2-access-log-dev-undelivered"
QUEUE_ARN = f"arn:aws:sqs:us-east-1:123456789012:{QUEUE}"
TOPIC_ARN = "arn:aws:sns:us-east-1:123456789012:s3-sigv2-access-log-dev-alerts"
OTHER_TOPIC_ARN = "arn:aws:sns:us-east-1:210987654321:on-call"


def test_what_could_not_be_delivered_is_kept_encrypted_for_14_days(deployed: Deployed) -> None:
    assert deployed.the("Queue").inputs == {
        "name": QUEUE,
        "messageRetentionSeconds": 1209600,
        "sqsManagedSseEnabled": True,
        "tags": TAGS,
    }


def test_only_the_rule_may_send_to_the_dead_letter_queue(deployed: Deployed) -> None:
    policy = deployed.the("QueuePolicy").inputs
    assert policy["queueUrl"] == f"https://sqs/{QUEUE}"
    assert json.loads(policy["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "EventBridgeSendsUndelivered",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": QUEUE_ARN,
                "Condition": {"ArnEquals": {"aws:SourceArn": RULE_ARN}},
            },
            {
                "Sid": "DenyPlainHttp",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sqs:*",
                "Resource": QUEUE_ARN,
                "Condition": {"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}},
            },
        ],
    }


def alarm(key: str, metric: tuple[str, str], dimension: dict[str, str], statistic: str, period: int) -> dict[str, Any]:
    return {
        "name": f"s3-sigv2-access-log-dev-{key}",
        "namespace": metric[0],
        "metricName": metric[1],
        "dimensions": dimension,
        "statistic": statistic,
        "period": period,
        "evaluationPeriods": 1,
        "comparisonOperator": "GreaterThanThreshold",
        "threshold": 0,
        "treatMissingData": "notBreaching",
        "alarmActions": [],
        "tags": TAGS,
    }


def test_an_alarm_tells_of_each_failure_and_of_sigv2_in_use_and_none_of_silence(deployed: Deployed) -> None:
    of_rule, of_queue = {"RuleName": "s3-sigv2-access-log-dev"}, {"QueueName": QUEUE}
    registered = [dict(found.inputs) for found in deployed.all("MetricAlarm")]
    assert all(found.pop("alarmDescription") for found in registered)
    assert registered == [
        alarm("delivery-failed", ("AWS/Events", "FailedInvocations"), of_rule, "Sum", 300),
        alarm("sigv2-in-use", ("AWS/Events", "MatchedEvents"), of_rule, "Sum", 3600),
        alarm("undelivered-lost", ("AWS/Events", "InvocationsFailedToBeSentToDlq"), of_rule, "Sum", 300),
        alarm("undelivered-waiting", ("AWS/SQS", "ApproximateNumberOfMessagesVisible"), of_queue, "Maximum", 300),
    ]


@pytest.mark.parametrize(
    ("configuration", "told"),
    [
        ({}, []),
        ({"alertEmails": "ops@example.com"}, [TOPIC_ARN]),
        ({"alertTopicArn": OTHER_TOPIC_ARN}, [OTHER_TOPIC_ARN]),
        ({"alertEmails": "ops@example.com", "alertTopicArn": OTHER_TOPIC_ARN}, [TOPIC_ARN, OTHER_TOPIC_ARN]),
    ],
)
def test_alarms_reach_whom_the_settings_name(configuration: dict[str, str], told: list[str]) -> None:
    deployed = deploy_program({"targetBuckets": "one-bucket", **configuration})
    assert [found.inputs["alarmActions"] for found in deployed.all("MetricAlarm")] == [told] * 4
    assert len(deployed.all("Topic")) == ("alertEmails" in configuration)


def test_each_address_is_subscribed_once_to_a_topic_that_only_these_alarms_publish_to() -> None:
    emails = "ops@example.com, dev@example.com, ops@example.com"
    deployed = deploy_program({"targetBuckets": "one-bucket", "alertEmails": emails})
    assert deployed.the("Topic").inputs == {"name": "s3-sigv2-access-log-dev-alerts", "tags": TAGS}
    endpoints = [found.inputs["endpoint"] for found in deployed.all("TopicSubscription")]
    assert all(map(is_rpc_secret, endpoints))
    assert sorted(map(unwrap_rpc_secret, endpoints)) == ["dev@example.com", "ops@example.com"]
    assert "example.com" not in "".join(resource.name for resource in deployed.resources)
    assert {(found.inputs["protocol"], found.inputs["topic"]) for found in deployed.all("TopicSubscription")} == {
        ("email", TOPIC_ARN)
    }
    policy = deployed.the("TopicPolicy").inputs
    assert policy["arn"] == TOPIC_ARN
    assert json.loads(policy["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AlarmsPublish",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": TOPIC_ARN,
                "Condition": {
                    "ArnLike": {
                        "aws:SourceArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:s3-sigv2-access-log-dev-*"
                    },
                    "StringEquals": {"aws:SourceAccount": "123456789012"},
                },
            },
            {
                "Sid": "DenyPlainHttp",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sns:Publish",
                "Resource": TOPIC_ARN,
                "Condition": {"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}},
            },
        ],
    }


def test_every_query_of_the_table_is_saved_for_the_log_group(deployed: Deployed) -> None:
    saved = {found.inputs["name"]: found.inputs["queryString"] for found in deployed.all("QueryDefinition")}
    assert saved == {f"s3-sigv2-access-log-dev/{query.name}": query.text for query in SAVED_QUERIES}
    assert all(len(name) <= 255 for name in saved)
    groups = {tuple(found.inputs["logGroupNames"]) for found in deployed.all("QueryDefinition")}
    assert groups == {("/aws/events/s3-sigv2-access-log",)}


def metric_widget(x: int, title: str, statistic: str, metrics: list[list[str]]) -> dict[str, Any]:
    properties = {
        "region": "us-east-1",
        "title": title,
        "metrics": metrics,
        "stat": statistic,
        "period": 300,
        "view": "timeSeries",
        "stacked": False,
    }
    return {"type": "metric", "x": x, "y": 3, "width": 8, "height": 6, "properties": properties}


def log_widget(y: int, key: str, view: str) -> dict[str, Any]:
    (query,) = [query for query in SAVED_QUERIES if query.key == key]
    properties = {
        "region": "us-east-1",
        "title": query.name,
        "query": f"SOURCE '/aws/events/s3-sigv2-access-log' | {query.text}",
        "view": view,
    }
    return {"type": "log", "x": 0, "y": y, "width": 24, "height": 6, "properties": properties}


def test_the_dashboard_shows_use_failures_and_offenders_and_how_to_read_it(deployed: Deployed) -> None:
    dashboard = next(r.inputs for r in deployed.resources if r.type == "aws:cloudwatch/dashboard:Dashboard")
    rule = ["RuleName", "s3-sigv2-access-log-dev"]
    links = query_links("aws", "us-east-1", "/aws/events/s3-sigv2-access-log", SAVED_QUERIES)
    assert dashboard.keys() == {"dashboardName", "dashboardBody"}
    assert dashboard["dashboardName"] == "s3-sigv2-access-log-dev"
    assert json.loads(dashboard["dashboardBody"]) == {
        "widgets": [
            {
                "type": "text",
                "x": 0,
                "y": 0,
                "width": 24,
                "height": 3,
                "properties": {
                    "markdown": (
                        "**SigV2 requests to the target buckets.** Nobody uses Signature Version 2 any more when "
                        "*requests over time* stays at zero *and* the two graphs beside it do, for as long as your "
                        "slowest client sleeps. `python -m sigv2 verify` proves that the log is alive, "
                        "`python -m sigv2 report` tells each client how to be fixed.\n\nIn Logs Insights: "
                        + " · ".join(f"[{name}]({link})" for name, link in links.items())
                    )
                },
            },
            metric_widget(0, "SigV2 requests over time", "Sum", [["AWS/Events", "MatchedEvents", *rule]]),
            metric_widget(
                8,
                "Deliveries failed",
                "Sum",
                [
                    ["AWS/Events", "FailedInvocations", *rule],
                    ["AWS/Events", "InvocationsSentToDlq", *rule],
                    ["AWS/Events", "InvocationsFailedToBeSentToDlq", *rule],
                ],
            ),
            metric_widget(
                16,
                "Undelivered requests in the queue",
                "Maximum",
                [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", QUEUE]],
            ),
            log_widget(9, "day", "bar"),
            log_widget(15, "client", "table"),
            log_widget(21, "principal", "table"),
            log_widget(27, "access-key", "table"),
            log_widget(33, "signature", "table"),
            log_widget(39, "source", "table"),
            log_widget(45, "prefix", "table"),
            log_widget(51, "error", "table"),
        ]
    }


@pytest.mark.parametrize(
    ("configuration", "sentence"),
    [
        (
            {"alertEmails": "ops"},
            "alertEmails: 'ops' is no e-mail address; set it with `pulumi config set alertEmails NAME@EXAMPLE.COM`.",
        ),
        (
            {"alertTopicArn": "on-call"},
            "alertTopicArn: 'on-call' is no ARN of an SNS topic; "
            "set it with `pulumi config set alertTopicArn arn:aws:sns:REGION:ACCOUNT:NAME`.",
        ),
        (
            {"alertTopicArn": "arn:aws:sns:eu-west-1:123456789012:on-call"},
            "alertTopicArn: 'arn:aws:sns:eu-west-1:123456789012:on-call' does not lie in us-east-1 of 'aws', where "
            "the stack is deployed; name one that does with `pulumi config set alertTopicArn ARN`.",
        ),
    ],
)
def test_a_wrong_address_ends_with_one_sentence_before_anything_is_registered(
    configuration: dict[str, str], sentence: str
) -> None:
    monitor = RecordingMonitor(Recorder())
    with pytest.raises(RunError) as refused:
        deploy_program({"targetBuckets": "one-bucket", **configuration}, monitor=monitor)
    assert str(refused.value) == sentence
    assert monitor.registered == []
