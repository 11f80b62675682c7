"""The component in a program of one's own, which passes plain arguments and nothing else."""

import json
from typing import Any, cast

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.runtime.mocks import MockCallArgs
from pulumi.runtime.rpc import is_rpc_secret

from blueprint.settings_errors import SettingsError
from components import SigV2AccessLog
from settings import read_settings
from tests.unit.conftest import Recorder, RecordingMonitor
from tests.unit.own_program import run_own_program

BUCKETS: dict[Any, Any] = {"target_buckets": ["example-uploads"]}
ITSELF: list[object] = []
ITSELF.append(ITSELF)


class Opaque:
    """A value that is no plain one, and whose text is none of the sentence's."""

    def __str__(self) -> str:
        return "two\nlines"


def make(args: object, recorder: Recorder | None = None, *, with_provider: bool = False) -> RecordingMonitor:
    """Run a program that makes one component of these arguments, or of what it gets when it calls them."""

    def program() -> None:
        own = aws.Provider("own", region="us-east-1") if with_provider else None
        given = args() if callable(args) else args
        SigV2AccessLog("log", cast("Any", given), pulumi.ResourceOptions(provider=own))

    return run_own_program(program, recorder)


def refusal_of(args: object) -> str:
    recorder = Recorder()
    with pytest.raises(pulumi.RunError) as refused:
        make(args, recorder)

    assert recorder.looked_up == []
    return str(refused.value)


def test_lists_texts_numbers_and_booleans_make_a_pipeline() -> None:
    everything = {
        **BUCKETS,
        "exclude_buckets": ["example-uploads/tmp/"],
        "legacy_bucket_names": False,
        "check_targets": True,
        "include_management_events": True,
        "log_group_name": "/mine",
        # As a number of another language arrives.
        "log_retention_days": 30.0,
        "log_resource_policy_scope": "logGroup",
        "retain_logs": False,
        "alert_emails": ["ops@example.com"],
        "alert_topic_arn": "arn:aws:sns:us-east-1:123456789012:mine",
        "kms_key": "create",
        "secret_arguments": ["alert_topic_arn"],
    }

    registered = {resource.type: resource for resource in make(everything).registered}

    assert registered["aws:cloudwatch/logGroup:LogGroup"].inputs["name"] == "/mine"
    assert registered["aws:cloudwatch/logGroup:LogGroup"].inputs["retentionInDays"] == 30
    assert registered["aws:sns/topicSubscription:TopicSubscription"].parent.endswith("::log-alert-topic")


@pytest.mark.parametrize(
    ("key", "argument", "value"),
    [
        ("targetBuckets", "target_buckets", []),
        ("targetBuckets", "target_buckets", ["My_Bucket"]),
        ("targetBuckets", "target_buckets", [True]),
        ("excludeBuckets", "exclude_buckets", ["example-uploads"]),
        ("checkTargets", "check_targets", "yes"),
        ("logGroupName", "log_group_name", ""),
        ("logRetentionDays", "log_retention_days", "400.5"),
        ("logResourcePolicyScope", "log_resource_policy_scope", "group"),
        ("alertEmails", "alert_emails", ["nobody"]),
        ("alertTopicArn", "alert_topic_arn", "mine"),
        ("kmsKey", "kms_key", "alias/mine"),
        ("logGroup", "log_group", "mine"),
    ],
)
def test_a_wrong_argument_ends_in_the_sentence_of_the_wrong_setting(key: str, argument: str, value: object) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    with pytest.raises(SettingsError) as refused:
        read_settings({"targetBuckets": "example-uploads", key: text}, "shop", "prod")

    assert refusal_of({**BUCKETS, argument: value}) == str(refused.value)


@pytest.mark.parametrize(
    ("args", "beginning"),
    [
        (None, "'null' is no mapping of arguments to values; give {'target_buckets': ['BUCKET']} or more."),
        (["b-one"], "'[\"b-one\"]' is no mapping of arguments to values; "),
        ("b-one", "'b-one' is no mapping of arguments to values; "),
        ({**BUCKETS, 5: 1}, "'5' is no setting of this project; "),
        ({**BUCKETS, None: 1}, "'null' is no setting of this project; "),
        ({**BUCKETS, ("a", "b"): 1}, '\'["a", "b"]\' is no setting of this project; '),
        (
            {**BUCKETS, "excludeBuckets": ["a"]},
            "'excludeBuckets' is how a stack's settings spell it; the argument is 'exclude_buckets'.",
        ),
        ({"target_buckets": "b-one"}, "targetBuckets: 'b-one' is not a list of names; "),
        ({"target_buckets": b"b-one"}, "targetBuckets: 'a value of type bytes' is not a list of names; "),
        ({"target_buckets": {"b-one": 1}}, "targetBuckets: '{\"b-one\": 1}' is not a list of names; "),
        ({"target_buckets": 1.0}, "targetBuckets: '1.0' is not a list of names; "),
        ({"target_buckets": [1.0]}, "targetBuckets: '1.0' is not a name; "),
        ({"target_buckets": [None]}, "targetBuckets: 'null' is not a name; "),
        ({"target_buckets": [("a", "b")]}, 'targetBuckets: \'["a", "b"]\' is not a name; '),
        ({"target_buckets": ITSELF}, "targetBuckets: 'a value of type list' is not a name; "),
        ({**BUCKETS, "alert_emails": [{("a",): 1}]}, "alertEmails: 'a value of type dict' is not a name; "),
        ({**BUCKETS, "check_targets": 1}, "checkTargets: '1' is neither true nor false; "),
        ({**BUCKETS, "log_group_name": 5}, "logGroupName: '5' is no name of a log group: "),
        ({**BUCKETS, "log_group_name": True}, "logGroupName: 'true' is no name of a log group: "),
        ({**BUCKETS, "log_group_name": Opaque()}, "logGroupName: 'a value of type Opaque' is no name of a log group: "),
        ({**BUCKETS, "log_retention_days": True}, "logRetentionDays: 'true' is no number of days "),
        ({**BUCKETS, "log_retention_days": 400.5}, "logRetentionDays: '400.5' is no number of days "),
        ({**BUCKETS, "log_retention_days": float("nan")}, "logRetentionDays: 'NaN' is no number of days "),
        (
            {**BUCKETS, "log_resource_policy_scope": []},
            "logResourcePolicyScope: '[]' is neither account nor logGroup; ",
        ),
        ({**BUCKETS, "alert_topic_arn": False}, "alertTopicArn: 'false' is no ARN of an SNS topic; "),
        ({**BUCKETS, "kms_key": 1}, "kmsKey: '1' is neither aws nor create nor a KMS key's ARN; "),
        ({**BUCKETS, "secret_arguments": ["key"]}, "secretArguments: 'key' is no argument; "),
        ({**BUCKETS, "secret_arguments": False}, "secretArguments: 'false' is no argument; "),
    ],
)
def test_a_value_of_the_wrong_type_ends_in_one_sentence_too(args: object, beginning: str) -> None:
    sentence = refusal_of(args)

    assert sentence.startswith(beginning)
    assert sentence.endswith(".")
    assert sentence.isprintable()


@pytest.mark.parametrize("in_list", [False, True])
def test_an_output_is_refused_because_it_is_known_too_late(in_list: bool) -> None:
    def args() -> object:
        output = pulumi.Output.from_input("b-one")
        return {"target_buckets": [output] if in_list else output}

    assert refusal_of(args) == (
        "targetBuckets: an output is known only once something is made, and this is needed before; give a plain value, "
        "such as the name that the bucket is made with, and name the argument among the secret ones where it is one."
    )


@pytest.mark.parametrize(
    ("argument", "value"),
    [("alert_emails", ["not-to-be-seen"]), ("kms_key", "not-to-be-seen"), ("target_buckets", ["not-to-be-seen!"])],
)
def test_a_secret_is_not_shown_where_it_is_wrong(argument: str, value: object) -> None:
    sentence = refusal_of({**BUCKETS, argument: value, "secret_arguments": [argument]})

    assert ": '[secret]' is " in sentence
    assert "not-to-be-seen" not in sentence


def test_the_components_own_provider_answers_its_look_ups() -> None:
    asked: dict[str, str] = {}

    class Asked(Recorder):
        def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
            asked[args.token] = args.provider
            return super().call(args)

    make(BUCKETS, Asked(), with_provider=True)

    of_aws = {token: provider for token, provider in asked.items() if token.startswith("aws:")}
    assert len(of_aws) == 5
    assert {provider.rpartition("::")[0].rpartition("::")[2] for provider in of_aws.values()} == {"own"}


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("accept_from", ["123456789012"]),
        ("forward_to", "arn:aws:events:us-east-1:123456789012:event-bus/other"),
        ("forward_to", "arn:aws-cn:events:cn-north-1:123456789012:event-bus/other"),
    ],
)
def test_a_secret_is_not_shown_where_the_account_makes_it_wrong(argument: str, value: object) -> None:
    with pytest.raises(pulumi.RunError, match=r"\[secret\]") as refused:
        make({**BUCKETS, argument: value, "secret_arguments": [argument]})
    assert "123456789012" not in str(refused.value)


def test_who_may_forward_is_a_secret_in_the_state_where_it_is_one_in_the_settings() -> None:
    hub = {**BUCKETS, "accept_from": ["210987654321"]}
    for arguments, concealed in ((hub, False), ({**hub, "secret_arguments": ["accept_from"]}, True)):
        (policy,) = (one for one in make(arguments).registered if one.type.endswith(":EventBusPolicy"))
        assert is_rpc_secret(policy.inputs["policy"]) is concealed
