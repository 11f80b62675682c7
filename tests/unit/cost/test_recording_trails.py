from typing import Any

import boto3.session
import pytest
from botocore.stub import Stubber

from blueprint.trail_coverage import Recorded
from sigv2.discover.cost.recording_trails import NotChecked, Recording, RecordingTrail, TrailSearch

ACCOUNT, MANAGEMENT = "111122223333", "999988887777"
OF_ALL = [{"ReadWriteType": "All", "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}]
OF_UPLOADS = [
    {"ReadWriteType": "All", "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::uploads/"]}]}
]


def arn(name: str, region: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:cloudtrail:{region}:{account}:trail/{name}"


def described(name: str, region: str, *, everywhere: bool, account: str = ACCOUNT) -> dict[str, Any]:
    return {
        "Name": name,
        "TrailARN": arn(name, region, account),
        "HomeRegion": region,
        "IsMultiRegionTrail": everywhere,
        "S3BucketName": f"{name}-files",
    }


class CloudTrail:
    """CloudTrail in each Region: answers each call as a test says, once and in turn."""

    def __init__(self) -> None:
        self._session = boto3.session.Session("AKIA", "secret", region_name="us-east-1")
        self._clients: dict[str, Any] = {}
        self.stubs: dict[str, Stubber] = {}
        self.search = TrailSearch(self.client)

    def client(self, region: str) -> Any:
        if region not in self._clients:
            self._clients[region] = self._session.client("cloudtrail", region_name=region)
            self.stubs[region] = Stubber(self._clients[region])
            self.stubs[region].activate()
        return self._clients[region]

    def at(self, region: str) -> Stubber:
        self.client(region)
        return self.stubs[region]

    def has(self, region: str, *trails: dict[str, Any]) -> None:
        self.at(region).add_response("describe_trails", {"trailList": list(trails)}, {"includeShadowTrails": True})

    def is_logging(self, name: str, region: str, *, on: bool = True) -> None:
        self.at(region).add_response("get_trail_status", {"IsLogging": on}, {"Name": arn(name, region)})

    def selects(self, name: str, region: str, selectors: list[dict[str, Any]]) -> None:
        self.at(region).add_response(
            "get_event_selectors", {"EventSelectors": selectors}, {"TrailName": arn(name, region)}
        )

    def recording(self, bucket: str, region: str) -> Recording:
        return self.search.recording(bucket, region)

    def all_asked(self) -> None:
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()


@pytest.fixture
def cloudtrail() -> CloudTrail:
    return CloudTrail()


def test_a_trail_of_all_regions_is_asked_once_in_its_home_for_buckets_everywhere(cloudtrail: CloudTrail) -> None:
    trail = described("org", "us-east-1", everywhere=True)
    cloudtrail.has("eu-west-1", trail)
    cloudtrail.has("us-west-2", trail)
    cloudtrail.is_logging("org", "us-east-1")
    cloudtrail.selects("org", "us-east-1", OF_ALL)
    found = Recording((RecordingTrail(arn("org", "us-east-1"), "org-files", Recorded.ALL),), ())
    for bucket, region in (("media", "eu-west-1"), ("more", "eu-west-1"), ("site", "us-west-2")):
        assert cloudtrail.recording(bucket, region) == found
    cloudtrail.all_asked()
    assert found.trails[0].name == "org"


def test_a_trail_of_one_region_a_silent_one_and_one_of_another_bucket_record_nothing(cloudtrail: CloudTrail) -> None:
    cloudtrail.has(
        "eu-west-1",
        described("elsewhere", "us-east-1", everywhere=False),
        described("silent", "eu-west-1", everywhere=False),
        described("other", "eu-west-1", everywhere=True),
    )
    cloudtrail.is_logging("silent", "eu-west-1", on=False)
    cloudtrail.is_logging("other", "eu-west-1")
    cloudtrail.selects("other", "eu-west-1", OF_UPLOADS)
    assert cloudtrail.recording("media", "eu-west-1") == Recording((), ())
    cloudtrail.all_asked()
    assert cloudtrail.recording("uploads", "eu-west-1").trails == (
        RecordingTrail(arn("other", "eu-west-1"), "other-files", Recorded.ALL),
    )


def test_an_organizations_trail_that_a_member_may_not_look_into_is_not_checked(cloudtrail: CloudTrail) -> None:
    own = described("own", "us-east-1", everywhere=False)
    cloudtrail.has("us-east-1", described("org", "us-east-1", everywhere=True, account=MANAGEMENT), own)
    stub = cloudtrail.at("us-east-1")
    stub.add_response("get_trail_status", {"IsLogging": True}, {"Name": arn("org", "us-east-1", MANAGEMENT)})
    stub.add_client_error("get_event_selectors", "AccessDeniedException", "not yours")
    cloudtrail.is_logging("own", "us-east-1")
    cloudtrail.selects("own", "us-east-1", OF_UPLOADS)
    not_checked = NotChecked(
        arn("org", "us-east-1", MANAGEMENT),
        "it takes cloudtrail:GetTrailStatus and cloudtrail:GetEventSelectors, in the account of the trail: these "
        "credentials may not call GetEventSelectors: not yours",
    )
    trail = RecordingTrail(arn("own", "us-east-1"), "own-files", Recorded.ALL)
    assert cloudtrail.recording("uploads", "us-east-1") == Recording((trail,), (not_checked,))
    assert cloudtrail.recording("reports", "us-east-1") == Recording((), (not_checked,))


def test_trails_that_nobody_may_list_are_unknown_for_their_region_alone(cloudtrail: CloudTrail) -> None:
    cloudtrail.at("eu-west-1").add_client_error("describe_trails", "AccessDeniedException", "no \x1b[31m")
    cloudtrail.has("us-east-1")
    reason = r"it takes cloudtrail:DescribeTrails: these credentials may not call DescribeTrails: no \x1b[31m"
    for bucket in ("media", "more"):
        assert cloudtrail.recording(bucket, "eu-west-1") == Recording(
            (), (NotChecked("the trails of eu-west-1", reason),)
        )
    assert cloudtrail.recording("uploads", "us-east-1") == Recording((), ())
    cloudtrail.all_asked()


def test_selectors_that_cloudtrail_does_not_have_are_not_checked(cloudtrail: CloudTrail) -> None:
    cloudtrail.has("us-east-1", described("odd", "us-east-1", everywhere=True))
    cloudtrail.is_logging("odd", "us-east-1")
    odd = [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "color\x1b", "Equals": ["red"]}]
    answer = {"AdvancedEventSelectors": [{"Name": "odd", "FieldSelectors": odd}]}
    cloudtrail.at("us-east-1").add_response("get_event_selectors", answer, {"TrailName": arn("odd", "us-east-1")})
    (not_checked,) = cloudtrail.recording("uploads", "us-east-1").not_checked
    assert not_checked == NotChecked(arn("odd", "us-east-1"), r"CloudTrail's event selectors have no field 'color\x1b'")


def test_a_bucket_in_china_has_an_arn_of_its_partition(cloudtrail: CloudTrail) -> None:
    chinese = arn("cn", "cn-north-1").replace("arn:aws:", "arn:aws-cn:")
    cloudtrail.has("cn-north-1", described("cn", "cn-north-1", everywhere=True) | {"TrailARN": chinese})
    cloudtrail.at("cn-north-1").add_response("get_trail_status", {"IsLogging": True}, {"Name": chinese})
    values = ["arn:aws-cn:s3:::uploads/"]
    selector = {"ReadWriteType": "ReadOnly", "DataResources": [{"Type": "AWS::S3::Object", "Values": values}]}
    cloudtrail.at("cn-north-1").add_response(
        "get_event_selectors", {"EventSelectors": [selector]}, {"TrailName": chinese}
    )
    assert cloudtrail.recording("uploads", "cn-north-1").trails == (RecordingTrail(chinese, "cn-files", Recorded.PART),)
