"""`python -m sigv2 verify` against the emulator, where what is broken leaves traces, or is deployed in other ways."""

from typing import Any

import pytest

from sigv2.sandbox.emulating.emulator import Emulator
from tests.sandbox.conftest import OTHER, TARGET, Pipeline, deploy_pipeline
from tests.sandbox.verified import BASE, GROUP, GROUP_ARN, QUEUE, Break, check, last_sentence, remove_target, run, signs


def delete_trail(pipeline: Pipeline) -> None:
    pipeline.emulator.client("cloudtrail").delete_trail(Name=BASE)


def take_trail_buckets_policy_away(pipeline: Pipeline) -> None:
    s3 = pipeline.emulator.client("s3")
    s3.delete_bucket_policy(Bucket=pipeline.outputs["trailBucketName"])
    # Its next log file cannot be written.
    assert run(pipeline).exit_code == 0
    pipeline.emulator.settle()


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
    "trail's delivery error": Break(
        take_trail_buckets_policy_away,
        f"trail's delivery: the trail {BASE} cannot deliver log files: AccessDenied",
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
    "failed invocations": Break(
        fail_for_a_while,
        "rule's invocations: 1 failed in the last 3 hours, the latest at about ",
        "the error codes in the dead-letter queue say why",
        ("--check-only",),
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
    assert {link for link, sign in shown.items() if sign == "-"} == {
        *("SigV2 access", "rule's state", "rule's pattern", "rule's target", "rule's invocations", "dead-letter queue")
    }
    assert shown["log group's policy"] == "✓"


def test_what_was_not_delivered_is_looked_at_and_stays_in_the_queue(pipeline: Pipeline) -> None:
    delete_policy(pipeline)
    run(pipeline)
    pipeline.emulator.settle()
    for _ in range(2):
        result = run(pipeline, "--check-only")
        assert signs(result)["rule's invocations"] == signs(result)["dead-letter queue"] == "✗"
        assert "NO_PERMISSIONS" in result.stdout


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
