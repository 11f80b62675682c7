import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from blueprint.names import base_name, trail_bucket_prefix, trail_name
from tests.unit.conftest import deploy_program

# What Pulumi allows for both (https://www.pulumi.com/docs/iac/concepts/projects/).
PULUMI_NAMES = st.text("abzABZ019-_.", min_size=1, max_size=100)


def is_trail_name(name: str) -> bool:
    return (
        3 <= len(name) <= 128
        and re.fullmatch(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*", name) is not None
        and not re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name)
    )


def test_a_stacks_name_is_readable_where_it_can_be() -> None:
    assert base_name("s3-sigv2-access-log", "dev") == "s3-sigv2-access-log-dev"
    assert trail_name("s3-sigv2-access-log-dev", 1) == "s3-sigv2-access-log-dev"
    assert trail_name("s3-sigv2-access-log-dev", 2) == "s3-sigv2-access-log-dev-2"
    assert trail_bucket_prefix("My-Project_x-dev") == "my-project-x-dev-trail"


@given(PULUMI_NAMES, PULUMI_NAMES)
def test_every_project_and_stack_give_names_that_aws_accepts(project: str, stack: str) -> None:
    base = base_name(project, stack)
    assert is_trail_name(base)
    assert is_trail_name(trail_name(base, 5))
    assert re.fullmatch(r"[.\-_A-Za-z0-9]{1,64}", base), "a rule's name"
    assert len(base) <= 40
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{2,54}", trail_bucket_prefix(base)), "63 less Pulumi's eight characters"


@settings(max_examples=15)
@example("P" * 100, "s-" * 50)
@example("a.b", "c_d.")
@given(PULUMI_NAMES, PULUMI_NAMES)
def test_every_stack_registers_names_that_every_service_accepts(project: str, stack: str) -> None:
    configuration = {"targetBuckets": "one-bucket", "kmsKey": "create", "alertEmails": "ops@example.com"}
    deployed = deploy_program(configuration, project=project, stack=stack)

    def names(resource_type: str) -> list[str]:
        return [resource.inputs["name"] for resource in deployed.all(resource_type)]

    assert all(is_trail_name(name) for name in names("Trail"))
    assert all(re.fullmatch(r"[.\-_A-Za-z0-9]{1,64}", name) for name in names("EventRule"))
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name) for name in names("Queue"))
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,256}", name) for name in names("Topic"))
    assert all(1 <= len(name) <= 255 for name in names("MetricAlarm") + names("QueryDefinition"))
    assert all(re.fullmatch(r"alias/[A-Za-z0-9/_-]{1,250}", name) for name in names("Alias"))
    dashboard = next(r for r in deployed.resources if r.type == "aws:cloudwatch/dashboard:Dashboard")
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,255}", dashboard.inputs["dashboardName"])
    assert len(deployed.the("LogResourcePolicy").inputs["policyName"]) <= 512
    assert len(deployed.the("Bucket").name) + len("-0a1b2c3") <= 63


@given(st.tuples(PULUMI_NAMES, PULUMI_NAMES), st.tuples(PULUMI_NAMES, PULUMI_NAMES))
def test_no_two_stacks_share_a_name(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (base_name(*one) == base_name(*other)) is (one == other)


@example(("a", "b", "sigv2"), ("a", "b", "2"))
@example(("a", "b", "é"), ("a", "b", "è"))
@given(st.tuples(PULUMI_NAMES, PULUMI_NAMES, st.text(min_size=1)), st.tuples(PULUMI_NAMES, PULUMI_NAMES, st.text()))
def test_no_two_components_share_a_name_of_any_trail(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    bases = [base_name(*component) for component in (one, other)]
    first, second = ({trail_name(base, number) for number in range(1, 6)} for base in bases)
    assert all(is_trail_name(name) and len(base) <= 40 for base in bases for name in (base, trail_name(base, 5)))
    assert bool(first & second) is (one == other)


def test_the_programs_own_component_is_called_as_its_stack_and_others_by_their_names_too() -> None:
    assert base_name("shop", "prod", "sigv2") == "shop-prod"
    assert base_name("shop", "prod", "audit") == "shop-prod-audit-" + base_name("shop", "prod", "audit")[-8:]


def test_the_border_between_project_and_stack_cannot_be_mistaken() -> None:
    assert base_name("log-a", "b") == "log-a-b"
    assert base_name("log", "a-b") == "log-a-b-" + base_name("log", "a-b")[-8:]
