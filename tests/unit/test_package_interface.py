"""The component as a package: what its schema says, and what comes of arguments from any language."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pulumi
import pytest

from blueprint.arguments import ARGUMENTS, SigV2AccessLogArgs
from blueprint.settings_errors import SettingsError
from components import SigV2AccessLog
from package.__main__ import VERSION, SigV2Provider
from settings import read_settings
from tests.unit.conftest import Recorder
from tests.unit.own_program import PROJECT, STACK, run_own_program

ROOT = Path(__file__).parents[2]
SCHEMA = Path(__file__).parent / "package_schema.json"
COMPONENT = "sigv2:index:SigV2AccessLog"
BUCKETS = {"targetBuckets": ["example-uploads"]}


def schema() -> dict[str, Any]:
    described: dict[str, Any] = json.loads(SigV2Provider().schema or "")
    return described


def constructed(inputs: dict[str, Any], recorder: Recorder | None = None) -> dict[str, Any]:
    """The outputs that the engine is given of a component with these arguments."""
    outputs: dict[str, Any] = {}

    def program() -> None:
        made = SigV2Provider().construct("sigv2", COMPONENT, inputs, pulumi.ResourceOptions())
        pulumi.Output.all(**made.state).apply(outputs.update)

    run_own_program(program, recorder)
    return outputs


def refusal_of(inputs: dict[str, Any]) -> str:
    with pytest.raises(pulumi.InputPropertiesError) as refused:
        constructed(inputs)
    assert refused.value.errors == []
    return refused.value.message


def test_the_schema_is_the_one_that_programs_rely_on() -> None:
    assert schema() == json.loads(SCHEMA.read_text()), "the interface has changed: is it meant to? then `make schema`"


def test_everything_in_the_schema_is_described_for_people_of_any_language() -> None:
    component = schema()["resources"][COMPONENT]
    described = [component, *component["inputProperties"].values(), *component["properties"].values()]

    assert component["inputProperties"].keys() == ARGUMENTS.keys() | {"secretArguments"}
    assert component["requiredInputs"] == ["targetBuckets"]
    assert [one for one in described if not one.get("description")] == []
    # Python's own spelling would be no name anywhere else.
    assert [one for one in described if re.search(r"\b[a-z]+_[a-z_]+\b|\n", one["description"])] == []


def test_the_version_is_one_and_the_same_in_package_schema_and_changelog() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    assert re.fullmatch(rf"\[{re.escape(VERSION)}\] - \d{{4}}-\d{{2}}-\d{{2}}", headings[0])
    assert json.loads(SCHEMA.read_text())["version"] == VERSION


def test_arguments_of_another_language_make_a_component_with_all_its_outputs() -> None:
    everything = {**BUCKETS, "logRetentionDays": 30.0, "checkTargets": False, "kmsKey": None, "alertEmails": None}

    outputs = constructed(everything)

    component = schema()["resources"][COMPONENT]
    assert outputs.keys() == component["properties"].keys()
    assert {key for key, value in outputs.items() if value is None}.isdisjoint(component["required"])
    assert (outputs["region"], outputs["trailNames"]) == ("us-east-1", ["shop-prod"])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("targetBuckets", []),
        ("targetBuckets", ["My_Bucket"]),
        ("logRetentionDays", 91),
        ("logRetentionDays", "many"),
        ("checkTargets", "yes"),
        ("kmsKey", "alias/mine"),
        ("targetBucket", "mine"),
    ],
)
def test_a_wrong_argument_ends_in_the_sentence_of_the_wrong_setting(key: str, value: Any) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    with pytest.raises(SettingsError) as refused:
        read_settings({"targetBuckets": "example-uploads", key: text}, PROJECT, STACK)

    # As numbers of every other language travel.
    sent = float(value) if isinstance(value, int) else value
    assert refusal_of({**BUCKETS, key: sent}) == str(refused.value)


def test_a_missing_argument_ends_in_the_sentence_of_the_missing_setting() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({}, PROJECT, STACK)

    assert refusal_of({}) == refusal_of({"targetBuckets": None}) == str(refused.value)


def test_secret_arguments_are_named_as_each_language_spells_them() -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:mine"
    for spelling in ("alertTopicArn", "alert_topic_arn"):
        sentence = refusal_of({**BUCKETS, "alertTopicArn": f"{topic}!", "secretArguments": [spelling]})
        assert sentence.startswith("alertTopicArn: '[secret]' is no ARN of an SNS topic")


def test_what_is_no_fault_of_the_arguments_is_not_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("components.access_log.check", broken)
    with pytest.raises(Exception, match="a bug") as raised:
        constructed(BUCKETS)
    assert not isinstance(raised.value, pulumi.InputPropertiesError)


def test_arguments_and_outputs_are_annotated_without_exception() -> None:
    """The package leaves out what it cannot see, without a word."""
    outputs = inspect.get_annotations(SigV2AccessLog)
    arguments = inspect.get_annotations(SigV2AccessLogArgs)
    component = schema()["resources"][COMPONENT]

    assert len(component["properties"]) == len(outputs)
    assert len(component["inputProperties"]) == len(arguments)
