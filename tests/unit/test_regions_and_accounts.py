"""What the program registers where buckets lie in several Regions, and where several accounts share one log."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from pulumi import RunError

from blueprint.alarmed_metrics import ALARMED_METRICS
from blueprint.queries import SAVED_QUERIES, SAVED_QUERIES_BY_PLACE
from tests.unit.conftest import ACCOUNT, Deployed, Recorder, RecordingMonitor, deploy_program

BASE = "s3-sigv2-access-log-dev"
REGIONS = {"logs-use1": "us-east-1", "media-euw1": "eu-west-1", "site-apne1": "ap-northeast-1", "new": "eu-central-1"}
BUS = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{BASE}"
HUB = "arn:aws:events:eu-west-1:210987654321:event-bus/hub-prod"
GROUP = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/events/s3-sigv2-access-log"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{BASE}-forwarding"


def get_bucket(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"bucket": arguments["bucket"], "bucketRegion": REGIONS[arguments["bucket"]]}


def deploy(region: str = "us-east-1", partition: str = "aws", **settings: Any) -> Deployed:
    recorder = Recorder(partition, region, answers={"aws:s3/getBucket:getBucket": get_bucket})
    return deploy_program(settings, recorder=recorder)


@pytest.fixture(scope="module")
def everywhere() -> Deployed:
    """A stack with a bucket at home and in two other Regions."""
    return deploy(targetBuckets="logs-use1,media-euw1,site-apne1")


def by_region(deployed: Deployed, kind: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for resource in deployed.all(kind):
        found.setdefault(resource.inputs.get("region", "home"), []).append(resource)
    return found


def test_regions_follow_from_the_buckets(everywhere: Deployed) -> None:
    assert everywhere.outputs["regions"] == ["us-east-1", "ap-northeast-1", "eu-west-1"]
    assert everywhere.outputs["eventBusArn"] == BUS
    assert everywhere.outputs["forwardsTo"] is None


@pytest.mark.parametrize(
    ("settings", "regions"),
    [
        ({"targetBuckets": "*"}, ["us-east-1"]),
        ({"targetBuckets": "*", "regions": "eu-west-1,us-east-1"}, ["us-east-1", "eu-west-1"]),
        ({"targetBuckets": "media-euw1", "checkTargets": "false"}, ["us-east-1"]),
        ({"targetBuckets": "media-euw1", "regions": "sa-east-1"}, ["us-east-1", "eu-west-1", "sa-east-1"]),
        (
            {"targetBuckets": "team-*", "regions": "all"},
            [
                *("us-east-1", "ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-1"),
                *("sa-east-1", "us-west-1", "us-west-2"),
            ],
        ),
    ],
)
def test_regions_are_told_where_the_buckets_cannot_tell(settings: dict[str, str], regions: list[str]) -> None:
    assert deploy(**settings).outputs["regions"] == regions


def test_one_trail_sees_every_region(everywhere: Deployed) -> None:
    trail = everywhere.the("Trail").inputs
    assert (trail["isMultiRegionTrail"], trail["includeGlobalServiceEvents"]) == (True, True)
    assert "region" not in trail


def test_each_further_region_has_a_rule_that_forwards_and_what_watches_over_it(everywhere: Deployed) -> None:
    at_home = by_region(everywhere, "EventRule")["home"][0].inputs
    assert by_region(everywhere, "EventRule").keys() == {"home", "eu-west-1", "ap-northeast-1"}
    for region in ("eu-west-1", "ap-northeast-1"):
        (rule,) = by_region(everywhere, "EventRule")[region]
        (target,) = by_region(everywhere, "EventTarget")[region]
        (queue,) = by_region(everywhere, "Queue")[region]
        (policy,) = by_region(everywhere, "QueuePolicy")[region]
        queue_arn = f"arn:aws:sqs:{region}:{ACCOUNT}:{BASE}-undelivered"
        assert rule.inputs == at_home | {"region": region}
        assert target.inputs == {
            "region": region,
            "rule": BASE,
            "targetId": "event-bus",
            "arn": BUS,
            "roleArn": ROLE,
            "deadLetterConfig": {"arn": queue_arn},
            "retryPolicy": {"maximumEventAgeInSeconds": 86400.0, "maximumRetryAttempts": 185.0},
        }
        assert queue.inputs["name"] == f"{BASE}-undelivered"
        allowed = json.loads(policy.inputs["policy"])["Statement"][0]
        assert (allowed["Resource"], allowed["Condition"]) == (
            queue_arn,
            {"ArnEquals": {"aws:SourceArn": f"arn:aws:events:{region}:{ACCOUNT}:rule/{BASE}"}},
        )
        alarms = by_region(everywhere, "MetricAlarm")[region]
        assert [alarm.inputs["name"] for alarm in alarms] == sorted(
            f"{BASE}-{metric.key}" for metric in ALARMED_METRICS
        )
    assert not by_region(everywhere, "Topic")


def test_a_further_region_costs_eight_resources() -> None:
    def count(targets: str) -> int:
        return sum(resource.type.startswith("aws:") for resource in deploy(targetBuckets=targets).resources)

    assert count("logs-use1,media-euw1,site-apne1") - count("logs-use1,media-euw1") == 8
    assert count("logs-use1,media-euw1") - count("logs-use1") == 8 + 9


def test_what_is_forwarded_arrives_on_a_bus_of_its_own_and_goes_into_the_one_log(everywhere: Deployed) -> None:
    assert everywhere.the("EventBus").inputs["name"] == BASE
    assert json.loads(everywhere.the("EventBusPolicy").inputs["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AccountsForward",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Effect": "Allow",
                "Action": "events:PutEvents",
                "Resource": BUS,
            }
        ],
    }
    (rule,) = [r for r in everywhere.all("EventRule") if "eventBusName" in r.inputs]
    (target,) = [r for r in everywhere.all("EventTarget") if "eventBusName" in r.inputs]
    at_home = next(r for r in everywhere.all("EventRule") if r.name == "sigv2-rule").inputs
    assert rule.inputs == at_home | {
        "name": f"{BASE}-forwarded",
        "eventBusName": BASE,
        "state": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    }
    assert (target.inputs["arn"], target.inputs["deadLetterConfig"]) == (
        GROUP,
        {"arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:{BASE}-undelivered"},
    )
    assert "roleArn" not in target.inputs


def test_the_log_group_and_the_home_queue_let_both_rules_in(everywhere: Deployed) -> None:
    rules = [
        f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{BASE}",
        f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{BASE}/{BASE}-forwarded",
    ]
    group = json.loads(everywhere.the("LogResourcePolicy").inputs["policyDocument"])
    (queue,) = by_region(everywhere, "QueuePolicy")["home"]
    conditions = [
        statement["Condition"]
        for document in (group, json.loads(queue.inputs["policy"]))
        for statement in document["Statement"]
        if "ArnEquals" in statement.get("Condition", {})
    ]
    assert conditions == [{"ArnEquals": {"aws:SourceArn": rules}}] * 2


def test_the_alarms_of_the_buss_rule_name_the_bus_as_its_metrics_do(everywhere: Deployed) -> None:
    alarms = [r.inputs for r in everywhere.all("MetricAlarm") if "EventBusName" in r.inputs["dimensions"]]
    assert [alarm["name"] for alarm in alarms] == [
        f"{BASE}-forwarded-{key}" for key in ("delivery-failed", "sigv2-in-use", "undelivered-lost")
    ]
    assert [alarm["dimensions"] for alarm in alarms] == [
        {"EventBusName": BASE, "RuleName": f"{BASE}-forwarded"},
    ] * 3


def test_events_are_forwarded_through_a_role_for_nothing_else(everywhere: Deployed) -> None:
    role, permission = everywhere.the("Role").inputs, everywhere.the("RolePolicy").inputs
    assert role["name"] == f"{BASE}-forwarding"
    assert json.loads(role["assumeRolePolicy"])["Statement"] == [
        {
            "Sid": "EventBridgeForwards",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnLike": {"aws:SourceArn": f"arn:aws:events:*:{ACCOUNT}:rule/{BASE}"},
            },
        }
    ]
    assert json.loads(permission["policy"])["Statement"] == [
        {"Sid": "PutEventsOnTheLogsBus", "Effect": "Allow", "Action": "events:PutEvents", "Resource": BUS}
    ]


def test_nothing_is_forwarded_before_all_that_takes_it_is_there_and_nothing_seen_before_it_is_forwarded(
    everywhere: Deployed,
) -> None:
    needed = ("EventBusPolicy::", "RolePolicy::", "EventTarget::sigv2-bus-rule-target", "QueuePolicy::sigv2-eu-west-1")
    (target,) = by_region(everywhere, "EventTarget")["eu-west-1"]
    assert [what for what in needed if not any(what in urn for urn in target.dependencies)] == []
    trail = everywhere.the("Trail")
    forwarders = ("sigv2-eu-west-1-rule-target", "sigv2-ap-northeast-1-rule-target")
    assert [what for what in forwarders if not any(urn.endswith(f"::{what}") for urn in trail.dependencies)] == []


def test_alarms_elsewhere_reach_the_addresses_through_a_topic_of_their_own_region() -> None:
    deployed = deploy(
        targetBuckets="logs-use1,media-euw1",
        alertEmails="ops@example.com",
        alertTopicArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:on-call",
        kmsKey="create",
    )
    (topic,) = by_region(deployed, "Topic")["eu-west-1"]
    (policy,) = by_region(deployed, "TopicPolicy")["eu-west-1"]
    (subscription,) = by_region(deployed, "TopicSubscription")["eu-west-1"]
    (queue,) = by_region(deployed, "Queue")["eu-west-1"]
    arn = f"arn:aws:sns:eu-west-1:{ACCOUNT}:{BASE}-alerts"
    assert topic.inputs["name"] == f"{BASE}-alerts"
    assert json.loads(policy.inputs["policy"])["Statement"][0]["Condition"]["ArnLike"] == {
        "aws:SourceArn": f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:{BASE}-*"
    }
    assert subscription.inputs["topic"] == arn
    assert {tuple(alarm.inputs["alarmActions"]) for alarm in by_region(deployed, "MetricAlarm")["eu-west-1"]} == {
        (arn,)
    }
    # Neither can use a key of another Region.
    assert "kmsMasterKeyId" not in topic.inputs | queue.inputs
    assert queue.inputs["sqsManagedSseEnabled"] is True


def test_every_saved_query_tells_region_and_account_where_there_are_several(everywhere: Deployed) -> None:
    saved = {query.inputs["name"]: query.inputs["queryString"] for query in everywhere.all("QueryDefinition")}
    assert saved == {f"{BASE}/{query.name}": query.text for query in SAVED_QUERIES_BY_PLACE}
    at_home = deploy(targetBuckets="logs-use1")
    assert {query.inputs["queryString"] for query in at_home.all("QueryDefinition")} == {q.text for q in SAVED_QUERIES}


def test_the_dashboard_shows_the_rules_and_queues_of_each_region_and_what_is_forwarded(everywhere: Deployed) -> None:
    body = json.loads(next(r for r in everywhere.all("Dashboard") if r.type.startswith("aws:")).inputs["dashboardBody"])
    shown = {
        widget["properties"]["title"]: widget["properties"]["metrics"]
        for widget in body["widgets"]
        if widget["type"] == "metric"
    }
    regions = ("us-east-1", "ap-northeast-1", "eu-west-1")

    def of_regions(*metric: str) -> list[Any]:
        return [[*metric, {"region": region, "label": f"{metric[1]} in {region}"}] for region in regions]

    forwarded = ["EventBusName", BASE, "RuleName", f"{BASE}-forwarded"]
    label = {"label": "MatchedEvents of what other Regions and accounts forward"}
    assert shown["SigV2 requests over time"] == [
        *of_regions("AWS/Events", "MatchedEvents", "RuleName", BASE),
        ["AWS/Events", "MatchedEvents", *forwarded, label],
    ]
    assert [metric[1] for metric in shown["Deliveries failed"]] == [
        *(["FailedInvocations"] * 4),
        *(["InvocationsSentToDlq"] * 4),
        *(["InvocationsFailedToBeSentToDlq"] * 4),
    ]
    assert shown["Undelivered requests in the queue"] == of_regions(
        "AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", f"{BASE}-undelivered"
    )


def test_management_events_are_matched_everywhere_where_they_are_asked_for() -> None:
    deployed = deploy(targetBuckets="logs-use1,media-euw1", includeManagementEvents="true")
    assert {rule.inputs["state"] for rule in deployed.all("EventRule")} == {
        "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    }


def test_a_hub_lets_in_exactly_whom_it_accepts_and_needs_no_role_for_that() -> None:
    hub = deploy(targetBuckets="logs-use1", acceptFrom="o-a1b2c3d4e5,210987654321,333333333333")
    put = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": BUS}
    roots = [f"arn:aws:iam::{account}:root" for account in ("210987654321", "333333333333")]
    assert json.loads(hub.the("EventBusPolicy").inputs["policy"])["Statement"] == [
        {"Sid": "AccountsForward", "Principal": {"AWS": roots}, **put},
        {
            "Sid": "OrganizationsForward",
            "Principal": "*",
            **put,
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        },
    ]
    assert hub.outputs["eventBusArn"] == BUS
    assert hub.outputs["regions"] == ["us-east-1"]
    assert hub.the("Trail").inputs["isMultiRegionTrail"] is False
    assert hub.all("Role") == []


def test_a_forwarding_stack_has_no_log_and_forwards_from_every_region_in_one_hop() -> None:
    deployed = deploy(targetBuckets="logs-use1,media-euw1", forwardTo=HUB, alertEmails="ops@example.com")
    absent = ("LogGroup", "LogResourcePolicy", "QueryDefinition", "Dashboard", "EventBus", "EventBusPolicy")
    assert [kind for kind in absent if deployed.all(kind)] == []
    assert {(target.inputs["arn"], target.inputs["roleArn"]) for target in deployed.all("EventTarget")} == {(HUB, ROLE)}
    assert json.loads(deployed.the("RolePolicy").inputs["policy"])["Statement"][0]["Resource"] == HUB
    assert len(deployed.all("Queue")) == len(deployed.all("EventRule")) == len(deployed.all("Topic")) == 2
    assert len(deployed.all("MetricAlarm")) == 8
    outputs = ("forwardsTo", "logGroupName", "formerLogGroupNames", "eventBusArn", "dashboardLink", "queryLinks")
    assert [deployed.outputs[output] for output in outputs] == [HUB, None, [], None, None, None]


def test_a_forwarding_stack_with_a_key_of_its_own_gives_no_log_group_the_use_of_it() -> None:
    key = json.loads(deploy(targetBuckets="logs-use1", forwardTo=HUB, kmsKey="create").the("Key").inputs["policy"])
    assert "LogGroupEncrypts" not in {statement["Sid"] for statement in key["Statement"]}


NOT_ACCEPTING = (
    "is none of the Regions that accept SigV2, where alone something can be seen: ap-northeast-1, ap-southeast-1, "
    "ap-southeast-2, eu-west-1, sa-east-1, us-east-1, us-west-1, us-west-2, us-gov-west-1; set it with `pulumi config "
    "set regions REGION,REGION`."
)
BUS_OUTPUT = (
    "the stack to forward to has it as its output eventBusArn; set it with `pulumi config set forwardTo "
    "arn:aws:events:REGION:ACCOUNT:event-bus/NAME`."
)
NO_BUS = f"is no ARN of an event bus that takes what is forwarded; {BUS_OUTPUT}"


def test_a_log_group_stays_the_stacks_when_it_begins_to_forward() -> None:
    state = {
        "urn:pulumi:dev::s3-sigv2-access-log::sigv2:index:SigV2AccessLog$sigv2:logging:AccessLogGroup$"
        "aws:cloudwatch/logGroup:LogGroup::sigv2-log-group": {"outputs": {"name": "/aws/events/s3-sigv2-access-log"}},
        "urn:pulumi:dev::s3-sigv2-access-log::sigv2:index:SigV2AccessLog::sigv2": {
            "outputs": {"log_group_name": "/aws/events/s3-sigv2-access-log"}
        },
    }

    def switched(**settings: str) -> Deployed:
        return deploy_program(
            {"targetBuckets": "logs-use1", "forwardTo": HUB, **settings}, recorder=Recorder(state=state)
        )

    kept = switched()
    assert kept.the("LogGroup").inputs["name"] == "/aws/events/s3-sigv2-access-log"
    assert kept.all("LogResourcePolicy") == []
    assert kept.outputs["formerLogGroupNames"] == ["/aws/events/s3-sigv2-access-log"]
    assert kept.outputs["logGroupName"] is None
    assert switched(retainLogs="false").all("LogGroup") == []


@pytest.mark.parametrize(
    ("place", "settings", "sentence"),
    [
        (
            ("aws", "us-east-1"),
            {"targetBuckets": "logs-use1", "acceptFrom": "210987654321", "forwardTo": HUB},
            "acceptFrom and forwardTo are both set, and what is forwarded here cannot be forwarded once more: remove "
            "one with `pulumi config rm acceptFrom` or `pulumi config rm forwardTo`.",
        ),
        (
            ("aws", "us-east-1"),
            {"targetBuckets": "logs-use1", "acceptFrom": ["210987654321", ACCOUNT]},
            f"acceptFrom: {ACCOUNT} is the account of this very stack, whose buckets targetBuckets names; leave it out "
            "with `pulumi config set acceptFrom ACCOUNT,ACCOUNT`.",
        ),
        (
            ("aws", "us-east-1"),
            {"targetBuckets": "logs-use1", "forwardTo": BUS},
            f"forwardTo: '{BUS}' is this stack's own event bus, and only other accounts have to forward; log here with "
            "`pulumi config rm forwardTo`, or name the buckets in the targetBuckets of the stack that has this bus.",
        ),
        (
            ("aws", "us-east-1"),
            {"targetBuckets": "logs-use1", "forwardTo": f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/hub"},
            f"forwardTo: 'arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/hub' is this very account, and only other "
            "accounts have to forward; log here with `pulumi config rm forwardTo`, or name the buckets in the "
            "targetBuckets of the stack that has this bus.",
        ),
        (
            ("aws", "us-east-1"),
            {"targetBuckets": "logs-use1", "forwardTo": "arn:aws-cn:events:cn-north-1:210987654321:event-bus/hub"},
            "forwardTo: 'arn:aws-cn:events:cn-north-1:210987654321:event-bus/hub' lies in the partition 'aws-cn', and "
            "nothing is forwarded there from 'aws'; name an event bus of this partition with `pulumi config set "
            "forwardTo ARN`.",
        ),
        (
            ("aws", "us-east-1"),
            {"targetBuckets": "logs-use1", "forwardTo": "hub"},
            f"forwardTo: 'hub' {NO_BUS}",
        ),
        *(
            (("aws", "us-east-1"), {"targetBuckets": "logs-use1", "forwardTo": arn}, f"forwardTo: '{arn}' {NO_BUS}")
            for arn in (
                "arn:aws:events:us-east-1:21098765432:event-bus/hub",
                "arn:aws:events:us-east-1:210987654321:event-bus/aws.partner/example.com/one",
                "arn:aws:events:us-east-1:210987654321:event-bus/",
                "arn:aws:events:us-east-1:210987654321:rule/hub",
                "arn:aws:events:us-east-1:210987654321:event-bus/a b",
            )
        ),
        *(
            (
                ("aws", "us-east-1"),
                {"targetBuckets": "logs-use1", "forwardTo": f"arn:{place}:210987654321:event-bus/hub"},
                f"forwardTo: 'arn:{place}:210987654321:event-bus/hub' names no Region of its partition; {BUS_OUTPUT}",
            )
            for place in (
                "aws:events:us-est-1",
                "aws:events:cn-north-1",
                "aws-cn:events:us-east-1",
                "was:events:us-east-1",
            )
        ),
        (
            ("aws", "us-east-1"),
            {"targetBuckets": "logs-use1", "acceptFrom": "21098765432"},
            "acceptFrom: '21098765432' is neither the twelve digits of an account nor the id of an organisation such "
            "as o-a1b2c3d4e5; set it with `pulumi config set acceptFrom ACCOUNT,ACCOUNT`.",
        ),
        (
            ("aws", "us-east-1"),
            {"targetBuckets": "*", "regions": "us-east-1,eu-central-1"},
            f"regions: 'eu-central-1' {NOT_ACCEPTING}",
        ),
        (
            ("aws", "us-east-1"),
            {"targetBuckets": "*", "regions": "us-east-1,eu-west-11"},
            f"regions: 'eu-west-11' {NOT_ACCEPTING}",
        ),
        (
            ("aws", "us-east-1"),
            {"targetBuckets": "*", "regions": "eu-wst-1"},
            "regions: 'eu-wst-1' is no Region, nor 'all'; set it with `pulumi config set regions REGION,REGION`.",
        ),
        (
            ("aws", "us-est-1"),
            {"targetBuckets": "logs-use1"},
            "aws:region: 'us-est-1' is no Region; set it with `pulumi config set aws:region REGION`, or in the "
            "provider that the component is given.",
        ),
        (
            ("aws", "us-east-1"),
            {"targetBuckets": "*", "regions": "europe"},
            "regions: 'europe' is no Region, nor 'all'; set it with `pulumi config set regions REGION,REGION`.",
        ),
        (
            ("aws", "us-east-1"),
            {"targetBuckets": "*", "regions": "us-gov-west-1"},
            "regions: us-gov-west-1 does not lie in the partition 'aws', where the stack is deployed; name Regions "
            "that do with `pulumi config set regions REGION,REGION`.",
        ),
        (
            ("aws-us-gov", "us-gov-east-1"),
            {"targetBuckets": "*", "regions": "all"},
            "regions: us-gov-west-1 cannot forward to us-gov-east-1, as EventBridge does not forward between Regions "
            "of "
            "the partition 'aws-us-gov'; deploy a stack in each Region, and name the buckets of its own Region in "
            "each.",
        ),
        (
            ("aws-cn", "cn-north-1"),
            {"targetBuckets": "a-b", "forwardTo": "arn:aws-cn:events:cn-northwest-1:210987654321:event-bus/hub"},
            "forwardTo: cn-north-1 cannot forward to cn-northwest-1, as EventBridge does not forward between Regions "
            "of the partition 'aws-cn'; deploy a stack in each Region, and name the buckets of its own Region in each.",
        ),
    ],
)
def test_what_could_never_be_forwarded_is_one_sentence_before_anything_is_registered(
    place: tuple[str, str], settings: dict[str, Any], sentence: str
) -> None:
    recorder = Recorder(*place, answers={} if place[0] != "aws" else {"aws:s3/getBucket:getBucket": get_bucket})
    monitor = RecordingMonitor(recorder)
    with pytest.raises(RunError) as refused:
        deploy_program(settings, recorder=recorder, monitor=monitor)
    assert str(refused.value) == sentence
    assert monitor.registered == []


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_accounts_forward_within_a_region_of_any_partition(partition: str) -> None:
    region = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}[partition]
    hub = f"arn:{partition}:events:{region}:210987654321:event-bus/hub"
    deployed = deploy_program({"targetBuckets": "a-b", "forwardTo": hub}, recorder=Recorder(partition, region))
    assert deployed.the("EventTarget").inputs["arn"] == hub
