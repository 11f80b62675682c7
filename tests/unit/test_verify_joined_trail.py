"""Which trail `verify` asks about, and what it makes of the answers where that is not the stack's own."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from blueprint.arns import Arns
from blueprint.selector_coverage import record_of_request
from blueprint.stack_settings import Settings
from settings import read_settings
from sigv2.stack import Stack, StackError
from sigv2.verify import key_links, log_file_links, trail_links
from sigv2.verify.chain import Name, entrance, links_of
from sigv2.verify.finding import Finding, State, ok, skipped, unknown
from sigv2.verify.subject import Hop, Subject
from sigv2.verify.used_trail import TrailFinder, changed_since, existing_trail
from sigv2.verify.watching_trail import WatchingTrail
from tests.unit.test_verify_chain import ARNS, BASE, DATA, SETTINGS, advanced, answering, head_bucket, region, subject

OF_ORGANIZATION = "arn:aws:cloudtrail:ap-northeast-1:210987654321:trail/org"
HERE = ARNS.trail("shared")
ELSEWHERE = HERE.replace("us-east-1", "eu-west-1")
EVERYTHING = advanced(DATA)
NOTHING = advanced(DATA, {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::elsewhere/"]})


class NoTrailError(Exception):
    """As CloudTrail says it where there is no such trail."""


def described(arn: str, **more: object) -> dict[str, Any]:
    return {"TrailARN": arn, "HomeRegion": arn.split(":")[3], "S3BucketName": "log-files", **more}


class CloudTrail:
    """Of one account, in any Region: its trails, and what each selects."""

    class exceptions:  # noqa: N801 - as botocore calls it
        TrailNotFoundException = NoTrailError

    def __init__(
        self, selectors: Mapping[str, dict[str, Any]], *trails: dict[str, Any], stopped: Sequence[str] = ()
    ) -> None:
        self._selectors = selectors
        self._trails = trails
        self._stopped = stopped

    def describe_trails(self, **_: object) -> dict[str, Any]:
        return {"trailList": list(self._trails)}

    def get_trail(self, **_: object) -> dict[str, Any]:
        raise AssertionError("a trail of others is not to be asked for by itself")

    def get_trail_status(self, **asked: str) -> dict[str, Any]:
        return {"IsLogging": asked["Name"] not in self._stopped}

    def get_event_selectors(self, **asked: str) -> dict[str, Any]:
        if asked["TrailName"] not in self._selectors:
            raise NoTrailError
        return self._selectors[asked["TrailName"]]


def found(cloudtrail: CloudTrail, existing: str | None, regions: Sequence[str] = ()) -> WatchingTrail:
    asked: list[str] = []

    def client(region: str) -> Any:
        asked.append(region)
        return cloudtrail

    finder = TrailFinder(ARNS, SETTINGS, regions, cloudtrail=client, kms=lambda region: cast("Any", region))
    trail = finder.find(existing, record_of_request("arn:aws:s3:::my-bucket", "key", "arn:any", reads=True))
    # All that is asked about it is asked where it is at home.
    assert trail.home_region in asked
    assert cast("Any", trail.kms) == trail.home_region
    return trail


def joined(arn: str, cloudtrail: object, **clients: object) -> Subject:
    asked = subject(**clients)
    trail = WatchingTrail(arn, cast("Any", cloudtrail), cast("Any", clients.get("kms")), is_joined=True)
    return replace(asked, trail=trail)


@pytest.mark.parametrize(
    ("outputs", "used"),
    [
        ({"existingTrailArn": HERE, "trailNames": []}, HERE),
        ({"existingTrailArn": None, "trailNames": [BASE]}, None),
        # The engine leaves out what is null, and an older program never had it.
        ({"trailNames": [BASE]}, None),
        (None, "configured"),
    ],
)
def test_what_is_deployed_wins_over_the_settings(outputs: dict[str, Any] | None, used: str | None) -> None:
    settings = replace(SETTINGS, existing_trail="configured")
    assert existing_trail(Stack("project", "dev", {}, outputs), settings) == used


@pytest.mark.parametrize(
    ("deployed", "configured", "says"),
    [
        (HERE, HERE, None),
        (HERE, "shared", None),
        (HERE, "auto", None),
        (None, "auto", None),
        (None, None, None),
        (
            HERE,
            None,
            f"Stack dev is deployed with the trail {HERE}, and that is what this is about; its settings have it "
            "make its own from the next `pulumi up --stack dev` on.",
        ),
        (
            None,
            "shared",
            "Stack dev is deployed with trails of its own, and that is what this is about; its settings have it use "
            "shared from the next `pulumi up --stack dev` on.",
        ),
        (
            HERE,
            "other",
            f"Stack dev is deployed with the trail {HERE}, and that is what this is about; its settings have it "
            "use other from the next `pulumi up --stack dev` on.",
        ),
    ],
)
def test_a_switch_that_is_not_deployed_yet_is_said(deployed: str | None, configured: str | None, says: str) -> None:
    stack = Stack("project", "dev", {}, {"accountId": "123456789012", "existingTrailArn": deployed})
    assert changed_since(stack, replace(SETTINGS, existing_trail=configured)) == says


def test_without_outputs_nothing_has_changed() -> None:
    settings = replace(SETTINGS, existing_trail="shared")
    assert changed_since(Stack("project", "dev", {}, None), settings) is None


@pytest.mark.parametrize(
    ("existing", "trails", "arn"),
    [
        (OF_ORGANIZATION, (), OF_ORGANIZATION),
        ("shared", (described(HERE),), HERE),
        ("shared", (described(ELSEWHERE, IsMultiRegionTrail=True), described(HERE)), HERE),
        ("org", (described(HERE), described(OF_ORGANIZATION, IsMultiRegionTrail=True)), OF_ORGANIZATION),
        ("gone", (described(HERE),), ARNS.trail("gone")),
        (None, (), ARNS.trail(BASE)),
    ],
)
def test_a_name_is_a_trail_of_here_or_else_one_that_is_seen_from_here(
    existing: str | None, trails: tuple[dict[str, Any], ...], arn: str
) -> None:
    trail = found(CloudTrail({}, *trails), existing)
    assert (trail.arn, trail.is_joined) == (arn, existing is not None)


def test_a_name_of_several_trails_elsewhere_asks_for_an_arn() -> None:
    trails = [f"arn:aws:cloudtrail:{region}:123456789012:trail/shared" for region in ("eu-west-1", "us-west-2")]
    seen = CloudTrail({}, *(described(arn, IsMultiRegionTrail=True) for arn in trails))
    with pytest.raises(StackError) as refused:
        found(seen, "shared")
    assert str(refused.value) == (
        f"stack dev: existingTrail shared is the name of several trails ({', '.join(trails)}): give the ARN of one "
        "with --config existingTrail=ARN"
    )


@pytest.mark.parametrize(
    ("own", "selectors", "arn"),
    [
        # The stack has its own, which it would not have if another one had done.
        ({BASE: EVERYTHING}, {HERE: EVERYTHING}, ARNS.trail(BASE)),
        ({BASE: NOTHING}, {HERE: EVERYTHING}, ARNS.trail(BASE)),
        ({}, {HERE: EVERYTHING, OF_ORGANIZATION: EVERYTHING, ELSEWHERE: EVERYTHING}, HERE),
        ({}, {HERE: NOTHING, OF_ORGANIZATION: EVERYTHING}, OF_ORGANIZATION),
        # The one that records all targets goes before one that records the object that is asked for.
        (
            {},
            {HERE: advanced(DATA, {"Field": "readOnly", "Equals": ["true"]}), OF_ORGANIZATION: EVERYTHING},
            OF_ORGANIZATION,
        ),
        ({}, {HERE: {"EventSelectors": [{"ReadWriteType": "New"}]}, OF_ORGANIZATION: EVERYTHING}, OF_ORGANIZATION),
    ],
)
def test_of_auto_it_is_the_stacks_own_or_else_the_nearest_that_records_the_targets(
    own: dict[str, dict[str, Any]], selectors: dict[str, dict[str, Any]], arn: str
) -> None:
    of_organization = described(OF_ORGANIZATION, IsMultiRegionTrail=True, IsOrganizationTrail=True)
    seen = CloudTrail({**own, **selectors}, described(HERE), of_organization, described(ELSEWHERE))
    assert found(seen, "auto").arn == arn


def test_of_auto_one_that_sees_every_region_of_the_stack_goes_first() -> None:
    everywhere = described(OF_ORGANIZATION, IsMultiRegionTrail=True, IsOrganizationTrail=True)
    seen = CloudTrail({HERE: EVERYTHING, OF_ORGANIZATION: EVERYTHING}, described(HERE), everywhere)
    assert found(seen, "auto", ("us-east-1",)).arn == HERE
    assert found(seen, "auto", ("us-east-1", "eu-west-1")).arn == OF_ORGANIZATION


def test_of_auto_a_trail_that_is_turned_off_is_none() -> None:
    with pytest.raises(StackError, match="which trail that is cannot be told without the stack's outputs"):
        found(CloudTrail({HERE: EVERYTHING}, described(HERE), stopped=[HERE]), "auto")


def of_settings(targets: str, **more: str) -> Settings:
    return read_settings({"targetBuckets": targets, **more}, "s3-sigv2-access-log", "dev")


def lying_in(name: str) -> object:
    return answering(head_bucket=head_bucket(403, **region(name)))


@pytest.mark.parametrize(
    ("arn", "multi", "regions", "targets", "lie_in", "unseen"),
    [
        (HERE, False, ("us-east-1",), "my-bucket", "us-east-1", ""),
        (HERE, True, ("us-east-1", "eu-west-1"), "my-bucket", "eu-west-1", ""),
        (HERE, False, ("us-east-1", "eu-west-1"), "my-bucket", "eu-west-1", "eu-west-1"),
        # No target lies at the stack's home, which is among its Regions all the same.
        (ELSEWHERE, False, ("us-east-1", "eu-west-1"), "my-bucket", "eu-west-1", ""),
        (ELSEWHERE, False, ("us-east-1", "eu-west-1"), "my-bucket", "us-east-1", "us-east-1"),
        (ELSEWHERE, False, ("us-east-1", "eu-west-1"), "my-*", "eu-west-1", "us-east-1"),
        (ELSEWHERE, True, ("us-east-1", "eu-west-1"), "my-*", "eu-west-1", ""),
    ],
)
def test_a_trail_of_one_region_does_not_cover_targets_of_another(
    arn: str, multi: bool, regions: tuple[str, ...], targets: str, lie_in: str, unseen: str
) -> None:
    cloudtrail = CloudTrail({arn: EVERYTHING}, described(arn, IsMultiRegionTrail=multi))
    asked = replace(
        joined(arn, cloudtrail, s3=lying_in(lie_in)), regions=regions, settings=of_settings(targets, existingTrail=arn)
    )
    says = f"the trail {arn} is a trail of {arn.split(':')[3]} alone, and targets lie in {unseen}"
    assert trail_links.targets(asked).says == (says if unseen else "each is covered")


def test_the_trails_regions_are_asked_about_wherever_the_bucket_is_not_at_the_trails_home() -> None:
    here, elsewhere = joined(HERE, None), joined(ELSEWHERE, None)
    there = replace(here, arns=ARNS.in_region("eu-west-1"))
    chains = {
        "at home": here,
        "trail elsewhere": elsewhere,
        "bucket elsewhere": replace(here, hops={Hop.BUCKET: there, Hop.LOG: here}),
        "both elsewhere": replace(elsewhere, hops={Hop.BUCKET: there, Hop.LOG: elsewhere}),
    }
    asked = {
        what: [Name.TRAIL_REGIONS in [link.name for link in links] for links in (links_of(chain), entrance(chain))]
        for what, chain in chains.items()
    }
    assert asked == {
        "at home": [False, False],
        "trail elsewhere": [True, True],
        "bucket elsewhere": [True, True],
        "both elsewhere": [False, False],
    }
    single = replace(elsewhere, trail=joined(ELSEWHERE, CloudTrail({}, described(ELSEWHERE))).trail)
    assert trail_links.regions(single) == Finding(
        State.BROKEN,
        f"the trail {ELSEWHERE} is a trail of eu-west-1 alone, and the bucket lies elsewhere",
        "have its owner make it a multi-Region trail; or name another one with `pulumi config set existingTrail NAME`, "
        "or have the stack make its own with `pulumi config rm existingTrail`, then `pulumi up --stack dev`",
    )


def test_with_auto_the_stack_chooses_another_one_itself() -> None:
    auto = replace(joined(HERE, CloudTrail({})), settings=of_settings("my-bucket", existingTrail="auto"))
    assert trail_links.trail(auto) == Finding(
        State.BROKEN,
        f"there is no trail {HERE} in us-east-1 of account 123456789012",
        "use another one, or the stack's own where none will do, with `pulumi up --stack dev`, as existingTrail is "
        "auto",
    )


def refusing(operation: str, code: str = "CloudTrailARNInvalidException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "AccountID in ARN is wrong."}}, operation)


@pytest.mark.parametrize(
    ("link", "method", "operation"),
    [
        (trail_links.logging, "get_trail_status", "GetTrailStatus"),
        (log_file_links.delivery, "get_trail_status", "GetTrailStatus"),
        (trail_links.selectors, "get_event_selectors", "GetEventSelectors"),
        (trail_links.targets, "get_trail_status", "GetTrailStatus"),
    ],
)
def test_another_accounts_trail_that_is_not_told_of_is_unknown_and_one_of_here_an_error(
    link: Callable[[Subject], Finding], method: str, operation: str
) -> None:
    answers = answering(**{method: refusing(operation), "describe_trails": {"trailList": []}})
    assert link(joined(OF_ORGANIZATION, answers)) == unknown(
        f"the trail is of account 210987654321, and 123456789012 is not told: AWS refused {operation} "
        "(CloudTrailARNInvalidException): AccountID in ARN is wrong"
    )
    with pytest.raises(ClientError):
        link(joined(HERE, answers))


FAR_KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
IN_USE = {"KeyMetadata": {"Arn": KEY, "KeyState": "Enabled"}}
DENIES = {"Policy": '{"Statement": []}'}
OWNER_MENDS = (
    "have its owner mend it, whose log files are at stake; what the stack logs comes by the event bus, and AWS "
    "documents no log file on that way"
)


@pytest.mark.parametrize(
    ("key", "kms", "state", "says"),
    [
        (None, answering(), State.OK, "none: a key of the service encrypts"),
        (
            KEY,
            answering(describe_key=IN_USE, get_key_policy=DENIES),
            State.WARNING,
            f"the policy of the KMS key {KEY} does not allow cloudtrail.amazonaws.com kms:GenerateDataKey and "
            "kms:DescribeKey",
        ),
        (
            KEY,
            SimpleNamespace(
                **vars(answering(describe_key=refusing("DescribeKey", "AccessDeniedException"))),
                exceptions=SimpleNamespace(NotFoundException=NoTrailError),
            ),
            State.SKIPPED,
            "its owner's to know: these credentials may not call DescribeKey: AccountID in ARN is wrong",
        ),
        (
            FAR_KEY,
            answering(),
            State.SKIPPED,
            f"its owner's to know: the KMS key {FAR_KEY} is in another Region than the trail",
        ),
    ],
)
def test_the_key_of_a_trail_that_is_somebody_elses_breaks_nothing(
    key: str | None, kms: object, state: State, says: str
) -> None:
    cloudtrail = CloudTrail({}, described(HERE, **({"KmsKeyId": key} if key else {})))
    asked = joined(HERE, cloudtrail, kms=kms)
    assert key_links.trail_key(asked) == Finding(state, says, OWNER_MENDS if state is State.WARNING else "")


def test_a_policy_of_its_bucket_that_is_not_understood_leaves_nothing_unproven() -> None:
    condition = {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition}
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    s3 = answering(get_bucket_policy={"Policy": json.dumps({"Statement": [allow, deny]})})
    asked = joined(HERE, CloudTrail({}, described(HERE)), s3=s3)
    says = "unknown: the policy of the trail's bucket log-files holds more than this check understands"
    assert log_file_links.trail_bucket(asked) == Finding(State.SKIPPED, says)


def test_the_bucket_of_an_organisations_trail_is_not_asked_about() -> None:
    cloudtrail = CloudTrail({}, described(HERE, IsOrganizationTrail=True))
    assert log_file_links.trail_bucket(joined(HERE, cloudtrail)) == Finding(
        State.SKIPPED, "its owner's to know: the folders of log-files are the organization's"
    )


def test_the_stacks_own_trail_is_named_and_a_joined_one_told_by_its_arn() -> None:
    own = subject(cloudtrail=answering(get_trail={"Trail": described(ARNS.trail(BASE))}))
    assert trail_links.trail(own) == ok(BASE)
    assert trail_links.trail(joined(HERE, CloudTrail({}, described(HERE)))) == ok(HERE)
    other = Arns("aws", "210987654321", "us-west-2").trail("org")
    assert trail_links.trail(joined(other, CloudTrail({}, described(other)))) == ok(other)


def test_a_trail_that_does_not_tell_its_bucket_is_checked_all_the_same() -> None:
    secretive = {key: value for key, value in described(HERE).items() if key != "S3BucketName"}
    checked = joined(HERE, CloudTrail({HERE: EVERYTHING}, secretive))
    checked = replace(checked, settings=of_settings("*"))
    assert trail_links.targets(checked) == ok("each is covered")
    assert log_file_links.trail_bucket(checked) == skipped(
        f"its owner's to know: CloudTrail does not tell where the trail {HERE} delivers"
    )


def test_a_pattern_that_no_trail_watches_any_more_is_said_to_be_so() -> None:
    gone = NoTrailError()
    answers = answering(get_trail=gone, get_trail_status=gone, get_event_selectors=gone)
    answers.exceptions = CloudTrail.exceptions
    asked = subject()
    found = trail_links.targets(
        replace(asked, settings=of_settings("*"), trail=replace(asked.trail, cloudtrail=cast("Any", answers)))
    )
    assert (found.state, found.says) == (State.BROKEN, "no trail of stack dev that is logging covers *")
