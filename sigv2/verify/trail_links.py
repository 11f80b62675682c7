"""Links from the bucket to the event bus: the bucket itself, and the trail that watches it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from aws_account.account_trails import selectors_of
from blueprint.names import trail_name
from blueprint.selector_coverage import covers
from blueprint.sigv2_regions import accepts_sigv2
from blueprint.trail_coverage import uncovered
from blueprint.trail_targets import MAX_TRAILS
from sigv2.bucket_region import region_of_bucket
from sigv2.policy_evaluation import Call, service_call
from sigv2.terminal import first_of
from sigv2.verify.finding import broken, ok, skipped, unknown, warning
from sigv2.verify.policy_check import NOT_UNDERSTOOD, Admitted, document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_cloudtrail.type_defs import TrailTypeDef

    from blueprint.targets import TargetSet
    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject


def bucket(subject: Subject) -> Finding:
    """The bucket exists, in a Region that the stack watches: CloudTrail sends its events to that Region's event bus."""
    name, region = subject.probed.bucket, subject.arns.region
    try:
        lies_in = region_of_bucket(subject.aws.s3, name) or region
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        return broken(
            f"the bucket {name} does not exist",
            "take it out of targetBuckets, or verify another bucket with --bucket",
        )
    if lies_in != region and not accepts_sigv2(lies_in):
        return broken(
            f"the bucket {name} lies in {lies_in}, which refuses SigV2",
            "take it out of targetBuckets, or verify another bucket with --bucket",
        )
    if lies_in != region:
        return broken(
            f"the bucket {name} lies in {lies_in}, which stack {subject.settings.stack} does not watch",
            f"have it look up where its buckets lie with {subject.restore}, or name the Region in the setting regions",
        )
    return ok(f"{name} in {region}")


def sigv2(subject: Subject) -> Finding:
    """S3 takes a SigV2 signature for this bucket."""
    if subject.answer is None:
        return skipped("not asked: --check-only sends nothing")
    if subject.answer.refuses_sigv2:
        return broken(
            f"the bucket {subject.probed.bucket} refuses SigV2: {subject.answer.reason}",
            "there is nothing to watch in a bucket that nobody can reach with SigV2: take it out of targetBuckets, "
            "or verify another bucket with --bucket",
        )
    if subject.answer.code in ("", "AccessDenied", "NoSuchKey"):
        return ok(f"taken: {subject.answer.code or subject.answer.reason}")
    return unknown(subject.answer.reason)


def trail(subject: Subject) -> Finding:
    """The trail that is to watch the bucket exists."""
    name, arns = subject.trail_name, subject.arns
    try:
        subject.aws.cloudtrail.get_trail(Name=name)
    except subject.aws.cloudtrail.exceptions.TrailNotFoundException:
        return broken(
            f"there is no trail {name} in {arns.region} of account {arns.account_id}",
            f"deploy it with {subject.restore}, or say where it is with --region and --profile",
        )
    return ok(name)


def regions(subject: Subject) -> Finding:
    """The trail sees other Regions than its own.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-multi-region-trails.html
    """
    if not subject.aws.cloudtrail.get_trail(Name=subject.trail_name)["Trail"].get("IsMultiRegionTrail"):
        return broken(
            f"the trail {subject.trail_name} is a trail of {subject.arns.region} alone, and the bucket lies elsewhere",
            f"have it see every Region with {subject.restore}",
        )
    return ok("all")


def logging(subject: Subject) -> Finding:
    """The trail is turned on."""
    if not subject.aws.cloudtrail.get_trail_status(Name=subject.trail_name)["IsLogging"]:
        return broken(f"the trail {subject.trail_name} is not logging", f"turn it on again with {subject.restore}")
    return ok("on")


def trail_bucket(subject: Subject) -> Finding:
    """The trail's bucket exists, and lets CloudTrail write its log files.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    found = subject.aws.cloudtrail.get_trail(Name=subject.trail_name)["Trail"]
    name = found["S3BucketName"]
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
    admitted = Admitted.of(policies, _writes(subject, found))
    if admitted.denied:
        return broken(
            f"the policy of the trail's bucket {name} does not allow cloudtrail.amazonaws.com "
            f"{' and '.join(dict.fromkeys(admitted.denied))} on behalf of the trail {subject.trail_name}",
            restored,
        )
    if admitted.undecided:
        return unknown(f"the policy of the trail's bucket {name} {NOT_UNDERSTOOD}")
    return ok(f"{name} lets cloudtrail.amazonaws.com write")


def _writes(subject: Subject, trail: TrailTypeDef) -> list[Call]:
    """The calls that CloudTrail makes to a trail's bucket."""
    service, arn = "cloudtrail.amazonaws.com", subject.arns.trail(subject.trail_name)
    bucket, prefix = subject.arns.s3(trail["S3BucketName"]), trail.get("S3KeyPrefix")
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


def delivery(subject: Subject) -> Finding:
    """The trail's latest attempt to write log files, or digests of them, did not fail.

    CloudTrail keeps an error until it has something to deliver again: whether the next attempt will fail, the bucket's
    policy and the key say, not this
    (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html).
    """
    status = subject.aws.cloudtrail.get_trail_status(Name=subject.trail_name)
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


def selectors(subject: Subject) -> Finding:
    """The trail's event selectors cover the object that is asked for."""
    try:
        covered = covers(selectors_of(subject.aws.cloudtrail, subject.trail_name), subject.record)
    except ValueError as error:
        return unknown(str(error))
    if not covered:
        return broken(
            f"the selectors of the trail {subject.trail_name} do not cover {subject.probed.bucket}",
            f"restore them with {subject.restore}",
        )
    return ok(f"cover {subject.probed.bucket}")


def targets(subject: Subject) -> Finding:
    """The stack's trails cover every target, whoever reads or writes it and by whatever operation."""
    selectors = [selector for trail in _trails(subject) for selector in trail]
    management_events = subject.settings.include_management_events
    try:
        gaps = uncovered(selectors, _watched(subject), subject.arns, management_events=management_events)
    except ValueError as error:
        return unknown(str(error))
    if gaps:
        return broken(
            f"no trail of stack {subject.settings.stack} that is logging covers {first_of([*map(str, gaps)])}",
            f"watch them with {subject.restore}",
        )
    return ok("each is covered")


def _watched(subject: Subject) -> TargetSet:
    """The targets, less the trail's own bucket, which a pattern could cover and no trail of the stack does."""
    watched = subject.settings.targets
    if not watched.has_pattern:
        return watched
    return watched.without(subject.aws.cloudtrail.get_trail(Name=subject.trail_name)["Trail"]["S3BucketName"])


def _trails(subject: Subject) -> Iterator[list[Mapping[str, object]]]:
    """The selectors of each trail of the stack that is logging; of the one in question, a link of its own says so."""
    cloudtrail = subject.aws.cloudtrail
    for number in range(1, MAX_TRAILS + 1):
        name = trail_name(subject.settings.base_name, number)
        try:
            if name == subject.trail_name or cloudtrail.get_trail_status(Name=name)["IsLogging"]:
                yield selectors_of(cloudtrail, name)
        except cloudtrail.exceptions.TrailNotFoundException:
            continue
