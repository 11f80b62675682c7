"""Whatever the configuration holds, the program is valid or ends with one sentence about the key."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi import RunError

from blueprint.arguments import ARGUMENTS
from tests.unit.account_of_trails import AskedAccount, MadeTrail
from tests.unit.conftest import RecordingMonitor, deploy_program

MANY = settings(max_examples=max(150, settings.default.max_examples if settings.default else 0))

VALID: dict[str, list[Any]] = {
    "targetBuckets": ["one-bucket", "a-bucket,b-bucket/x/", ["a-bucket", "team-*"], "*", "arn:aws:s3:::a-bucket"],
    "excludeBuckets": ["", "b-bucket", ["team-b-*"]],
    "legacyBucketNames": ["true", "false", True],
    "checkTargets": ["true", False],
    "checkAccount": ["true", "false"],
    "existingTrail": ["", "audit", "auto", "arn:aws:cloudtrail:us-east-1:123456789012:trail/audit"],
    "regions": ["", "us-east-1,eu-west-1", "all", ["sa-east-1"]],
    "acceptFrom": ["", "210987654321", ["o-a1b2c3d4e5", "210987654321"]],
    "forwardTo": ["", "arn:aws:events:eu-west-1:210987654321:event-bus/hub"],
    "includeManagementEvents": ["true", "false"],
    "logGroupName": ["/aws/events/mine"],
    "logRetentionDays": ["0", "400", 7],
    "logResourcePolicyScope": ["account", "logGroup"],
    "retainLogs": ["true", "false"],
    "alertEmails": ["", "a@example.com", ["a@example.com", "b@example.com"]],
    "alertTopicArn": ["", "arn:aws:sns:us-east-1:123456789012:on-call"],
    "kmsKey": ["aws", "create", "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
}
SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
CHARACTERS = st.text("ab-._*/:,[]{}\"' \t\n\x00\x1b0129ABÄ_é\ud800@", max_size=80)


def values(key: str) -> st.SearchStrategy[Any]:
    """Valid values most of the time, so that a wrong one meets a configuration that is right but for it."""
    valid = st.sampled_from(VALID[key])
    return st.one_of(valid, valid, valid, st.text(max_size=300), CHARACTERS, SHAPES, SHAPES.map(json.dumps))


CONFIGURATIONS = st.fixed_dictionaries(
    {"targetBuckets": values("targetBuckets")},
    optional={key: values(key) for key in ARGUMENTS if key != "targetBuckets"}
    | {"targetbuckets": CHARACTERS, "zzz\x1b[0m": CHARACTERS},
)


def test_there_are_valid_values_of_every_key() -> None:
    assert list(VALID) == list(ARGUMENTS)


@MANY
@given(CONFIGURATIONS)
def test_every_configuration_gives_a_valid_program_or_one_sentence_that_names_the_key(
    configuration: dict[str, Any],
) -> None:
    recorder = AskedAccount(trails=[MadeTrail("audit"), MadeTrail("far", region="eu-west-1", everywhere=False)])
    monitor = RecordingMonitor(recorder)
    try:
        deployed = deploy_program(configuration, recorder=recorder, monitor=monitor)
    except RunError as error:
        sentence = str(error)
    else:
        assert deployed.outputs["trailNames"] or deployed.outputs["existingTrailArn"]
        assert all(r.inputs["name"] for r in deployed.resources if r.type.endswith(":Trail"))
        return
    assert any(key in sentence for key in (*ARGUMENTS, "zzz"))
    assert sentence.endswith(".")
    assert sentence.isprintable(), "one line, without anything that steers a terminal"
    assert len(sentence) < 1000
    assert monitor.registered == []
