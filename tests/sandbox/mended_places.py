"""Puts both stacks back as they were deployed, so that one emulator serves many tests that break something."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.sandbox.several_places import HUB, SPOKE, Places, deploy_everywhere

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_events.type_defs import TargetTypeDef

    from sigv2.sandbox.emulating.emulator import Emulator
    from sigv2.sandbox.observing.deployment import Deployment, Rule, RuleTarget


@dataclass(frozen=True)
class Deployed:
    """Both stacks, and what decides what is logged of them, as it was read when they had just been deployed."""

    places: Places
    deployment: Deployment
    selectors: Mapping[str, Any]
    role_policies: Mapping[str, Mapping[str, Any]]
    log_policies: list[Any]

    def mended(self) -> Places:
        """The stacks with everything mended, an empty log and empty queues."""
        self.places.emulator.settle()
        self._mend_organizations()
        self._mend_roles()
        self._mend_buses()
        for rule in self.deployment.rules:
            self._mend_rule(rule)
        self._mend_trails()
        self._mend_log()
        self._empty_queues()
        return self.places

    def _mend_organizations(self) -> None:
        for account in (HUB, SPOKE):
            organizations = self.places.emulator.client.of(account, "us-east-1")("organizations")
            with contextlib.suppress(organizations.exceptions.AWSOrganizationsNotInUseException):
                organizations.delete_organization()

    def _mend_roles(self) -> None:
        for arn, role in self.deployment.roles.items():
            iam, name = self.places.emulator.client.of(arn.split(":")[4], "us-east-1")("iam"), arn.rpartition("/")[2]
            trust = json.dumps(role.trust)
            with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
                iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
            for policy, document in self.role_policies[arn].items():
                iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))

    def _mend_buses(self) -> None:
        for arn, policy in self.deployment.event_buses.items():
            events, name = self.places.emulator.client.of(arn.split(":")[4], "us-east-1")("events"), arn.split("/")[1]
            with contextlib.suppress(events.exceptions.ResourceAlreadyExistsException):
                events.create_event_bus(Name=name)
            events.put_permission(EventBusName=name, Policy=json.dumps(policy))

    def _mend_rule(self, rule: Rule) -> None:
        events = self.places.emulator.client.of(*rule.place)("events")
        state: Any = rule.state
        events.put_rule(Name=rule.name, EventPattern=rule.pattern, State=state, EventBusName=rule.event_bus)
        there = events.list_targets_by_rule(Rule=rule.name, EventBusName=rule.event_bus)["Targets"]
        if stray := sorted({target["Id"] for target in there} - {target.id for target in rule.targets}):
            events.remove_targets(Rule=rule.name, Ids=stray, EventBusName=rule.event_bus)
        events.put_targets(Rule=rule.name, Targets=list(map(_target, rule.targets)), EventBusName=rule.event_bus)

    def _mend_trails(self) -> None:
        for trail in self.deployment.trails:
            cloudtrail = self.places.emulator.client.of(trail.arn.split(":")[4], "us-east-1")("cloudtrail")
            cloudtrail.update_trail(Name=trail.name, IsMultiRegionTrail=trail.is_multi_region)
            cloudtrail.put_event_selectors(TrailName=trail.name, AdvancedEventSelectors=self.selectors[trail.arn])

    def _mend_log(self) -> None:
        logs, group = self.places.emulator.client("logs"), self.places.hub["logGroupName"]
        for policy in self.log_policies:
            logs.put_resource_policy(policyName=policy["policyName"], policyDocument=policy["policyDocument"])
        for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
            logs.delete_log_stream(logGroupName=group, logStreamName=stream["logStreamName"])

    def _empty_queues(self) -> None:
        for arn, queue in self.deployment.queues.items():
            sqs = self.places.emulator.client.of(arn.split(":")[4], arn.split(":")[3])("sqs")
            while messages := sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10).get("Messages"):
                for message in messages:
                    sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])


def _target(target: RuleTarget) -> TargetTypeDef:
    meant: TargetTypeDef = {
        "Id": target.id,
        "Arn": target.arn,
        "DeadLetterConfig": {"Arn": str(target.dead_letter_arn)},
    }
    if target.role_arn:
        meant["RoleArn"] = target.role_arn
    return meant


def deploy_mendable(emulator: Emulator) -> Deployed:
    """Deploy both stacks, and remember how they were."""
    places = deploy_everywhere(emulator)
    deployment = emulator.deployment()
    role_policies = {}
    for arn in deployment.roles:
        iam, name = emulator.client.of(arn.split(":")[4], "us-east-1")("iam"), arn.rpartition("/")[2]
        role_policies[arn] = {
            policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        }
    return Deployed(
        places,
        deployment,
        {trail.arn: list(trail.selectors) for trail in deployment.trails},
        role_policies,
        list(emulator.client("logs").describe_resource_policies()["resourcePolicies"]),
    )
