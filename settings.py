"""Stack configuration, read into one frozen and validated object before anything is registered."""

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

import pulumi
from pulumi.runtime import config as pulumi_config

from components.names import base_name, trail_bucket_prefix
from components.selectors import TooManyTargetsError, assign_to_trails
from components.targets import Target, TargetError, TargetSet, fold, parse_target

LOG_RETENTION_DAYS = (
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""What CloudWatch Logs accepts, and 0 for never
(https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html)."""

KEYS = (
    "targetBuckets",
    "excludeBuckets",
    "legacyBucketNames",
    "checkTargets",
    "includeManagementEvents",
    "logGroupName",
    "logRetentionDays",
    "logResourcePolicyScope",
    "retainLogs",
    "alertEmails",
    "alertTopicArn",
    "kmsKey",
)
"""Every key of the project's namespace; a key that is none of them is a typo."""

_LOG_GROUP_NAME = re.compile(r"[A-Za-z0-9_/.#-]{1,512}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f-\x9f]+@[A-Za-z0-9.-]+")
_TOPIC_ARN = re.compile(r"arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")
_KEY_ARN = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+")
_SHOWN_CHARACTERS = 100


class SettingsError(pulumi.RunError):
    """A setting is wrong; its one sentence ends the program without a stack trace."""


class LogResourcePolicyScope(StrEnum):
    """Where the policy that lets EventBridge write to the log group is attached."""

    ACCOUNT = "account"
    LOG_GROUP = "logGroup"


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
        targets: what to watch and what to leave out, folded.
        partitions: those that entries given as ARNs lie in; the provider's must be the only one.
        trails: the targets of each trail, one to five sets.
        check_targets: whether to look up, before anything is registered, that the buckets can be watched from here.
        include_management_events: whether to log bucket-level calls such as ListBuckets as well.
        log_group_name: of the log group that SigV2 requests are logged to.
        log_retention_days: one of `LOG_RETENTION_DAYS`; 0 keeps for ever.
        log_resource_policy_scope: account-wide, or attached to the log group.
        retain_logs: whether `pulumi destroy` leaves the log group, and the trail bucket with its files, behind.
        alert_emails: who is told when an alarm goes off.
        alert_topic_arn: an SNS topic that is told, too.
        kms_key: keys of the AWS services, one that the stack creates, or the ARN of one that exists.
    """

    project: str
    stack: str
    targets: TargetSet
    partitions: frozenset[str]
    trails: tuple[TargetSet, ...]
    check_targets: bool = True
    include_management_events: bool = False
    log_group_name: str = "/aws/events/s3-sigv2-access-log"
    log_retention_days: int = 400
    log_resource_policy_scope: LogResourcePolicyScope = LogResourcePolicyScope.ACCOUNT
    retain_logs: bool = True
    alert_emails: tuple[str, ...] = ()
    alert_topic_arn: str | None = None
    kms_key: KmsKey | str = KmsKey.AWS

    @property
    def base_name(self) -> str:
        """What the names of this stack's resources start with, unlike any other stack's in the account."""
        return base_name(self.project, self.stack)

    @property
    def tags(self) -> dict[str, str]:
        """Tags of everything that takes tags; they also tell whose a log group of the same name is."""
        return {"ManagedBy": "Pulumi", "Project": self.project, "Stack": self.stack}


def read_stack_configuration() -> Settings:
    """Read the settings of the stack that is being deployed.

    Raises:
        SettingsError: as `read_settings` does.
    """
    # pulumi.Config answers for keys that it is asked for; only the whole map can show a typo.
    everything = {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}
    project = pulumi.get_project()
    namespace = f"{project}:"
    configuration = {
        key.removeprefix(namespace): str(value) for key, value in everything.items() if key.startswith(namespace)
    }
    return read_settings(configuration, project, pulumi.get_stack())


def read_settings(configuration: Mapping[str, str], project: str, stack: str) -> Settings:
    """Read and validate the whole configuration of a stack.

    Args:
        configuration: the project's own keys, without namespace, as `pulumi config` stores them: strings, with
            lists and objects as JSON.
        project: the Pulumi project's name.
        stack: the Pulumi stack's name.

    Returns:
        The settings, complete and consistent.

    Raises:
        SettingsError: one sentence with the key, the bad value, the rule and the way out.
    """
    for key in configuration:
        if key not in KEYS:
            _refuse_unknown_key(key)
    read = _Reader(configuration)
    included, excluded = read.targets("targetBuckets"), read.targets("excludeBuckets")
    if not included:
        raise SettingsError(
            "targetBuckets is not set or empty, so there is nothing to watch: name the buckets with "
            "`pulumi config set targetBuckets BUCKET,BUCKET`."
        )
    targets = fold(included, excluded)
    include_management_events = read.flag("includeManagementEvents", default=Settings.include_management_events)
    _refuse_own_trail_bucket(targets, trail_bucket_prefix(base_name(project, stack)))
    return Settings(
        project=project,
        stack=stack,
        targets=targets,
        partitions=frozenset(t.partition for t in (*included, *excluded) if t.partition),
        trails=_trails(targets, include_management_events),
        check_targets=read.flag("checkTargets", default=Settings.check_targets),
        include_management_events=include_management_events,
        log_group_name=read.log_group_name(),
        log_retention_days=read.log_retention_days(),
        log_resource_policy_scope=read.log_resource_policy_scope(),
        retain_logs=read.flag("retainLogs", default=Settings.retain_logs),
        alert_emails=read.alert_emails(),
        alert_topic_arn=read.alert_topic_arn(),
        kms_key=read.kms_key(),
    )


class _Reader:
    """Turns the text of each key into its value, or refuses it."""

    def __init__(self, configuration: Mapping[str, str]) -> None:
        self._configuration = configuration

    def flag(self, key: str, *, default: bool) -> bool:
        text = self._configuration.get(key)
        if text is None:
            return default
        if text.lower() not in ("true", "false"):
            _refuse(key, text, "is neither true nor false", f"pulumi config set {key} true")
        return text.lower() == "true"

    def targets(self, key: str) -> list[Target]:
        legacy_names = self.flag("legacyBucketNames", default=False)
        targets = []
        for entry in self.entries(key):
            try:
                targets.append(parse_target(entry, legacy_names=legacy_names))
            except TargetError as error:
                _refuse(
                    key,
                    entry,
                    f"is no bucket of S3: {error}",
                    f"pulumi config set {key} BUCKET,BUCKET",
                )
        return targets

    def entries(self, key: str) -> list[str]:
        """A list given as one name, as text with commas or spaces between names, as JSON, or as YAML."""
        text = self._configuration.get(key, "").strip()
        if not text.startswith(("[", "{")):
            return [entry for entry in re.split(r"[,\s]+", text) if entry]
        way_out = f"pulumi config set {key} NAME,NAME"
        try:
            entries = json.loads(text)
        except (ValueError, RecursionError):
            _refuse(key, text, "starts like JSON and is none", way_out)
        if not isinstance(entries, list):
            _refuse(key, text, "is an object where a list of names belongs", way_out)
        for entry in entries:
            # `pulumi config set --path` turns a name of digits into a number.
            if not isinstance(entry, str | int) or isinstance(entry, bool):
                _refuse(key, json.dumps(entry), "is not a name", way_out)
        return [str(entry).strip() for entry in entries]

    def log_group_name(self) -> str:
        name = self._configuration.get("logGroupName", Settings.log_group_name)
        if not _LOG_GROUP_NAME.fullmatch(name) or name.startswith("aws/"):
            _refuse(
                "logGroupName",
                name,
                "is no name of a log group: 1 to 512 letters, digits and the characters _ - / . #, "
                "not starting with aws/",
                f"pulumi config set logGroupName {Settings.log_group_name}",
            )
        return name

    def log_retention_days(self) -> int:
        text = self._configuration.get("logRetentionDays", str(Settings.log_retention_days))
        if text not in map(str, LOG_RETENTION_DAYS):
            _refuse(
                "logRetentionDays",
                text,
                "is no number of days that CloudWatch Logs accepts: "
                f"{', '.join(map(str, LOG_RETENTION_DAYS[1:]))}, or 0 for ever",
                f"pulumi config set logRetentionDays {Settings.log_retention_days}",
            )
        return int(text)

    def log_resource_policy_scope(self) -> LogResourcePolicyScope:
        key = "logResourcePolicyScope"
        text = self._configuration.get(key, Settings.log_resource_policy_scope.value)
        try:
            return LogResourcePolicyScope(text)
        except ValueError:
            _refuse(key, text, "is neither account nor logGroup", f"pulumi config set {key} account")

    def alert_emails(self) -> tuple[str, ...]:
        key = "alertEmails"
        for email in self.entries(key):
            if not _EMAIL.fullmatch(email):
                _refuse(key, email, "is no e-mail address", f"pulumi config set {key} NAME@EXAMPLE.COM")
        return tuple(sorted(set(self.entries(key))))

    def alert_topic_arn(self) -> str | None:
        key = "alertTopicArn"
        text = self._configuration.get(key, "")
        if text and not _TOPIC_ARN.fullmatch(text):
            _refuse(key, text, "is no ARN of an SNS topic", f"pulumi config set {key} arn:aws:sns:REGION:ACCOUNT:NAME")
        return text or None

    def kms_key(self) -> KmsKey | str:
        key = "kmsKey"
        text = self._configuration.get(key, Settings.kms_key)
        if text in tuple(KmsKey):
            return KmsKey(text)
        if not _KEY_ARN.fullmatch(text):
            _refuse(
                key,
                text,
                "is neither aws nor create nor a KMS key's ARN; an alias will not do",
                f"pulumi config set {key} arn:aws:kms:REGION:ACCOUNT:key/ID",
            )
        return text


def _trails(targets: TargetSet, management_events: bool) -> tuple[TargetSet, ...]:
    if not targets.included:
        raise SettingsError(
            "excludeBuckets covers all that targetBuckets names, so there is nothing to watch: "
            "shorten it with `pulumi config set excludeBuckets BUCKET,BUCKET`."
        )
    try:
        return assign_to_trails(targets, management_events=management_events)
    except TooManyTargetsError as error:
        raise SettingsError(
            f"targetBuckets {error}: name fewer, or cover several with a pattern such as "
            "`pulumi config set targetBuckets 'team-a-*'`, or all with '*'."
        ) from None


def _refuse_own_trail_bucket(targets: TargetSet, prefix: str) -> None:
    for bucket in targets.buckets:
        if bucket == prefix or bucket.startswith(f"{prefix}-"):
            _refuse(
                "targetBuckets",
                bucket,
                "is where this stack's own trail writes its log files, and each file would be logged again",
                "pulumi config set targetBuckets BUCKET,BUCKET",
            )


def _refuse_unknown_key(key: str) -> NoReturn:
    alike = difflib.get_close_matches(key, KEYS, n=1)
    meant = f" (did you mean {alike[0]}?)" if alike else ""
    raise SettingsError(
        f"{_shown(key)} is no setting of this project{meant}; the settings are {', '.join(KEYS)}: "
        f"remove it with `pulumi config rm {_shown(key)}`."
    )


def _refuse(key: str, value: str, rule: str, way_out: str) -> NoReturn:
    raise SettingsError(f"{key}: {_shown(value)} {rule}; set it with `{way_out}`.")


def _shown(value: str) -> str:
    """The value as one line of printable characters, cut to a readable length."""
    cut = value if len(value) <= _SHOWN_CHARACTERS else f"{value[:_SHOWN_CHARACTERS]}…"
    return repr(cut)
