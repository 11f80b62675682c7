"""Creates what forwards from other Regions and accounts - event bus, role - in the emulator."""

from sigv2.sandbox.deploying.created import Create, Created, Inputs, tags_of
from sigv2.sandbox.emulating.aws_clients import Clients


def _event_bus(aws: Clients, _: str, inputs: Inputs) -> Created:
    bus = aws("events").create_event_bus(Name=inputs["name"], Description=inputs["description"], Tags=tags_of(inputs))
    return inputs["name"], {"arn": bus["EventBusArn"]}


def _event_bus_policy(aws: Clients, _: str, inputs: Inputs) -> Created:
    aws("events").put_permission(EventBusName=inputs["eventBusName"], Policy=inputs["policy"])
    return inputs["eventBusName"], {}


def _role(aws: Clients, _: str, inputs: Inputs) -> Created:
    role = aws("iam").create_role(
        RoleName=inputs["name"],
        AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
        Description=inputs["description"],
        Tags=tags_of(inputs),
    )["Role"]
    return role["RoleName"], {"arn": role["Arn"]}


def _role_policy(aws: Clients, _: str, inputs: Inputs) -> Created:
    aws("iam").put_role_policy(RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"])
    return f"{inputs['role']}:{inputs['name']}", {}


TYPES: dict[str, Create] = {
    "aws:cloudwatch/eventBus:EventBus": _event_bus,
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": _event_bus_policy,
    "aws:iam/role:Role": _role,
    "aws:iam/rolePolicy:RolePolicy": _role_policy,
}
