"""Links that a trail's log files need: the bucket that they go to, and how the latest delivery went."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sigv2.policy_evaluation import Call, service_call
from sigv2.verify.finding import broken, ok, skipped, unknown, warning
from sigv2.verify.policy_check import NOT_UNDERSTOOD, Admitted, document
from sigv2.verify.watching_trail import described_trail, needed_by_log_files_alone, told_by_owner

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail.type_defs import TrailTypeDef

    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject


@needed_by_log_files_alone
def trail_bucket(subject: Subject) -> Finding:
    """The trail's bucket exists, and lets CloudTrail write its log files.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    found = described_trail(subject)
    name = found.get("S3BucketName")
    if name is None:
        return skipped(f"its owner's to know: CloudTrail does not tell where the trail {subject.trail} delivers")
    if subject.trail.is_joined and found.get("IsOrganizationTrail"):
        return skipped(f"its owner's to know: the folders of {name} are the organization's")
    restored = f"restore it with {subject.restore}"
    try:
        policies = document(subject.aws.s3.get_bucket_policy(Bucket=name)["Policy"])
    except ClientError as error:
        code = error.response["Error"].get("Code")
        if code == "NoSuchBucket":
            return broken(f"the trail's bucket {name} does not exist", restored)
        if code != "NoSuchBucketPolicy":
            raise
        policies = []
    admitted = Admitted.of(policies, _writes(subject, found, name))
    if admitted.denied:
        return broken(
            f"the policy of the trail's bucket {name} does not allow cloudtrail.amazonaws.com "
            f"{' and '.join(dict.fromkeys(admitted.denied))} on behalf of the trail {subject.trail}",
            restored,
        )
    if admitted.undecided:
        return unknown(f"the policy of the trail's bucket {name} {NOT_UNDERSTOOD}")
    return ok(f"{name} lets cloudtrail.amazonaws.com write")


def _writes(subject: Subject, trail: TrailTypeDef, bucket_name: str) -> list[Call]:
    """The calls that CloudTrail makes to a trail's bucket."""
    service, arn = "cloudtrail.amazonaws.com", subject.trail.arn
    bucket, prefix = subject.arns.s3(bucket_name), trail.get("S3KeyPrefix")
    folder = f"{bucket}/{f'{prefix}/' if prefix else ''}AWSLogs/{subject.arns.account_id}"
    context = {"s3:x-amz-acl": "bucket-owner-full-control"}
    if trail.get("KmsKeyId"):
        context |= {
            "s3:x-amz-server-side-encryption": "aws:kms",
            "s3:x-amz-server-side-encryption-aws-kms-key-id": trail["KmsKeyId"],
        }
    kinds = ("CloudTrail", "CloudTrail-Digest") if trail.get("LogFileValidationEnabled") else ("CloudTrail",)
    puts = [service_call(service, "s3:PutObject", f"{folder}/{kind}/any.json.gz", arn) for kind in kinds]
    return [
        service_call(service, "s3:GetBucketAcl", bucket, arn),
        *(replace(put, context={**put.context, **context}) for put in puts),
    ]


@told_by_owner
def delivery(subject: Subject) -> Finding:
    """The trail's latest attempt to write log files, or digests of them, did not fail.

    CloudTrail keeps an error until it has something to deliver again: whether the next attempt will fail, the bucket's
    policy and the key say, not this
    (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html).
    """
    status = subject.trail.cloudtrail.get_trail_status(Name=str(subject.trail))
    attempted = _time(status.get("LatestDeliveryAttemptTime"))
    for what, error, delivered, tried in (
        ("log files", status.get("LatestDeliveryError"), status.get("LatestDeliveryTime"), attempted),
        (
            "digests of its log files",
            status.get("LatestDigestDeliveryError"),
            status.get("LatestDigestDeliveryTime"),
            None,
        ),
    ):
        if not error or (tried and delivered and delivered >= tried):
            continue
        when = f" at {tried:%Y-%m-%d %H:%M} UTC" if tried else ""
        last = f" after those of {delivered.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if delivered else ""
        return warning(
            f"the last attempt{when} to deliver {what}{last} failed with {error}, and nothing was tried since",
            "nothing, if the trail's bucket and the trail's key are right by now: CloudTrail tries again with its next "
            "log file, and the error goes away",
        )
    return ok("no delivery error")


def _time(text: str | None) -> datetime | None:
    """A time that CloudTrail gives as text, in a field that its documentation calls no longer in use."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
