"""What must be true of the account before anything is registered."""

from dataclasses import dataclass

import pulumi_aws as aws

from components.arns import Arns
from settings import Settings, SettingsError


@dataclass(frozen=True)
class Preflight:
    """What was found.

    Attributes:
        log_group_is_ours: the log group exists already and bears this stack's tags.
    """

    log_group_is_ours: bool


def check(settings: Settings, arns: Arns) -> Preflight:
    """Look up what the settings name, and refuse what would fail later or be silent for ever.

    Args:
        settings: what the stack's configuration says.
        arns: where the stack is deployed.

    Raises:
        SettingsError: one sentence with the key, the bad value, the rule and the way out.
    """
    _refuse_other_partitions(settings, arns)
    return Preflight(log_group_is_ours=_log_group_is_ours(settings))


def _refuse_other_partitions(settings: Settings, arns: Arns) -> None:
    for partition in sorted(settings.partitions - {arns.partition}):
        raise SettingsError(
            f"targetBuckets: an ARN in the partition {partition!r} cannot be watched from {arns.partition!r}; "
            "write the bucket's name, or use credentials of that partition."
        )


def _log_group_is_ours(settings: Settings) -> bool:
    """A group of that name may be this stack's, deployed or left by `pulumi destroy`; it must not be another's."""
    name = settings.log_group_name
    found = aws.cloudwatch.get_log_groups(log_group_name_prefix=name).log_group_names
    if name not in (found or []):
        return False
    tags = aws.cloudwatch.get_log_group(name=name).tags or {}
    if {key: tags.get(key) for key in settings.tags} == settings.tags:
        return True
    owner = f"stack {tags['Project']}/{tags['Stack']}" if {"Project", "Stack"} <= tags.keys() else "something else"
    raise SettingsError(
        f"logGroupName: {name!r} exists and belongs to {owner}, not to this stack; "
        f"choose another with `pulumi config set logGroupName {name}-{settings.stack}`."
    )
