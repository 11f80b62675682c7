"""Whose a request is where caller, bucket and trail are of different accounts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sigv2.sandbox.demo import read_log
from sigv2.sandbox.deploying.create_s3 import make_bucket
from sigv2.sandbox.visitors import Credentials
from tests.sandbox.s3_clients import s3_client
from tests.sandbox.several_places import HUB, HUB_BASE, SPOKE, SPOKE_BASE, Places, deploy_everywhere

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail.type_defs import AdvancedEventSelectorTypeDef

    from sigv2.sandbox.emulating.emulator import Emulator

EVERY_OBJECT: list[AdvancedEventSelectorTypeDef] = [
    {
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        ]
    }
]
MANAGEMENT: list[AdvancedEventSelectorTypeDef] = [
    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
]


@pytest.fixture
def places(emulator: Emulator) -> Places:
    return deploy_everywhere(emulator)


def test_the_owner_of_a_bucket_and_its_caller_get_a_record_each(places: Places) -> None:
    trail = places.emulator.client.of(SPOKE, "us-east-1")("cloudtrail")
    trail.put_event_selectors(TrailName=SPOKE_BASE, AdvancedEventSelectors=EVERY_OBJECT)
    s3_client(places.emulator, places.users[SPOKE], region="eu-west-1").put_object(
        Bucket="media-euw1", Key="key", Body=b""
    )
    places.emulator.settle()
    found = {
        event["account"]: event["detail"] for event in read_log(places.emulator.client, places.hub["logGroupName"])
    }
    owners, callers = found[HUB], found[SPOKE]
    assert callers["userIdentity"]["arn"] == f"arn:aws:iam::{SPOKE}:user/nightly-backup"
    assert owners["userIdentity"] == {
        "type": "AWSAccount",
        "principalId": callers["userIdentity"]["principalId"],
        "accountId": SPOKE,
        "accessKeyId": places.users[SPOKE].access_key_id,
    }
    assert owners["sharedEventID"] == callers["sharedEventID"]
    differing = {key for key in owners | callers if owners[key] != callers[key]}
    assert differing == {"userIdentity", "eventID", "recipientAccountId"}


def test_the_caller_gets_no_record_of_a_bucket_that_its_trail_does_not_select(places: Places) -> None:
    s3_client(places.emulator, places.users[SPOKE], region="eu-west-1").put_object(
        Bucket="media-euw1", Key="key", Body=b""
    )
    places.emulator.settle()
    assert [event["account"] for event in read_log(places.emulator.client, places.hub["logGroupName"])] == [HUB]


def test_a_bucket_that_is_deleted_or_refused_is_recorded_where_it_was_asked_for(places: Places) -> None:
    for account, base in ((HUB, HUB_BASE), (SPOKE, SPOKE_BASE)):
        trail = places.emulator.client.of(account, "us-east-1")("cloudtrail")
        trail.put_event_selectors(TrailName=base, AdvancedEventSelectors=MANAGEMENT)
    make_bucket(places.emulator.client.in_region("eu-west-1")("s3"), "no-longer-there")
    s3_client(places.emulator, places.users[HUB], region="eu-west-1").delete_bucket(Bucket="no-longer-there")
    spokes = s3_client(places.emulator, places.users[SPOKE], region="us-east-1")
    with pytest.raises(spokes.exceptions.BucketAlreadyExists):
        spokes.create_bucket(Bucket="logs-use1")
    places.emulator.settle()
    logged = read_log(places.emulator.client, places.hub["logGroupName"])
    assert sorted((event["detail"]["eventName"], event["account"], event["region"]) for event in logged) == [
        ("CreateBucket", SPOKE, "us-east-1"),
        ("DeleteBucket", HUB, "eu-west-1"),
    ]


def test_a_member_of_an_organisation_is_known_though_another_account_manages_it(emulator: Emulator) -> None:
    manager = emulator.client.of("444455556666", "us-east-1")("organizations")
    organization = manager.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    member = manager.create_account(Email="team@example.com", AccountName="team")["CreateAccountStatus"]["AccountId"]
    events = emulator.client.of(member, "us-east-1")("events")
    events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["aws.s3"]}))
    role = f"arn:aws:iam::{member}:role/role"
    bus = f"arn:aws:events:us-east-1:{HUB}:event-bus/default"
    events.put_targets(Rule="rule", Targets=[{"Id": "bus", "Arn": bus, "RoleArn": role}])
    assert emulator.deployment().organizations == {member: organization}


def test_a_role_is_known_by_its_whole_arn(emulator: Emulator) -> None:
    emulator.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps({"Statement": []}))
    events = emulator.client("events")
    events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["aws.s3"]}))
    bus = f"arn:aws:events:eu-west-1:{HUB}:event-bus/default"
    for path in ("", "another/path/"):
        role = f"arn:aws:iam::{HUB}:role/{path}role"
        events.put_targets(Rule="rule", Targets=[{"Id": path or "none", "Arn": bus, "RoleArn": role}])
    assert list(emulator.deployment().roles) == [f"arn:aws:iam::{HUB}:role/role"]


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:logs:xx-north-9:{HUB}:log-group:/aws/events/nowhere",
        f"arn:aws:sqs:xx-north-9:{HUB}:nowhere",
        f"arn:aws:events:xx-north-9:{HUB}:event-bus/nowhere",
        "arn:aws:events:us-east-1:nobody:event-bus/nowhere",
        "arn::log-group:nowhere",
    ],
)
def test_a_target_that_cannot_be_keeps_nothing_else_from_being_delivered(places: Places, arn: str) -> None:
    places.emulator.client("events").put_targets(
        Rule=HUB_BASE, Targets=[{"Id": "nowhere", "Arn": arn, "RoleArn": "no-arn"}]
    )
    places.request("logs-use1")
    assert list(places.logged()) == [(HUB, "us-east-1", "logs-use1")]


def test_a_trail_tells_of_its_own_log_files_and_not_of_its_namesakes(emulator: Emulator) -> None:
    status = {}
    for account, bucket in ((HUB, "trail-of-hub"), (SPOKE, "trail-of-spoke")):
        clients = emulator.client.of(account, "us-east-1")
        make_bucket(clients("s3"), bucket)
        make_bucket(clients("s3"), f"target-{account}")
        cloudtrail = clients("cloudtrail")
        arn = cloudtrail.create_trail(Name="same-name", S3BucketName=bucket)["TrailARN"]
        cloudtrail.put_event_selectors(TrailName="same-name", AdvancedEventSelectors=EVERY_OBJECT)
        if account == HUB:
            allow = {
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
            }
            clients("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": [allow]}))
        cloudtrail.start_logging(Name="same-name")
        status[account] = (cloudtrail, arn)
        s3_client(emulator, Credentials("AKIASTRANGER00000000", "secret"), region="us-east-1").put_object(
            Bucket=f"target-{account}", Key="key", Body=b""
        )
    emulator.settle()
    errors = {
        account: {cloudtrail.get_trail_status(Name=name).get("LatestDeliveryError") for name in ("same-name", arn)}
        for account, (cloudtrail, arn) in status.items()
    }
    assert errors == {HUB: {None}, SPOKE: {"AccessDenied"}}
