"""`python -m sigv2 report` against the emulator, where the real program has deployed and real clients have called."""

import csv
import html
import io
import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from blueprint.queries import SAVED_QUERIES
from sigv2.report.fixes import fix_for
from sigv2.sandbox.people import assumed_role_session
from sigv2.sandbox.visitors import REQUESTS_AWS, Credentials
from tests.sandbox.aws_calls import Call, answer_calls, denial
from tests.sandbox.conftest import OTHER, TARGET, WHERE, Pipeline, age_log_group
from tests.sandbox.reported import DENY, GROUP, emptied, log_changed, put, records, run
from tests.sandbox.s3_clients import boto2
from tests.sandbox.test_two_accounts import EVERY_OBJECT

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import InputLogEventTypeDef
    from mypy_boto3_s3.type_defs import CopySourceTypeDef


@pytest.fixture
def pipeline(deployed: Pipeline) -> Pipeline:
    """The dev stack as it is after a year, with nothing in its log."""
    return emptied(deployed)


def get_presigned(pipeline: Pipeline, agent: str = "curl/8.4.0", key: str = "key") -> None:
    url = pipeline.s3(None).generate_presigned_url("get_object", Params={"Bucket": TARGET, "Key": key})
    requests.get(url, headers={"User-Agent": agent}, timeout=10)


def put_by_requests_aws(pipeline: Pipeline, bucket: str = TARGET) -> None:
    REQUESTS_AWS.put(pipeline.emulator.endpoint, pipeline.user, bucket, "key")


def test_each_client_is_reported_with_who_it_is_and_how_to_fix_it(pipeline: Pipeline) -> None:
    for _ in range(3):
        get_presigned(pipeline)
    put_by_requests_aws(pipeline)
    put_by_requests_aws(pipeline)
    put(pipeline, credentials=assumed_role_session(pipeline.emulator.client, "report-server", "i-0136f1c4e5a8b2d90"))
    put(pipeline, bucket=OTHER)
    pipeline.s3("s3v4").put_object(Bucket=TARGET, Key="key", Body=b"x")
    user = f"nightly-backup ({pipeline.user.access_key_id})"
    found = records(pipeline)
    assert [
        (record["principal"], record["userAgent"].split("/")[0], record["bucket"], record["signed"], record["requests"])
        for record in found
    ] == [
        (user, "curl", TARGET, "presigned URL", 3),
        (user, "python-requests", TARGET, "header", 2),
        ("report-server / i-0136f1c4e5a8b2d90", "Boto3", TARGET, "header", 1),
    ]
    assert [record["fix"] for record in found] == [
        'the signer, not the agent: Config(signature_version="s3v4")',
        fix_for(found[1]["userAgent"], "AuthHeader").in_short,
        "take signature_version='s3' out",
    ]
    assert f"access key {pipeline.user.access_key_id} of nightly-backup" in found[0]["howToFix"]
    assert all(record["firstSeen"] <= record["lastSeen"] for record in found)


def test_what_two_trails_record_is_in_the_log_twice_and_counts_once(pipeline: Pipeline) -> None:
    cloudtrail = pipeline.emulator.client("cloudtrail")
    cloudtrail.create_trail(Name="second", S3BucketName=pipeline.outputs["trailBucketName"])
    cloudtrail.put_event_selectors(TrailName="second", AdvancedEventSelectors=EVERY_OBJECT)
    cloudtrail.start_logging(Name="second")
    for key in ("a", "b"):
        put(pipeline, key)
    assert len(pipeline.logged()) == 4
    cloudtrail.delete_trail(Name="second")
    counted = {
        by: [record["requests"] for record in records(pipeline, "--by", by)] for by in ("client", "day", "source")
    }
    assert counted == {"client": [2], "day": [2], "source": [2]}
    compared = records(pipeline, "--compare", "7d")
    assert [(record["requests"], record["requestsBefore"]) for record in compared] == [(2, 0)]


def test_the_fix_that_it_names_is_one(pipeline: Pipeline) -> None:
    get_presigned(pipeline)
    assert 'Config(signature_version="s3v4")' in records(pipeline)[0]["howToFix"]
    url = pipeline.s3("s3v4").generate_presigned_url("get_object", Params={"Bucket": TARGET, "Key": "key"})
    requests.get(url, timeout=10)
    assert [record["requests"] for record in records(pipeline)] == [1]


def test_the_temporary_keys_of_a_session_are_one_client(pipeline: Pipeline) -> None:
    first = assumed_role_session(pipeline.emulator.client, "web-server", "i-0136f1c4e5a8b2d90")
    arn = "arn:aws:iam::123456789012:role/web-server"
    given = pipeline.emulator.client("sts").assume_role(RoleArn=arn, RoleSessionName="i-0136f1c4e5a8b2d90")
    second = given["Credentials"]
    put(pipeline, credentials=first)
    put(pipeline, credentials=Credentials(second["AccessKeyId"], second["SecretAccessKey"], second["SessionToken"]))
    (record,) = records(pipeline)
    assert (record["principal"], record["requests"]) == ("web-server / i-0136f1c4e5a8b2d90", 2)


def test_a_caller_of_another_account_is_reported_as_that_account(pipeline: Pipeline) -> None:
    put(pipeline, credentials=Credentials("AKIASTRANGER00000000", "secret"))
    put(pipeline, credentials=Credentials("AKIASTRANGER00000001", "secret"))
    one, two = sorted(records(pipeline), key=lambda record: str(record["accessKeyId"]))
    assert one["principal"] == f"account 999999999999 / {one['principalId']} (AKIASTRANGER00000000)"
    assert one["principalId"].startswith("AIDA")
    assert one["principalId"] != two["principalId"]


def test_every_saved_query_is_answered(pipeline: Pipeline) -> None:
    get_presigned(pipeline, key="logs/absent")
    get_presigned(pipeline, key="logs/absent")
    for query in SAVED_QUERIES:
        (record,) = records(pipeline, "--by", query.key)
        assert record["requests"] == 2
    shown = run(pipeline, "--by", "prefix")
    assert f"Requests by object-key prefix ({GROUP}, since " in shown.stdout
    assert "logs/" in shown.stdout


def test_the_page_counts_each_day_by_how_requests_were_signed_and_goes_to_a_file(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    put(pipeline)
    get_presigned(pipeline)
    get_presigned(pipeline)
    page = tmp_path / "report.html"
    result = run(pipeline, "--format", "html", "--out", str(page), "--fail-if-any")
    assert result.exit_code == 2
    assert result.stdout == ""
    written = page.read_text(encoding="ascii")
    assert re.search(r"3 requests from [\d-]+ to [\d-]+: 1 by header, 2 by presigned URL\.", written)
    assert "<bdi>curl/8.4.0</bdi>" in written
    shown = run(pipeline, "--format", "html").stdout
    assert shown.startswith("<!DOCTYPE html>")
    assert shown.endswith("</html>\n")


def test_other_formats_go_to_a_file_too(pipeline: Pipeline, tmp_path: Path) -> None:
    put(pipeline)
    for output_format in ("json", "csv", "markdown"):
        file = tmp_path / output_format
        assert run(pipeline, "--format", output_format, "--by", "signature", "--out", str(file)).stdout == ""
        assert "AuthHeader" in file.read_text(encoding="utf-8")


def test_the_gate_is_open_until_somebody_signs_with_sigv2(pipeline: Pipeline) -> None:
    assert run(pipeline, "--fail-if-any").exit_code == 0
    put(pipeline)
    assert run(pipeline).exit_code == 0
    assert run(pipeline, "--fail-if-any").exit_code == 2
    assert run(pipeline, "--fail-if-any", "--by", "day", "--format", "csv").exit_code == 2


def test_probes_of_this_project_are_shown_and_shut_neither_the_gate_nor_enforcement(pipeline: Pipeline) -> None:
    pipeline.s3(user_agent_extra="s3-sigv2-access-log/verify").list_objects(Bucket=TARGET)
    (record,) = records(pipeline)
    assert record["fix"] == "nothing: it was `discover` or `verify`"
    assert run(pipeline, "--fail-if-any").exit_code == 0
    assert run(pipeline, "--fail-if-any", "--by", "day").exit_code == 0
    assert run(pipeline, "--enforce", TARGET).exit_code == 0
    put(pipeline)
    assert run(pipeline, "--fail-if-any").exit_code == 2
    assert run(pipeline, "--enforce", TARGET).exit_code == 2


def test_settings_of_the_command_line_tell_what_is_watched(pipeline: Pipeline) -> None:
    assert run(pipeline, "--enforce", OTHER).exit_code == 1
    assert run(pipeline, "--enforce", OTHER, "--config", f"targetBuckets={OTHER}").exit_code == 0


def test_an_old_request_is_reported_only_where_it_is_asked_for(pipeline: Pipeline) -> None:
    put(pipeline)
    (event,) = pipeline.logged()
    logs = pipeline.emulator.client("logs")
    then = datetime.now(UTC) - timedelta(days=3)
    event["detail"] |= {"eventTime": f"{then:%Y-%m-%dT%H:%M:%SZ}", "eventID": "another"}
    logs.create_log_stream(logGroupName=GROUP, logStreamName="old")
    message: InputLogEventTypeDef = {"timestamp": int(then.timestamp() * 1000), "message": json.dumps(event)}
    logs.put_log_events(logGroupName=GROUP, logStreamName="old", logEvents=[message])
    assert [record["requests"] for record in records(pipeline, "--since", "12h")] == [1]
    (both,) = records(pipeline, "--since", "1w")
    assert (both["requests"], both["firstSeen"]) == (2, event["detail"]["eventTime"])


def test_a_time_longer_than_logs_are_kept_is_no_error(pipeline: Pipeline) -> None:
    put(pipeline)
    assert [record["requests"] for record in records(pipeline, "--since", "9999w")] == [1]


def test_nobody_in_a_time_before_the_log_group_existed_is_not_proven(pipeline: Pipeline) -> None:
    created = age_log_group(timedelta(days=2))
    doubt = f"{GROUP} exists only since {created:%Y-%m-%d %H:%M} UTC"
    for options in (["--fail-if-any"], ["--fail-if-any", "--by", "day", "--format", "json"], ["--enforce", TARGET]):
        result = run(pipeline, *options)
        assert result.exit_code == 3
        assert (
            f"Error: it is not proven that nobody {'signs' if '--fail-if-any' in options else 'reaches'}"
            in result.stderr
        )
        assert f": {doubt}, so ask about less time with --since, or wait\n" in result.stderr
        assert run(pipeline, *options, "--since", "1d").exit_code == 0
    assert "DenySigV2" not in run(pipeline, "--enforce", TARGET).stdout


def test_nobody_in_a_time_that_the_retention_no_longer_holds_is_not_proven(pipeline: Pipeline) -> None:
    pipeline.emulator.client("logs").put_retention_policy(logGroupName=GROUP, retentionInDays=30)
    result = run(pipeline, "--fail-if-any", "--since", "31d")
    assert result.exit_code == 3
    assert f"{GROUP} keeps requests for 30 days only" in result.stderr
    assert run(pipeline, "--fail-if-any", "--since", "30d").exit_code == 0
    assert run(pipeline, "--enforce", TARGET, "--since", "31d").exit_code == 3
    pipeline.emulator.client("logs").delete_retention_policy(logGroupName=GROUP)
    assert run(pipeline, "--fail-if-any", "--since", "31d").exit_code == 0


def test_somebody_is_found_however_little_the_log_tells(pipeline: Pipeline) -> None:
    age_log_group(timedelta(hours=1))
    put(pipeline)
    assert run(pipeline, "--fail-if-any").exit_code == 2
    assert run(pipeline, "--enforce", TARGET).exit_code == 2


def test_how_much_of_the_time_the_log_tells_of_is_said_in_every_format(pipeline: Pipeline) -> None:
    created = age_log_group(timedelta(days=2))
    sentence = (
        f"This does not tell of all that time: {GROUP} exists only since {created:%Y-%m-%d %H:%M} UTC, so ask about "
        "less time with --since, or wait."
    )
    assert sentence in run(pipeline).stdout.replace("\n", " ")
    assert sentence in html.unescape(run(pipeline, "--format", "markdown").stdout)
    assert f"{sentence}\n" in run(pipeline, "--format", "csv").stderr
    document = json.loads(run(pipeline, "--format", "json").stdout)
    assert document["provenSince"] == f"{created:%Y-%m-%dT%H:%M:%SZ}"
    age_log_group(timedelta(days=365))
    document = json.loads(run(pipeline, "--format", "json").stdout)
    assert (document["provenSince"], document["doubts"]) == (document["since"], [])


def copy(pipeline: Pipeline, source: str, bucket: str = TARGET) -> None:
    """By a client that signs with SigV2."""
    pipeline.s3("s3v4").put_object(Bucket=source.partition("/")[0], Key="key", Body=b"x")
    pipeline.s3().copy_object(Bucket=bucket, Key="copy", CopySource=source)


def test_a_copy_from_a_bucket_is_a_request_to_it(pipeline: Pipeline) -> None:
    copy(pipeline, "example-reports/key")
    (record,) = records(pipeline)
    assert (record["bucket"], record["copySource"]) == (TARGET, "example-reports")
    assert record["place"] == f"{TARGET}, copied from example-reports"
    result = run(pipeline, "--enforce", "example-reports")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "example-reports still gets SigV2 requests" in result.stderr
    assert run(pipeline, "--enforce", TARGET).exit_code == 2


def test_a_copy_of_a_part_from_a_bucket_is_a_request_to_it(pipeline: Pipeline) -> None:
    new, old = pipeline.s3("s3v4"), pipeline.s3()
    new.put_object(Bucket="example-reports", Key="key", Body=b"x")
    upload = new.create_multipart_upload(Bucket=TARGET, Key="parts")["UploadId"]
    source: CopySourceTypeDef = {"Bucket": "example-reports", "Key": "key"}
    old.upload_part_copy(Bucket=TARGET, Key="parts", UploadId=upload, PartNumber=1, CopySource=source)
    assert run(pipeline, "--enforce", "example-reports").exit_code == 2


def test_a_copy_by_boto_2_is_a_request_to_its_source(pipeline: Pipeline) -> None:
    pipeline.s3("s3v4").put_object(Bucket="example-reports", Key="key", Body=b"x")
    boto2(pipeline.emulator, pipeline.user).get_bucket(TARGET, validate=False).copy_key(
        "copy", "example-reports", "key"
    )
    assert [record["copySource"] for record in records(pipeline)] == ["example-reports"]
    assert run(pipeline, "--enforce", "example-reports").exit_code == 2


def test_a_request_whose_bucket_is_not_logged_leaves_every_proof_open(pipeline: Pipeline) -> None:
    log_changed(pipeline, requestParameters=None, resources=None)
    result = run(pipeline, "--enforce", "example-reports")
    assert (result.exit_code, result.stdout) == (3, "")
    assert (
        "it is not proven that nobody reaches example-reports with SigV2: of 1 request the log does not name every "
        "bucket, and example-reports may be one of them" in result.stderr
    )
    assert "nightly-backup" in result.stderr
    assert run(pipeline, "--fail-if-any").exit_code == 2


def test_a_request_through_an_access_point_counts_for_the_bucket_behind_it(pipeline: Pipeline) -> None:
    log_changed(pipeline, requestParameters={"bucketName": "my-point-1a2b3c-s3alias"})
    (record,) = records(pipeline)
    assert (record["bucket"], record["accessPoint"]) == (TARGET, "my-point-1a2b3c-s3alias")
    assert run(pipeline, "--enforce", TARGET).exit_code == 2
    assert run(pipeline, "--enforce", "example-reports").exit_code == 0


@pytest.mark.parametrize(
    "identity",
    [
        {"type": "AWSService", "invokedBy": "replication.s3.amazonaws.com"},
        {"type": "IdentityCenterUser", "accountId": "111122223333", "onBehalfOf": {"userId": "1111-2222"}},
        {"type": "AWSAccount", "principalId": "AROAEXAMPLE:nightly-job", "accountId": "777777777777"},
    ],
)
def test_whoever_has_no_arn_is_named_in_every_format(pipeline: Pipeline, identity: dict[str, Any]) -> None:
    log_changed(pipeline, userIdentity=identity)
    (record,) = records(pipeline)
    told = {"AWSService": "replication.s3.amazonaws.com", "IdentityCenterUser": "1111-2222"}
    assert told.get(identity["type"], "AROAEXAMPLE:nightly-job") in record["principal"]
    for chosen in ("csv", "markdown"):
        assert record["principal"] in html.unescape(run(pipeline, "--format", chosen).stdout)
    assert record["principal"].split()[0] in run(pipeline).stdout


def test_what_is_no_event_does_not_stop_it(pipeline: Pipeline) -> None:
    logs = pipeline.emulator.client("logs")
    logs.create_log_stream(logGroupName=GROUP, logStreamName="noise")
    now = int(time.time() * 1000)
    for message in ("no JSON", "[]", '{"detail": 1}'):
        entry: InputLogEventTypeDef = {"timestamp": now, "message": message}
        logs.put_log_events(logGroupName=GROUP, logStreamName="noise", logEvents=[entry])
    (record,) = records(pipeline)
    # Without an eventID nothing tells them apart.
    assert (record["principal"], record["requests"]) == ("unknown", 1)


def test_a_missing_log_group_is_one_sentence_with_the_way_out(pipeline: Pipeline) -> None:
    result = run(pipeline, "--log-group", "/nowhere", "--region", "us-east-1")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: there is no log group /nowhere in us-east-1: deploy the stack with `pulumi up`, or say where to look "
        "with --stack, --log-group, --region or --profile\n"
    )


def test_a_hostile_user_agent_comes_out_harmless_in_every_format(pipeline: Pipeline) -> None:
    get_presigned(pipeline, agent="=cmd|'/c calc'!A1 \x1b]0;pwned\x07 [bold red]`<script>alert(1)</script>")
    for chosen in ("table", "json", "csv", "markdown"):
        result = run(pipeline, "--format", chosen)
        assert result.exit_code == 0
        assert result.stdout.replace("\n", "").isprintable()
    names, client = csv.reader(io.StringIO(run(pipeline, "--format", "csv").stdout))
    assert dict(zip(names, client, strict=True))["userAgent"].startswith("'=cmd")
    assert "<script>" not in run(pipeline, "--format", "markdown").stdout


def test_a_bucket_that_nobody_reaches_with_sigv2_gets_the_statement_that_refuses_it(pipeline: Pipeline) -> None:
    put(pipeline)
    result = run(pipeline, "--enforce", "example-reports", "--fail-if-any")
    assert json.loads(result.stdout) == DENY
    assert "No SigV2 request to example-reports since" in result.stderr


def test_a_bucket_that_somebody_reaches_with_sigv2_gets_no_statement(pipeline: Pipeline) -> None:
    put(pipeline)
    put_by_requests_aws(pipeline)
    put(pipeline, bucket="example-reports")
    result = run(pipeline, "--enforce", "example-reports")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "example-reports still gets SigV2 requests" in result.stderr
    assert "Boto3/" in result.stderr
    assert "python-requests/" not in result.stderr


def test_a_bucket_of_another_partition_gets_no_statement(pipeline: Pipeline) -> None:
    result = run(pipeline, "--enforce", "arn:aws-cn:s3:::example-reports")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the ARN is of the partition aws-cn" in result.stderr


def test_without_a_stack_nothing_is_proven(pipeline: Pipeline) -> None:
    for options in (("--enforce", "example-reports"), ("--fail-if-any",)):
        result = run(pipeline, *options, "--log-group", GROUP, "--region", "us-east-1")
        assert result.exit_code == 3
        assert "whether requests wait in a dead-letter queue cannot be told from a log group" in result.stderr
    assert (
        "Whether example-reports is watched cannot be told"
        in run(pipeline, "--enforce", "example-reports", "--log-group", GROUP, "--region", "us-east-1").stderr
    )


def leave_undelivered(pipeline: Pipeline, **settings: Any) -> Any:
    """A message in the dead-letter queue; returns what takes it out again."""
    sqs = pipeline.emulator.client("sqs")
    url = sqs.get_queue_url(QueueName="s3-sigv2-access-log-dev-undelivered")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}", **settings)

    def take_out() -> None:
        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    return take_out


def test_while_a_request_waits_undelivered_nothing_is_proven(pipeline: Pipeline) -> None:
    take_out = leave_undelivered(pipeline)
    try:
        for options in (("--fail-if-any",), ("--fail-if-any", "--by", "day"), ("--enforce", "example-reports")):
            result = run(pipeline, *options)
            assert result.exit_code == 3
            assert result.stderr.startswith(f"{WHERE}Error: it is not proven that nobody ")
            assert (
                "1 request waits in the dead-letter queue s3-sigv2-access-log-dev-undelivered and may not be in the "
                "log, so bring them there with `python -m sigv2 verify --redrive --stack dev`"
            ) in result.stderr
        assert "DenySigV2" not in result.stdout
        assert run(pipeline).exit_code == 0
        put(pipeline, bucket="example-reports")
        assert run(pipeline, "--fail-if-any").exit_code == 2
        assert run(pipeline, "--enforce", "example-reports").exit_code == 2
    finally:
        take_out()


def test_a_message_that_somebody_holds_waits_as_well(pipeline: Pipeline) -> None:
    leave_undelivered(pipeline)
    sqs = pipeline.emulator.client("sqs")
    url = sqs.get_queue_url(QueueName="s3-sigv2-access-log-dev-undelivered")["QueueUrl"]
    (held,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=600)["Messages"]
    assert run(pipeline, "--fail-if-any").exit_code == 3
    sqs.delete_message(QueueUrl=url, ReceiptHandle=held["ReceiptHandle"])
    assert run(pipeline, "--fail-if-any").exit_code == 0


def test_a_queue_that_cannot_be_asked_leaves_it_unproven(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(call: Call, operation: str, parameters: dict[str, Any]) -> Any:
        # The emulator asks for the queue's policy.
        if operation == "GetQueueAttributes" and parameters["AttributeNames"] != ["Policy"]:
            raise denial(operation)
        return call(operation, parameters)

    answer_calls(monkeypatch, refusing)
    result = run(pipeline, "--fail-if-any")
    assert result.exit_code == 3
    assert "these credentials may not call GetQueueAttributes: not authorized" in result.stderr


def test_who_was_not_there_before_is_new_only_where_the_log_reaches_back(pipeline: Pipeline) -> None:
    put(pipeline)
    (record,) = records(pipeline, "--since", "1d", "--compare", "4w")
    assert (record["requests"], record["requestsBefore"], record["change"]) == (1, 0, "new")
    created = age_log_group(timedelta(hours=1))
    result = run(pipeline, "--format", "json", "--since", "2h", "--compare", "4w")
    document = json.loads(result.stdout)
    assert [(one["change"], one["requests"]) for one in document["records"]] == [("unknown", 1)]
    assert document["comparedWith"]["doubts"] == [
        f"{GROUP} exists only since {created:%Y-%m-%d %H:%M} UTC, so ask about a later time, or read other logs of "
        "that time with --from"
    ]


def test_who_came_only_before_is_gone_and_passes_the_gate(pipeline: Pipeline) -> None:
    put(pipeline)
    (event,) = pipeline.logged()
    logs = pipeline.emulator.client("logs")
    emptied(pipeline)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="before")
    two_days_ago = datetime.now(UTC) - timedelta(days=2)
    message: InputLogEventTypeDef = {"timestamp": int(two_days_ago.timestamp() * 1000), "message": json.dumps(event)}
    logs.put_log_events(logGroupName=GROUP, logStreamName="before", logEvents=[message])
    result = run(pipeline, "--since", "1d", "--compare", "2d", "--fail-if-any", "--format", "json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert (document["records"], [one["change"] for one in document["gone"]]) == ([], ["gone"])
    until = f"{two_days_ago - timedelta(hours=1):%Y-%m-%dT%H:%M}"
    assert records(pipeline, "--since", "4d", "--until", until) == []
    assert [one["requests"] for one in records(pipeline, "--since", "4d", "--until", "1d")] == [1]
