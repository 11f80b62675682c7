"""A pipeline deployed by hand, with boto3, into the emulator: what is delivered, and what is not."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import time
import urllib.request
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest

from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.sandbox.visitors import Credentials
from tests.sandbox.s3_clients import s3_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cloudtrail.type_defs import AdvancedEventSelectorTypeDef
    from mypy_boto3_s3 import S3Client

ACCOUNT, REGION = "123456789012", "us-east-1"
GROUP = "/aws/events/s3-sigv2-access-log"
GROUP_ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}"
RULE_ARN = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/sigv2"
TRAIL_ARN = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/sigv2"
DEAD_LETTERS_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead-letters"
PATTERN = {"source": ["aws.s3"], "detail": {"additionalEventData": {"SignatureVersion": ["SigV2"]}}}


def allow(service: str, actions: list[str], resources: list[str], source_arn: str, **equals: str) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": service},
                    "Action": actions,
                    "Resource": resources,
                    "Condition": {"StringEquals": {"aws:SourceArn": source_arn, **equals}},
                }
            ],
        }
    )


LOGS_POLICY = allow("events.amazonaws.com", ["logs:CreateLogStream", "logs:PutLogEvents"], [f"{GROUP_ARN}:*"], RULE_ARN)
QUEUE_POLICY = allow("events.amazonaws.com", ["sqs:SendMessage"], [DEAD_LETTERS_ARN], RULE_ARN)
TRAIL_BUCKET_POLICY = allow(
    "cloudtrail.amazonaws.com",
    ["s3:GetBucketAcl", "s3:PutObject"],
    ["arn:aws:s3:::trail-bucket", f"arn:aws:s3:::trail-bucket/AWSLogs/{ACCOUNT}/*"],
    TRAIL_ARN,
)


def select(bucket: str) -> list[AdvancedEventSelectorTypeDef]:
    return [
        {
            "Name": "targets",
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                {"Field": "resources.ARN", "StartsWith": [f"arn:aws:s3:::{bucket}/"]},
            ],
        }
    ]


@pytest.fixture
def pipeline() -> Iterator[Emulator]:
    with Emulator() as emulator:
        s3 = emulator.client("s3")
        for bucket in ("target", "other", "trail-bucket"):
            s3.create_bucket(Bucket=bucket)
        s3.put_bucket_policy(Bucket="trail-bucket", Policy=TRAIL_BUCKET_POLICY)
        cloudtrail = emulator.client("cloudtrail")
        cloudtrail.create_trail(Name="sigv2", S3BucketName="trail-bucket")
        cloudtrail.put_event_selectors(TrailName="sigv2", AdvancedEventSelectors=select("target"))
        cloudtrail.start_logging(Name="sigv2")
        logs = emulator.client("logs")
        logs.create_log_group(logGroupName=GROUP)
        logs.put_resource_policy(policyName="sigv2", policyDocument=LOGS_POLICY)
        emulator.client("sqs").create_queue(QueueName="dead-letters", Attributes={"Policy": QUEUE_POLICY})
        events = emulator.client("events")
        events.put_rule(Name="sigv2", EventPattern=json.dumps(PATTERN))
        events.put_targets(
            Rule="sigv2", Targets=[{"Id": "log", "Arn": GROUP_ARN, "DeadLetterConfig": {"Arn": DEAD_LETTERS_ARN}}]
        )
        yield emulator


STRANGER = Credentials("AKIASTRANGER00000000", "any secret will do")


def sigv2(emulator: Emulator) -> S3Client:
    return s3_client(emulator, STRANGER)


def put(emulator: Emulator, key: str = "key", bucket: str = "target") -> None:
    sigv2(emulator).put_object(Bucket=bucket, Key=key, Body=b"body")


def logged(emulator: Emulator) -> list[dict[str, Any]]:
    emulator.settle()
    pages = emulator.client("logs").get_paginator("filter_log_events").paginate(logGroupName=GROUP)
    return [json.loads(event["message"]) for page in pages for event in page["events"]]


def dead_letters(emulator: Emulator) -> list[tuple[str, dict[str, str]]]:
    emulator.settle()
    sqs = emulator.client("sqs")
    url = sqs.get_queue_url(QueueName="dead-letters")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return [
        (
            json.loads(message["Body"])["detail"]["requestParameters"]["key"],
            {name: value["StringValue"] for name, value in message["MessageAttributes"].items()},
        )
        for message in messages.get("Messages", [])
    ]


def log_files(emulator: Emulator) -> list[dict[str, Any]]:
    emulator.settle()
    s3 = emulator.client("s3")
    listing = s3.list_objects_v2(Bucket="trail-bucket", Prefix=f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/")
    bodies = [
        s3.get_object(Bucket="trail-bucket", Key=entry["Key"])["Body"].read() for entry in listing.get("Contents", [])
    ]
    return [record for body in bodies for record in json.loads(gzip.decompress(body))["Records"]]


def keys(events: list[dict[str, Any]]) -> list[str | None]:
    return [event["detail"]["requestParameters"].get("key") for event in events]


def test_a_sigv2_request_is_logged_and_a_sigv4_request_is_not(pipeline: Emulator) -> None:
    put(pipeline, "old")
    s3_client(pipeline, STRANGER, "s3v4").put_object(Bucket="target", Key="new", Body=b"body")
    assert [
        (
            event["detail-type"],
            event["detail"]["eventName"],
            event["detail"]["requestParameters"]["key"],
            event["detail"]["additionalEventData"]["SignatureVersion"],
            event["detail"]["additionalEventData"]["AuthenticationMethod"],
        )
        for event in logged(pipeline)
    ] == [("AWS API Call via CloudTrail", "PutObject", "old", "SigV2", "AuthHeader")]
    assert pipeline.counts() == {("sigv2", "MatchedEvents"): 1, ("sigv2", "Invocations"): 1}


def test_listeners_get_each_event_as_it_was_logged(pipeline: Emulator) -> None:
    heard: list[object] = []
    pipeline.on_delivered(heard.append)
    put(pipeline)
    assert logged(pipeline) == heard


def test_a_trails_log_files_hold_all_records_whatever_their_signature(pipeline: Emulator) -> None:
    put(pipeline, "old")
    s3_client(pipeline, STRANGER, "s3v4").put_object(Bucket="target", Key="new", Body=b"body")
    put(pipeline, "elsewhere", bucket="other")
    records = log_files(pipeline)
    assert [record["requestParameters"]["key"] for record in records] == ["old", "new"]
    assert records[0] == logged(pipeline)[0]["detail"]


def test_without_the_log_groups_resource_policy_everything_is_dead_lettered(pipeline: Emulator) -> None:
    pipeline.client("logs").delete_resource_policy(policyName="sigv2")
    put(pipeline, "lost")
    assert logged(pipeline) == []
    assert dead_letters(pipeline) == [
        (
            "lost",
            {
                "RULE_ARN": RULE_ARN,
                "TARGET_ARN": GROUP_ARN,
                "ERROR_CODE": "NO_PERMISSIONS",
                "ERROR_MESSAGE": "No resource policy allows logs:CreateLogStream.",
                "RETRY_ATTEMPTS": "0",
            },
        )
    ]
    assert pipeline.counts() == {
        ("sigv2", "MatchedEvents"): 1,
        ("sigv2", "Invocations"): 1,
        ("sigv2", "FailedInvocations"): 1,
        ("sigv2", "InvocationsSentToDlq"): 1,
    }


def test_a_log_resource_policy_for_another_rule_lets_nothing_through(pipeline: Emulator) -> None:
    for_another = LOGS_POLICY.replace("rule/sigv2", "rule/another")
    pipeline.client("logs").put_resource_policy(policyName="sigv2", policyDocument=for_another)
    put(pipeline)
    assert logged(pipeline) == []


def test_a_resource_policy_of_the_log_group_itself_is_enough(pipeline: Emulator) -> None:
    logs = pipeline.client("logs")
    logs.delete_resource_policy(policyName="sigv2")
    logs.put_resource_policy(resourceArn=GROUP_ARN, policyDocument=LOGS_POLICY)
    put(pipeline, "kept")
    assert keys(logged(pipeline)) == ["kept"]


def test_without_the_queues_policy_what_cannot_be_delivered_is_dropped(pipeline: Emulator) -> None:
    pipeline.client("logs").delete_log_group(logGroupName=GROUP)
    sqs = pipeline.client("sqs")
    url = sqs.get_queue_url(QueueName="dead-letters")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    put(pipeline)
    assert dead_letters(pipeline) == []
    assert pipeline.counts()["sigv2", "InvocationsFailedToBeSentToDlq"] == 1


def test_without_the_rules_target_nothing_is_logged(pipeline: Emulator) -> None:
    pipeline.client("events").remove_targets(Rule="sigv2", Ids=["log"])
    put(pipeline)
    assert logged(pipeline) == []
    assert pipeline.counts() == {("sigv2", "MatchedEvents"): 1}


def test_a_disabled_rule_matches_nothing(pipeline: Emulator) -> None:
    pipeline.client("events").disable_rule(Name="sigv2")
    put(pipeline)
    assert (logged(pipeline), pipeline.counts()) == ([], {})


def test_a_bucket_that_no_selector_covers_leaves_no_trace(pipeline: Emulator) -> None:
    put(pipeline, bucket="other")
    assert (logged(pipeline), log_files(pipeline), pipeline.counts()) == ([], [], {})


def test_a_trail_that_is_not_logging_records_nothing(pipeline: Emulator) -> None:
    pipeline.client("cloudtrail").stop_logging(Name="sigv2")
    put(pipeline)
    assert (logged(pipeline), log_files(pipeline)) == ([], [])


def test_a_change_of_selectors_holds_from_the_next_request_on(pipeline: Emulator) -> None:
    put(pipeline, "before", bucket="other")
    pipeline.settle()
    pipeline.client("cloudtrail").put_event_selectors(TrailName="sigv2", AdvancedEventSelectors=select("other"))
    put(pipeline, "after", bucket="other")
    assert keys(logged(pipeline)) == ["after"]


def test_each_trail_that_covers_a_request_files_it_and_has_an_event_of_it_under_the_one_id(pipeline: Emulator) -> None:
    cloudtrail = pipeline.client("cloudtrail")
    both = json.loads(TRAIL_BUCKET_POLICY)
    both["Statement"][0]["Condition"]["StringEquals"]["aws:SourceArn"] = [TRAIL_ARN, TRAIL_ARN + "-too"]
    pipeline.client("s3").put_bucket_policy(Bucket="trail-bucket", Policy=json.dumps(both))
    cloudtrail.create_trail(Name="sigv2-too", S3BucketName="trail-bucket")
    cloudtrail.put_event_selectors(TrailName="sigv2-too", AdvancedEventSelectors=select("target"))
    cloudtrail.start_logging(Name="sigv2-too")
    put(pipeline, "key")
    first, second = logged(pipeline)
    assert first["id"] != second["id"]
    assert first["detail"] == second["detail"]
    assert log_files(pipeline) == [first["detail"], second["detail"]]


def test_a_trail_bucket_that_refuses_is_reported_by_the_trail_and_filled_later(pipeline: Emulator) -> None:
    s3, cloudtrail = pipeline.client("s3"), pipeline.client("cloudtrail")
    s3.delete_bucket_policy(Bucket="trail-bucket")
    put(pipeline)
    assert log_files(pipeline) == []
    assert cloudtrail.get_trail_status(Name="sigv2")["LatestDeliveryError"] == "AccessDenied"
    s3.put_bucket_policy(Bucket="trail-bucket", Policy=TRAIL_BUCKET_POLICY)
    assert len(log_files(pipeline)) == 1
    assert "LatestDeliveryError" not in cloudtrail.get_trail_status(Name=TRAIL_ARN)


def test_an_assumed_role_is_identified_as_in_the_sample(pipeline: Emulator) -> None:
    role = pipeline.client("iam").create_role(RoleName="ForSSM", AssumeRolePolicyDocument="{}")["Role"]
    session = pipeline.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="i-00136")["Credentials"]
    client = s3_client(
        pipeline, Credentials(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    )
    client.put_object(Bucket="target", Key="key", Body=b"")
    (event,) = logged(pipeline)
    identity = event["detail"]["userIdentity"]
    created = identity["sessionContext"]["attributes"].pop("creationDate")
    assert created <= event["detail"]["eventTime"]
    assert identity == {
        "type": "AssumedRole",
        "principalId": f"{role['RoleId']}:i-00136",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/ForSSM/i-00136",
        "accountId": ACCOUNT,
        "accessKeyId": session["AccessKeyId"],
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role["RoleId"],
                "arn": role["Arn"],
                "accountId": ACCOUNT,
                "userName": "ForSSM",
            },
            "attributes": {"mfaAuthenticated": "false"},
        },
    }


def test_an_iam_user_is_identified_by_name(pipeline: Emulator) -> None:
    iam = pipeline.client("iam")
    user = iam.create_user(UserName="alice", Path="/people/")["User"]
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    client = s3_client(pipeline, Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    client.put_object(Bucket="target", Key="key", Body=b"")
    assert [event["detail"]["userIdentity"] for event in logged(pipeline)] == [
        {
            "type": "IAMUser",
            "principalId": user["UserId"],
            "arn": f"arn:aws:iam::{ACCOUNT}:user/people/alice",
            "accountId": ACCOUNT,
            "accessKeyId": key["AccessKeyId"],
            "userName": "alice",
        }
    ]


def test_an_access_key_of_nobody_here_is_another_accounts(pipeline: Emulator) -> None:
    put(pipeline)
    (event,) = logged(pipeline)
    identity = event["detail"]["userIdentity"]
    assert identity.pop("principalId").startswith("AIDA")
    assert identity == {"type": "AWSAccount", "accountId": "999999999999", "accessKeyId": "AKIASTRANGER00000000"}


def status_and_body(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url) as answer:  # noqa: S310 - the emulator's own URL
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


@pytest.mark.parametrize(("version", "seconds"), [("s3", -1), ("s3v4", 0)])
def test_an_expired_presigned_url_is_refused_and_unrecorded(pipeline: Emulator, version: str, seconds: int) -> None:
    url = s3_client(pipeline, STRANGER, version).generate_presigned_url(
        "get_object", Params={"Bucket": "target", "Key": "key"}, ExpiresIn=seconds
    )
    time.sleep(1)  # a signature holds to the end of a second
    status, body = status_and_body(url)
    assert status == 403
    assert "<Code>AccessDenied</Code><Message>Request has expired</Message>" in body
    assert log_files(pipeline) == []


def test_what_s3_refuses_is_recorded_with_its_error(pipeline: Emulator) -> None:
    url = sigv2(pipeline).generate_presigned_url("get_object", Params={"Bucket": "target", "Key": "absent"})
    status, _ = status_and_body(url)
    (event,) = logged(pipeline)
    assert (status, event["detail"]["errorCode"]) == (404, "NoSuchKey")
    assert event["detail"]["additionalEventData"]["AuthenticationMethod"] == "QueryString"


def test_a_request_that_is_signed_twice_is_refused_as_s3_does_and_unrecorded(pipeline: Emulator) -> None:
    url = sigv2(pipeline).generate_presigned_url("get_object", Params={"Bucket": "target", "Key": "key"})
    query = "X-Amz-Algorithm=AWS4-HMAC-SHA256"
    status, body = status_and_body(f"{url}&{query}")
    assert status == 400
    assert "<Code>InvalidArgument</Code>" in body
    assert "<RequestId></RequestId>" not in body
    assert log_files(pipeline) == []


def signed_for(service: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential=AKIA/20260102/{REGION}/{service}/aws4_request"


@pytest.mark.parametrize(
    ("target", "headers", "body", "status"),
    [
        ("GET /target?max-keys=abc", {}, b"", 400),
        ("GET /target/key?partNumber=abc", {}, b"", 400),
        ("PUT /target/key?tagging", {}, b"<a>", 400),
        ("POST /target?delete", {}, b"<a>", 400),
        ("PUT /target/key", {"x-amz-acl": "nonsense"}, b"", 400),
        ("PUT /target/key", {"x-amz-copy-source": "nonsense"}, b"", 400),
        ("PUT /target/key", {"Content-Length": "many"}, b"", 400),
        ("PUT /target/key", {"Transfer-Encoding": "chunked"}, b"zz\r\n", 400),
        ("GET /target/key", {"Authorization": "AWS4-HMAC-SHA256 nonsense"}, b"", 400),
        ("NONSENSE /target/key", {}, b"", 405),
        ("POST /", {"Authorization": signed_for("nonsense")}, b"", 400),
        (
            "POST /",
            {"Authorization": signed_for("logs"), "X-Amz-Target": "Logs_20140328.PutQueryDefinition"},
            b"[]",
            400,
        ),
        (
            "POST /",
            {"Authorization": signed_for("cloudtrail"), "X-Amz-Target": "CloudTrail_20131101.GetTrailStatus"},
            b"[]",
            400,
        ),
    ],
)
def test_a_hostile_request_is_refused_and_the_next_one_served(
    pipeline: Emulator,
    capfd: pytest.CaptureFixture[str],
    target: str,
    headers: dict[str, str],
    body: bytes,
    status: int,
) -> None:
    put(pipeline)
    method, url = target.split()
    connection = http.client.HTTPConnection(pipeline.endpoint.removeprefix("http://"))
    connection.putrequest(method, url)
    dated = {"Content-Length": str(len(body)), "Authorization": "AWS AKIA:sig", "Date": formatdate(usegmt=True)}
    for name, value in {**dated, **headers}.items():
        if name != "Content-Length" or "Transfer-Encoding" not in headers:
            connection.putheader(name, value)
    connection.endheaders(body)
    assert connection.getresponse().status == status
    connection.close()
    put(pipeline, "next")
    assert keys(logged(pipeline))[-1] == "next"
    assert capfd.readouterr() == ("", "")


def test_two_hundred_clients_that_never_finish_do_not_stop_the_others(pipeline: Emulator) -> None:
    with contextlib.ExitStack() as clients:
        for _ in range(200):
            connection = http.client.HTTPConnection(pipeline.endpoint.removeprefix("http://"))
            clients.callback(connection.close)
            connection.putrequest("POST", "/")
            connection.putheader("Content-Type", "application/x-www-form-urlencoded")
            connection.putheader("Content-Length", "10")
            connection.endheaders(b"Action")
        put(pipeline, "served")
        assert keys(logged(pipeline)) == ["served"]


def test_deleting_many_objects_records_each_key_too(pipeline: Emulator) -> None:
    sigv2(pipeline).delete_objects(Bucket="target", Delete={"Objects": [{"Key": "a"}, {"Key": "b"}]})
    assert [
        (event["detail"]["eventName"], event["detail"]["requestParameters"].get("key")) for event in logged(pipeline)
    ] == [("DeleteObjects", None), ("DeleteObject", "a"), ("DeleteObject", "b")]


def test_the_sandboxs_own_requests_are_not_recorded(pipeline: Emulator) -> None:
    pipeline.client("s3").put_object(Bucket="target", Key="key", Body=b"")
    assert log_files(pipeline) == []


def test_events_of_the_rule_are_counted_in_cloudwatch(pipeline: Emulator) -> None:
    put(pipeline)
    put(pipeline)
    pipeline.settle()
    metrics = pipeline.client("cloudwatch").list_metrics(Namespace="AWS/Events")["Metrics"]
    assert {(metric["MetricName"], metric["Dimensions"][0]["Value"]) for metric in metrics} == {
        ("MatchedEvents", "sigv2"),
        ("Invocations", "sigv2"),
    }


def test_a_target_with_an_input_transformer_is_named_as_unsupported(pipeline: Emulator) -> None:
    pipeline.client("events").put_targets(Rule="sigv2", Targets=[{"Id": "log", "Arn": GROUP_ARN, "Input": '"x"'}])
    put(pipeline)
    with pytest.raises(ExceptionGroup) as failed:
        pipeline.settle()
    assert [str(error) for error in failed.value.exceptions] == [
        f"{GROUP_ARN}: the sandbox passes on whole events only"
    ]
    assert pipeline.counts()["sigv2", "FailedInvocations"] == 1
    pipeline.settle()


def test_saved_queries_are_put_found_by_prefix_in_pages_and_deleted(pipeline: Emulator) -> None:
    logs = pipeline.client("logs")
    ids = [
        logs.put_query_definition(name=name, queryString="fields @message", logGroupNames=[GROUP])["queryDefinitionId"]
        for name in ("SigV2/one", "SigV2/two", "other")
    ]
    first = logs.describe_query_definitions(queryDefinitionNamePrefix="SigV2/", maxResults=1)
    second = logs.describe_query_definitions(
        queryDefinitionNamePrefix="SigV2/", maxResults=1, nextToken=first["nextToken"]
    )
    assert [page["queryDefinitions"][0]["name"] for page in (first, second)] == ["SigV2/one", "SigV2/two"]
    assert "nextToken" not in second
    assert logs.delete_query_definition(queryDefinitionId=ids[0])["success"]
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.delete_query_definition(queryDefinitionId=ids[0])


def test_ten_account_policies_leave_room_for_one_per_log_group(pipeline: Emulator) -> None:
    logs = pipeline.client("logs")
    for number in range(9):
        logs.put_resource_policy(policyName=f"policy-{number}", policyDocument=LOGS_POLICY)
    with pytest.raises(logs.exceptions.LimitExceededException):
        logs.put_resource_policy(policyName="one-too-many", policyDocument=LOGS_POLICY)
    logs.put_resource_policy(resourceArn=GROUP_ARN, policyDocument=LOGS_POLICY)
    (policy,) = logs.describe_resource_policies(policyScope="RESOURCE", resourceArn=GROUP_ARN)["resourcePolicies"]
    assert (policy["policyDocument"], policy["policyScope"]) == (LOGS_POLICY, "RESOURCE")
    assert len(logs.describe_resource_policies()["resourcePolicies"]) == 10
