"""`python -m sigv2 verify` against the emulator, where what is broken leaves traces, or is deployed in other ways."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from sigv2.sandbox.emulating.emulator import Emulator
from tests.sandbox.conftest import OTHER, TARGET, WHERE, Pipeline, deploy_pipeline
from tests.sandbox.verified import (
    BASE,
    GROUP,
    GROUP_ARN,
    QUEUE,
    RESTORE,
    Break,
    check,
    found,
    last_sentence,
    remove_target,
    run,
    signs,
)


def delete_trail(pipeline: Pipeline) -> None:
    pipeline.emulator.client("cloudtrail").delete_trail(Name=BASE)


def take_trail_buckets_policy_away(pipeline: Pipeline) -> str:
    s3, name = pipeline.emulator.client("s3"), pipeline.outputs["trailBucketName"]
    policy = s3.get_bucket_policy(Bucket=name)["Policy"]
    s3.delete_bucket_policy(Bucket=name)
    # Its next log file cannot be written.
    assert run(pipeline, "--timeout", "30s").exit_code == 0
    pipeline.emulator.settle()
    return policy


def let_another_trail_write(pipeline: Pipeline) -> None:
    s3, name = pipeline.emulator.client("s3"), pipeline.outputs["trailBucketName"]
    policy = s3.get_bucket_policy(Bucket=name)["Policy"].replace(f"trail/{BASE}", "trail/another")
    s3.put_bucket_policy(Bucket=name, Policy=policy)


def delete_rule(pipeline: Pipeline) -> None:
    remove_target(pipeline)
    pipeline.emulator.client("events").delete_rule(Name=BASE)


def pass_on_a_part(pipeline: Pipeline) -> None:
    target: Any = {"Id": "log-group", "Arn": GROUP_ARN, "InputPath": "$.detail"}
    pipeline.emulator.client("events").put_targets(Rule=BASE, Targets=[target])


def delete_log_group(pipeline: Pipeline) -> None:
    pipeline.emulator.client("logs").delete_log_group(logGroupName=GROUP)


def delete_policy(pipeline: Pipeline) -> str:
    logs = pipeline.emulator.client("logs")
    (policy,) = logs.describe_resource_policies()["resourcePolicies"]
    logs.delete_resource_policy(policyName=BASE)
    return policy["policyDocument"]


def allow_another_rule(pipeline: Pipeline) -> None:
    document = delete_policy(pipeline).replace(f"rule/{BASE}", "rule/another")
    pipeline.emulator.client("logs").put_resource_policy(policyName=BASE, policyDocument=document)


def set_queue_policy(pipeline: Pipeline, policy: str) -> None:
    sqs = pipeline.emulator.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def take_queues_policy_away(pipeline: Pipeline) -> None:
    set_queue_policy(pipeline, "")


def let_another_rule_send(pipeline: Pipeline) -> None:
    sqs = pipeline.emulator.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    set_queue_policy(pipeline, policy.replace(f"rule/{BASE}", "rule/another"))


def fail_for_a_while(pipeline: Pipeline) -> None:
    document = delete_policy(pipeline)
    assert run(pipeline).exit_code == 1
    pipeline.emulator.settle()
    pipeline.emulator.client("logs").put_resource_policy(policyName=BASE, policyDocument=document)


def delete_queue(pipeline: Pipeline) -> None:
    sqs = pipeline.emulator.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"])


BREAKS = {
    "trail missing": Break(delete_trail, f"trail: there is no trail {BASE} in us-east-1 of account 123456789012"),
    "trail's bucket without a policy": Break(
        take_trail_buckets_policy_away,
        f"trail's bucket: the policy of the trail's bucket {BASE}-trail",
        options=("--check-only",),
    ),
    "trail's bucket for another trail": Break(
        let_another_trail_write,
        f"trail's bucket: the policy of the trail's bucket {BASE}-trail",
        options=("--check-only",),
    ),
    "rule missing": Break(delete_rule, f"rule: there is no rule {BASE} in us-east-1 of account 123456789012"),
    "target changes events": Break(
        pass_on_a_part, f"rule's target: the rule {BASE} changes events on their way to the log group"
    ),
    "log group missing": Break(
        # A wait as long as this would time the test out: there is nothing to wait for.
        delete_log_group,
        f"log group: there is no log group {GROUP}",
        options=("--timeout", "1h"),
    ),
    "policy missing": Break(
        delete_policy,
        f"log group's policy: the resource policy named {BASE} is missing, so EventBridge may not write to {GROUP}",
    ),
    "policy for another rule": Break(
        allow_another_rule,
        f"log group's policy: the resource policy named {BASE} does not allow events.amazonaws.com "
        f"logs:PutLogEvents on behalf of the rule {BASE}",
    ),
    "queue without a policy": Break(
        take_queues_policy_away,
        f"queue's policy: the policy of the queue {QUEUE} is missing for the rule {BASE}, so what cannot be logged is "
        "lost",
        options=("--check-only",),
    ),
    "queue for another rule": Break(
        let_another_rule_send,
        f"queue's policy: the policy of the queue {QUEUE} does not allow events.amazonaws.com sqs:SendMessage on "
        f"behalf of the rule {BASE}",
        options=("--check-only",),
    ),
    "queue missing": Break(
        delete_queue, f"dead-letter queue: the dead-letter queue {QUEUE} does not exist", options=("--check-only",)
    ),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_the_broken_link_is_named_with_its_fix(pipeline: Pipeline, broken: str) -> None:
    check(BREAKS[broken], pipeline)


def test_what_depends_on_a_broken_link_is_not_asked(pipeline: Pipeline) -> None:
    delete_rule(pipeline)
    shown = signs(run(pipeline, "--check-only"))
    assert {link for link, sign in shown.items() if sign == "-"} - {"alert topics"} == {
        *("SigV2 access", "rule's state", "rule's pattern", "rule's target", "rule's invocations"),
        *("dead-letter queue", "queue's policy", "queue's key", "undelivered requests"),
    }
    assert shown["log group's policy"] == "✓"


def test_the_request_just_sent_is_found_in_the_queue_with_the_reason(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete_policy(pipeline)
    monkeypatch.setattr("sigv2.verify.proof.wait", lambda *_, **__: pipeline.emulator.settle())
    result = run(pipeline)
    assert signs(result)["undelivered requests"] == "✗"
    assert "the request that was just sent could not be logged: NO_PERMISSIONS" in found(result)
    assert last_sentence(result).startswith("The first broken link is the log group's policy: ")


def test_what_was_not_delivered_is_looked_at_and_stays_and_its_mended_cause_is_no_broken_link(
    pipeline: Pipeline,
) -> None:
    fail_for_a_while(pipeline)
    for _ in range(2):
        result = run(pipeline, "--check-only")
        assert "✗" not in signs(result).values()
        assert signs(result)["rule's invocations"] == signs(result)["undelivered requests"] == "!"
        assert result.exit_code == 3
        sentence = last_sentence(result)
        assert sentence.startswith("Unproven: no link is broken, but not everything was delivered. Warnings: ")
        assert "the rule's invocations: 1 failed in the last 3 hours, the latest at about " in sentence
        assert f"1 request waits in the dead-letter queue {QUEUE}, and not in the log, put there on 20" in sentence
        assert "NO_PERMISSIONS" in sentence
        assert "verify --redrive --stack dev`" in sentence
        assert RESTORE not in sentence
        assert sentence.endswith("only a request, without --check-only, proves.")


def test_a_pipeline_that_is_alive_again_tells_of_what_still_waits(pipeline: Pipeline) -> None:
    fail_for_a_while(pipeline)
    result = run(pipeline, "--timeout", "30s")
    assert result.exit_code == 0
    assert last_sentence(result).startswith("Alive: ")
    assert result.stderr.startswith(
        f"{WHERE}Warnings: the undelivered requests: 1 request waits in the dead-letter queue"
    )


def test_a_stale_delivery_error_is_told_as_such_and_hides_no_broken_link(pipeline: Pipeline) -> None:
    policy = take_trail_buckets_policy_away(pipeline)
    pipeline.emulator.client("s3").put_bucket_policy(Bucket=pipeline.outputs["trailBucketName"], Policy=policy)
    result = run(pipeline, "--check-only")
    assert (result.exit_code, signs(result)["trail's delivery"]) == (0, "!")
    assert "failed with AccessDenied, and nothing was tried since" in last_sentence(result)
    assert RESTORE not in last_sentence(result)
    set_queue_policy(pipeline, "")
    assert last_sentence(run(pipeline, "--check-only")).startswith("The first broken link is the queue's policy: ")


@pytest.mark.parametrize("missing", ["events.amazonaws.com", "delivery.logs.amazonaws.com"])
def test_one_of_two_principals_missing_is_a_warning_that_says_which(pipeline: Pipeline, missing: str) -> None:
    document = json.loads(delete_policy(pipeline))
    (other,) = {"events.amazonaws.com", "delivery.logs.amazonaws.com"} - {missing}
    for statement in document["Statement"]:
        statement["Principal"] = {"Service": other}
    pipeline.emulator.client("logs").put_resource_policy(policyName=BASE, policyDocument=json.dumps(document))
    result = run(pipeline, "--check-only")
    assert (result.exit_code, signs(result)["log group's policy"]) == (0, "!")
    assert (
        f"lets {other} write, and not {missing} (logs:CreateLogStream and logs:PutLogEvents): AWS's own policy names "
        "both, and with one alone deliveries have failed"
    ) in last_sentence(result)
    assert RESTORE in last_sentence(result)


def key_of(pipeline: Pipeline) -> str:
    return str(pipeline.outputs["keyArn"])


def disable_key(pipeline: Pipeline) -> None:
    pipeline.emulator.client("kms").disable_key(KeyId=key_of(pipeline).rpartition("/")[2])


def delete_key(pipeline: Pipeline) -> None:
    pipeline.emulator.client("kms").schedule_key_deletion(KeyId=key_of(pipeline).rpartition("/")[2])


def take_out_of_key_policy(pipeline: Pipeline, sid: str) -> None:
    kms = pipeline.emulator.client("kms")
    policy = json.loads(kms.get_key_policy(KeyId=key_of(pipeline), PolicyName="default")["Policy"])
    policy["Statement"] = [statement for statement in policy["Statement"] if statement["Sid"] != sid]
    kms.put_key_policy(KeyId=key_of(pipeline), PolicyName="default", Policy=json.dumps(policy))


KEY_BREAKS: dict[str, tuple[Callable[[Pipeline], None], str, str, str]] = {
    "disabled": (disable_key, "trail's key", " is in the state Disabled", "`aws kms enable-key --key-id arn:"),
    "to be deleted": (
        delete_key,
        "trail's key",
        " is in the state PendingDeletion",
        "`aws kms cancel-key-deletion --key-id arn:",
    ),
    "not for CloudTrail": (
        partial(take_out_of_key_policy, sid="CloudTrailEncrypts"),
        "trail's key",
        " does not allow cloudtrail.amazonaws.com kms:GenerateDataKey",
        RESTORE,
    ),
    "not for the log group": (
        partial(take_out_of_key_policy, sid="LogGroupEncrypts"),
        "log group's key",
        " does not allow logs.us-east-1.amazonaws.com kms:Encrypt and kms:Decrypt and kms:ReEncryptTo and ",
        RESTORE,
    ),
    "not for EventBridge": (
        partial(take_out_of_key_policy, sid="EventBridgeSendsToQueue"),
        "queue's key",
        " does not allow events.amazonaws.com, which names no source to KMS, kms:Decrypt and kms:GenerateDataKey",
        RESTORE,
    ),
}


@pytest.mark.parametrize("broken", KEY_BREAKS)
def test_a_key_that_a_service_may_not_use_is_named_with_its_fix(emulator: Emulator, broken: str) -> None:
    break_it, link, says, fix = KEY_BREAKS[broken]
    pipeline = deploy_pipeline(emulator, {"kmsKey": "create"})
    options = ("--config", "kmsKey=create", "--check-only")
    result = run(pipeline, *options)
    assert (result.exit_code, {signs(result)[name] for name in signs(result) if name.endswith("key")}) == (0, {"✓"})
    break_it(pipeline)
    result = run(pipeline, *options)
    assert result.exit_code == 1
    assert last_sentence(result).startswith(f"The first broken link is the {link}: the ")
    assert f"KMS key {key_of(pipeline)}{says}" in last_sentence(result)
    assert fix in last_sentence(result).partition(" Fix: ")[2]


def test_a_key_that_the_settings_do_not_name_is_taken_away_again(emulator: Emulator) -> None:
    pipeline = deploy_pipeline(emulator, {})
    sqs = pipeline.emulator.client("sqs")
    key = "1234abcd-12ab-34cd-56ef-1234567890ab"
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": key})

    assert last_sentence(run(pipeline, "--check-only")) == (
        f"The first broken link is the queue's key: there is no KMS key {key}. Fix: encrypt with what kmsKey says "
        f"again, with {RESTORE}."
    )
    by_name = run(pipeline, "--check-only", "--config", f"kmsKey=arn:aws:kms:us-east-1:123456789012:key/{key}")
    assert "name another with `pulumi config set kmsKey`" in last_sentence(by_name)


TOPICS = ("--config", "alertEmails=ann@example.com", "--config", "kmsKey=create", "--check-only")


def shut_topic(pipeline: Pipeline, topic: str) -> None:
    pipeline.emulator.client("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue='{"Statement": []}'
    )


def delete_topic(pipeline: Pipeline, topic: str) -> None:
    pipeline.emulator.client("sns").delete_topic(TopicArn=topic)


def shut_key(pipeline: Pipeline, _: str) -> None:
    take_out_of_key_policy(pipeline, "AlarmsPublishToTopic")


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (shut_topic, "does not allow cloudwatch.amazonaws.com sns:Publish on behalf of the stack's alarms"),
        (delete_topic, "does not exist, so alarms reach nobody"),
        (shut_key, "does not allow cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey"),
    ],
)
def test_alarms_that_cannot_reach_people_are_a_warning(
    emulator: Emulator, break_it: Callable[[Pipeline, str], None], says: str
) -> None:
    pipeline = deploy_pipeline(emulator, {"alertEmails": "ann@example.com", "kmsKey": "create"})
    result = run(pipeline, *TOPICS)
    assert (result.exit_code, signs(result)["alert topics"]) == (0, "✓")
    break_it(pipeline, pipeline.outputs["alertTopicArn"])
    result = run(pipeline, *TOPICS)
    assert (result.exit_code, signs(result)["alert topics"]) == (0, "!")
    assert says in last_sentence(result)


def test_a_topic_with_the_policy_that_sns_gives_it_is_right(pipeline: Pipeline) -> None:
    topic = pipeline.emulator.client("sns").create_topic(Name="mine")["TopicArn"]
    result = run(pipeline, "--config", f"alertTopicArn={topic}", "--check-only")
    assert (result.exit_code, signs(result)["alert topics"]) == (0, "✓")


def test_any_bucket_that_a_pattern_covers_can_be_asked(emulator: Emulator) -> None:
    pipeline = deploy_pipeline(emulator, {"targetBuckets": "*", "excludeBuckets": f"{TARGET}/s"})
    everything = ("--config", "targetBuckets=*", "--config", f"excludeBuckets={TARGET}/s", "--timeout", "30s")
    assert "name one that they cover with --bucket" in run(pipeline, *everything).stderr
    for bucket in (TARGET, OTHER):
        assert run(pipeline, *everything, "--bucket", bucket).exit_code == 0


def test_a_policy_attached_to_the_log_group_is_seen_and_missed(emulator: Emulator) -> None:
    pipeline = deploy_pipeline(emulator, {"logResourcePolicyScope": "logGroup"})
    attached = ("--config", "logResourcePolicyScope=logGroup", "--check-only")
    assert run(pipeline, *attached).exit_code == 0
    emulator.client("logs").delete_resource_policy(resourceArn=GROUP_ARN)
    assert "the resource policy attached to the log group is missing" in last_sentence(run(pipeline, *attached))


def test_bucket_level_calls_need_another_state_of_the_rule(emulator: Emulator) -> None:
    pipeline = deploy_pipeline(emulator, {"includeManagementEvents": "true"})
    included = ("--config", "includeManagementEvents=true", "--check-only")
    assert run(pipeline, *included).exit_code == 0
    emulator.client("events").disable_rule(Name=BASE)
    emulator.client("events").enable_rule(Name=BASE)
    assert "is in the state ENABLED, in which it does not see bucket-level calls" in run(pipeline, *included).stdout
