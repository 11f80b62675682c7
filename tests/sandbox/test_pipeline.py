"""Real S3 clients against the real program, deployed in the emulator."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from sigv2.sandbox.people import assumed_role_session
from sigv2.sandbox.visitors import OLD_CLIENTS, OldClient
from tests.sandbox.conftest import OTHER, TARGET, Pipeline, deploy_pipeline
from tests.sandbox.s3_clients import s3_client

SAMPLE = Path(__file__).parents[1] / "samples" / "put-object-assumed-role.json"


def put_by_header(signature: str) -> Callable[[Pipeline, str, str], None]:
    def put(pipeline: Pipeline, bucket: str, key: str) -> None:
        pipeline.s3(signature).put_object(Bucket=bucket, Key=key, Body=b"x")

    return put


def put_by_presigned_url(signature: str | None) -> Callable[[Pipeline, str, str], None]:
    def put(pipeline: Pipeline, bucket: str, key: str) -> None:
        client = pipeline.s3(signature)
        url = client.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key})
        requests.put(url, data=b"x", timeout=10).raise_for_status()

    return put


def post_form(signature: str | None) -> Callable[[Pipeline, str, str], None]:
    def post(pipeline: Pipeline, bucket: str, key: str) -> None:
        form = pipeline.s3(signature).generate_presigned_post(bucket, key)
        requests.post(form["url"], data=form["fields"], files={"file": b"x"}, timeout=10).raise_for_status()

    return post


def put_by_old_client(client: OldClient) -> Callable[[Pipeline, str, str], None]:
    def put(pipeline: Pipeline, bucket: str, key: str) -> None:
        if missing := client.missing():
            pytest.skip(f"{client.name} {missing}")
        client.put(pipeline.emulator.endpoint, pipeline.user, bucket, key)

    return put


def put_by_s3cmd(*options: str) -> Callable[[Pipeline, str, str], None]:
    def put(pipeline: Pipeline, bucket: str, key: str) -> None:
        s3cmd = shutil.which("s3cmd", path=str(Path(sys.executable).parent))
        assert s3cmd, "requirements-dev.txt installs it"
        host = pipeline.emulator.endpoint.removeprefix("http://")
        subprocess.run(
            [
                *(sys.executable, s3cmd, "--config=/dev/null", "--no-ssl", f"--host={host}", f"--host-bucket={host}"),
                *(f"--access_key={pipeline.user.access_key_id}", f"--secret_key={pipeline.user.secret_access_key}"),
                *("--region=us-east-1", "--quiet", *options, "put", __file__, f"s3://{bucket}/{key}"),
            ],
            check=True,
            timeout=60,
        )

    return put


SIGV2 = {
    "boto3 by header": (put_by_header("s3"), "PutObject", "AuthHeader"),
    "boto3 presigned as it comes": (put_by_presigned_url(None), "PutObject", "QueryString"),
    "boto3 form as it comes": (post_form(None), "PostObject", "HtmlForm"),
    **{client.name: (put_by_old_client(client), "PutObject", "AuthHeader") for client in OLD_CLIENTS},
    "s3cmd --signature-v2": (put_by_s3cmd("--signature-v2"), "PutObject", "AuthHeader"),
}
SIGV4 = {
    "boto3 by header": put_by_header("s3v4"),
    "boto3 presigned with s3v4": put_by_presigned_url("s3v4"),
    "boto3 form with s3v4": post_form("s3v4"),
    "s3cmd": put_by_s3cmd(),
}


@pytest.mark.parametrize("client", SIGV2)
def test_a_sigv2_client_is_logged_on_a_target_bucket_and_nowhere_else(pipeline: Pipeline, client: str) -> None:
    send, event_name, method = SIGV2[client]
    send(pipeline, TARGET, "watched")
    send(pipeline, OTHER, "not-watched")
    (event,) = pipeline.logged()
    detail = event["detail"]
    assert (detail["eventName"], detail["requestParameters"]["bucketName"], detail["requestParameters"]["key"]) == (
        event_name,
        TARGET,
        "watched",
    )
    assert detail["additionalEventData"]["SignatureVersion"] == "SigV2"
    assert detail["additionalEventData"]["AuthenticationMethod"] == method
    assert detail["userIdentity"]["userName"] == "nightly-backup"


@pytest.mark.parametrize("client", SIGV4)
def test_a_sigv4_client_does_its_work_and_is_not_logged(pipeline: Pipeline, client: str) -> None:
    SIGV4[client](pipeline, TARGET, "current")
    objects = pipeline.s3("s3v4").list_objects_v2(Bucket=TARGET)["Contents"]
    assert [found["Key"] for found in objects] == ["current"]
    assert pipeline.logged() == []


def test_an_anonymous_request_is_not_logged(pipeline: Pipeline) -> None:
    requests.get(f"{pipeline.emulator.endpoint}/{TARGET}/anything", timeout=10)
    assert pipeline.logged() == []


def send_one(pipeline: Pipeline) -> None:
    put_by_header("s3")(pipeline, TARGET, "one")


def test_without_the_log_groups_policy_nothing_arrives(pipeline: Pipeline) -> None:
    pipeline.emulator.client("logs").delete_resource_policy(policyName="s3-sigv2-access-log-dev")
    send_one(pipeline)
    assert pipeline.logged() == []


def test_what_could_not_be_logged_waits_in_the_dead_letter_queue_with_the_reason(pipeline: Pipeline) -> None:
    pipeline.emulator.client("logs").delete_resource_policy(policyName="s3-sigv2-access-log-dev")
    send_one(pipeline)
    assert pipeline.logged() == []
    (message,) = pipeline.emulator.client("sqs").receive_message(
        QueueUrl=pipeline.outputs["deadLetterQueueUrl"], MessageAttributeNames=["All"]
    )["Messages"]
    assert json.loads(message["Body"])["detail"]["requestParameters"]["key"] == "one"
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert attributes.pop("ERROR_MESSAGE")
    assert attributes == {
        "RULE_ARN": "arn:aws:events:us-east-1:123456789012:rule/s3-sigv2-access-log-dev",
        "TARGET_ARN": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/s3-sigv2-access-log",
        "ERROR_CODE": "NO_PERMISSIONS",
        "RETRY_ATTEMPTS": "0",
    }


def test_without_the_rules_target_nothing_arrives(pipeline: Pipeline) -> None:
    pipeline.emulator.client("events").remove_targets(Rule=pipeline.outputs["ruleName"], Ids=["log-group"])
    send_one(pipeline)
    assert pipeline.logged() == []


def test_with_a_selector_of_another_bucket_nothing_arrives(pipeline: Pipeline) -> None:
    selectors = pipeline.emulator.client("cloudtrail").get_event_selectors(TrailName=pipeline.outputs["trailNames"][0])
    changed = json.loads(json.dumps(selectors["AdvancedEventSelectors"]).replace(TARGET, "some-other-bucket"))
    pipeline.emulator.client("cloudtrail").put_event_selectors(
        TrailName=pipeline.outputs["trailNames"][0], AdvancedEventSelectors=changed
    )
    send_one(pipeline)
    assert pipeline.logged() == []


def test_untouched_the_same_request_arrives(pipeline: Pipeline) -> None:
    send_one(pipeline)
    assert pipeline.logged_keys() == ["one"]


def shape(value: object) -> object:
    """The keys of a document, all the way down."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(inner) for inner in value] if isinstance(value, list) else None


def test_a_request_of_an_ec2_instance_is_logged_in_the_shape_of_the_articles_sample(pipeline: Pipeline) -> None:
    role = assumed_role_session(pipeline.emulator.client, "AmazonEC2RoleForSSM", "i-00136f1c4e5a8b2d9")
    s3_client(pipeline.emulator, role).put_object(Bucket=TARGET, Key="test", Body=b"")
    (event,) = pipeline.logged()
    sample = json.loads(SAMPLE.read_text())
    # What AWS has added to its records since 2019, and what only a TLS connection has.
    for added in ("managementEvent", "eventCategory"):
        event["detail"].pop(added)
    sample["detail"]["additionalEventData"].pop("CipherSuite")
    assert shape(event) == shape(sample)
    assert event["detail"]["userIdentity"]["arn"].endswith(":assumed-role/AmazonEC2RoleForSSM/i-00136f1c4e5a8b2d9")
    assert event["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"] == "AmazonEC2RoleForSSM"


def test_the_saved_query_can_be_found_in_the_emulators_api(pipeline: Pipeline) -> None:
    saved = pipeline.emulator.client("logs").describe_query_definitions(
        queryDefinitionNamePrefix="s3-sigv2-access-log-dev/Requests by principal"
    )["queryDefinitions"]
    assert [definition["logGroupNames"] for definition in saved] == [["/aws/events/s3-sigv2-access-log"]]


def test_the_policy_attached_to_the_log_group_admits_events_as_well(emulator: Any) -> None:
    pipeline = deploy_pipeline(emulator, {"logResourcePolicyScope": "logGroup"})
    send_one(pipeline)
    assert pipeline.logged_keys() == ["one"]
