import json

import pytest
from pulumi import RunError

from blueprint.stack_settings import LOG_RETENTION_DAYS
from settings import read_settings
from tests.unit.conftest import Recorder, RecordingMonitor, deploy_program

NAMES = "`pulumi config set targetBuckets BUCKET,BUCKET`."


@pytest.mark.parametrize(
    ("configuration", "sentence"),
    [
        (
            {},
            "targetBuckets is not set or empty, so there is nothing to watch: name the buckets with " + NAMES,
        ),
        (
            {"targetBuckets": "[]"},
            "targetBuckets is not set or empty, so there is nothing to watch: name the buckets with " + NAMES,
        ),
        (
            {"targetBuckets": " , "},
            "targetBuckets is not set or empty, so there is nothing to watch: name the buckets with " + NAMES,
        ),
        (
            {"targetBuckets": "My_Bucket"},
            "targetBuckets: 'My_Bucket' can only be a bucket of us-east-1 from before March 2018: a bucket's name has "
            "only lower-case letters, digits, dots and hyphens; if it is one of those, accept them with "
            "`pulumi config set legacyBucketNames true`.",
        ),
        (
            {"targetBuckets": "ok-bucket", "excludeBuckets": '["ok-bucket "]'},
            "excludeBuckets: 'ok-bucket ' is no bucket of S3: a bucket's name has only lower-case letters, digits, "
            "dots and hyphens; set it with `pulumi config set excludeBuckets BUCKET,BUCKET`.",
        ),
        (
            {"targetBuckets": '["ok-bucket", ""]'},
            "targetBuckets: '' is no bucket of S3: a bucket's name has 3 to 63 characters, not 0; set it with " + NAMES,
        ),
        (
            {"targetBuckets": '["broken'},
            "targetBuckets: '[\"broken' starts like JSON and is none; set it with "
            "`pulumi config set targetBuckets NAME,NAME`.",
        ),
        (
            {"targetBuckets": '{"a": "b"}'},
            'targetBuckets: \'{"a": "b"}\' is an object where a list of names belongs; set it with '
            "`pulumi config set targetBuckets NAME,NAME`.",
        ),
        (
            {"targetBuckets": "[true]"},
            "targetBuckets: 'true' is not a name; set it with `pulumi config set targetBuckets NAME,NAME`.",
        ),
        (
            {"targetBuckets": "a\x1b[31m"},
            "targetBuckets: 'a\\x1b[31m' is no bucket of S3: a bucket's name has only lower-case letters, digits, dots "
            "and hyphens; set it with " + NAMES,
        ),
        (
            {"targetBuckets": "b" * 300},
            f"targetBuckets: '{'b' * 100}…' is no bucket of S3: a bucket's name has 3 to 63 characters, not 300; "
            "set it with " + NAMES,
        ),
        (
            {"targetBuckets": "s3-sigv2-access-log-dev-trail-0a1b2c3"},
            "targetBuckets: 's3-sigv2-access-log-dev-trail-0a1b2c3' is where this stack's own trail writes its log "
            "files, and each file would be logged again; set it with " + NAMES,
        ),
        (
            {"targetBuckets": "team-a-1", "excludeBuckets": "team-*"},
            "excludeBuckets covers all that targetBuckets names, so there is nothing to watch: shorten it with "
            "`pulumi config set excludeBuckets BUCKET,BUCKET`.",
        ),
        (
            {"targetBuckets": ",".join(f"bucket-{n}" for n in range(2500))},
            "targetBuckets needs 2500 selector values, 10 more than the 2490 that the 5 trails of a Region can hold: "
            "name fewer, or cover several with a pattern such as `pulumi config set targetBuckets 'team-a-*'`, "
            "or all with '*'.",
        ),
        (
            {"targetBuckets": "ok-bucket", "logRetentionDays": "10"},
            "logRetentionDays: '10' is no number of days that CloudWatch Logs accepts: 1, 3, 5, 7, 14, 30, 60, 90, "
            "120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, or 0 for ever; "
            "set it with `pulumi config set logRetentionDays 400`.",
        ),
        (
            {"targetBuckets": "ok-bucket", "logGroupName": "aws/x"},
            "logGroupName: 'aws/x' is no name of a log group: 1 to 512 letters, digits and the characters _ - / . #, "
            "not starting with aws/; set it with `pulumi config set logGroupName /aws/events/s3-sigv2-access-log`.",
        ),
        (
            {"targetBuckets": "ok-bucket", "logResourcePolicyScope": "region"},
            "logResourcePolicyScope: 'region' is neither account nor logGroup; "
            "set it with `pulumi config set logResourcePolicyScope account`.",
        ),
        (
            {"targetBuckets": "ok-bucket", "retainLogs": "yes"},
            "retainLogs: 'yes' is neither true nor false; set it with `pulumi config set retainLogs true`.",
        ),
    ],
)
def test_a_wrong_setting_ends_with_one_sentence_before_anything_is_registered(
    configuration: dict[str, str], sentence: str
) -> None:
    monitor = RecordingMonitor(Recorder())
    with pytest.raises(RunError) as refused:
        deploy_program(configuration, monitor=monitor)
    assert str(refused.value) == sentence
    assert monitor.registered == []


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("targetBucket", " (did you mean targetBuckets?)"),
        ("logretention", " (did you mean logRetentionDays?)"),
        ("zzz", ""),
    ],
)
def test_an_unknown_key_is_a_typo_and_never_ignored(key: str, hint: str) -> None:
    with pytest.raises(RunError) as refused:
        deploy_program({"targetBuckets": "ok-bucket", key: "x"})
    sentence = str(refused.value)
    assert sentence.startswith(f"'{key}' is no setting of this project{hint}; the settings are targetBuckets, ")
    assert sentence.endswith(f": remove it with `pulumi config rm '{key}'`.")


def test_an_arn_of_another_partition_is_refused() -> None:
    monitor = RecordingMonitor(Recorder())
    with pytest.raises(RunError) as refused:
        deploy_program({"targetBuckets": "arn:aws-cn:s3:::ok-bucket"}, monitor=monitor)
    assert str(refused.value) == (
        "targetBuckets: an ARN in the partition 'aws-cn' cannot be watched from 'aws'; "
        "write the bucket's name, or use credentials of that partition."
    )
    assert monitor.registered == []


@pytest.mark.parametrize("days", LOG_RETENTION_DAYS)
def test_every_retention_that_cloudwatch_logs_knows_is_accepted(days: int) -> None:
    settings = read_settings({"targetBuckets": "ok-bucket", "logRetentionDays": str(days)}, "project", "dev")
    assert settings.log_retention_days == days


def test_keys_of_other_namespaces_are_nobodys_business_here() -> None:
    assert deploy_program({"targetBuckets": "ok-bucket"}, recorder=Recorder()).outputs["ruleName"]


def test_the_configuration_is_read_as_the_language_host_passes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = {"aws:region": "us-east-1", "s3-sigv2-access-log:targetBuckets": '["from-the-host"]'}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(stored))
    (trail,) = deploy_program({}).all("Trail")
    assert trail.inputs["advancedEventSelectors"][0]["fieldSelectors"][2]["startsWiths"] == [
        "arn:aws:s3:::from-the-host/"
    ]


def test_a_typo_is_seen_as_the_language_host_passes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"s3-sigv2-access-log:targetBucket": "x"}))
    with pytest.raises(RunError, match="did you mean targetBuckets"):
        deploy_program({})


def test_a_blank_in_a_key_is_part_of_it_and_an_exclusion_leaves_out_no_more_than_it_says() -> None:
    stored = {"targetBuckets": "ok-bucket", "excludeBuckets": '["ok-bucket/logs ", "ok-bucket/ tmp/"]'}
    targets = read_settings(stored, "project", "dev").targets
    assert targets.excluded == ("ok-bucket/ tmp/", "ok-bucket/logs ")
