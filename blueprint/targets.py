"""Which objects to watch: the entries of `targetBuckets` and `excludeBuckets`, and what they mean.

Every form of entry means the same kind of thing, the beginning of `bucket/key`: that is what CloudTrail's
`StartsWith` compares, so a target *is* such a prefix.

    bucket            bucket/
    bucket/logs/      bucket/logs/
    team-a-*          team-a-
    *                 (empty: every bucket)
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_LEGACY_NAME = re.compile(r"[A-Za-z0-9._-]{3,255}")
_MAX_KEY_BYTES = 1024
_ARN = re.compile(r"arn:(?P<partition>[a-z-]+):s3:::(?P<path>.*)", re.DOTALL)


class TargetError(ValueError):
    """An entry is none that S3 could have; the message is the rule that it breaks."""


@dataclass(frozen=True)
class Target:
    """A set of objects: all those whose `bucket/key` starts with the prefix.

    Attributes:
        prefix: `bucket/`, `bucket/key-prefix`, the beginning of a bucket's name, or empty for every bucket.
        partition: the partition that the entry itself named, where it was an ARN.
    """

    prefix: str
    partition: str | None = None

    @property
    def bucket(self) -> str | None:
        """Name of the one bucket that this target lies in; None where it is a pattern."""
        bucket, slash, _ = self.prefix.partition("/")
        return bucket if slash else None

    @property
    def entry(self) -> str:
        """The entry of `targetBuckets` that means this."""
        if self.bucket is None:
            return f"{self.prefix}*"
        return self.bucket if self.is_whole_bucket else self.prefix

    @property
    def is_whole_bucket(self) -> bool:
        """Whether this is all of one bucket, rather than a part of it or a pattern."""
        return self.bucket is not None and self.prefix.endswith("/") and self.prefix.count("/") == 1


@dataclass(frozen=True)
class TargetSet:
    """What to watch, minus what to leave out, each folded to the prefixes that matter, in order.

    Attributes:
        included: prefixes of `bucket/key`; none is the beginning of another.
        excluded: prefixes that lie within an included one; they win.
    """

    included: tuple[str, ...]
    excluded: tuple[str, ...] = ()

    @property
    def buckets(self) -> tuple[str, ...]:
        """Names of the buckets that are named exactly, wholly or in part."""
        named = {prefix.partition("/")[0] for prefix in self.included if "/" in prefix}
        return tuple(sorted(named))

    def as_watched_by_trail_of(self, bucket: str) -> "TargetSet":
        """The same, less the bucket of a trail's log files where a pattern would cover it.

        Each delivery of a log file would be an event of its own otherwise, so a trail may leave its own bucket out
        (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html).
        """
        # Where nobody tells which bucket that is, nothing may be left out.
        is_covered = bool(bucket) and any(bucket.startswith(pattern) for pattern in self.included if "/" not in pattern)
        return TargetSet(self.included, tuple(sorted({*self.excluded, f"{bucket}/"}))) if is_covered else self

    @property
    def has_pattern(self) -> bool:
        """Whether a bucket that nobody named can be covered."""
        return any("/" not in prefix for prefix in self.included)


def parse_target(entry: str, *, legacy_names: bool = False) -> Target:
    """Read one entry of `targetBuckets` or `excludeBuckets`.

    Args:
        entry: a bucket, `bucket/prefix`, `s3://bucket/prefix`, an S3 ARN, `name-pattern-*` or `*`.
        legacy_names: accept what us-east-1 allowed before March 2018: up to 255 characters, upper case and `_`.

    Returns:
        The target, by the prefix of `bucket/key` that it stands for.

    Raises:
        TargetError: with the rule that the entry breaks
            (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
    """
    path, partition = entry, None
    if entry.startswith("s3://"):
        path = entry.removeprefix("s3://")
    elif arn := _ARN.fullmatch(entry):
        path, partition = arn["path"], arn["partition"]
    elif entry.startswith("arn:"):
        raise TargetError("an S3 bucket's or object's ARN looks like arn:aws:s3:::bucket/prefix")
    bucket, slash, key = path.partition("/")
    key = key.removesuffix("*")
    if "*" in bucket.removesuffix("*") + key:
        raise TargetError("a star can only be the last character, as in team-a-*")
    if bucket.endswith("*"):
        if slash:
            raise TargetError("a pattern of bucket names cannot be followed by a key prefix")
        _check_beginning(bucket.removesuffix("*"), legacy_names)
        return Target(bucket.removesuffix("*"), partition)
    _check_bucket_name(bucket, legacy_names)
    if len(key.encode()) > _MAX_KEY_BYTES or not key.isprintable():
        raise TargetError(f"a key prefix has at most {_MAX_KEY_BYTES} bytes, all of them printable")
    return Target(f"{bucket}/{key}", partition)


def fold(included: Iterable[Target], excluded: Iterable[Target] = ()) -> TargetSet:
    """Reduce entries to the prefixes that matter: what another one covers, or nothing can reach, is left out.

    The same set of entries gives the same result, whatever the order and however often each is repeated.

    Args:
        included: what to watch.
        excluded: what not to watch; it wins.

    Returns:
        The folded set; `included` is empty where the exclusions leave nothing.
    """
    leave_out = _outermost(target.prefix for target in excluded)
    watch = tuple(
        prefix
        for prefix in _outermost(target.prefix for target in included)
        if not any(prefix.startswith(outer) for outer in leave_out)
    )
    within = tuple(prefix for prefix in leave_out if any(prefix.startswith(outer) for outer in watch))
    return TargetSet(watch, within)


def _outermost(prefixes: Iterable[str]) -> tuple[str, ...]:
    """In order, those that no other one is the beginning of. Sorted, a prefix comes right before what it covers."""
    outermost: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not outermost or not prefix.startswith(outermost[-1]):
            outermost.append(prefix)
    return tuple(outermost)


def _check_bucket_name(name: str, legacy_names: bool) -> None:
    if legacy_names and _LEGACY_NAME.fullmatch(name):
        return
    if not 3 <= len(name) <= 63:
        raise TargetError(f"a bucket's name has 3 to 63 characters, not {len(name)}")
    _check_characters(name)
    if not name[0].isalnum() or not name[-1].isalnum():
        raise TargetError("a bucket's name begins and ends with a letter or digit")
    if ".." in name:
        raise TargetError("a bucket's name has no two dots side by side")
    if _is_ip_address(name):
        raise TargetError("a bucket's name does not look like an IP address")
    for prefix in _RESERVED_PREFIXES:
        if name.startswith(prefix):
            raise TargetError(f"S3 reserves names that begin with {prefix}")
    for suffix in _RESERVED_SUFFIXES:
        if name.endswith(suffix):
            raise TargetError(f"S3 reserves names that end with {suffix}")


def _check_beginning(beginning: str, legacy_names: bool) -> None:
    """A pattern's fixed part must be the beginning of some name that S3 allows."""
    if legacy_names and (not beginning or re.fullmatch(r"[A-Za-z0-9._-]{1,254}", beginning)):
        return
    if len(beginning) > 62:
        raise TargetError("a bucket's name has 3 to 63 characters, so a pattern has at most 62 before its star")
    _check_characters(beginning)
    if beginning and not beginning[0].isalnum():
        raise TargetError("a bucket's name begins with a letter or digit")
    if ".." in beginning:
        raise TargetError("a bucket's name has no two dots side by side")


def _check_characters(name: str) -> None:
    if not re.fullmatch(r"[a-z0-9.-]*", name):
        raise TargetError("a bucket's name has only lower-case letters, digits, dots and hyphens")


def _is_ip_address(name: str) -> bool:
    try:
        IPv4Address(name)
    except AddressValueError:
        return False
    return True
