"""What each argument that the user gives means, or why it is refused."""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NoReturn

from blueprint.arguments import ARGUMENTS
from blueprint.region_names import partition_of_name
from blueprint.settings_errors import CONCEALED, SettingsError, refuse, shown
from blueprint.sigv2_regions import ALL_REGIONS, SIGV2_REGIONS, accepts_sigv2
from blueprint.stack_settings import LOG_RETENTION_DAYS, KmsKey, LogResourcePolicyScope, Settings
from blueprint.targets import Target, TargetError, parse_target

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


class GivenArguments:
    """Turns each argument into what it means, or refuses it.

    Every method raises `SettingsError` where its argument is wrong.

    Args:
        arguments: a `SigV2AccessLogArgs`, of which nothing is believed.
    """

    def __init__(self, arguments: Mapping[str, object]) -> None:
        # Other languages pass an argument that was left out as null.
        self._by_key = {key: arguments[name] for key, name in ARGUMENTS.items() if arguments.get(name) is not None}
        self._secret = _secret_arguments(arguments.get("secret_arguments"))

    def _refuse(self, key: str, value: object, rule: str, way_out: str, so: str = "set it") -> NoReturn:
        refuse(key, CONCEALED if ARGUMENTS[key] in self._secret else value, rule, way_out, so)

    def flag(self, key: str, *, default: bool) -> bool:
        """A yes or no."""
        value = self._by_key.get(key, default)
        if not isinstance(value, bool):
            self._refuse(key, value, "is neither true nor false", f"pulumi config set {key} true")
        return value

    def targets(self, key: str) -> list[Target]:
        """The entries of `targetBuckets` or `excludeBuckets`, in their order."""
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
        """Regions that accept SigV2, or `ALL_REGIONS`, each once and in order."""
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
        """Ids of accounts and organisations, each once and in order."""
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
        """ARN of another account's event bus; None for no forwarding."""
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
        """Name or ARN of a trail, or `ANY_EXISTING_TRAIL`; None for trails of its own."""
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
        """Name of a log group."""
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
        """One of `LOG_RETENTION_DAYS`."""
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
        """Where the policy of the log group is attached."""
        key = "logResourcePolicyScope"
        scope = self._by_key.get(key, Settings.log_resource_policy_scope)
        if not isinstance(scope, str) or scope not in tuple(LogResourcePolicyScope):
            self._refuse(key, scope, "is neither account nor logGroup", f"pulumi config set {key} account")
        return LogResourcePolicyScope(scope)

    def alert_emails(self) -> tuple[str, ...]:
        """E-mail addresses, each once and in order."""
        key = "alertEmails"
        emails = self._names(key)
        for email in emails:
            if not _EMAIL.fullmatch(email):
                self._refuse(key, email, "is no e-mail address", f"pulumi config set {key} NAME@EXAMPLE.COM")
        return tuple(sorted(set(emails)))

    def alert_topic_arn(self) -> str | None:
        """ARN of an SNS topic; None for none."""
        key = "alertTopicArn"
        arn = self._by_key.get(key, "")
        if not isinstance(arn, str) or (arn and not _TOPIC_ARN.fullmatch(arn)):
            way_out = f"pulumi config set {key} arn:aws:sns:REGION:ACCOUNT:NAME"
            self._refuse(key, arn, "is no ARN of an SNS topic", way_out)
        return arn or None

    def kms_key(self) -> KmsKey | str:
        """Whose key encrypts, or the ARN of one."""
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
        """Names of the arguments that are secrets."""
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


def _is_legacy_name(entry: str) -> bool:
    try:
        parse_target(entry, legacy_names=True)
    except TargetError:
        return False
    return True
