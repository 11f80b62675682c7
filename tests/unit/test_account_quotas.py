"""What of the account's quotas is left, before anything is made."""

import logging
from typing import Any

import pytest
from pulumi import RunError

from tests.unit.account_of_trails import AskedAccount, MadeTrail, covering
from tests.unit.conftest import RecordingMonitor, deploy_program
from tests.unit.test_preflight import in_state

OTHERS = [covering("others/")]
SKIP = "or skip this check with `pulumi config set checkAccount false`."
OWN = "s3-sigv2-access-log-dev"
LOG_GROUP = "/aws/events/s3-sigv2-access-log"
TEN = [f"policy-{n}" for n in range(10)]
NAMED = {
    "cloudtrail/trail:Trail": "trail-1",
    "cloudwatch/logGroup:LogGroup": "log-group",
    "cloudwatch/logResourcePolicy:LogResourcePolicy": "log-group-policy",
}
LOGS = {
    "cloudwatch/logGroup:LogGroup": {"name": LOG_GROUP},
    "cloudwatch/logResourcePolicy:LogResourcePolicy": {"policyName": OWN, "resourceArn": ""},
}


@pytest.fixture(autouse=True)
def _everything_is_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def others(number: int, **made: Any) -> list[MadeTrail]:
    return [MadeTrail(f"trail-{n}", OTHERS, **made) for n in range(1, number + 1)]


def refusal(account: AskedAccount, **settings: Any) -> str:
    monitor = RecordingMonitor(account)
    with pytest.raises(RunError) as refused:
        deploy_program({"targetBuckets": "uploads", **settings}, recorder=account, monitor=monitor)
    assert monitor.registered == []
    return str(refused.value)


def test_a_sixth_trail_is_refused_before_anything_is_made() -> None:
    organizations = MadeTrail("org", OTHERS, account_id="999988887777", of_organization=True)
    account = AskedAccount(trails=[*others(3), MadeTrail("shadow", OTHERS, region="eu-west-1"), organizations])
    assert refusal(account) == (
        "targetBuckets: this stack needs 1 trail, and us-east-1, which takes 5, has 5 trails of others (trail-1 of "
        "us-east-1, trail-2 of us-east-1, trail-3 of us-east-1, shadow of eu-west-1, org of the organization); use one "
        "of them with `pulumi config set existingTrail NAME`, delete one, or cover the targets with fewer values."
    )


def test_where_there_is_room_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    account = AskedAccount(trails=others(4), policies=[f"policy-{n}" for n in range(9)], rules={"us-east-1": ["one"]})
    deploy_program({"targetBuckets": "uploads"}, recorder=account)
    assert caplog.messages == []
    assert account.asked == [
        "cloudtrail:DescribeTrails in us-east-1",
        *(f"cloudtrail:{call} in us-east-1" for _ in range(4) for call in ("GetTrailStatus", "GetEventSelectors")),
        "logs:DescribeResourcePolicies in us-east-1",
        "events:ListRules in us-east-1",
    ]


def test_a_trail_that_is_used_needs_no_room() -> None:
    account = AskedAccount(trails=[*others(4), MadeTrail("audit")])
    used = deploy_program({"targetBuckets": "uploads", "existingTrail": "audit"}, recorder=account)
    assert used.outputs["existingTrailArn"] == MadeTrail("audit").arn


def test_a_full_region_other_than_home_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    account = AskedAccount(trails=others(5, region="eu-west-1", everywhere=False))
    deploy_program({"targetBuckets": "uploads", "regions": "eu-west-1"}, recorder=account)
    named = ", ".join(f"trail-{n} of eu-west-1" for n in range(1, 6))
    assert caplog.messages == [
        f"targetBuckets: this stack needs 1 trail, and eu-west-1, which takes 5, has 5 trails of others ({named}): "
        "CloudTrail may refuse a trail that is to see this Region; use one of them with `pulumi config set "
        "existingTrail NAME`, delete one, or cover the targets with fewer values."
    ]


def test_an_eleventh_account_wide_policy_is_refused_before_anything_is_made() -> None:
    names = [f"policy-{n}" for n in range(10)]
    assert refusal(AskedAccount(policies=names)) == (
        "logResourcePolicyScope: 'account' needs one of the 10 account-wide policies that CloudWatch Logs takes in "
        f"us-east-1, and there are 10 ({', '.join(names)}); attach it to the log group with `pulumi config set "
        "logResourcePolicyScope logGroup`, or delete one that is not needed with `aws logs delete-resource-policy "
        "--policy-name NAME`."
    )
    for settings in (
        {"logResourcePolicyScope": "logGroup"},
        {"forwardTo": "arn:aws:events:us-east-1:210987654321:event-bus/hub"},
        {"checkAccount": "false"},
    ):
        assert deploy_program({"targetBuckets": "uploads", **settings}, recorder=AskedAccount(policies=names)).outputs


def test_a_full_event_bus_is_a_warning_as_the_quota_may_have_been_raised(caplog: pytest.LogCaptureFixture) -> None:
    full = [f"rule-{n}" for n in range(300)]
    account = AskedAccount(rules={"us-east-1": [*full[1:], OWN], "eu-west-1": full})
    deploy_program({"targetBuckets": "uploads", "regions": "eu-west-1"}, recorder=account)
    assert caplog.messages == [
        "regions: eu-west-1 has 300 rules on its default event bus, and AWS allows 300 unless it raised that for you; "
        "if it did not, `pulumi up` fails there: ask for more in Service Quotas, or delete rules that are not needed."
    ]


def of_component(**made: dict[str, Any]) -> dict[str, Any]:
    """The state of a stack at home, whose component made these, by their types less `aws:`."""
    state = in_state(regions=["us-east-1"], log_group_name=LOG_GROUP)
    component = next(iter(state)).removesuffix("::sigv2")
    return state | {
        f"{component}$aws:{kind}::sigv2-{NAMED[kind]}": {"type": f"aws:{kind}", "outputs": outputs}
        for kind, outputs in made.items()
    }


def test_what_is_deployed_has_its_place(caplog: pytest.LogCaptureFixture) -> None:
    trail = {"name": OWN, "arn": MadeTrail(OWN).arn, "advancedEventSelectors": []}
    account = AskedAccount(
        state=of_component(**{"cloudtrail/trail:Trail": trail}, **LOGS),
        trails=[*others(5), MadeTrail(OWN)],
        policies=TEN,
        rules={"us-east-1": [f"rule-{n}" for n in range(300)]},
    )
    deploy_program({"targetBuckets": "uploads"}, recorder=account)
    assert caplog.messages == []
    assert not any("Policies" in asked or "Rules" in asked for asked in account.asked)


def test_a_policy_that_moves_from_the_log_group_to_the_account_needs_room_there() -> None:
    attached = LOGS | {"cloudwatch/logResourcePolicy:LogResourcePolicy": {"resourceArn": "arn:of:the:group"}}
    assert "and there are 10 (policy-0, " in refusal(AskedAccount(state=of_component(**attached), policies=TEN))


def test_a_policy_needs_room_beside_the_one_that_it_takes_the_place_of() -> None:
    renamed = {"logGroupName": "/new"}
    full = AskedAccount(state=of_component(**LOGS), policies=[*TEN[1:], OWN])
    assert f"and there are 10 ({', '.join([*TEN[1:], OWN])})" in refusal(full, **renamed)
    room = AskedAccount(state=of_component(**LOGS), policies=[*TEN[2:], OWN])
    assert deploy_program({"targetBuckets": "uploads", **renamed}, recorder=room).outputs


def test_a_policy_that_an_interrupted_deployment_left_has_its_place_and_another_stacks_has_not() -> None:
    left = AskedAccount(policies=[*TEN[1:], OWN])
    assert deploy_program({"targetBuckets": "uploads"}, recorder=left).outputs
    assert "and there are 10 (" in refusal(AskedAccount(policies=[*TEN[1:], f"{OWN}-2"]))


@pytest.mark.parametrize(
    ("denied", "permission", "unknown"),
    [
        (
            "DescribeResourcePolicies",
            "logs:DescribeResourcePolicies",
            "whether there is room for one more account-wide policy of CloudWatch Logs",
        ),
        ("ListRules", "events:ListRules", "whether a rule has room in us-east-1"),
    ],
)
def test_a_missing_permission_is_a_warning_that_names_it(
    denied: str, permission: str, unknown: str, caplog: pytest.LogCaptureFixture
) -> None:
    deploy_program({"targetBuckets": "uploads"}, recorder=AskedAccount(denied={denied}))
    assert caplog.messages == [
        f"checkAccount: it is unknown {unknown}, as the permission {permission} is missing; give it, {SKIP}"
    ]


def test_trails_that_may_not_be_listed_are_two_unknowns(caplog: pytest.LogCaptureFixture) -> None:
    deploy_program({"targetBuckets": "uploads"}, recorder=AskedAccount(denied={"DescribeTrails"}))
    assert caplog.messages == [
        f"checkAccount: it is unknown {unknown}, as the permission cloudtrail:DescribeTrails is missing; "
        f"give it, {SKIP}"
        for unknown in (
            "whether a trail in us-east-1 records the targets already, so that CloudTrail would bill them twice",
            "whether the trails of us-east-1 leave room for this stack's",
        )
    ]
