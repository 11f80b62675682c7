"""What of an account's quotas the stack needs, and whether it is left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from blueprint.sentences import counted
from blueprint.settings_errors import SettingsError
from blueprint.trail_targets import MAX_TRAILS
from preflight.unknown import unknown

if TYPE_CHECKING:
    from aws_account.account_trails import AccountTrail, AccountTrails
    from blueprint.arns import Arns
    from preflight.asked_account import Clients

MAX_LOG_POLICIES = 10
"""Account-wide resource policies of CloudWatch Logs in a Region; not adjustable
(https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/logs/cloudwatch_limits_cwl.html)."""

_RULES = 300
_FEWER_RULES = {"af-south-1": 100, "eu-south-1": 100}
"""Rules on an event bus, where nobody had the quota raised
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html)."""


def check_trails(trails: AccountTrails, wanted: Sequence[str], arns: Arns, regions: Sequence[str]) -> list[str]:
    """See that there is room for the stack's trails.

    Shadow trails and those of the organization count
    (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html).

    Args:
        trails: those that there are.
        wanted: names of those that the stack is to have.
        arns: where the stack is deployed.
        regions: that they are to see, home first.

    Returns:
        Sentences to warn of.

    Raises:
        SettingsError: at home, there is none.
    """
    own = {arns.trail(name) for name in wanted}
    warnings = []
    for region in regions:
        described = trails.described_in(region)
        if not isinstance(described, Sequence):
            what = f"whether the trails of {region} leave room for this stack's"
            warnings.append(unknown(what, described, "cloudtrail:DescribeTrails"))
            continue
        others = [trail for trail in described if trail.arn not in own]
        if len(others) + len(own) <= MAX_TRAILS:
            continue
        full = (
            f"targetBuckets: this stack needs {counted(len(own), 'trail')}, and {region}, which takes {MAX_TRAILS}, "
            f"has {counted(len(others), 'trail')} of others ({', '.join(map(_told, others))})"
        )
        way_out = (
            "use one of them with `pulumi config set existingTrail NAME`, delete one, or cover the targets with fewer "
            "values"
        )
        if region == arns.region:
            raise SettingsError(f"{full}; {way_out}.")
        warnings.append(f"{full}: CloudTrail may refuse a trail that is to see this Region; {way_out}.")
    return warnings


def check_log_policies(clients: Clients, region: str, overwritten: Collection[str]) -> list[str]:
    """See that there is room for the policy that lets EventBridge write to the log group.

    A policy of the stack's own that goes counts, too: Pulumi deletes it last.

    Args:
        clients: how to ask.
        region: the stack's.
        overwritten: names of policies that take no further place if they are there: the new one's.

    Returns:
        Sentences to warn of.

    Raises:
        SettingsError: there is none.
    """
    logs = clients("logs", region)
    try:
        # One page has 50 of them, and there are ten.
        names = [policy["policyName"] for policy in logs.describe_resource_policies()["resourcePolicies"]]
    except (BotoCoreError, ClientError) as refusal:
        what = "whether there is room for one more account-wide policy of CloudWatch Logs"
        return [unknown(what, refusal, "logs:DescribeResourcePolicies")]
    if len(names) >= MAX_LOG_POLICIES and not set(names) & set(overwritten):
        raise SettingsError(
            f"logResourcePolicyScope: 'account' needs one of the {MAX_LOG_POLICIES} account-wide policies that "
            f"CloudWatch Logs takes in {region}, and there are {len(names)} ({', '.join(sorted(names))}); attach it to "
            "the log group with `pulumi config set logResourcePolicyScope logGroup`, or delete one that is not needed "
            "with `aws logs delete-resource-policy --policy-name NAME`."
        )
    return []


def check_rules(clients: Clients, regions: Iterable[str], rule_name: str) -> list[str]:
    """See that there is room for a rule on the default event bus of each Region; the quota may have been raised.

    Args:
        clients: how to ask.
        regions: that are to have one.
        rule_name: its name.

    Returns:
        Sentences to warn of.
    """
    warnings = []
    for region in regions:
        quota = _FEWER_RULES.get(region, _RULES)
        try:
            pages = clients("events", region).get_paginator("list_rules").paginate()
            names = {rule["Name"] for page in pages for rule in page["Rules"]}
        except (BotoCoreError, ClientError) as refusal:
            warnings.append(unknown(f"whether a rule has room in {region}", refusal, "events:ListRules"))
            continue
        if len(names - {rule_name}) >= quota:
            warnings.append(
                f"regions: {region} has {len(names):,} rules on its default event bus, and AWS allows {quota} unless "
                "it raised that for you; if it did not, `pulumi up` fails there: ask for more in Service Quotas, or "
                "delete rules that are not needed."
            )
    return warnings


def _told(trail: AccountTrail) -> str:
    if trail.is_organization_trail:
        return f"{trail.name} of the organization"
    return f"{trail.name} of {trail.home_region}"
