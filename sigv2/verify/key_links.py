"""Links to the KMS keys in use: each must be enabled, and let the services do what they do here with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from blueprint.stack_settings import KmsKey
from sigv2.policy_evaluation import Call, service_call
from sigv2.verify.delivery_links import described_log_group
from sigv2.verify.finding import State, broken, ok, skipped, unknown
from sigv2.verify.policy_check import NOT_UNDERSTOOD, Admitted, document
from sigv2.verify.queue_links import url_of
from sigv2.verify.watching_trail import described_trail, needed_by_log_files_alone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject

_USABLE: Final = ("Enabled", "Updating")
"""https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html"""


@needed_by_log_files_alone
def trail_key(subject: Subject) -> Finding:
    """CloudTrail may encrypt its log files.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    """
    used, trail = described_trail(subject).get("KmsKeyId"), subject.trail
    if used and used.startswith("arn:") and used.split(":")[3] != trail.home_region:
        # A key lies where the trail's bucket does, which somebody else's trail may have anywhere.
        return skipped(f"its owner's to know: the KMS key {used} is in another Region than the trail")
    arn = trail.arn
    context = {"kms:EncryptionContext:aws:cloudtrail:arn": arn}

    def calls(key: str) -> list[Call]:
        encrypts = service_call("cloudtrail.amazonaws.com", "kms:GenerateDataKey", key, arn)
        return [
            replace(encrypts, context={**encrypts.context, **context}),
            service_call("cloudtrail.amazonaws.com", "kms:DescribeKey", key, arn),
        ]

    return check_key(replace(subject, aws=replace(subject.aws, kms=trail.kms)), used, calls)


def log_group_key(subject: Subject) -> Finding:
    """CloudWatch Logs may encrypt and decrypt the log group.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    group = described_log_group(subject)
    service = subject.arns.logs_service
    actions = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptTo", "kms:ReEncryptFrom", "kms:GenerateDataKey")
    context = {"kms:EncryptionContext:aws:logs:arn": subject.log_group_arn}

    def calls(key: str) -> list[Call]:
        made = (service_call(service, action, key, subject.log_group_arn) for action in actions)
        return [replace(call, context={**call.context, **context}) for call in made]

    return check_key(subject, group.get("kmsKeyId") if group else None, calls)


def queue_key(subject: Subject) -> Finding:
    """EventBridge may encrypt what it sends to the dead-letter queue; it names no source to KMS.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    answer = subject.aws.sqs.get_queue_attributes(QueueUrl=url_of(subject), AttributeNames=["KmsMasterKeyId"])

    def calls(key: str) -> list[Call]:
        actions = ("kms:Decrypt", "kms:GenerateDataKey")
        return [service_call("events.amazonaws.com", action, key, None) for action in actions]

    return check_key(subject, answer.get("Attributes", {}).get("KmsMasterKeyId"), calls)


def check_key(subject: Subject, key: str | None, calls: Callable[[str], Sequence[Call]]) -> Finding:
    """Check a key.

    Args:
        subject: what is verified.
        key: the key's id, ARN or alias, as the resource names it; none where a key of the service encrypts.
        calls: from the key's ARN to the calls that one service has to make.
    """
    if not key:
        return ok("none: a key of the service encrypts")
    found = _check(subject, key, calls)
    if found.state is State.BROKEN and not _is_meant(subject, key):
        return broken(found.says, f"encrypt with what kmsKey says again, with {subject.restore}")
    return found


def _is_meant(subject: Subject, key: str) -> bool:
    """Whether the settings say that this key is used; of the stack's own they do not say which it is."""
    meant = subject.settings.kms_key
    return meant is KmsKey.CREATE or (not isinstance(meant, KmsKey) and key in (meant, meant.rpartition("/")[2]))


def _check(subject: Subject, key: str, calls: Callable[[str], Sequence[Call]]) -> Finding:
    kms = subject.aws.kms
    try:
        described = kms.describe_key(KeyId=key)["KeyMetadata"]
    except kms.exceptions.NotFoundException:
        return broken(
            f"there is no KMS key {key}",
            f"name another with `pulumi config set kmsKey`, then {subject.restore}; what it encrypted cannot be read",
        )
    arn = described["Arn"]
    if described["KeyState"] not in _USABLE:
        cancel = f"`aws kms cancel-key-deletion --key-id {arn}`, then "
        return broken(
            f"the KMS key {arn} is in the state {described['KeyState']}",
            f"{cancel if described['KeyState'] == 'PendingDeletion' else ''}`aws kms enable-key --key-id {arn}`",
        )
    policies = document(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])
    asked = calls(arn)
    admitted = Admitted.of(policies, asked)
    if admitted.denied:
        without = ", which names no source to KMS," if "aws:SourceArn" not in asked[0].context else ""
        return broken(
            f"the policy of the KMS key {arn} does not allow {asked[0].principal}{without} "
            f"{' and '.join(admitted.denied)}",
            f"restore it with {subject.restore}"
            if subject.settings.kms_key is KmsKey.CREATE
            else "have its owner add the statements that SECURITY.md names for a key of your own",
        )
    if admitted.undecided:
        return unknown(f"the policy of the KMS key {arn} {NOT_UNDERSTOOD}")
    return ok(f"{arn} lets {asked[0].principal} use it")
