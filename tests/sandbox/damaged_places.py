"""Ways to break what forwards to the hub's log, and that log; `mended_places` mends them."""

import json

from blueprint.names import forwarding_role_name
from tests.sandbox.several_places import HUB, HUB_BASE, SPOKE, SPOKE_BASE, Places


def remove_role(places: Places) -> None:
    take_permission_away(places)
    places.emulator.client("iam").delete_role(RoleName=f"{HUB_BASE}-forwarding")


def distrust(places: Places) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:events:*:{HUB}:rule/another"}},
        },
    }
    places.emulator.client("iam").update_assume_role_policy(
        RoleName=f"{HUB_BASE}-forwarding", PolicyDocument=json.dumps(trust)
    )


def take_permission_away(places: Places, account: str = HUB) -> None:
    role = forwarding_role_name({HUB: HUB_BASE, SPOKE: SPOKE_BASE}[account])
    iam = places.emulator.client.of(account, "us-east-1")("iam")
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=policy)


def make_trail_single(places: Places) -> None:
    places.emulator.client("cloudtrail").update_trail(Name=HUB_BASE, IsMultiRegionTrail=False)


def remove_bus_policy(places: Places) -> None:
    places.emulator.client("events").remove_permission(EventBusName=HUB_BASE, RemoveAllPermissions=True)


def remove_bus(places: Places) -> None:
    remove_forwarded_rule(places)
    places.emulator.client("events").delete_event_bus(Name=HUB_BASE)


def remove_forwarded_rule(places: Places) -> None:
    events = places.emulator.client("events")
    events.remove_targets(Rule=f"{HUB_BASE}-forwarded", EventBusName=HUB_BASE, Ids=["log-group"])
    events.delete_rule(Name=f"{HUB_BASE}-forwarded", EventBusName=HUB_BASE)


def remove_role_of_target(places: Places) -> None:
    for region in ("eu-west-1", "ap-northeast-1"):
        events = places.emulator.client("events", region)
        (target,) = events.list_targets_by_rule(Rule=HUB_BASE)["Targets"]
        del target["RoleArn"]
        events.put_targets(Rule=HUB_BASE, Targets=[target])


def shut_log_group(places: Places) -> None:
    places.emulator.client("logs").delete_resource_policy(policyName=HUB_BASE)


def remove_rule(places: Places) -> None:
    events = places.emulator.client("events", "eu-west-1")
    events.remove_targets(Rule=HUB_BASE, Ids=["event-bus"])
    events.delete_rule(Name=HUB_BASE)


def disable_forwarded_rule(places: Places) -> None:
    places.emulator.client("events").disable_rule(Name=f"{HUB_BASE}-forwarded", EventBusName=HUB_BASE)
