"""Looks up what the program has to know of the account, and refuses what would fail later or be silent for ever."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import pulumi
from pulumi.runtime import invoke_async
from pulumi.runtime.sync_await import _sync_await

from blueprint.arguments import ARGUMENTS
from blueprint.arns import Arns
from blueprint.checked_settings import with_base_name
from blueprint.instances import Instance
from blueprint.names import base_name
from blueprint.region_names import partition_of_name
from blueprint.sentences import and_more
from blueprint.settings_errors import SettingsError
from blueprint.sigv2_regions import accepts_sigv2, watched_regions
from blueprint.stack_settings import Settings
from preflight.account_survey import Survey, survey_account
from preflight.asked_account import given_provider
from preflight.forwarding_limits import refuse_unreachable_regions, refuse_wrong_hub
from preflight.last_deployment import LastDeployment, read_last_deployment
from preflight.situation import Situation

_NAMED_AT_MOST = 10
_STATUS = re.compile(r"\bStatusCode: (\d{3})\b")
_MISSING = re.compile(r"\b(NoSuchBucket|NotFound|couldn't find resource|empty result)\b")

LookUp = Callable[[str, dict[str, str]], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True)
class Account:
    """What was found.

    Attributes:
        settings: what the user says, under the names that the component has in AWS.
        instance: which component of the program looked.
        arns: where the stack is deployed.
        last_deployment: what the engine holds of this component already.
        adopts_log_group: the log group exists, was left behind by this very stack, and is to be taken over.
        bucket_regions: the Region of each target bucket that was looked up, now or at the last deployment.
        regions: all that are to be watched, home first.
        survey: what the account says of its trails and quotas.
    """

    settings: Settings
    instance: Instance
    arns: Arns
    last_deployment: LastDeployment
    adopts_log_group: bool
    bucket_regions: Mapping[str, str]
    regions: tuple[str, ...]
    survey: Survey


def look_up(settings: Settings, name: str, options: pulumi.ResourceOptions | None) -> Account:
    """Look up what the settings name, all at once.

    Args:
        settings: what the user says.
        name: of the component in the program.
        options: of the component, whose provider answers.

    Raises:
        SettingsError: one sentence with the key, the bad value, the rule and the way out.
        Exception: the engine or the provider cannot answer.
    """
    invoke_options = _invoke_options(options)

    async def ask(token: str, arguments: dict[str, str]) -> Mapping[str, Any]:
        found: Mapping[str, Any] = await invoke_async(token, arguments, invoke_options)
        return found or {}

    # A program cannot wait for an Output, and all lookups at once take little longer than one.
    return _sync_await(_look_up(settings, name, options, ask))


async def _look_up(settings: Settings, name: str, options: pulumi.ResourceOptions | None, ask: LookUp) -> Account:
    instance = await _instance(name, options)
    # The provider tells it without a call, and no call would come through to a Region that there is not.
    region = (await ask("aws:index/getRegion:getRegion", {}))["region"]
    _refuse_no_region(region)
    partition, caller, last_deployment = await asyncio.gather(
        ask("aws:index/getPartition:getPartition", {}),
        ask("aws:index/getCallerIdentity:getCallerIdentity", {}),
        _last_deployment(instance),
    )
    arns = Arns(partition["partition"], caller["accountId"], region)
    _refuse_other_partitions(settings, arns)
    _refuse_other_regions(settings, arns)
    refuse_wrong_hub(settings, arns)
    bucket_regions, adopts_log_group = await asyncio.gather(
        _bucket_regions(settings, arns, last_deployment, ask), _adopts_log_group(settings, arns, last_deployment, ask)
    )
    regions = watched_regions(arns.region, arns.partition, settings.regions, bucket_regions.values())
    refuse_unreachable_regions(regions, settings, arns)
    named = _as_deployed(settings, last_deployment)
    situation = Situation(named, arns, regions, bucket_regions, last_deployment)
    survey = await asyncio.to_thread(survey_account, situation, options)
    return Account(named, instance, arns, last_deployment, adopts_log_group, bucket_regions, regions, survey)


def _as_deployed(settings: Settings, last_deployment: LastDeployment) -> Settings:
    """The settings, under the names of the stack where it was deployed while a program had but one component."""
    of_stack = base_name(settings.project, settings.stack)
    return with_base_name(settings, of_stack) if last_deployment.base_name == of_stack else settings


def _invoke_options(options: pulumi.ResourceOptions | None) -> pulumi.InvokeOptions:
    """Have the component's own provider answer, where its program gave it one."""
    options = options or pulumi.ResourceOptions()
    # Where none is given, the one of the resources: a program in another language does not say which version it has.
    return pulumi.InvokeOptions(options.parent, given_provider(options), version("pulumi-aws"))


async def _instance(name: str, options: pulumi.ResourceOptions | None) -> Instance:
    parent = await options.parent.urn.future() if options and options.parent else None
    aliases = [
        alias.name if isinstance(alias, pulumi.Alias) else alias for alias in (options and options.aliases) or ()
    ]
    # An alias may be a whole URN, and one that is an output is known too late.
    former = frozenset(alias.rpartition("::")[2] for alias in aliases if isinstance(alias, str))
    return Instance(name, former, parent or "")


async def _last_deployment(instance: Instance) -> LastDeployment:
    """Ask the engine, which answers under every backend, and with nothing for a new stack."""
    stack = pulumi.get_stack()
    # Folders and buckets of before Pulumi 3.61 know stacks by their bare names alone.
    organization = pulumi.get_organization()
    for name in (*([f"{organization}/{pulumi.get_project()}/{stack}"] if organization else []), stack):
        try:
            found = await invoke_async("pulumi:pulumi:readStackResourceOutputs", {"stackName": name})
        except Exception as error:  # noqa: BLE001 - the SDK raises no narrower one
            reason = " ".join(str(error).split())
            continue
        return read_last_deployment((found or {}).get("outputs") or {}, instance)
    raise SettingsError(f"stack {stack}: Pulumi does not tell what it has deployed already ({reason}); run it again.")


def _refuse_no_region(region: str) -> None:
    if partition_of_name(region) is None:
        raise SettingsError(
            f"aws:region: {region!r} is no Region; set it with `pulumi config set aws:region REGION`, or in the "
            "provider that the component is given."
        )


def _refuse_other_partitions(settings: Settings, arns: Arns) -> None:
    for partition in sorted(settings.partitions - {arns.partition}):
        raise SettingsError(
            f"targetBuckets: an ARN in the partition {partition!r} cannot be watched from {arns.partition!r}; "
            "write the bucket's name, or use credentials of that partition."
        )


def _refuse_other_regions(settings: Settings, arns: Arns) -> None:
    """Alarms reach topics, and services use keys, of their own Region only; trails see those of their partition."""
    trail = settings.existing_trail or ""
    if trail.startswith("arn:") and trail.split(":")[1] != arns.partition:
        raise SettingsError(
            f"existingTrail: {settings.told('existing_trail', repr(trail))} lies in another partition than "
            f"{arns.partition!r}, where the stack is deployed, and sees nothing here; name a trail that does with "
            "`pulumi config set existingTrail NAME`."
        )
    for key, arn in (("alertTopicArn", settings.alert_topic_arn), ("kmsKey", settings.kms_key)):
        if arn and arn.startswith("arn:"):
            _, partition, _, region, *_ = arn.split(":")
            if (partition, region) != (arns.partition, arns.region):
                raise SettingsError(
                    f"{key}: {settings.told(ARGUMENTS[key], repr(arn))} does not lie in {arns.region} of "
                    f"{arns.partition!r}, where the stack is deployed; name one that does with `pulumi config set "
                    f"{key} ARN`."
                )


async def _bucket_regions(
    settings: Settings, arns: Arns, last_deployment: LastDeployment, ask: LookUp
) -> Mapping[str, str]:
    """The Region of each named bucket; one that does not exist, or cannot be seen, would be watched in vain."""
    if not settings.check_targets:
        return {}
    before = {
        bucket: region
        for bucket, region in last_deployment.bucket_regions.items()
        if region == arns.region or accepts_sigv2(region)
    }
    asked = [bucket for bucket in settings.targets.buckets if bucket not in before]
    answers = dict(
        zip(
            asked,
            await asyncio.gather(*(_look_up_bucket(bucket, settings, arns, ask) for bucket in asked)),
            strict=True,
        )
    )
    problems = [answer.problem for answer in answers.values() if answer.problem]
    if problems:
        raise SettingsError(_refusal(problems))
    return {
        bucket: answers[bucket].region if bucket in answers else before[bucket] for bucket in settings.targets.buckets
    }


@dataclass(frozen=True)
class _LookedUp:
    """A bucket's Region, or what is wrong with it, in words that begin with its name."""

    region: str
    problem: str | None = None


def _refusal(problems: Sequence[str]) -> str:
    named = ", ".join(problems[:_NAMED_AT_MOST]) + and_more(len(problems), _NAMED_AT_MOST)
    return (
        f"targetBuckets: {named}; correct it with `pulumi config set targetBuckets BUCKET,BUCKET`, watch buckets "
        "of another account from a stack there, or skip this check with `pulumi config set checkTargets false`."
    )


async def _look_up_bucket(bucket: str, settings: Settings, arns: Arns, ask: LookUp) -> _LookedUp:
    told = settings.told("target_buckets", repr(bucket))
    try:
        found = await ask("aws:s3/getBucket:getBucket", {"bucket": bucket})
    except Exception as error:  # noqa: BLE001 - the SDK raises no narrower one, and knows the reason only as text
        return _LookedUp("", f"{told} {_reason(bucket, str(error))}")
    region = str(found.get("bucketRegion") or arns.region)
    refuses = region != arns.region and not accepts_sigv2(region)
    return _LookedUp(region, f"{told} lies in {region}, which refuses SigV2" if refuses else None)


def _reason(bucket: str, error: str) -> str:
    """Why a bucket cannot be looked up; a name may itself read like any reason, and is left out of it."""
    text = " ".join(error.replace(bucket, "").split())
    status = _STATUS.search(text)
    if status and status[1] == "403":
        return "may not be looked up (it is another account's, or the permission s3:ListBucket is missing)"
    if (status and status[1] == "404") or (not status and _MISSING.search(text)):
        return "does not exist"
    return f"cannot be looked up ({text.rpartition('failed: ')[2][-200:]})"


async def _adopts_log_group(settings: Settings, arns: Arns, last_deployment: LastDeployment, ask: LookUp) -> bool:
    """A group that the engine does not hold may be left from an earlier `pulumi destroy`, or be somebody else's."""
    name = settings.log_group_name
    if settings.forward_to or name in last_deployment.log_groups.values():
        return False
    found = await ask("aws:cloudwatch/getLogGroups:getLogGroups", {"logGroupNamePrefix": name})
    if name not in (found.get("logGroupNames") or ()):
        return False
    group = await ask("aws:cloudwatch/getLogGroup:getLogGroup", {"name": name})
    tags = group.get("tags") or {}
    if (tags.get("Project"), tags.get("Stack")) == (settings.project, settings.stack):
        return True
    owner = f"stack {tags['Project']}/{tags['Stack']}" if {"Project", "Stack"} <= tags.keys() else "something else"
    raise SettingsError(
        f"logGroupName: {name!r} exists and belongs to {owner}, not to this stack; choose another with `pulumi config "
        f"set logGroupName {name}-{settings.stack}`, or, if it is this stack's from before it was renamed or lost its "
        f"tags, give it back with `aws logs tag-resource --resource-arn {arns.log_group(name)} --tags "
        f"Project={settings.project},Stack={settings.stack}`."
    )
