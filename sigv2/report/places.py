"""Which buckets a request touches, which is more than the one that it was sent to.

A copy reads from a second bucket, and an access point stands for one
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-monitoring-logging.html).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from blueprint.queries import BUCKET, COPY_SOURCE, OPERATION, RESOURCE_BUCKETS

_NAME: Final = re.compile(r"[A-Za-z0-9._-]{3,255}", re.ASCII)
"""A bucket's, the older ones included
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html)."""

_ALIASES: Final = ("-s3alias", "--ol-s3", ".mrap")
"""What the names end with that stand for an access point (same page)."""

_BUCKET_ARN: Final = re.compile(r"arn:[^:]*:s3:::(?P<bucket>[^/]+)(?:/.*)?", re.DOTALL)
_WITHOUT_BUCKET: Final = "ListBuckets"
_COPIES: Final = ("CopyObject", "UploadPartCopy")


@dataclass(frozen=True)
class Place:
    """Where a request went.

    Attributes:
        bucket: which it was sent to, or whatever is logged for it; empty where nothing is.
        access_point: what stood for the bucket, if anything: a name, alias or ARN.
        copy_source: the bucket or access point that it copied from, if any.
        others: further buckets that the log names.
        vague: whether it may have touched a bucket that the log does not name.
    """

    bucket: str
    access_point: str = ""
    copy_source: str = ""
    others: tuple[str, ...] = ()
    vague: bool = False

    @property
    def text(self) -> str:
        """All of it, as people say it."""
        text = self.bucket
        if self.access_point:
            text = f"{text or 'a bucket'}, through {self.access_point}"
        if self.copy_source:
            text = f"{text or 'a bucket'}, copied from {self.copy_source}"
        if self.others:
            text = f"{text or 'a bucket'}, with {', '.join(self.others)}"
        return text

    def touches(self, bucket: str) -> bool:
        """Whether the log says that it touched this bucket.

        Letters count in either case: S3 folds the names of hosts, and old names may have capitals.
        """
        names = (self.bucket, self.access_point, self.copy_source, *self.others)
        return bucket.lower() in map(str.lower, names)


def place_of(row: Mapping[str, str]) -> Place:
    """Read the place of a row of the `client` query.

    Args:
        row: values by field; one that is not there is a field that the events lack.
    """
    logged, operation = row.get(BUCKET, ""), row.get(OPERATION, "")
    source = _copy_source(row.get(COPY_SOURCE, ""))
    resources = list(dict.fromkeys(row[field] for field in RESOURCE_BUCKETS if row.get(field)))
    # What S3 says is the bucket is, unless all that it says is what was copied from.
    named = [bucket for bucket in resources if bucket != source]
    is_bucket = _is_bucket(logged) and (not named or logged.lower() in map(str.lower, named))
    bucket = logged if is_bucket or not named else named[0]
    others = tuple(other for other in named if other.lower() != bucket.lower())
    unknown = not (is_bucket or named) and operation != _WITHOUT_BUCKET
    copies = bool(source) or operation in _COPIES
    # A further bucket is the source's, which an access point hides.
    unknown_source = copies and not _is_bucket(source) and not others
    return Place(bucket, "" if bucket == logged else logged, source, others, unknown or unknown_source)


def _copy_source(logged: str) -> str:
    decoded = unquote(logged)
    arn = _BUCKET_ARN.fullmatch(decoded)
    return arn["bucket"] if arn else decoded


def _is_bucket(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and not name.lower().endswith(_ALIASES)
