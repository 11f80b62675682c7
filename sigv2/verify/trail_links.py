"""Links from the bucket to the event bus: the bucket itself, and the trail that watches it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from blueprint.selector_completion import completing
from blueprint.selector_coverage import covers
from blueprint.sigv2_regions import accepts_sigv2
from blueprint.trail_coverage import missed_by_trail
from blueprint.trail_targets import trail_names
from sigv2.bucket_region import region_of_bucket
from sigv2.stack.stack_regions import regions_of_buckets
from sigv2.terminal import first_of
from sigv2.verify.finding import broken, ok, skipped, unknown
from sigv2.verify.watching_trail import described_trail, mended_by_owner, told_by_owner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from blueprint.trail_coverage import Gap, Selector
    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject
    from sigv2.verify.watching_trail import WatchingTrail


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
    trail, arns = subject.trail, subject.arns
    if described_trail(subject):
        return ok(str(trail))
    where = f"in {trail.home_region} of account {arns.account_id}"
    if trail.is_joined:
        return broken(f"there is no trail {trail} {where}", mended_by_owner(subject.settings, ""))
    return broken(
        f"there is no trail {trail} {where}",
        f"deploy it with {subject.restore}, or say where it is with --region and --profile",
    )


def regions(subject: Subject) -> Finding:
    """The trail sees other Regions than its own.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-multi-region-trails.html
    """
    trail = subject.trail
    if not described_trail(subject).get("IsMultiRegionTrail"):
        return broken(
            f"the trail {trail} is a trail of {trail.home_region} alone, and the bucket lies elsewhere",
            _mended(subject, "make it a multi-Region trail", f"have it see every Region with {subject.restore}"),
        )
    return ok("all")


@told_by_owner
def logging(subject: Subject) -> Finding:
    """The trail is turned on."""
    trail = subject.trail
    if not trail.is_logging:
        start = f"turn it on with `aws cloudtrail start-logging --region {trail.home_region} --name {trail.arn}`"
        return broken(
            f"the trail {trail} is not logging", _mended(subject, start, f"turn it on again with {subject.restore}")
        )
    return ok("on")


def _mended(subject: Subject, owner_does: str, restored: str) -> str:
    """How the trail is mended, by whoever may change it."""
    return mended_by_owner(subject.settings, owner_does) if subject.trail.is_joined else restored


@told_by_owner
def selectors(subject: Subject) -> Finding:
    """The trail's event selectors cover the object that is asked for."""
    trail, bucket = subject.trail, subject.probed.bucket
    selected = trail.selectors
    try:
        if covers(selected, subject.record):
            return ok(f"cover {bucket}")
        gaps = _gaps(subject, selected)
    except ValueError as error:
        return unknown(str(error))
    return broken(
        f"the selectors of the trail {trail} do not cover {bucket}",
        _mended(subject, _selecting(subject, selected, gaps), f"restore them with {subject.restore}"),
    )


@told_by_owner
def targets(subject: Subject) -> Finding:
    """The trails cover every target, wherever it lies, whoever reads or writes it and by whatever operation."""
    if subject.trail.is_joined and not subject.trail.is_logging:
        return logging(subject)
    selected: list[Selector] = []
    for trail, selectors in _trails(subject):
        selected += selectors
        if unseen := _unseen(subject, trail):
            return broken(
                f"the trail {trail} is a trail of {trail.home_region} alone, and targets lie in {', '.join(unseen)}",
                _mended(subject, "make it a multi-Region trail", f"have it see every Region with {subject.restore}"),
            )
    try:
        gaps = _gaps(subject, selected)
    except ValueError as error:
        return unknown(str(error))
    if gaps:
        no_trail = f"no trail of stack {subject.settings.stack} that is logging covers"
        return broken(
            f"{f'the trail {subject.trail} does not cover' if subject.trail.is_joined else no_trail} "
            f"{first_of([*map(str, gaps)])}",
            _mended(subject, _selecting(subject, selected, gaps), f"watch them with {subject.restore}"),
        )
    return ok("each is covered")


def _gaps(subject: Subject, selectors: Sequence[Selector]) -> Sequence[Gap]:
    # No other target could cover the trail's own bucket, and it need not be asked for then.
    has_pattern = subject.settings.targets.has_pattern
    bucket = described_trail(subject).get("S3BucketName", "") if has_pattern else ""
    return missed_by_trail(selectors, bucket, subject.settings, subject.arns)


def _selecting(subject: Subject, selectors: Sequence[Selector], gaps: Sequence[Gap]) -> str:
    return completing(selectors, gaps, subject.settings.targets, subject.arns)


def _trails(subject: Subject) -> Iterator[tuple[WatchingTrail, list[Selector]]]:
    """The trails that the stack uses, with their selectors; of its own those that are logging."""
    if subject.trail.is_joined:
        yield subject.trail, subject.trail.selectors
        return
    for name in trail_names(subject.settings.base_name).values():
        trail = replace(subject.trail, arn=subject.arns.trail(name))
        try:
            if trail.is_logging:
                yield trail, trail.selectors
        except trail.cloudtrail.exceptions.TrailNotFoundException:
            continue


def _unseen(subject: Subject, trail: WatchingTrail) -> list[str]:
    """The Regions of targets that a trail does not see."""
    home = subject.arns.region
    others = [region for region in subject.regions if region != trail.home_region]
    if not others or trail.describe().get("IsMultiRegionTrail"):
        return []
    if home in others and not subject.settings.targets.has_pattern:
        # Home is among the Regions of every stack, of one without a target there as well.
        lie_in = regions_of_buckets(subject.aws.s3, subject.settings).values()
        others = [region for region in others if region != home or home in lie_in]
    return others
