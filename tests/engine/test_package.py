"""The package under the real engine: whose provider it uses, what it refuses, and what it takes over."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from blueprint.instances import FORMER_TYPE, TYPE
from sigv2.sandbox.emulating.emulator import Emulator
from tests.engine.conftest import LOG_GROUP, ROOT, LiveStack, Traffic

IRELAND = "eu-west-1"


class Remote(pulumi.ComponentResource):
    """What `pulumi package gen-sdk` makes of the package, as far as it is needed here."""

    region: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **arguments: Any) -> None:
        super().__init__(TYPE, name, {**arguments, "region": None, "ruleName": None}, opts, remote=True)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The package as a plugin on the PATH, which needs no host for Python."""
    plugin = tmp_path / "plugins" / "pulumi-resource-sigv2"
    plugin.parent.mkdir()
    plugin.write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT / "package"} "$@"\n')
    plugin.chmod(0o755)
    return {"PATH": f"{plugin.parent}{os.pathsep}{os.environ['PATH']}"}


def resources(live: LiveStack) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(live.stored())["checkpoint"]["latest"]["resources"]
    return found


def test_the_consumers_own_provider_is_used_for_everything(
    emulator: Emulator, tmp_path: Path, environment: dict[str, str]
) -> None:
    def program() -> None:
        ireland = aws.Provider("ireland", region=IRELAND)
        one = Remote("one", pulumi.ResourceOptions(provider=ireland), targetBuckets=["one-bucket"])
        pulumi.export("region", one.region)

    live = LiveStack(emulator, tmp_path, "engine", program=program, environment=environment)
    live.stack.set_config("pulumi:disable-default-providers", pulumi.automation.ConfigValue('["aws"]'))

    assert live.up().keys() == {"create"}
    assert live.outputs() == {"region": IRELAND}
    used = {resource["provider"].partition("::ireland::")[1] for resource in resources(live) if "provider" in resource}
    assert used == {"::ireland::"}


def test_two_components_of_one_program_do_not_collide(
    emulator: Emulator, tmp_path: Path, environment: dict[str, str]
) -> None:
    class Team(pulumi.ComponentResource):
        def __init__(self, name: str, log_group: str) -> None:
            super().__init__("shop:index:Team", name)
            below = pulumi.ResourceOptions(parent=self)
            Remote(f"{name}-log", below, targetBuckets=[f"{name}-bucket"], logGroupName=log_group)

    log_groups = {"one": "/one", "other": "/other"}

    def program() -> None:
        for name, log_group in log_groups.items():
            Team(name, log_group)

    live = LiveStack(emulator, tmp_path, "engine", program=program, environment=environment)
    live.up()
    with Traffic(emulator, live.user, ("one-bucket", "other-bucket")) as traffic:
        assert live.up() == {}
    # A rule sees the events of every trail, so each of the two logs what either watches.
    assert live.logged("/one") == live.logged("/other")
    assert live.logged("/one").keys() == set(traffic.sent)
    log_groups["other"] = "/another"
    live.up()
    assert live.up() == {}
    log_groups["other"] = "/one"
    with pytest.raises(Exception, match=r"logGroupName: '/one' is what 'one-log' logs to, another SigV2AccessLog"):
        live.preview()


def test_a_wrong_argument_is_refused_in_one_sentence(
    emulator: Emulator, tmp_path: Path, environment: dict[str, str]
) -> None:
    arguments: dict[str, Any] = {"targetBuckets": ["gone-bucket"]}

    def program() -> None:
        Remote("log", **arguments)

    live = LiveStack(emulator, tmp_path, "engine", program=program, environment=environment)
    for wrong, sentence in (
        ({"targetBuckets": ["gone-bucket"]}, "targetBuckets: 'gone-bucket' does not exist; correct it with "),
        (
            {"targetBuckets": ["one-bucket"], "logRetentionDays": 91},
            "logRetentionDays: '91' is no number of days that ",
        ),
        ({}, "targetBuckets is not set or empty, so there is nothing to watch: "),
    ):
        arguments.clear()
        arguments.update(wrong)
        with pytest.raises(Exception, match="has a problem: ") as refused:
            live.preview()
        assert f"error: {TYPE} resource 'log' has a problem: {sentence}" in str(refused.value)
        # The program's own language may say where in the program it was; where in the package is nobody's business.
        assert [folder for folder in ("package", "components") if str(ROOT / folder) in str(refused.value)] == []


def test_a_stack_of_before_there_was_a_package_is_taken_over_as_it_is(
    live: LiveStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr("components.access_log.TYPE", FORMER_TYPE)
        live.up()
    assert {resource["type"] for resource in resources(live)} & {TYPE, FORMER_TYPE} == {FORMER_TYPE}

    with Traffic(live.emulator, live.user, ("one-bucket",)) as traffic:
        assert live.up() == {}

    assert {resource["type"] for resource in resources(live)} & {TYPE, FORMER_TYPE} == {TYPE}
    assert live.logged(LOG_GROUP).keys() == set(traffic.sent)
