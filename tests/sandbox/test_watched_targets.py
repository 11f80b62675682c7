"""Requests through every form of target, to what is excluded, and beyond objects."""

import pytest
from botocore.exceptions import ClientError
from pulumi import RunError

from sigv2.sandbox.emulating.emulator import Emulator
from tests.sandbox.conftest import OTHER, TARGET, Pipeline, deploy_pipeline

FORMS = {
    "a bucket": (TARGET, {"logs/a", "logs/b", "top"}),
    "a prefix": (f"{TARGET}/logs/", {"logs/a", "logs/b"}),
    "an s3 URL": (f"s3://{TARGET}/logs/a", {"logs/a"}),
    "an ARN": (f"arn:aws:s3:::{TARGET}/*", {"logs/a", "logs/b", "top"}),
    "a pattern": ("example-up*", {"logs/a", "logs/b", "top"}),
    "another pattern": ("example-down*", set()),
    "everything": ("*", {"logs/a", "logs/b", "top", "elsewhere"}),
}


def put_everywhere(pipeline: Pipeline) -> None:
    for bucket, key in ((TARGET, "logs/a"), (TARGET, "logs/b"), (TARGET, "top"), (OTHER, "elsewhere")):
        pipeline.s3().put_object(Bucket=bucket, Key=key, Body=b"x")


@pytest.mark.parametrize("form", FORMS)
def test_a_target_of_every_form_logs_what_it_stands_for(emulator: Emulator, form: str) -> None:
    entry, keys = FORMS[form]
    pipeline = deploy_pipeline(emulator, {"targetBuckets": entry})
    put_everywhere(pipeline)
    assert pipeline.logged_keys() == sorted(keys)


def test_what_is_excluded_is_not_logged(emulator: Emulator) -> None:
    excluded = [f"{TARGET}/logs/b", OTHER]
    pipeline = deploy_pipeline(emulator, {"targetBuckets": "*", "excludeBuckets": excluded})
    put_everywhere(pipeline)
    assert pipeline.logged_keys() == ["logs/a", "top"]


def test_the_trail_bucket_is_never_logged_whatever_the_pattern(emulator: Emulator) -> None:
    pipeline = deploy_pipeline(emulator, {"targetBuckets": "*"})
    pipeline.s3().put_object(Bucket=pipeline.outputs["trailBucketName"], Key="seen?", Body=b"x")
    pipeline.s3().put_object(Bucket=TARGET, Key="seen", Body=b"x")
    assert pipeline.logged_keys() == ["seen"]


@pytest.mark.parametrize(("asked", "names"), [("true", ["GetBucketLocation", "ListBuckets"]), ("false", [])])
def test_bucket_level_calls_are_logged_only_where_they_are_asked_for(
    emulator: Emulator, asked: str, names: list[str]
) -> None:
    pipeline = deploy_pipeline(emulator, {"includeManagementEvents": asked})
    pipeline.s3().list_buckets()
    pipeline.s3().get_bucket_location(Bucket=OTHER)
    assert sorted(event["detail"]["eventName"] for event in pipeline.logged()) == names


def test_a_target_that_does_not_exist_is_refused_by_the_program_itself(emulator: Emulator) -> None:
    with pytest.raises(RunError, match="'no-such-bucket' does not exist"):
        deploy_pipeline(emulator, {"targetBuckets": f"{TARGET},no-such-bucket"})
    with pytest.raises(ClientError):
        emulator.client("cloudtrail").get_trail(Name="s3-sigv2-access-log-dev")
