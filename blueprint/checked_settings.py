"""Arguments, checked into one frozen object before anything is registered."""

from collections.abc import Mapping
from dataclasses import replace

from blueprint.arguments import ARGUMENTS, config_key
from blueprint.given_arguments import GivenArguments
from blueprint.instances import OF_THE_PROGRAM
from blueprint.names import base_name, trail_bucket_prefix
from blueprint.settings_errors import SettingsError, plain, refuse, refuse_unknown_key, shown
from blueprint.stack_settings import ANY_EXISTING_TRAIL, Settings
from blueprint.targets import TargetSet, fold
from blueprint.trail_targets import TooManyTargetsError, assign_to_trails


def check(arguments: Mapping[str, object], project: str, stack: str, instance: str = OF_THE_PROGRAM) -> Settings:
    """Check what the user says.

    Args:
        arguments: a `SigV2AccessLogArgs`, of which nothing is believed: values may come from any language.
        project: the Pulumi project's name.
        stack: the Pulumi stack's name.
        instance: the name of the SigV2AccessLog in its program.

    Raises:
        SettingsError: for the first argument that is unknown, missing or wrong.
    """
    if not isinstance(arguments, Mapping):
        raise SettingsError(
            f"{shown(arguments)} is no mapping of arguments to values; give {{'target_buckets': ['BUCKET']}} or more."
        )
    for name in arguments:
        if name in ARGUMENTS and name not in ARGUMENTS.values():
            raise SettingsError(f"{name!r} is how a stack's settings spell it; the argument is {ARGUMENTS[name]!r}.")
        if name not in ARGUMENTS.values() and name != "secret_arguments":
            refuse_unknown_key(config_key(name) if isinstance(name, str) else plain(name))
    given = GivenArguments(arguments)
    included, excluded = given.targets("targetBuckets"), given.targets("excludeBuckets")
    if not included:
        raise SettingsError(
            "targetBuckets is not set or empty, so there is nothing to watch: name the buckets with "
            "`pulumi config set targetBuckets BUCKET,BUCKET`."
        )
    targets = fold(included, excluded)
    include_management_events = given.flag("includeManagementEvents", default=Settings.include_management_events)
    accept_from, forward_to = given.accept_from(), given.forward_to()
    if accept_from and forward_to:
        raise SettingsError(
            "acceptFrom and forwardTo are both set, and what is forwarded here cannot be forwarded once more: remove "
            "one with `pulumi config rm acceptFrom` or `pulumi config rm forwardTo`."
        )
    check_account, existing_trail = given.flag("checkAccount", default=Settings.check_account), given.existing_trail()
    if existing_trail == ANY_EXISTING_TRAIL and not check_account:
        raise SettingsError(
            "existingTrail: 'auto' looks for a trail in the account, and checkAccount is false; name the trail with "
            "`pulumi config set existingTrail NAME`, or have the account asked with `pulumi config rm checkAccount`."
        )
    base = base_name(project, stack, instance)
    _refuse_own_trail_bucket(targets, trail_bucket_prefix(base))
    if not targets.included:
        raise SettingsError(
            "excludeBuckets covers all that targetBuckets names, so there is nothing to watch: "
            "shorten it with `pulumi config set excludeBuckets BUCKET,BUCKET`."
        )
    if existing_trail is None:
        _refuse_what_no_trails_hold(targets, include_management_events)
    return Settings(
        project=project,
        stack=stack,
        base_name=base,
        targets=targets,
        partitions=frozenset(t.partition for t in (*included, *excluded) if t.partition),
        check_targets=given.flag("checkTargets", default=Settings.check_targets),
        check_account=check_account,
        existing_trail=existing_trail,
        regions=given.regions(),
        accept_from=accept_from,
        forward_to=forward_to,
        include_management_events=include_management_events,
        log_group_name=given.log_group_name(),
        log_retention_days=given.log_retention_days(),
        log_resource_policy_scope=given.log_resource_policy_scope(),
        retain_logs=given.flag("retainLogs", default=Settings.retain_logs),
        alert_emails=given.alert_emails(),
        alert_topic_arn=given.alert_topic_arn(),
        kms_key=given.kms_key(),
        secret_arguments=given.secret_arguments(),
    )


def with_base_name(settings: Settings, base_name: str) -> Settings:
    """The same settings under names that are deployed already.

    Raises:
        SettingsError: with these names, a target is where the trail writes to.
    """
    _refuse_own_trail_bucket(settings.targets, trail_bucket_prefix(base_name))
    return replace(settings, base_name=base_name)


def _refuse_what_no_trails_hold(targets: TargetSet, management_events: bool) -> None:
    try:
        assign_to_trails(targets, management_events=management_events)
    except TooManyTargetsError as error:
        raise SettingsError(
            f"targetBuckets {error}: name fewer, or cover several with a pattern such as "
            "`pulumi config set targetBuckets 'team-a-*'`, or all with '*'."
        ) from None


def _refuse_own_trail_bucket(targets: TargetSet, prefix: str) -> None:
    for bucket in targets.buckets:
        if bucket == prefix or bucket.startswith(f"{prefix}-"):
            refuse(
                "targetBuckets",
                bucket,
                "is where this stack's own trail writes its log files, and each file would be logged again",
                "pulumi config set targetBuckets BUCKET,BUCKET",
            )
