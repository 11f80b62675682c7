"""What must be true of the account before anything is registered."""

import asyncio
import re
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi.runtime import invoke_async
from pulumi.runtime.sync_await import _sync_await

from components.arns import Arns
from settings import Settings, SettingsError

_NAMED_AT_MOST = 10


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
    _refuse_other_regions(settings, arns)
    if settings.check_targets:
        _refuse_targets_out_of_sight(settings, arns)
    return Preflight(log_group_is_ours=_log_group_is_ours(settings))


def _refuse_other_partitions(settings: Settings, arns: Arns) -> None:
    for partition in sorted(settings.partitions - {arns.partition}):
        raise SettingsError(
            f"targetBuckets: an ARN in the partition {partition!r} cannot be watched from {arns.partition!r}; "
            "write the bucket's name, or use credentials of that partition."
        )


def _refuse_other_regions(settings: Settings, arns: Arns) -> None:
    """Alarms reach topics, and services use keys, of their own Region only."""
    for key, arn in (("alertTopicArn", settings.alert_topic_arn), ("kmsKey", settings.kms_key)):
        if arn and arn.startswith("arn:"):
            _, partition, _, region, *_ = arn.split(":")
            if (partition, region) != (arns.partition, arns.region):
                raise SettingsError(
                    f"{key}: {arn!r} does not lie in {arns.region} of {arns.partition!r}, where the stack is deployed; "
                    f"name one that does with `pulumi config set {key} ARN`."
                )


def _refuse_targets_out_of_sight(settings: Settings, arns: Arns) -> None:
    """A bucket that does not exist, or lies in another Region than the trail, would be watched in vain."""

    async def problems() -> list[str | None]:
        return await asyncio.gather(*(_problem_of(bucket, arns.region) for bucket in settings.targets.buckets))

    # A program cannot wait for an Output, and all lookups at once take no longer than one.
    found = [problem for problem in _sync_await(problems()) if problem]
    if found:
        named = ", ".join(found[:_NAMED_AT_MOST])
        more = f" and {len(found) - _NAMED_AT_MOST} more" if len(found) > _NAMED_AT_MOST else ""
        raise SettingsError(
            f"targetBuckets: {named}{more}; correct it with `pulumi config set targetBuckets BUCKET,BUCKET`, watch "
            "buckets of another Region from a stack of that Region, or skip this check with "
            "`pulumi config set checkTargets false`."
        )


async def _problem_of(bucket: str, region: str) -> str | None:
    try:
        found = await invoke_async("aws:s3/getBucket:getBucket", {"bucket": bucket})
    except Exception as error:  # noqa: BLE001 - the SDK raises no narrower one, and knows the reason only as text
        reason = str(error)
        if re.search(r"not ?found|404|NoSuchBucket|couldn't find|empty result", reason, re.IGNORECASE):
            return f"{bucket!r} does not exist"
        return f"{bucket!r} cannot be looked up ({_last_words(reason)})"
    lies_in = found.get("bucketRegion") or region
    return None if lies_in == region else f"{bucket!r} lies in {lies_in}, not in {region}"


def _last_words(reason: str) -> str:
    """The end of a chain of causes, on one line."""
    return " ".join(reason.split()).rpartition("failed: ")[2][-200:]


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
