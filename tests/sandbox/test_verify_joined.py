"""`python -m sigv2 verify` for a stack that uses a trail which was there already."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sigv2.sandbox.deploying.create_s3 import make_bucket
from sigv2.sandbox.deploying.provider import deploy
from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.sandbox.people import iam_user
from sigv2.stack import read_stack_files
from tests.sandbox.conftest import TARGET, Pipeline, deploy_pipeline
from tests.sandbox.verified import BASE, Break, check, found, last_sentence, run, signs

TRAIL, FILES = "shared-trail", "log-files"
ARN = f"arn:aws:cloudtrail:us-east-1:123456789012:trail/{TRAIL}"
JOINED = ("--config", f"existingTrail={TRAIL}")
AUTO = ("--config", "existingTrail=auto")
INSTEAD = (
    "; or name another one with `pulumi config set existingTrail NAME`, or have the stack make its own with "
    "`pulumi config rm existingTrail`, then `pulumi up --stack dev`."
)


def every_object(*buckets: str) -> list[Any]:
    conditions: list[dict[str, Any]] = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
    ]
    if buckets:
        conditions.append({"Field": "resources.ARN", "StartsWith": [f"arn:aws:s3:::{bucket}/" for bucket in buckets]})
    return [{"Name": "data", "FieldSelectors": conditions}]


def select(pipeline: Pipeline, *buckets: str) -> None:
    cloudtrail = pipeline.emulator.client("cloudtrail")
    cloudtrail.put_event_selectors(TrailName=TRAIL, AdvancedEventSelectors=every_object(*buckets))


def let_write(pipeline: Pipeline, allowed: str = "cloudtrail.amazonaws.com") -> None:
    allow = {"Effect": "Allow", "Principal": {"Service": allowed}, "Action": "s3:*"}
    policy = {"Statement": [{**allow, "Resource": [f"arn:aws:s3:::{FILES}", f"arn:aws:s3:::{FILES}/*"]}]}
    pipeline.emulator.client("s3").put_bucket_policy(Bucket=FILES, Policy=json.dumps(policy))


def make_trail(emulator: Emulator) -> None:
    """Somebody's trail, which records every object of the account."""
    make_bucket(emulator.client("s3"), FILES)
    cloudtrail = emulator.client("cloudtrail")
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=FILES)
    cloudtrail.put_event_selectors(TrailName=TRAIL, AdvancedEventSelectors=every_object())
    cloudtrail.start_logging(Name=TRAIL)


@pytest.fixture(scope="module")
def pipeline() -> Iterator[Pipeline]:
    """The dev stack, which has no trail of its own; every test leaves it as it found it."""
    with Emulator() as emulator:
        make_trail(emulator)
        deployed = deploy_pipeline(emulator, {"existingTrail": TRAIL})
        let_write(deployed)
        yield deployed


def test_the_trail_is_checked_as_the_stacks_own_would_be(pipeline: Pipeline) -> None:
    assert pipeline.outputs["trailNames"] == []
    checked = run(pipeline, "--check-only", *JOINED)
    assert ARN in found(checked)
    assert signs(checked) == {link: "-" if link in ("SigV2 access", "alert topics") else "✓" for link in signs(checked)}
    assert (len(signs(checked)), checked.exit_code) == (22, 0)
    alive = run(pipeline, "--timeout", "30s", *JOINED)
    assert last_sentence(alive).startswith("Alive: a SigV2 request for example-reports/")
    assert alive.exit_code == 0


ONE_SELECTOR = (
    '[{"Name": "S3 data events of the target buckets", "FieldSelectors": [{"Field": "eventCategory", "Equals": '
    '["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}, {"Field": "resources.ARN", "StartsWith": '
    f'["arn:aws:s3:::{TARGET}/"]}}]}}]'
)
BREAKS = {
    "turned off": Break(
        lambda pipeline: pipeline.emulator.client("cloudtrail").stop_logging(Name=TRAIL),
        f"trail's logging: the trail {ARN} is not logging",
        f"have its owner turn it on with `aws cloudtrail start-logging --region us-east-1 --name {ARN}`{INSTEAD}",
        options=JOINED,
        mend=lambda pipeline: pipeline.emulator.client("cloudtrail").start_logging(Name=TRAIL),
    ),
    "narrowed by its owner": Break(
        lambda pipeline: select(pipeline, "example-reports"),
        f"coverage of targets: the trail {ARN} does not cover {TARGET}",
        "have its owner add to the event selectors that it has, which `aws cloudtrail put-event-selectors` replaces, "
        f"these: {ONE_SELECTOR}{INSTEAD}",
        options=(*JOINED, "--check-only"),
        mend=select,
    ),
    "does not record the object": Break(
        lambda pipeline: select(pipeline, TARGET),
        f"trail's selectors: the selectors of the trail {ARN} do not cover example-reports",
        '"arn:aws:s3:::example-reports/"',
        options=JOINED,
        mend=select,
    ),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_what_its_owner_changed_is_named_with_what_the_owner_has_to_do(pipeline: Pipeline, broken: str) -> None:
    check(BREAKS[broken], pipeline)


def test_a_target_that_it_misses_is_said_even_where_the_request_for_another_came(pipeline: Pipeline) -> None:
    select(pipeline, "example-reports")
    result = run(pipeline, "--timeout", "30s", *JOINED)
    select(pipeline)
    says = f"Not all is watched, though: the coverage of targets: the trail {ARN} does not cover {TARGET} (fix: have "
    assert "\nAlive: a SigV2 request for example-reports/" in result.stdout
    assert last_sentence(result).startswith(says)
    assert result.exit_code == 1


def test_its_bucket_is_its_owners_and_breaks_nothing(pipeline: Pipeline) -> None:
    let_write(pipeline, "config.amazonaws.com")
    result = run(pipeline, "--check-only", *JOINED)
    let_write(pipeline)
    assert signs(result)["trail's bucket"] == "!"
    assert "Warnings: the trail's bucket: the policy of the trail's bucket log-files" in last_sentence(result)
    assert "(fix: have its owner mend it, whose log files are at stake; " in last_sentence(result)
    assert result.exit_code == 0


def test_of_auto_the_trail_is_the_stacks_own_or_one_that_records_the_targets_and_else_is_asked_for(
    pipeline: Pipeline,
) -> None:
    joined = run(pipeline, "--check-only", *AUTO)
    assert (ARN in found(joined), joined.exit_code) == (True, 0)
    cloudtrail = pipeline.emulator.client("cloudtrail")
    cloudtrail.create_trail(Name=BASE, S3BucketName=FILES)
    own = run(pipeline, "--check-only", *AUTO)
    cloudtrail.delete_trail(Name=BASE)
    assert f"first broken link is the trail's logging: the trail {BASE} is not logging" in last_sentence(own)
    select(pipeline, "another-bucket")
    neither = run(pipeline, "--check-only", *AUTO)
    select(pipeline)
    assert (neither.exit_code, neither.stdout) == (2, "")
    assert neither.stderr == (
        "Error: stack dev: existingTrail is auto, and which trail that is cannot be told without the stack's outputs: "
        "it has none of its own, and none that can be seen records its targets; name it with --config "
        "existingTrail=NAME\n"
    )


def test_what_is_deployed_is_asked_and_a_switch_that_is_not_deployed_yet_is_said(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = replace(read_stack_files("dev"), outputs=pipeline.outputs)
    monkeypatch.setattr("sigv2.verify.verify_command.read_stack", lambda *_, **__: stack)
    result = run(pipeline, "--check-only")
    assert (ARN in found(result), result.exit_code) == (True, 0)
    assert result.stderr.splitlines() == [
        "This is account 123456789012 in us-east-1.",
        f"Stack dev is deployed with the trail {ARN}, and that is what this is about; its settings have it make its "
        "own from the next `pulumi up --stack dev` on.",
    ]


def test_a_trail_that_is_nowhere_is_said_not_to_be_there(pipeline: Pipeline) -> None:
    result = run(pipeline, "--check-only", "--config", "existingTrail=gone")
    gone = ARN.replace(TRAIL, "gone")
    assert last_sentence(result).startswith(
        f"The first broken link is the trail: there is no trail {gone} in us-east-1 of account 123456789012. "
        "Fix: name another one with "
    )
    assert {link for link, sign in signs(result).items() if sign == "-"} >= {"trail's selectors", "coverage of targets"}
    assert result.exit_code == 1


def test_of_an_organisations_trail_what_a_member_is_not_told_is_unknown_and_not_broken(emulator: Emulator) -> None:
    organizations = emulator.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    organizations.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    made = organizations.create_account(Email="team@example.com", AccountName="team")["CreateAccountStatus"]
    member = emulator.client.of(made["AccountId"], "us-east-1")
    make_trail(emulator)
    emulator.client("cloudtrail").update_trail(Name=TRAIL, IsOrganizationTrail=True)
    make_bucket(member("s3"), "team-bucket")
    stack = read_stack_files("dev", ["targetBuckets=team-bucket", f"existingTrail={ARN}"])
    pipeline = Pipeline(emulator, deploy(stack, member), iam_user(member, "nightly-backup"))
    options = ("--config", "targetBuckets=team-bucket", "--config", f"existingTrail={ARN}")

    checked = run(pipeline, "--check-only", *options)
    not_told = [link for link, sign in signs(checked).items() if sign == "?"]
    assert not_told == ["trail's selectors", "coverage of targets"]
    assert [signs(checked)[link] for link in ("trail", "trail's logging", "trail's bucket", "trail's key")] == [
        *("✓", "✓", "-", "✓"),
    ]
    assert last_sentence(checked).startswith("Unproven: no link is known to be broken, but these could not be checked")
    assert checked.exit_code == 3

    alive = run(pipeline, "--timeout", "30s", *options)
    assert "\nAlive: a SigV2 request for team-bucket/" in alive.stdout
    assert last_sentence(alive) == (
        "Whether all is watched could not be checked, though: the coverage of targets: unknown: the trail is of "
        f"account 123456789012, and {made['AccountId']} is not told: AWS refused GetEventSelectors "
        "(CloudTrailARNInvalidException): AccountID in ARN is wrong, you can only access resources with AccountID "
        f"{made['AccountId']}."
    )
    assert alive.exit_code == 3
