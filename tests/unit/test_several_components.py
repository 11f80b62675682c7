"""Several components in one program: each has names of its own in AWS, and knows what of the state is its own."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest

from blueprint.instances import Instance
from components import SigV2AccessLog
from preflight.last_deployment import LastDeployment, read_last_deployment
from tests.unit.conftest import Recorder, RecordingMonitor
from tests.unit.own_program import run_own_program

NAMED = {
    *("Trail", "EventRule", "Queue", "LogGroup", "MetricAlarm", "Dashboard", "QueryDefinition", "Topic", "Alias"),
    *("EventBus", "Role", "RolePolicy", "LogResourcePolicy"),
}
EVERYTHING: dict[str, Any] = {"alert_emails": ["ops@example.com"], "kms_key": "create", "regions": ["eu-west-1"]}


def access_log(
    name: str, opts: pulumi.ResourceOptions | None = None, bucket: str = "example-uploads", **arguments: Any
) -> None:
    SigV2AccessLog(name, {"target_buckets": [bucket], **arguments}, opts)  # type: ignore[typeddict-item]


class Team(pulumi.ComponentResource):
    def __init__(self, name: str, type_name: str) -> None:
        super().__init__(f"shop:index:{type_name}", name)


def refused(program: Callable[[], None], recorder: Recorder | None = None) -> str:
    with pytest.raises(pulumi.RunError) as refusal:
        run_own_program(program, recorder)
    return str(refusal.value)


def names_in_aws(monitor: RecordingMonitor, component: str) -> set[tuple[str, str, object]]:
    named = {
        "aws:cloudwatch/dashboard:Dashboard": "dashboardName",
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyName",
    }
    return {
        (resource.type.rpartition(":")[2], str(resource.inputs.get("region")), name)
        for resource in monitor.registered
        if resource.type.startswith("aws:") and resource.name.startswith(f"{component}-")
        if (name := resource.inputs.get(named.get(resource.type, "name")))
    }


def test_two_components_share_no_name_in_aws() -> None:
    def program() -> None:
        access_log("sigv2", **EVERYTHING)
        access_log("audit", log_group_name="/audit", **EVERYTHING)

    monitor = run_own_program(program)
    first, second = names_in_aws(monitor, "sigv2"), names_in_aws(monitor, "audit")

    assert {kind for kind, *_ in first} == {kind for kind, *_ in second} == NAMED
    assert len(first) == len(second)
    assert first & second == set()
    assert {name for kind, _, name in first if kind == "Trail"} == {"shop-prod"}
    (trail,) = (str(name) for kind, _, name in second if kind == "Trail")
    assert re.fullmatch(r"shop-prod-audit-[0-9a-f]{8}", trail)


def test_a_second_component_is_refused_the_log_group_of_the_first() -> None:
    registered: list[str] = []

    class Noted(Recorder):
        def new_resource(self, args: Any) -> tuple[str, dict[str, Any]]:
            registered.append(args.name)
            return super().new_resource(args)

    def program() -> None:
        access_log("sigv2")
        access_log("audit")

    assert refused(program, Noted()) == (
        "logGroupName: '/aws/events/s3-sigv2-access-log' is what 'sigv2' logs to, another SigV2AccessLog of this "
        "stack; give 'audit' one of its own, such as '/aws/events/s3-sigv2-access-log-audit', or, if that is its "
        "former name, have an alias say so."
    )
    assert [name for name in registered if name.startswith("audit")] == []


def test_one_that_forwards_needs_no_log_group_of_its_own() -> None:
    def program() -> None:
        access_log("sigv2")
        access_log("audit", forward_to="arn:aws:events:us-east-1:210987654321:event-bus/hub")

    assert len([r for r in run_own_program(program).registered if r.type.endswith(":LogGroup")]) == 1


def test_two_of_one_name_are_refused_under_whatever_parents() -> None:
    def program() -> None:
        for team in ("Red", "Blue"):
            access_log("log", pulumi.ResourceOptions(parent=Team("team", team)), log_group_name=f"/{team}")

    sentence = refused(program)

    assert sentence.startswith(
        "'log' and 'log', another SigV2AccessLog of this stack, would both be called 'shop-prod-"
    )
    assert sentence.endswith("' in AWS; give one of them another name in the program.")


def test_what_one_run_of_a_program_claims_is_free_for_the_next() -> None:
    run_own_program(lambda: access_log("one", log_group_name="/mine"))
    run_own_program(lambda: access_log("two", log_group_name="/mine"))


URN = "urn:pulumi:prod::shop::"


def in_state(token: str, *components: Mapping[str, Any], parent: str = "") -> dict[str, Any]:
    """The state of components of a type, each with its name, its base name, and the log group that it logs to."""
    own = f"{URN}{parent}{token}"
    state: dict[str, Any] = {}
    for component in components:
        name, base, group = component["name"], component["base"], component["group"]
        outputs = {"rule_name": base, "log_group_name": group, "bucket_regions": {f"{name}-bucket": "eu-west-1"}}
        state[f"{own}::{name}"] = {"type": token, "outputs": outputs}
        for kind, child, given in (
            ("AccessLogGroup$aws:cloudwatch/logGroup:LogGroup", "log-group", {"name": group}),
            ("AccessLogGroup$aws:cloudwatch/logGroup:LogGroup", "log-group-0a1b2c3d", {"name": f"{group}-former"}),
            *([("EncryptionKey$aws:kms/key:Key", "key", {"arn": "x"})] if component.get("key") else []),
            (
                "AlertTopic$aws:sns/topicSubscription:TopicSubscription",
                "alert-topic-subscription-0a1b2c3d",
                {"endpoint": "ops@example.com"},
            ),
        ):
            state[f"{own}$sigv2:logging:{kind}::{name}-{child}"] = {"outputs": given}
    return state


NEW, OLD = "sigv2:index:SigV2AccessLog", "sigv2:logging:SigV2AccessLog"
X = {"name": "x", "base": "shop-prod-x-11111111", "group": "/x"}
X_LOG = {"name": "x-log", "base": "shop-prod-x-log-22222222", "group": "/x-log", "key": True}


@pytest.mark.parametrize("token", [NEW, OLD])
@pytest.mark.parametrize("parent", ["", "shop:index:Team$"])
def test_each_component_knows_its_own_part_of_the_state(token: str, parent: str) -> None:
    state = in_state(token, X, X_LOG, parent=parent)

    assert read_last_deployment(state, Instance("x")) == LastDeployment(
        base_name="shop-prod-x-11111111",
        log_group_name="/x",
        log_groups={"x-log-group": "/x", "x-log-group-0a1b2c3d": "/x-former"},
        subscriptions=frozenset({"x-alert-topic-subscription-0a1b2c3d"}),
        bucket_regions={"x-bucket": "eu-west-1"},
        log_groups_of_others={"/x-log": "x-log", "/x-log-former": "x-log"},
    )
    assert read_last_deployment(state, Instance("x-log")).has_key
    assert read_last_deployment(state, Instance("new")) == LastDeployment(
        log_groups_of_others={"/x": "x", "/x-former": "x", "/x-log": "x-log", "/x-log-former": "x-log"}
    )


def test_a_component_that_was_renamed_keeps_what_it_has() -> None:
    state = in_state(OLD, X)

    renamed = read_last_deployment(state, Instance("y", frozenset({"x"})))

    assert renamed == read_last_deployment(state, Instance("x"))
    assert renamed.log_groups_of_others == {}


def test_a_component_keeps_the_names_that_it_is_deployed_with() -> None:
    recorder = Recorder(state=in_state(OLD, {"name": "audit", "base": "shop-prod", "group": "/audit"}))

    monitor = run_own_program(lambda: access_log("audit", log_group_name="/audit"), recorder)

    assert {name for kind, _, name in names_in_aws(monitor, "audit") if kind == "Trail"} == {"shop-prod"}
    assert "shop-prod-trail" in {resource.name for resource in monitor.registered}


def test_a_component_of_a_renamed_stack_has_the_names_of_the_new_one() -> None:
    recorder = Recorder(state=in_state(NEW, {"name": "sigv2", "base": "shop-staging", "group": "/mine"}))

    monitor = run_own_program(lambda: access_log("sigv2", log_group_name="/mine"), recorder)

    assert {name for kind, _, name in names_in_aws(monitor, "sigv2") if kind == "Trail"} == {"shop-prod"}


def test_the_trail_bucket_that_it_is_deployed_with_is_no_target() -> None:
    recorder = Recorder(state=in_state(OLD, {"name": "audit", "base": "shop-prod", "group": "/audit"}))

    sentence = refused(lambda: access_log("audit", bucket="shop-prod-trail-0a1b2c3"), recorder)

    assert sentence.startswith("targetBuckets: 'shop-prod-trail-0a1b2c3' is where this stack's own trail writes ")


def test_a_component_is_refused_the_names_that_another_is_deployed_with() -> None:
    recorder = Recorder(state=in_state(OLD, {"name": "audit", "base": "shop-prod", "group": "/audit"}))

    def program() -> None:
        access_log("audit", log_group_name="/audit")
        access_log("sigv2")

    assert refused(program, recorder) == (
        "'sigv2' and 'audit', another SigV2AccessLog of this stack, would both be called 'shop-prod' in AWS; give one "
        "of them another name in the program."
    )


@pytest.mark.parametrize(("options", "is_refused"), [(None, True), ("audit", False), (f"{URN}{OLD}::audit", False)])
def test_one_that_was_renamed_without_saying_so_does_not_take_its_log_group_from_itself(
    options: str | None, is_refused: bool
) -> None:
    recorder = Recorder(state=in_state(OLD, {"name": "audit", "base": "shop-prod-audit-1", "group": "/audit"}))
    alias = options if options is None or "::" in options else pulumi.Alias(name=options)
    opts = pulumi.ResourceOptions(aliases=[alias] if alias else None)

    def program() -> None:
        access_log("renamed", opts, log_group_name="/audit")

    if is_refused:
        assert "/audit' is what 'audit' logs to, another SigV2AccessLog of this stack; " in refused(program, recorder)
    else:
        monitor = run_own_program(program, recorder)
        groups = {
            resource.name: (resource.inputs["name"], resource.import_id)
            for resource in monitor.registered
            if resource.type.endswith(":LogGroup")
        }
        assert groups == {
            "renamed-log-group": ("/audit", ""),
            "renamed-log-group-0a1b2c3d": ("/audit-former", ""),
        }


def test_the_engine_knows_a_component_by_its_former_type_and_names_too() -> None:
    opts = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="former"), pulumi.Alias(type_="a:b:C")])

    monitor = run_own_program(lambda: access_log("log", opts))

    (component,) = (resource for resource in monitor.registered if resource.name == "log")
    assert component.type == NEW
    assert component.aliases == (("", "former"), ("a:b:C", ""), (OLD, ""), (OLD, "former"))
