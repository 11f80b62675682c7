"""Chooses what to ask for: an object of a target bucket that nobody has."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from blueprint.names import trail_bucket_prefix
from blueprint.targets import TargetError, parse_target
from sigv2.stack.stack_regions import regions_of_buckets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blueprint.stack_settings import Settings
    from blueprint.targets import TargetSet
    from sigv2.stack.stack_account import AccountInRegion

_KEY: Final = "sigv2-verify"
_MAX_KEY_BYTES: Final = 1024
_TRIES: Final = 100


class NotWatchedError(ValueError):
    """There is no object to ask for; the message is one sentence for the person who chose the bucket."""


@dataclass(frozen=True)
class Probed:
    """An object that need not exist, and that the settings say is watched.

    Attributes:
        bucket: a target bucket.
        key: random, within what is watched of the bucket.
        token: the part of the key that occurs nowhere else; letters and digits.
    """

    bucket: str
    key: str
    token: str


def choose(settings: Settings, entry: str | None) -> Probed:
    """Choose what to ask for.

    Args:
        settings: the stack's.
        entry: a target bucket, in any form that means a whole one; None for the first that is named exactly.

    Raises:
        NotWatchedError: the entry is no bucket, or nothing of it is watched; or there is none to choose from.
    """
    if entry is not None:
        bucket = _bucket(entry)
    elif settings.targets.buckets:
        bucket = settings.targets.buckets[0]
    else:
        raise NotWatchedError(
            f"the targets of stack {settings.stack} are patterns, which name no bucket to ask: "
            "name one that they cover with --bucket"
        )
    own = trail_bucket_prefix(settings.base_name)
    if bucket == own or bucket.startswith(f"{own}-"):
        raise NotWatchedError(f"--bucket: {bucket!r} is the stack's own trail bucket, which is never watched")
    probed = _probed(settings.targets, bucket)
    if probed is None:
        raise NotWatchedError(
            f"stack {settings.stack} does not watch {bucket!r}: name one of its target buckets with --bucket, "
            "or change targetBuckets and excludeBuckets and run `pulumi up`"
        )
    return probed


def one_of_each_region(settings: Settings, place: AccountInRegion, regions: Sequence[str]) -> dict[str | None, Probed]:
    """An object of the first bucket that is named exactly, and is to be watched, in each Region.

    Args:
        settings: the stack's.
        place: the stack's account and home Region.
        regions: that the stack watches.

    Returns:
        By Region, in the order of `regions`; then of those that it does not watch, though the settings name a bucket
        there, and at None of what S3 tells no Region of, such as a bucket that does not exist.

    Raises:
        NotWatchedError: no bucket is named exactly.
        botocore.exceptions.BotoCoreError: S3 cannot be asked where they lie.
    """
    lie_in = regions_of_buckets(place.session.client("s3"), settings)
    found: dict[str | None, Probed] = {}
    for bucket in settings.targets.buckets:
        if probed := _probed(settings.targets, bucket):
            found.setdefault(lie_in.get(bucket), probed)
    if not found:
        raise NotWatchedError(
            f"stack {settings.stack} names no bucket exactly that lies in {', '.join(regions)}: name one with --bucket"
        )
    in_order = [*(region for region in regions if region in found), *found]
    return {region: found[region] for region in in_order}


def _bucket(entry: str) -> str:
    try:
        target = parse_target(entry, legacy_names=True)
    except TargetError as error:
        raise NotWatchedError(f"--bucket: {entry!r} is no bucket of S3: {error}") from None
    if target.bucket is None or not target.is_whole_bucket:
        raise NotWatchedError(f"--bucket: {entry!r} is not one whole bucket")
    return target.bucket


def _probed(targets: TargetSet, bucket: str) -> Probed | None:
    """A random key below the first prefix that is watched; below some exclusions, one has to try."""
    within = [
        prefix.partition("/")[2]
        for prefix in targets.included
        if (prefix.startswith(f"{bucket}/") if "/" in prefix else bucket.startswith(prefix))
    ]
    for key_prefix in within:
        for attempt in range(_TRIES):
            token = secrets.token_hex(16)
            key = f"{key_prefix}{secrets.token_hex(2) if attempt else ''}{_KEY}-{token}"
            excluded = f"{bucket}/{key}".startswith(targets.excluded)
            if not excluded and len(key.encode()) <= _MAX_KEY_BYTES:
                return Probed(bucket, key, token)
    return None
