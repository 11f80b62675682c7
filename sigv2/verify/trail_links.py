"""Links from the bucket to the event bus: the bucket itself, and the trail that watches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sigv2.selector_coverage import covers
from sigv2.verify.finding import broken, ok, skipped, unknown
from sigv2.verify.subject import selectors_of

if TYPE_CHECKING:
    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject


def bucket(subject: Subject) -> Finding:
    """The bucket exists, in the Region of the trail: CloudTrail sends its events to that Region's event bus."""
    name, region = subject.probed.bucket, subject.arns.region
    try:
        headers = subject.aws.s3.head_bucket(Bucket=name)["ResponseMetadata"]["HTTPHeaders"]
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return broken(
                f"the bucket {name} does not exist",
                "take it out of targetBuckets, or verify another bucket with --bucket",
            )
        headers = error.response["ResponseMetadata"]["HTTPHeaders"]
        # S3 tells a bucket's Region even to those whom it tells nothing else.
        if "x-amz-bucket-region" not in headers:
            raise
    lies_in = headers.get("x-amz-bucket-region", region)
    if lies_in != region:
        return broken(
            f"the bucket {name} lies in {lies_in}, and the stack in {region}",
            f"watch it from a stack with aws:region {lies_in}, and take it out of this one's targetBuckets",
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


def logging(subject: Subject) -> Finding:
    """The trail is turned on."""
    if not subject.aws.cloudtrail.get_trail_status(Name=subject.trail_name)["IsLogging"]:
        return broken(f"the trail {subject.trail_name} is not logging", f"turn it on again with {subject.restore}")
    return ok("on")


def delivery(subject: Subject) -> Finding:
    """The trail can write its log files and their digests."""
    status = subject.aws.cloudtrail.get_trail_status(Name=subject.trail_name)
    for what, error in (
        ("log files", status.get("LatestDeliveryError")),
        ("digests of its log files", status.get("LatestDigestDeliveryError")),
    ):
        if error:
            return broken(
                f"the trail {subject.trail_name} cannot deliver {what}: {error}",
                f"restore its bucket, the bucket's policy and the key's with {subject.restore}; "
                "the policy of a key that is not the stack's own is its owner's to restore",
            )
    return ok("no delivery error")


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
