"""What a SigV2AccessLog is made from, as the user says it; `checked_settings` says what of it is right."""

from typing import NotRequired, TypedDict


class SigV2AccessLogArgs(TypedDict):
    """The settings of README.md, in Python's spelling: `targetBuckets` is `target_buckets`."""

    target_buckets: list[str]
    """Buckets to watch: names, bucket/prefix, s3:// URLs, ARNs, patterns such as team-a-*, or * for all."""

    exclude_buckets: NotRequired[list[str]]
    """What to leave out of them, in the same forms; it wins."""

    legacy_bucket_names: NotRequired[bool]
    """Whether to accept names that only us-east-1 allowed before March 2018; false by default."""

    check_targets: NotRequired[bool]
    """Whether to look up each named bucket before anything is made; true by default."""

    check_account: NotRequired[bool]
    """Whether to ask the account for its trails and quotas before anything is made; true by default."""

    existing_trail: NotRequired[str]
    """Name or ARN of a trail that is there, to use it, or auto for one that covers the targets; none by default."""

    regions: NotRequired[list[str]]
    """Regions to watch where the buckets' own cannot tell; `["all"]` for all that accept SigV2."""

    accept_from: NotRequired[list[str]]
    """Accounts, and organisations such as o-a1b2c3d4e5, whose stacks may forward to this one's log."""

    forward_to: NotRequired[str]
    """ARN of another account's event bus to forward to, instead of logging here; an output of the stack there."""

    include_management_events: NotRequired[bool]
    """Whether to log bucket-level calls such as ListBuckets as well; false by default."""

    log_group_name: NotRequired[str]
    """The log group that SigV2 requests are logged to; /aws/events/s3-sigv2-access-log by default."""

    log_retention_days: NotRequired[int]
    """Days that logged requests are kept, 0 for ever; 400 by default."""

    log_resource_policy_scope: NotRequired[str]
    """Where EventBridge's permission to write is attached: account, which is the default, or logGroup."""

    retain_logs: NotRequired[bool]
    """Whether `pulumi destroy` leaves the log group, and the trail bucket with its files, behind; true by default."""

    alert_emails: NotRequired[list[str]]
    """E-mail addresses to tell when an alarm goes off; they are secrets in the stack's state."""

    alert_topic_arn: NotRequired[str]
    """ARN of an SNS topic of this Region to tell, too."""

    kms_key: NotRequired[str]
    """What encrypts: aws, the default, for keys of the AWS services; create; or the ARN of a KMS key."""

    secret_arguments: NotRequired[list[str]]
    """Names of the other arguments whose values are to be secrets in the stack's state."""


def config_key(argument: str) -> str:
    """How Pulumi's configuration spells an argument: `target_buckets` is `targetBuckets`."""
    first, *others = argument.split("_")
    return first + "".join(word.capitalize() for word in others)


ARGUMENTS = {config_key(name): name for name in SigV2AccessLogArgs.__annotations__ if name != "secret_arguments"}
"""The name of each argument, by the key that a stack's configuration has for it."""
