"""The trails that a Region of an account sees, and the five of them that it takes."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from sigv2.sandbox.deploying.create_s3 import make_bucket
from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.sandbox.visitors import Credentials
from tests.sandbox.s3_clients import s3_client
from tests.sandbox.test_two_accounts import EVERY_OBJECT

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient

MANAGER = "123456789012"
HOME, ELSEWHERE = "us-east-1", "eu-west-1"
FILES = "log-files"


@dataclass(frozen=True)
class Organization:
    """An account that manages another one, and CloudTrail of both."""

    emulator: Emulator
    id: str
    member: str

    def cloudtrail(self, account: str, region: str) -> "CloudTrailClient":
        return self.emulator.client.of(account, region)("cloudtrail")


@pytest.fixture
def organization(emulator: Emulator) -> Organization:
    organizations = emulator.client("organizations")
    made = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    organizations.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    answer = organizations.create_account(Email="team@example.com", AccountName="team")["CreateAccountStatus"]
    make_bucket(emulator.client("s3"), FILES)
    make_bucket(emulator.client.of(answer["AccountId"], HOME)("s3"), "files-of-member")
    return Organization(emulator, made, answer["AccountId"])


def refusal_of(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]


def arn(name: str, region: str = HOME, account: str = MANAGER) -> str:
    return f"arn:aws:cloudtrail:{region}:{account}:trail/{name}"


def let_trails_write(emulator: Emulator) -> None:
    allow = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:*"}
    policy = {"Statement": [{**allow, "Resource": [f"arn:aws:s3:::{FILES}", f"arn:aws:s3:::{FILES}/*"]}]}
    emulator.client("s3").put_bucket_policy(Bucket=FILES, Policy=json.dumps(policy))


def names(cloudtrail: "CloudTrailClient", **asked: Any) -> list[str]:
    return sorted(
        f"{trail['Name']} of {trail['HomeRegion']}" for trail in cloudtrail.describe_trails(**asked)["trailList"]
    )


def test_a_region_takes_five_trails_whoever_made_them_and_wherever(organization: Organization) -> None:
    manager = organization.cloudtrail(MANAGER, HOME)
    manager.create_trail(Name="org", S3BucketName=FILES, IsMultiRegionTrail=True, IsOrganizationTrail=True)
    member, elsewhere = (organization.cloudtrail(organization.member, region) for region in (HOME, ELSEWHERE))
    elsewhere.create_trail(Name="shadow", S3BucketName="files-of-member", IsMultiRegionTrail=True)
    for number in range(3):
        member.create_trail(Name=f"own-{number}", S3BucketName="files-of-member")
    full = ("MaximumNumberOfTrailsExceededException", f"User: {organization.member} already has 5 trails in us-east-1.")
    assert refusal_of(member.create_trail, Name="sixth", S3BucketName="files-of-member") == full
    # Where there is room, a trail that would be one in the full Region, too, is refused as well, and made it is not.
    everywhere: dict[str, Any] = {"S3BucketName": "files-of-member", "IsMultiRegionTrail": True}
    assert refusal_of(elsewhere.create_trail, Name="sixth", **everywhere) == full
    elsewhere.create_trail(Name="third", S3BucketName="files-of-member")
    assert names(elsewhere) == ["org of us-east-1", "shadow of eu-west-1", "third of eu-west-1"]
    # Of UpdateTrail AWS documents no such error.
    elsewhere.update_trail(Name="third", IsMultiRegionTrail=True)
    assert len(names(member)) == 6
    member.delete_trail(Name="own-0")
    member.delete_trail(Name="own-1")
    member.create_trail(Name="own-3", S3BucketName="files-of-member")


def test_a_trail_is_described_where_it_is_seen_and_anywhere_by_its_arn(organization: Organization) -> None:
    manager, elsewhere = (organization.cloudtrail(MANAGER, region) for region in (HOME, ELSEWHERE))
    manager.create_trail(Name="everywhere", S3BucketName=FILES, IsMultiRegionTrail=True)
    manager.create_trail(Name="here", S3BucketName=FILES)
    elsewhere.create_trail(Name="there", S3BucketName=FILES)
    seen = {
        "at home": names(manager),
        "elsewhere": names(elsewhere),
        "without shadows": names(elsewhere, includeShadowTrails=False),
        "by name": names(elsewhere, trailNameList=["everywhere", "here", "there"]),
        "by ARN": names(elsewhere, trailNameList=[arn("everywhere"), arn("here"), arn("none")]),
        "by ARN, without shadows": names(elsewhere, trailNameList=[arn("everywhere")], includeShadowTrails=False),
    }
    assert seen == {
        "at home": ["everywhere of us-east-1", "here of us-east-1"],
        "elsewhere": ["everywhere of us-east-1", "there of eu-west-1"],
        "without shadows": ["there of eu-west-1"],
        "by name": ["there of eu-west-1"],
        "by ARN": ["everywhere of us-east-1", "here of us-east-1"],
        "by ARN, without shadows": [],
    }
    listed = {trail["Name"] for trail in elsewhere.list_trails()["Trails"]}
    assert listed == {"everywhere", "there"}


def test_a_shadow_tells_by_its_arn_what_its_trail_does_and_is_changed_at_home_alone(organization: Organization) -> None:
    manager, elsewhere = (organization.cloudtrail(MANAGER, region) for region in (HOME, ELSEWHERE))
    trail = manager.create_trail(Name="everywhere", S3BucketName=FILES, IsMultiRegionTrail=True)["TrailARN"]
    manager.create_trail(Name="here", S3BucketName=FILES)
    manager.put_event_selectors(TrailName="everywhere", AdvancedEventSelectors=EVERY_OBJECT)
    manager.start_logging(Name="everywhere")
    assert elsewhere.get_trail_status(Name=trail)["IsLogging"] is True
    assert elsewhere.get_event_selectors(TrailName=trail)["AdvancedEventSelectors"] == EVERY_OBJECT
    unknown = f"Unknown trail: {arn('everywhere', ELSEWHERE)} for the user: {MANAGER}"
    assert refusal_of(elsewhere.get_trail_status, Name="everywhere") == ("TrailNotFoundException", unknown)
    assert refusal_of(elsewhere.get_event_selectors, TrailName="everywhere") == ("TrailNotFoundException", unknown)
    assert refusal_of(elsewhere.get_event_selectors, TrailName=arn("here")) == (
        "CloudTrailARNInvalidException",
        "Region in ARN is wrong, you can only access resources in region eu-west-1.",
    )
    changes = (
        refusal_of(call, **{key: name})[0]
        for name in ("everywhere", trail)
        for call, key in (
            (elsewhere.put_event_selectors, "TrailName"),
            (elsewhere.update_trail, "Name"),
            (elsewhere.start_logging, "Name"),
            (elsewhere.stop_logging, "Name"),
            (elsewhere.delete_trail, "Name"),
        )
    )
    assert set(changes) == {"InvalidHomeRegionException"}
    assert manager.get_trail_status(Name="everywhere")["IsLogging"] is True


def test_a_member_sees_its_organisations_trail_and_neither_changes_it_nor_reads_its_selectors(
    organization: Organization,
) -> None:
    manager, member = (organization.cloudtrail(account, HOME) for account in (MANAGER, organization.member))
    made = manager.create_trail(Name="org", S3BucketName=FILES, IsOrganizationTrail=True)["TrailARN"]
    manager.create_trail(Name="own", S3BucketName=FILES, IsMultiRegionTrail=True)
    manager.start_logging(Name="org")
    (described,) = member.describe_trails()["trailList"]
    assert (described["TrailARN"], described["HomeRegion"], described["IsOrganizationTrail"]) == (made, HOME, True)
    assert member.describe_trails(includeShadowTrails=False)["trailList"] == []
    assert names(organization.cloudtrail(organization.member, ELSEWHERE)) == []
    assert member.get_trail_status(Name=made)["IsLogging"] is True

    not_yours = f"AccountID in ARN is wrong, you can only access resources with AccountID {organization.member}."
    asked = {"TrailName": made}
    assert refusal_of(member.get_event_selectors, **asked) == ("CloudTrailARNInvalidException", not_yours)
    assert refusal_of(member.get_trail_status, Name=arn("own")) == ("CloudTrailARNInvalidException", not_yours)
    assert refusal_of(member.get_trail_status, Name="org")[0] == "TrailNotFoundException"
    assert refusal_of(member.stop_logging, Name="org")[0] == "TrailNotFoundException"
    changed = {"AdvancedEventSelectors": EVERY_OBJECT, **asked}
    assert refusal_of(member.put_event_selectors, **changed)[0] == "NotOrganizationMasterAccountException"
    assert refusal_of(member.delete_trail, Name=made)[0] == "NotOrganizationMasterAccountException"

    manager.add_tags(ResourceId=made, TagsList=[{"Key": "sigv2-sandbox", "Value": "readable"}])
    assert len(member.get_event_selectors(**asked)["EventSelectors"]) == 1
    manager.update_trail(Name="org", IsOrganizationTrail=False)
    assert names(member) == []


def test_a_trail_for_an_organisation_is_made_by_who_manages_one_that_trusts_cloudtrail(emulator: Emulator) -> None:
    make_bucket(emulator.client("s3"), FILES)
    cloudtrail, organizations = emulator.client("cloudtrail"), emulator.client("organizations")
    asked: dict[str, Any] = {"Name": "org", "S3BucketName": FILES, "IsOrganizationTrail": True}
    codes = [refusal_of(cloudtrail.create_trail, **asked)[0]]
    organizations.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    codes.append(refusal_of(cloudtrail.create_trail, **asked)[0])
    organizations.delete_organization()
    organizations.create_organization(FeatureSet="ALL")
    codes.append(refusal_of(cloudtrail.create_trail, **asked)[0])
    member = organizations.create_account(Email="t@example.com", AccountName="t")["CreateAccountStatus"]["AccountId"]
    of_member = emulator.client.of(member, HOME)("cloudtrail")
    codes.append(refusal_of(of_member.create_trail, **asked)[0])
    assert codes == [
        "OrganizationsNotInUseException",
        "OrganizationNotInAllFeaturesModeException",
        "CloudTrailAccessNotEnabledException",
        "NotOrganizationMasterAccountException",
    ]
    cloudtrail.create_trail(Name="own", S3BucketName=FILES)
    assert refusal_of(cloudtrail.update_trail, Name="own", IsOrganizationTrail=True)[0] == codes[2]
    organizations.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    cloudtrail.update_trail(Name="own", IsOrganizationTrail=True)
    assert cloudtrail.create_trail(**asked)["IsOrganizationTrail"] is True


def test_a_trail_of_an_organisation_records_what_happens_in_its_members_and_in_each_ones_own_bus(
    organization: Organization,
) -> None:
    emulator, member = organization.emulator, organization.member
    let_trails_write(emulator)
    manager = organization.cloudtrail(MANAGER, HOME)
    manager.create_trail(Name="org", S3BucketName=FILES, IsMultiRegionTrail=True, IsOrganizationTrail=True)
    manager.put_event_selectors(TrailName="org", AdvancedEventSelectors=EVERY_OBJECT)
    manager.start_logging(Name="org")
    for account in (MANAGER, member):
        events = emulator.client.of(account, ELSEWHERE)("events")
        events.put_rule(Name=f"of-{account}", EventPattern=json.dumps({"source": ["aws.s3"]}))
        events.put_targets(Rule=f"of-{account}", Targets=[{"Id": "q", "Arn": f"arn:aws:sqs:{ELSEWHERE}:{account}:q"}])
    make_bucket(emulator.client.of(member, ELSEWHERE)("s3"), "bucket-of-member")
    s3_client(emulator, Credentials("AKIASTRANGER00000000", "any"), region=ELSEWHERE).put_object(
        Bucket="bucket-of-member", Key="key", Body=b""
    )
    emulator.settle()
    matched = {rule: count for (rule, metric), count in emulator.counts().items() if metric == "MatchedEvents"}
    assert matched == {f"arn:aws:events:{ELSEWHERE}:{member}:rule/of-{member}": 1}
    s3 = emulator.client("s3")
    (file,) = s3.list_objects_v2(Bucket=FILES)["Contents"]
    assert file["Key"].startswith(f"AWSLogs/{organization.id}/{member}/CloudTrail/{ELSEWHERE}/")
    records = json.loads(gzip.decompress(s3.get_object(Bucket=FILES, Key=file["Key"])["Body"].read()))["Records"]
    assert [(record["recipientAccountId"], record["eventName"]) for record in records] == [(member, "PutObject")]


def test_a_trail_that_is_deleted_delivers_what_it_recorded(emulator: Emulator) -> None:
    for bucket in (FILES, "a-bucket"):
        make_bucket(emulator.client("s3"), bucket)
    let_trails_write(emulator)
    cloudtrail = emulator.client("cloudtrail")
    cloudtrail.create_trail(Name="short-lived", S3BucketName=FILES)
    cloudtrail.put_event_selectors(TrailName="short-lived", AdvancedEventSelectors=EVERY_OBJECT)
    cloudtrail.start_logging(Name="short-lived")
    s3_client(emulator, Credentials("AKIASTRANGER00000000", "any")).put_object(Bucket="a-bucket", Key="key", Body=b"")
    cloudtrail.delete_trail(Name="short-lived")
    emulator.settle()
    assert emulator.client("s3").list_objects_v2(Bucket=FILES)["KeyCount"] == 1
