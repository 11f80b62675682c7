"""`python -m sigv2 report` on a log of several Regions and accounts, and the policy that refuses SigV2 in them all."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from blueprint.queries import SAVED_QUERIES
from sigv2.sandbox.emulating.emulator import Emulator
from tests.sandbox.conftest import Pipeline, age_log_group, deploy_pipeline
from tests.sandbox.reported import DENY, GROUP, emptied, log_changed, put, records, run

EVERYWHERE = ("--enforce", "*", "--as", "rcp")
ALL = (*EVERYWHERE, "--config", "targetBuckets=*", "--config", "regions=all")


@pytest.fixture(scope="module")
def deployed() -> Iterator[Pipeline]:
    with Emulator() as emulator:
        yield deploy_pipeline(emulator, {})


@pytest.fixture
def pipeline(deployed: Pipeline) -> Pipeline:
    return emptied(deployed)


def test_where_nobody_signs_with_sigv2_the_organization_gets_the_policy_that_refuses_it(pipeline: Pipeline) -> None:
    result = run(pipeline, *ALL, "--config", "acceptFrom=210987654321,o-a1b2c3d4e5")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout) == {"Version": "2012-10-17", "Statement": [DENY | {"Resource": "*"}]}
    assert result.stderr.endswith(
        "It reaches every bucket of each account that it is attached to, watched or not: attach it to account "
        "123456789012, and to those of 210987654321, o-a1b2c3d4e5 whose own stacks forward to this log and watch all "
        "of their buckets. Buckets of the organization's management account it does not bind; they take the "
        "statements of --enforce BUCKET.\n"
    )


def test_whoever_signs_with_sigv2_keeps_the_organization_from_the_policy(pipeline: Pipeline) -> None:
    put(pipeline)
    result = run(pipeline, *ALL)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: somebody still signs with SigV2, and the policy would refuse it" in result.stderr
    assert "Boto3/" in result.stderr


def test_a_request_to_a_bucket_that_is_not_logged_keeps_the_organization_from_the_policy(pipeline: Pipeline) -> None:
    log_changed(pipeline, requestParameters=None, resources=None)
    assert run(pipeline, *ALL).exit_code == 2


@pytest.mark.parametrize(
    ("settings", "doubt"),
    [
        ((), "stack dev watches only some of account 123456789012, so set targetBuckets to '*'"),
        (("targetBuckets=*", "regions=all", "excludeBuckets=a-bucket"), "stack dev watches only some of account "),
        (
            ("targetBuckets=*", "regions=eu-west-1,us-west-2"),
            "the policy reaches every Region, and stack dev does not watch ap-northeast-1, ap-southeast-1, "
            "ap-southeast-2, sa-east-1, us-west-1, so set regions to all",
        ),
    ],
)
def test_what_the_stack_leaves_unwatched_keeps_the_organization_from_the_policy(
    pipeline: Pipeline, settings: tuple[str, ...], doubt: str
) -> None:
    result = run(pipeline, *EVERYWHERE, *(word for setting in settings for word in ("--config", setting)))
    assert (result.exit_code, result.stdout) == (3, "")
    assert "Error: it is not proven that nobody signs with SigV2: " in result.stderr
    assert doubt in result.stderr


def test_what_the_log_does_not_hold_keeps_the_organization_from_the_policy(pipeline: Pipeline) -> None:
    age_log_group(timedelta(days=2))
    assert run(pipeline, *ALL).exit_code == 3
    assert run(pipeline, *ALL, "--since", "1d").exit_code == 0
    result = run(pipeline, *EVERYWHERE, "--log-group", GROUP, "--region", "us-east-1", "--since", "1d")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "which buckets are watched cannot be told from a log group" in result.stderr


def test_requests_of_another_region_and_account_are_reported_with_both(pipeline: Pipeline) -> None:
    log_changed(pipeline, awsRegion="eu-west-1", recipientAccountId="210987654321")
    for query in SAVED_QUERIES:
        if query.key == "error":
            continue
        (record,) = records(pipeline, "--by", query.key)
        assert (record["awsRegion"], record["recipientAccountId"]) == ("eu-west-1", "210987654321")
        shown = run(pipeline, "--by", query.key, "--format", "markdown").stdout
        assert " | Region | Account | " in shown
        assert "eu-west-1" in shown
        assert "210987654321" in shown
