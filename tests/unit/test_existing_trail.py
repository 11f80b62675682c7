"""What the program makes, says and refuses where there are trails already."""

import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pulumi import RunError
from pulumi.runtime import rpc

from tests.unit.account_of_trails import AskedAccount, MadeTrail, covering
from tests.unit.conftest import ACCOUNT, Deployed, RecordingMonitor, deploy_program
from tests.unit.test_component import make
from tests.unit.test_preflight import in_state

TWO = "reports,uploads"
OWN = "s3-sigv2-access-log-dev"
OWN_ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/{OWN}"
MANAGEMENT = "999988887777"
COSTS = "already, and CloudTrail bills each copy, 1.00 USD for a million requests in us-east-1"
ORGANIZATIONS = MadeTrail("org", account_id=MANAGEMENT, of_organization=True)
SKIP = "or skip this check with `pulumi config set checkAccount false`."


@pytest.fixture(autouse=True)
def _everything_is_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def deploy(
    *trails: MadeTrail, existing: str | None = None, account: AskedAccount | None = None, **settings: Any
) -> Deployed:
    recorder = account or AskedAccount()
    recorder.trails = [*recorder.trails, *trails]
    chosen = {"existingTrail": existing} if existing is not None else {}
    return deploy_program({"targetBuckets": TWO, **settings, **chosen}, recorder=recorder)


def refusal(
    *trails: MadeTrail, existing: str | None = None, account: AskedAccount | None = None, **settings: Any
) -> str:
    recorder = account or AskedAccount()
    recorder.trails = [*recorder.trails, *trails]
    monitor = RecordingMonitor(recorder)
    chosen = {"existingTrail": existing} if existing is not None else {}
    with pytest.raises(RunError) as refused:
        deploy_program({"targetBuckets": TWO, **settings, **chosen}, recorder=recorder, monitor=monitor)
    assert monitor.registered == []
    return str(refused.value)


def types(deployed: Deployed) -> set[str]:
    return {resource.type.rpartition(":")[2] for resource in deployed.resources}


def answer(deployed: Deployed) -> Mapping[str, Any]:
    return {name: deployed.outputs[name] for name in ("trailNames", "existingTrailArn", "trailBucketName")}


def test_a_trail_that_records_the_targets_takes_the_place_of_trail_and_bucket(caplog: pytest.LogCaptureFixture) -> None:
    with_own, joined = deploy(), deploy(MadeTrail("audit"), existing="audit")
    gone = types(with_own) - types(joined)
    assert answer(joined) == {
        "trailNames": [],
        "existingTrailArn": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/audit",
        "trailBucketName": None,
    }
    assert gone == {
        *("S3DataEventTrail", "Trail", "TrailBucket", "Bucket", "BucketOwnershipControls", "BucketPublicAccessBlock"),
        *("BucketServerSideEncryptionConfiguration", "BucketLifecycleConfiguration", "BucketPolicy"),
    }
    kept = [resource for resource in with_own.resources if resource.type.rpartition(":")[2] not in gone]
    assert [resource for resource in joined.resources if "AccessLog:" not in resource.type] == kept
    assert caplog.messages == []


@pytest.mark.parametrize(
    "selectors",
    [
        [{"ReadWriteType": "All", "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}],
        [covering("reports/", "uploads/")],
        [covering("reports/"), covering("uploads/", readOnly=["true"]), covering("up", readOnly=["false"])],
    ],
)
def test_what_the_selectors_say_decides(selectors: list[dict[str, Any]]) -> None:
    assert answer(deploy(MadeTrail("audit", selectors), existing="audit"))["trailNames"] == []


@pytest.mark.parametrize(
    ("selectors", "missing"),
    [
        ([covering("reports/")], "uploads"),
        ([covering(readOnly=["false"])], "reads of reports, reads of uploads"),
        ([covering("reports/", "uploads/a")], "some requests to uploads (depending on key)"),
        ([{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}], "reports, uploads"),
    ],
)
def test_a_trail_that_misses_some_is_refused_with_what_it_misses(selectors: list[dict[str, Any]], missing: str) -> None:
    sentence = refusal(MadeTrail("audit", selectors), existing="audit")
    start, rest = sentence.split("; have its owner ")
    _, _, rest = rest.partition(" these: ")
    assert start == f"existingTrail: audit does not record {missing}"
    added, end = json.JSONDecoder().raw_decode(rest)
    assert rest[end:] == "; or have the stack make its own trail with `pulumi config rm existingTrail`."
    has = [selector for selector in selectors if "FieldSelectors" in selector]
    assert answer(deploy(MadeTrail("audit", [*has, *added]), existing="audit"))["trailNames"] == []


@pytest.mark.parametrize(
    ("trail", "sentence"),
    [
        (
            MadeTrail("audit", is_logging=False),
            "existingTrail: audit is turned off, and nothing would be logged; turn it on with `aws cloudtrail "
            f"start-logging --region us-east-1 --name arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/audit`.",
        ),
        (
            MadeTrail("other"),
            f"existingTrail: 'audit' is no trail that us-east-1 of account {ACCOUNT} sees; name one of these (other) "
            "with `pulumi config set existingTrail NAME`, or have the stack make its own with `pulumi config rm "
            "existingTrail`.",
        ),
        (
            MadeTrail(OWN),
            f"existingTrail: 'audit' is no trail that us-east-1 of account {ACCOUNT} sees; have the stack make its own "
            "with `pulumi config rm existingTrail`.",
        ),
    ],
)
def test_a_trail_that_is_not_there_or_turned_off_is_refused(trail: MadeTrail, sentence: str) -> None:
    assert refusal(trail, existing="audit") == sentence


def test_a_name_that_two_trails_have_is_refused_unless_one_is_of_here() -> None:
    far = MadeTrail("audit", region="eu-west-1")
    organizations = MadeTrail("audit", account_id=MANAGEMENT, of_organization=True)
    assert refusal(far, organizations, existing="audit") == (
        f"existingTrail: 'audit' is the name of several trails ({far.arn}, {organizations.arn}); give the ARN of one "
        "with `pulumi config set existingTrail ARN`."
    )
    assert answer(deploy(far, MadeTrail("audit"), existing="audit"))["existingTrailArn"] == MadeTrail("audit").arn
    assert answer(deploy(far, MadeTrail("audit"), existing=far.arn))["existingTrailArn"] == far.arn


def test_the_stacks_own_trail_is_none_that_was_there() -> None:
    for named in (OWN, OWN_ARN):
        assert refusal(existing=named) == (
            f"existingTrail: {named!r} is this stack's own trail, which `pulumi up` may delete; have the stack keep "
            "its own with `pulumi config rm existingTrail`, or name one that it did not make."
        )


def with_trail(trail: MadeTrail) -> dict[str, Any]:
    """The state of a stack that made a trail, under another name than it would now, or by another component."""
    component = next(iter(in_state())).removesuffix("::sigv2")
    outputs = {"name": trail.name, "arn": trail.arn, "advancedEventSelectors": []}
    return in_state() | {
        f"{component}$aws:cloudtrail/trail:Trail::trail": {"type": "aws:cloudtrail/trail:Trail", "outputs": outputs}
    }


def test_auto_uses_no_trail_that_the_stack_made_as_it_would_delete_that(caplog: pytest.LogCaptureFixture) -> None:
    former = MadeTrail("made-by-another-component", region="eu-west-1")
    account = AskedAccount(state=with_trail(former))
    assert answer(deploy(former, existing="auto", account=account))["trailNames"] == [OWN]
    assert caplog.messages == [
        "existingTrail: auto found no trail that records all of the targets, so the stack has its own."
    ]


def test_a_trail_that_the_stack_made_is_none_to_name() -> None:
    former = MadeTrail("made-by-another-component")
    assert refusal(former, existing=former.name, account=AskedAccount(state=with_trail(former))) == (
        "existingTrail: 'made-by-another-component' is this stack's own trail, which `pulumi up` may delete; have the "
        "stack keep its own with `pulumi config rm existingTrail`, or name one that it did not make."
    )
    far = MadeTrail("made-elsewhere", region="eu-west-1")
    assert refusal(far, MadeTrail("audit"), existing=far.name, account=AskedAccount(state=with_trail(far))) == (
        f"existingTrail: 'made-elsewhere' is no trail that us-east-1 of account {ACCOUNT} sees; name one of "
        "these (audit) with `pulumi config set existingTrail NAME`, or have the stack make its own with `pulumi config "
        "rm existingTrail`."
    )


def regions_of(**buckets: str) -> AskedAccount:
    answers = {"aws:s3/getBucket:getBucket": lambda asked: {"bucketRegion": buckets[asked["bucket"]]}}
    return AskedAccount(answers=answers)


def test_a_trail_of_one_region_does_for_targets_that_all_lie_there() -> None:
    of_ireland = MadeTrail("audit", region="eu-west-1", everywhere=False)
    there = regions_of(reports="eu-west-1", uploads="eu-west-1")
    assert answer(deploy(of_ireland, existing=of_ireland.arn, account=there))["existingTrailArn"] == of_ireland.arn
    assert refusal(
        of_ireland, existing=of_ireland.arn, account=regions_of(reports="eu-west-1", uploads="us-east-1")
    ) == (
        "existingTrail: audit is a trail of eu-west-1 alone, and targets lie in us-east-1; name a multi-Region trail "
        "with `pulumi config set existingTrail NAME`, or have the stack make its own with `pulumi config rm "
        "existingTrail`."
    )


def test_what_cannot_be_read_is_no_refusal_and_no_yes(caplog: pytest.LogCaptureFixture) -> None:
    assert answer(deploy(ORGANIZATIONS, existing="org"))["existingTrailArn"] == ORGANIZATIONS.arn
    assert caplog.messages == [
        "checkAccount: it is unknown whether the trail org records the targets, as the permission "
        f"cloudtrail:GetEventSelectors, in the account of the trail, is missing; give it, {SKIP}"
    ]


def test_auto_uses_the_trail_that_records_all_and_says_which(caplog: pytest.LogCaptureFixture) -> None:
    part, audit = MadeTrail("a-part", [covering("reports/")]), MadeTrail("audit")
    assert answer(deploy(part, ORGANIZATIONS, audit, existing="auto"))["existingTrailArn"] == audit.arn
    assert caplog.messages == [f"existingTrail: auto uses the trail {audit.arn}, which records all of the targets."]


def test_auto_makes_a_trail_where_none_records_all_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    off, part = MadeTrail("off", is_logging=False), MadeTrail("a-part", [covering("reports/")])
    assert answer(deploy(off, part, ORGANIZATIONS, existing="auto"))["trailNames"] == [OWN]
    assert caplog.messages == [
        "existingTrail: auto found no trail that records all of the targets, so the stack has its own.",
        f"existingTrail: the trail a-part records reports {COSTS}; once it records all of the targets, `pulumi config "
        "set existingTrail a-part` uses it instead of a trail of the stack's own.",
        "checkAccount: it is unknown whether the trail org records the targets, as the permission "
        f"cloudtrail:GetEventSelectors, in the account of the trail, is missing; give it, {SKIP}",
    ]


def test_auto_stays_with_the_trail_that_it_uses() -> None:
    first, second = MadeTrail("a-trail"), MadeTrail("b-trail")
    account = AskedAccount(state=in_state(existing_trail_arn=second.arn))
    assert answer(deploy(first, second, existing="auto", account=account))["existingTrailArn"] == second.arn


def test_auto_leaves_a_trail_that_was_narrowed(caplog: pytest.LogCaptureFixture) -> None:
    narrowed = MadeTrail("audit", [covering("reports/")])
    account = AskedAccount(state=in_state(existing_trail_arn=narrowed.arn))
    assert answer(deploy(narrowed, existing="auto", account=account))["trailNames"] == [OWN]
    assert len(caplog.messages) == 2


def test_auto_that_may_not_look_changes_nothing() -> None:
    before = MadeTrail("audit").arn
    for state, used in (({}, None), (in_state(existing_trail_arn=before), before)):
        account = AskedAccount(state=state, denied={"DescribeTrails"})
        assert answer(deploy(existing="auto", account=account))["existingTrailArn"] == used


@pytest.mark.parametrize("unasked", [{"checkAccount": "false"}, {}])
def test_a_name_stays_what_it_was_found_to_mean_where_nobody_may_look(unasked: dict[str, str]) -> None:
    for before, used in ((ORGANIZATIONS.arn, ORGANIZATIONS.arn), (MadeTrail("other").arn, MadeTrail("org").arn)):
        account = AskedAccount(state=in_state(existing_trail_arn=before), denied={"DescribeTrails"})
        assert answer(deploy(existing="org", account=account, **unasked))["existingTrailArn"] == used


def test_what_a_trail_of_its_own_would_double_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    far = MadeTrail("far", region="eu-west-1")
    partly = MadeTrail("partly", [covering("reports/", readOnly=["false"])])
    elsewhere = MadeTrail("elsewhere", [covering("other/")])
    assert answer(deploy(far, partly, elsewhere))["trailNames"] == [OWN]
    assert caplog.messages == [
        f"existingTrail: the trail far records reports, uploads {COSTS}; `pulumi config set existingTrail {far.arn}` "
        "uses it instead of a trail of the stack's own.",
        f"existingTrail: the trail partly records a part of reports {COSTS}; once it records all of the targets, "
        "`pulumi config set existingTrail partly` uses it instead of a trail of the stack's own.",
    ]


def test_a_trail_of_one_region_records_a_part_of_what_lies_in_several(caplog: pytest.LogCaptureFixture) -> None:
    deploy(MadeTrail("here", everywhere=False), targetBuckets="team-*,uploads", regions="eu-west-1")
    assert caplog.messages == [
        f"existingTrail: the trail here records a part of team-*, uploads {COSTS}; once it records all of the targets, "
        "`pulumi config set existingTrail here` uses it instead of a trail of the stack's own."
    ]


def test_the_stacks_own_trail_doubles_nothing(caplog: pytest.LogCaptureFixture) -> None:
    deploy(MadeTrail(OWN))
    assert caplog.messages == []


def test_a_pattern_may_leave_out_the_trails_own_bucket() -> None:
    but_its_own = covering()
    but_its_own["FieldSelectors"].append({"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::audit-files/"]})
    trail = MadeTrail("audit", [but_its_own], bucket="audit-files")
    assert answer(deploy(trail, existing="audit", targetBuckets="*"))["trailNames"] == []
    assert "does not record audit-files; " in refusal(trail, existing="audit", targetBuckets="audit-files,x*")


def test_management_events_must_be_recorded_where_they_are_wanted() -> None:
    management = {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
    wanted: dict[str, Any] = {"includeManagementEvents": "true"}
    assert refusal(MadeTrail("audit"), existing="audit", **wanted).startswith(
        "existingTrail: audit does not record bucket-level calls; "
    )
    recorded = MadeTrail("audit", [covering(), management])
    assert answer(deploy(recorded, existing="audit", **wanted))["trailNames"] == []


def test_the_account_is_not_asked_where_that_is_not_wanted(caplog: pytest.LogCaptureFixture) -> None:
    account = AskedAccount()
    joined = deploy(existing="audit", account=account, checkAccount="false")
    assert answer(joined)["existingTrailArn"] == MadeTrail("audit").arn
    assert account.asked == []
    assert caplog.messages == []
    assert refusal(existing="auto", checkAccount="false") == (
        "existingTrail: 'auto' looks for a trail in the account, and checkAccount is false; name the trail with "
        "`pulumi config set existingTrail NAME`, or have the account asked with `pulumi config rm checkAccount`."
    )


@pytest.mark.parametrize(
    ("value", "rule", "way_out"),
    [
        ("-audit", "is neither the name of a trail nor its ARN, nor auto", "NAME"),
        ("a b", "is neither the name of a trail nor its ARN, nor auto", "NAME"),
        ("arn:aws:s3:::audit", "is neither the name of a trail nor its ARN, nor auto", "NAME"),
        (
            "arn:aws:cloudtrail:cn-north-1:123456789012:trail/audit",
            "names no Region of its partition",
            "arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME",
        ),
    ],
)
def test_what_names_no_trail_is_refused(value: str, rule: str, way_out: str) -> None:
    assert refusal(existing=value) == (
        f"existingTrail: {value!r} {rule}; set it with `pulumi config set existingTrail {way_out}`."
    )


def test_secret_targets_are_in_no_sentence(caplog: pytest.LogCaptureFixture) -> None:
    account = AskedAccount(trails=[MadeTrail("partly", [covering("uploads/a")])])
    make({"target_buckets": ["uploads"], "secret_arguments": ["target_buckets"]}, account)
    assert caplog.messages == [
        f"existingTrail: the trail partly records [secret] {COSTS}; once it records all of the targets, `pulumi config "
        "set existingTrail partly` uses it instead of a trail of the stack's own."
    ]


NO_STATUS = MadeTrail("hush", account_id=MANAGEMENT, of_organization=True)


@pytest.mark.parametrize(
    ("trails", "existing", "denied"),
    [
        ([MadeTrail("hush", is_logging=False)], "hush", set()),
        ([MadeTrail("hush", [covering("x/")])], "hush", set()),
        ([MadeTrail("hush", region="eu-west-1", everywhere=False)], MadeTrail("hush", region="eu-west-1").arn, set()),
        ([MadeTrail("hush", region="eu-west-1"), NO_STATUS], "hush", set()),
        ([], "hush", set()),
        ([], "arn:aws-cn:cloudtrail:cn-north-1:123456789012:trail/hush", set()),
        ([], OWN, set()),
        ([NO_STATUS], "hush", {"GetTrailStatus"}),
        ([MadeTrail("hush")], "hush", {"DescribeTrails"}),
    ],
)
@pytest.mark.parametrize("code", ["AccessDeniedException", "TrailNotFoundException"])
def test_a_secret_trail_is_in_no_sentence_and_no_plain_output(
    trails: list[MadeTrail], existing: str, denied: set[str], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Telling(AskedAccount):
        def refuse(self, operation: str) -> ClientError:
            return ClientError({"Error": {"Code": code, "Message": f"Unknown trail: {existing} or hush"}}, operation)

    said = []
    arguments = {"target_buckets": ["uploads"], "existing_trail": existing, "secret_arguments": ["existing_trail"]}
    try:
        monitor = make(arguments, Telling(trails=trails, denied=denied))
    except RunError as refused:
        said = [str(refused)]
    else:
        given = monitor.outputs["sigv2:index:SigV2AccessLog::log"]["existing_trail_arn"]
        assert rpc.is_rpc_secret(given)
    said += caplog.messages
    assert said
    assert not [sentence for sentence in said if "hush" in sentence or OWN in sentence]


def test_secret_targets_and_exclusions_are_in_no_refusal() -> None:
    audit = MadeTrail("audit", [covering("x/")])
    given: dict[str, Any] = {
        "existing_trail": "audit",
        "target_buckets": ["uploads"],
        "exclude_buckets": ["uploads/tmp/"],
    }
    for secret, named in (("target_buckets", "[secret]"), ("exclude_buckets", "uploads")):
        with pytest.raises(RunError) as refused:
            make({**given, "secret_arguments": [secret]}, AskedAccount(trails=[audit]))
        assert str(refused.value) == (
            f"existingTrail: audit does not record {named}; have its owner [secret]; or have the stack make its own "
            "trail with `pulumi config rm existingTrail`."
        )


def test_a_trail_of_another_partition_is_refused_though_nobody_is_asked() -> None:
    arn = f"arn:aws-cn:cloudtrail:cn-north-1:{ACCOUNT}:trail/audit"
    assert refusal(existing=arn, checkAccount="false") == (
        f"existingTrail: {arn!r} lies in another partition than 'aws', where the stack is deployed, and sees nothing "
        "here; name a trail that does with `pulumi config set existingTrail NAME`."
    )


@pytest.mark.parametrize(
    "changed", [{"is_logging": False}, {"region": "eu-west-1", "everywhere": False}], ids=["turned off", "elsewhere"]
)
def test_auto_leaves_a_trail_that_sees_nothing_even_if_nobody_knows_what_it_selects(changed: dict[str, Any]) -> None:
    used = MadeTrail("org", account_id=MANAGEMENT, of_organization=True, **changed)
    account = AskedAccount(
        state=in_state(existing_trail_arn=used.arn),
        answers={"aws:s3/getBucket:getBucket": lambda _: {"bucketRegion": "us-east-1"}},
    )
    assert answer(deploy(used, existing="auto", account=account, regions="eu-west-1"))["trailNames"] == [OWN]
