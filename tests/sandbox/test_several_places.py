"""One log for buckets of several Regions and accounts: what comes through, and what keeps it from doing so."""

import gzip
import json
from collections import Counter
from collections.abc import Callable

import pytest

from sigv2.sandbox.demo import read_log
from sigv2.sandbox.visitors import each_way_of_signing
from tests.sandbox.damaged_places import (
    disable_forwarded_rule,
    distrust,
    make_trail_single,
    remove_bus,
    remove_bus_policy,
    remove_role,
    remove_role_of_target,
    remove_rule,
    shut_log_group,
    take_permission_away,
)
from tests.sandbox.several_places import (
    BUCKETS,
    HUB,
    HUB_BASE,
    SPOKE,
    SPOKE_BASE,
    Places,
    expected,
)

ELSEWHERE = ("media-euw1", "site-apne1")
OF_SPOKE = ("team-use1", "team-euw1")


def test_each_request_signed_with_sigv2_in_any_way_is_in_the_one_log_exactly_once(places: Places) -> None:
    visits = [
        visit
        for bucket, (account, region) in BUCKETS.items()
        for visit in each_way_of_signing(places.emulator.endpoint, places.users[account], bucket, region)
    ]
    for visit in visits:
        visit.send()
    places.emulator.settle()
    logged = Counter(
        (
            event["detail"]["requestParameters"]["bucketName"],
            event["detail"]["additionalEventData"]["AuthenticationMethod"],
        )
        for event in read_log(places.emulator.client, places.hub["logGroupName"])
    )
    assert logged == Counter(
        (bucket, method) for bucket in BUCKETS for method in ("AuthHeader", "QueryString", "HtmlForm")
    )
    assert places.dead_letters() == Counter()


def test_an_event_names_the_account_and_region_that_it_comes_from(places: Places) -> None:
    for bucket in BUCKETS:
        places.request(bucket)
        places.request(bucket, version="s3v4")
    assert places.logged() == expected(BUCKETS)


@pytest.mark.parametrize(
    ("damage", "undelivered"),
    [
        (remove_role, dict.fromkeys(ELSEWHERE, "FAILED_TO_ASSUME_ROLE")),
        (distrust, dict.fromkeys(ELSEWHERE, "FAILED_TO_ASSUME_ROLE")),
        (take_permission_away, dict.fromkeys(ELSEWHERE, "NO_PERMISSIONS")),
        (remove_role_of_target, dict.fromkeys(ELSEWHERE, "NO_PERMISSIONS")),
        # Within an account the role's permission is enough.
        (remove_bus_policy, dict.fromkeys(OF_SPOKE, "NO_PERMISSIONS")),
        (remove_bus, dict.fromkeys((*ELSEWHERE, *OF_SPOKE), "NO_RESOURCE")),
    ],
)
def test_what_cannot_be_forwarded_waits_in_the_queue_of_its_region_and_account(
    places: Places, damage: Callable[[Places], None], undelivered: dict[str, str]
) -> None:
    damage(places)
    for bucket in BUCKETS:
        places.request(bucket)
    assert places.logged() == expected(BUCKETS.keys() - undelivered.keys())
    assert places.dead_letters() == Counter((*BUCKETS[bucket], bucket, code) for bucket, code in undelivered.items())


def test_what_cannot_be_logged_waits_at_home_wherever_it_comes_from(places: Places) -> None:
    shut_log_group(places)
    for bucket in BUCKETS:
        places.request(bucket)
    assert places.logged() == Counter()
    assert places.dead_letters() == Counter((HUB, "us-east-1", bucket, "NO_PERMISSIONS") for bucket in BUCKETS)


@pytest.mark.parametrize(
    ("damage", "lost"),
    [(remove_rule, ("media-euw1",)), (disable_forwarded_rule, (*ELSEWHERE, *OF_SPOKE))],
)
def test_without_a_rule_nothing_tells_of_what_is_missed(
    places: Places, damage: Callable[[Places], None], lost: tuple[str, ...]
) -> None:
    damage(places)
    for bucket in BUCKETS:
        places.request(bucket)
    assert places.logged() == expected(BUCKETS.keys() - set(lost))
    assert places.dead_letters() == Counter()


def test_a_trail_of_one_region_sees_that_region_alone(places: Places) -> None:
    make_trail_single(places)
    for bucket in BUCKETS:
        places.request(bucket)
    assert places.logged() == expected({"logs-use1", *OF_SPOKE})
    assert places.dead_letters() == Counter()


def test_a_log_file_holds_records_of_the_region_that_its_name_tells(places: Places) -> None:
    for bucket in ("logs-use1", "media-euw1"):
        places.request(bucket)
    places.emulator.settle()
    s3, bucket = places.emulator.client("s3"), places.hub["trailBucketName"]
    found = set()
    for file in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        text = gzip.decompress(s3.get_object(Bucket=bucket, Key=file["Key"])["Body"].read())
        found |= {(file["Key"].split("/")[3], record["awsRegion"]) for record in json.loads(text)["Records"]}
    assert {region for region, _ in found} >= {"eu-west-1", "us-east-1"}
    assert [pair for pair in found if len(set(pair)) > 1] == []


def test_what_was_forwarded_is_not_forwarded_again(places: Places) -> None:
    events = places.emulator.client("events")
    events.put_targets(
        Rule=f"{HUB_BASE}-forwarded",
        EventBusName=HUB_BASE,
        Targets=[
            {
                "Id": "third",
                "Arn": f"arn:aws:events:us-west-2:{HUB}:event-bus/default",
                "RoleArn": f"arn:aws:iam::{HUB}:role/{HUB_BASE}-forwarding",
                "DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:{HUB}:{HUB_BASE}-undelivered"},
            }
        ],
    )
    places.request("media-euw1")
    assert places.logged() == expected(["media-euw1"])
    assert places.dead_letters() == Counter([(HUB, "us-east-1", "media-euw1", "THIRD_REGION_HOP_DETECTED")])


def test_another_account_that_the_bus_does_not_accept_is_refused(places: Places) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::333333333333:root"},
                "Action": "events:PutEvents",
                "Resource": places.hub["eventBusArn"],
            }
        ],
    }
    places.emulator.client("events").put_permission(EventBusName=HUB_BASE, Policy=json.dumps(policy))
    places.request("team-euw1")
    assert places.dead_letters() == Counter([(SPOKE, "eu-west-1", "team-euw1", "NO_PERMISSIONS")])


def test_an_account_of_an_accepted_organisation_may_forward(places: Places) -> None:
    def accept(organization: str) -> None:
        policy = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "events:PutEvents",
                "Resource": places.hub["eventBusArn"],
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization}},
            },
        }
        places.emulator.client("events").put_permission(EventBusName=HUB_BASE, Policy=json.dumps(policy))

    organizations = places.emulator.client.of(SPOKE, "us-east-1")("organizations")
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    accept("o-a1b2c3d4e5")
    places.request("team-use1")
    assert places.dead_letters() == Counter([(SPOKE, "us-east-1", "team-use1", "NO_PERMISSIONS")])
    accept(organization)
    places.request("team-euw1")
    assert places.logged() == expected(["team-euw1"])


def test_nobody_forges_an_event_of_s3(places: Places) -> None:
    places.request("media-euw1")
    places.emulator.settle()
    (event,) = read_log(places.emulator.client, places.hub["logGroupName"])
    answer = places.emulator.client.of(SPOKE, "us-east-1")("events").put_events(
        Entries=[
            {
                "Source": "aws.s3",
                "DetailType": event["detail-type"],
                "Detail": json.dumps(event["detail"]),
                "EventBusName": places.hub["eventBusArn"],
            },
            {"Source": "ours", "DetailType": "test", "Detail": "{}"},
        ]
    )
    assert [entry.get("ErrorCode") for entry in answer["Entries"]] == ["NotAuthorizedForSourceException", None]
    assert places.logged() == expected(["media-euw1"])


def test_the_metrics_of_a_rule_are_where_it_lies_and_name_its_bus(places: Places) -> None:
    for bucket in BUCKETS:
        places.request(bucket)
    places.emulator.settle()
    found = {
        (account, region): {
            tuple(sorted((dimension["Name"], dimension["Value"]) for dimension in metric["Dimensions"]))
            for metric in places.emulator.client.of(account, region)("cloudwatch").list_metrics(
                Namespace="AWS/Events", MetricName="MatchedEvents"
            )["Metrics"]
        }
        for account, region in sorted(set(BUCKETS.values()))
    }
    forwarded = (("EventBusName", HUB_BASE), ("RuleName", f"{HUB_BASE}-forwarded"))
    assert found == {
        (HUB, "ap-northeast-1"): {(("RuleName", HUB_BASE),)},
        (HUB, "eu-west-1"): {(("RuleName", HUB_BASE),)},
        (HUB, "us-east-1"): {forwarded, (("RuleName", HUB_BASE),)},
        (SPOKE, "eu-west-1"): {(("RuleName", SPOKE_BASE),)},
        (SPOKE, "us-east-1"): {(("RuleName", SPOKE_BASE),)},
    }
