"""All that a stack's configuration says, in one frozen object; `checked_settings` makes it."""

from dataclasses import dataclass
from enum import StrEnum

from blueprint.settings_errors import CONCEALED
from blueprint.targets import TargetSet

LOG_RETENTION_DAYS = (
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""What CloudWatch Logs accepts, and 0 for never
(https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html)."""


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

    def told(self, argument: str, text: str) -> str:
        """A text that tells of an argument's value, or what stands for one that is secret."""
        return CONCEALED if argument in self.secret_arguments else text

    @property
    def tags(self) -> dict[str, str]:
        """Tags of everything that takes tags; they also tell whose a log group of the same name is."""
        return {"ManagedBy": "Pulumi", "Project": self.project, "Stack": self.stack}
