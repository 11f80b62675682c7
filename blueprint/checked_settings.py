"""Arguments, checked into one frozen object before anything is registered."""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NoReturn

from blueprint.arguments import ARGUMENTS, config_key
from blueprint.instances import OF_THE_PROGRAM
from blueprint.names import base_name, trail_bucket_prefix
from blueprint.region_names import partition_of_name
from blueprint.settings_errors import CONCEALED, SettingsError, plain, refuse, refuse_unknown_key, shown
from blueprint.sigv2_regions import ALL_REGIONS, SIGV2_REGIONS, accepts_sigv2
from blueprint.targets import Target, TargetError, TargetSet, fold, parse_target
from blueprint.trail_targets import TooManyTargetsError, assign_to_trails

LOG_RETENTION_DAYS = (
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""What CloudWatch Logs accepts, and 0 for never
(https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html)."""

_LOG_GROUP_NAME = re.compile(r"[A-Za-z0-9_/.#-]{1,512}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f-\x9f]+@[A-Za-z0-9.-]+")
_TOPIC_ARN = re.compile(r"arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")
_BUS_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):events:(?P<region>[a-z0-9-]+):[0-9]{12}:event-bus/[A-Za-z0-9._-]{1,256}"
)
_TRAIL_NAME = re.compile(r"(?=.{3,128}$)[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*", re.ASCII)
_TRAIL_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):cloudtrail:(?P<region>[a-z0-9-]+):[0-9]{12}:trail/(?P<name>[A-Za-z0-9._-]{3,128})"
)
_ACCOUNT_OR_ORGANIZATION = re.compile(r"[0-9]{12}|o-[a-z0-9]{10,32}")
_KEY_ARN = re.compile(
    r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})"
)
_RULE_OF_LEGACY_NAMES = "can only be a bucket of us-east-1 from before March 2018"


class LogResourcePolicyScope(StrEnum):
    """Where the policy that lets EventBridge write to the log group is attached."""

    ACCOUNT = "account"
    LOG_GROUP = "logGroup"


ANY_EXISTING_TRAIL = "auto"
"""What `existingTrail` is where one is joined if one covers the targets; a trail of this name is joined by its ARN."""


class KmsKey(StrEnum):
    """Whose key encrypts, where it is not one given by its ARN."""

    AWS = "aws"
    CREATE = "create"


@dataclass(frozen=True)
class Settings:
    """All that the stack's configuration says; README.md explains each key.

    Attributes:
        project: the Pulumi project's name.
        stack: the Pulumi stack's name.
        base_name: what names in AWS start with, unlike any other's in the account.
        targets: what to watch and what to leave out, folded.
        partitions: those that entries given as ARNs lie in; the provider's must be the only one.
        check_targets: whether to look up, before anything is registered, that the buckets can be watched from here.
        check_account: whether to ask the account for its trails and quotas before anything is registered.
        existing_trail: name or ARN of the trail that is joined instead of making any, or `ANY_EXISTING_TRAIL`.
        regions: that are to be watched beside those that the buckets are found in; `ALL_REGIONS` is one of them.
        accept_from: ids of accounts and organisations whose stacks may forward to this one's log.
        forward_to: ARN of another account's event bus that takes the place of a log group here.
        include_management_events: whether to log bucket-level calls such as ListBuckets as well.
        log_group_name: of the log group that SigV2 requests are logged to.
        log_retention_days: one of `LOG_RETENTION_DAYS`; 0 keeps for ever.
        log_resource_policy_scope: account-wide, or attached to the log group.
        retain_logs: whether `pulumi destroy` leaves the log group, and the trail bucket with its files, behind.
        alert_emails: who is told when an alarm goes off.
        alert_topic_arn: an SNS topic that is told, too.
        kms_key: keys of the AWS services, one that the stack creates, or the ARN of one that exists.
        secret_arguments: whose values are to be secrets in the stack's state.
    """

    project: str
    stack: str
    base_name: str
    targets: TargetSet
    partitions: frozenset[str]
    check_targets: bool = True
    check_account: bool = True
    existing_trail: str | None = None
    regions: tuple[str, ...] = ()
    accept_from: tuple[str, ...] = ()
    forward_to: str | None = None
    include_management_events: bool = False
    log_group_name: str = "/aws/events/s3-sigv2-access-log"
    log_retention_days: int = 400
    log_resource_policy_scope: LogResourcePolicyScope = LogResourcePolicyScope.ACCOUNT
    retain_logs: bool = True
    alert_emails: tuple[str, ...] = ()
    alert_topic_arn: str | None = None
    kms_key: KmsKey | str = KmsKey.AWS
    secret_arguments: frozenset[str] = frozenset()

    @property
    def accepted_accounts(self) -> tuple[str, ...]:
        """Of `accept_from`, the ids of single accounts."""
        return tuple(accepted for accepted in self.accept_from if accepted.isdigit())

    @property
    def accepted_organizations(self) -> tuple[str, ...]:
        """Of `accept_from`, the ids of organisations."""
        return tuple(accepted for accepted in self.accept_from if not accepted.isdigit())

    @property
    def tags(self) -> dict[str, str]:
        """Tags of everything that takes tags; they also tell whose a log group of the same name is."""
        return {"ManagedBy": "Pulumi", "Project": self.project, "Stack": self.stack}


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
    given = _Arguments(arguments)
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


class _Arguments:
    """Turns each argument into what it means, or refuses it."""

    def __init__(self, arguments: Mapping[str, object]) -> None:
        # Other languages pass an argument that was left out as null.
        self._by_key = {key: arguments[name] for key, name in ARGUMENTS.items() if arguments.get(name) is not None}
        self._secret = _secret_arguments(arguments.get("secret_arguments"))

    def _refuse(self, key: str, value: object, rule: str, way_out: str, so: str = "set it") -> NoReturn:
        refuse(key, CONCEALED if ARGUMENTS[key] in self._secret else value, rule, way_out, so)

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._by_key.get(key, default)
        if not isinstance(value, bool):
            self._refuse(key, value, "is neither true nor false", f"pulumi config set {key} true")
        return value

    def targets(self, key: str) -> list[Target]:
        legacy_names = self.flag("legacyBucketNames", default=False)
        targets = []
        for entry in self._names(key):
            try:
                targets.append(parse_target(entry, legacy_names=legacy_names))
            except TargetError as error:
                if not legacy_names and _is_legacy_name(entry):
                    way_out = "pulumi config set legacyBucketNames true"
                    self._refuse(
                        key, entry, f"{_RULE_OF_LEGACY_NAMES}: {error}", way_out, "if it is one of those, accept them"
                    )
                self._refuse(key, entry, f"is no bucket of S3: {error}", f"pulumi config set {key} BUCKET,BUCKET")
        return targets

    def _names(self, key: str) -> list[str]:
        values = self._by_key.get(key, ())
        way_out = f"pulumi config set {key} NAME,NAME"
        if isinstance(values, str | bytes) or not isinstance(values, Sequence | AbstractSet):
            self._refuse(key, values, "is not a list of names", way_out)
        names = list(values)
        for name in names:
            if not isinstance(name, str):
                self._refuse(key, name, "is not a name", way_out)
        return names

    def regions(self) -> tuple[str, ...]:
        key, way_out = "regions", "pulumi config set regions REGION,REGION"
        names = self._names(key)
        for name in names:
            if name == ALL_REGIONS or accepts_sigv2(name):
                continue
            if partition_of_name(name) is None:
                self._refuse(key, name, f"is no Region, nor {ALL_REGIONS!r}", way_out)
            accepting = ", ".join(region for regions in SIGV2_REGIONS.values() for region in regions)
            self._refuse(
                key,
                name,
                f"is none of the Regions that accept SigV2, where alone something can be seen: {accepting}",
                way_out,
            )
        return tuple(sorted(set(names)))

    def accept_from(self) -> tuple[str, ...]:
        key = "acceptFrom"
        names = self._names(key)
        for name in names:
            if not _ACCOUNT_OR_ORGANIZATION.fullmatch(name):
                self._refuse(
                    key,
                    name,
                    "is neither the twelve digits of an account nor the id of an organisation such as o-a1b2c3d4e5",
                    f"pulumi config set {key} ACCOUNT,ACCOUNT",
                )
        return tuple(sorted(set(names)))

    def forward_to(self) -> str | None:
        key = "forwardTo"
        arn = self._by_key.get(key, "")
        named = _BUS_ARN.fullmatch(arn) if isinstance(arn, str) else None
        wrong = "" if named or arn == "" else "is no ARN of an event bus that takes what is forwarded"
        if named and partition_of_name(named["region"]) != named["partition"]:
            wrong = "names no Region of its partition"
        if wrong:
            self._refuse(
                key,
                arn,
                f"{wrong}; the stack to forward to has it as its output eventBusArn",
                f"pulumi config set {key} arn:aws:events:REGION:ACCOUNT:event-bus/NAME",
            )
        return named[0] if named else None

    def existing_trail(self) -> str | None:
        key = "existingTrail"
        trail = self._by_key.get(key, "")
        if trail == "":
            return None
        named = _TRAIL_ARN.fullmatch(trail) if isinstance(trail, str) else None
        if not isinstance(trail, str) or not (named or _TRAIL_NAME.fullmatch(trail)):
            way_out = f"pulumi config set {key} NAME"
            self._refuse(key, trail, "is neither the name of a trail nor its ARN, nor auto", way_out)
        if named and partition_of_name(named["region"]) != named["partition"]:
            way_out = f"pulumi config set {key} arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME"
            self._refuse(key, trail, "names no Region of its partition", way_out)
        return trail

    def log_group_name(self) -> str:
        name = self._by_key.get("logGroupName", Settings.log_group_name)
        if not isinstance(name, str) or not _LOG_GROUP_NAME.fullmatch(name) or name.startswith("aws/"):
            self._refuse(
                "logGroupName",
                name,
                "is no name of a log group: 1 to 512 letters, digits and the characters _ - / . #, "
                "not starting with aws/",
                f"pulumi config set logGroupName {Settings.log_group_name}",
            )
        return name

    def log_retention_days(self) -> int:
        days = self._by_key.get("logRetentionDays", Settings.log_retention_days)
        # Numbers of other languages arrive as floats.
        if isinstance(days, bool) or not isinstance(days, int | float) or days not in LOG_RETENTION_DAYS:
            self._refuse(
                "logRetentionDays",
                days,
                "is no number of days that CloudWatch Logs accepts: "
                f"{', '.join(map(str, LOG_RETENTION_DAYS[1:]))}, or 0 for ever",
                f"pulumi config set logRetentionDays {Settings.log_retention_days}",
            )
        return int(days)

    def log_resource_policy_scope(self) -> LogResourcePolicyScope:
        key = "logResourcePolicyScope"
        scope = self._by_key.get(key, Settings.log_resource_policy_scope)
        if not isinstance(scope, str) or scope not in tuple(LogResourcePolicyScope):
            self._refuse(key, scope, "is neither account nor logGroup", f"pulumi config set {key} account")
        return LogResourcePolicyScope(scope)

    def alert_emails(self) -> tuple[str, ...]:
        key = "alertEmails"
        emails = self._names(key)
        for email in emails:
            if not _EMAIL.fullmatch(email):
                self._refuse(key, email, "is no e-mail address", f"pulumi config set {key} NAME@EXAMPLE.COM")
        return tuple(sorted(set(emails)))

    def alert_topic_arn(self) -> str | None:
        key = "alertTopicArn"
        arn = self._by_key.get(key, "")
        if not isinstance(arn, str) or (arn and not _TOPIC_ARN.fullmatch(arn)):
            way_out = f"pulumi config set {key} arn:aws:sns:REGION:ACCOUNT:NAME"
            self._refuse(key, arn, "is no ARN of an SNS topic", way_out)
        return arn or None

    def kms_key(self) -> KmsKey | str:
        key = "kmsKey"
        kms_key = self._by_key.get(key, Settings.kms_key)
        if isinstance(kms_key, str) and kms_key in tuple(KmsKey):
            return KmsKey(kms_key)
        if not isinstance(kms_key, str) or not _KEY_ARN.fullmatch(kms_key):
            self._refuse(
                key,
                kms_key,
                "is neither aws nor create nor a KMS key's ARN; an alias will not do",
                f"pulumi config set {key} arn:aws:kms:REGION:ACCOUNT:key/ID",
            )
        return kms_key

    def secret_arguments(self) -> frozenset[str]:
        return self._secret


def _secret_arguments(names: object) -> frozenset[str]:
    """Arguments by their names in Python, given so or as other languages spell them."""
    secret = set()
    for name in names if isinstance(names, list | tuple) else [names] if names is not None else []:
        if not isinstance(name, str) or (name not in ARGUMENTS and name not in ARGUMENTS.values()):
            known = ", ".join(ARGUMENTS)
            raise SettingsError(f"secretArguments: {shown(name)} is no argument; name some of {known}.")
        secret.add(ARGUMENTS.get(name, name))
    return frozenset(secret)


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


def _is_legacy_name(entry: str) -> bool:
    try:
        parse_target(entry, legacy_names=True)
    except TargetError:
        return False
    return True
