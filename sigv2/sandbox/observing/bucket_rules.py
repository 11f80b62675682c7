"""What a bucket's owner has settled about who may use it, read back through the emulator's APIs.

Three things: the bucket's policy; how it encrypts; and whether it refuses SigV2, as S3's newer ones do. No API of AWS
tells or changes the last, so in the sandbox a tag does.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from sigv2.sandbox.emulating.aws_clients import Clients
    from sigv2.sandbox.observing.deployed import Changes

REFUSING_TAG: Final = ("sigv2-sandbox", "refused")
"""Key and value of the tag that has a bucket refuse SigV2: `aws s3api put-bucket-tagging`."""

_CACHED_BUCKETS = 4096


@dataclass(frozen=True)
class BucketRules:
    """What holds for everybody who uses a bucket.

    Attributes:
        refuses_sigv2: whether S3 refuses every SigV2-signed request to it.
        policy: its policy as text, None where it has none.
        encryption: of new objects whose request says none, None where they have none; `aws:kms` for example.
    """

    refuses_sigv2: bool = False
    policy: str | None = None
    encryption: str | None = None


class RulesOfBuckets:
    """Reads each bucket's rules once, and again only after something may have changed them.

    Args:
        clients: makes the clients to read with.
        changes: the changes to what is deployed, tags and policies of buckets included.
    """

    def __init__(self, clients: Clients, changes: Changes) -> None:
        self._clients = clients
        self._changes = changes
        self._reading = threading.Lock()
        self._read = lru_cache(maxsize=_CACHED_BUCKETS)(self._ask)

    def of(self, bucket: str) -> BucketRules:
        """Returns a bucket's rules; none where there is no such bucket.

        Raises:
            botocore.exceptions.ClientError: The emulator refused to tell.
        """
        with self._reading:
            return self._read(bucket, self._changes.count())

    def _ask(self, bucket: str, _generation: int) -> BucketRules:
        return BucketRules(
            refuses_sigv2=REFUSING_TAG in self._tags(bucket),
            policy=self._policy(bucket),
            encryption=self._encryption(bucket),
        )

    def _tags(self, bucket: str) -> set[tuple[str, str]]:
        try:
            tags = self._clients("s3").get_bucket_tagging(Bucket=bucket)["TagSet"]
        except ClientError as refused:
            if refused.response["Error"]["Code"] not in ("NoSuchTagSet", "NoSuchBucket"):
                raise
            return set()
        return {(tag["Key"], tag["Value"]) for tag in tags}

    def _policy(self, bucket: str) -> str | None:
        try:
            return self._clients("s3").get_bucket_policy(Bucket=bucket)["Policy"]
        except ClientError as refused:
            if refused.response["Error"]["Code"] not in ("NoSuchBucketPolicy", "NoSuchBucket"):
                raise
            return None

    def _encryption(self, bucket: str) -> str | None:
        try:
            configuration = self._clients("s3").get_bucket_encryption(Bucket=bucket)
        except ClientError as refused:
            if refused.response["Error"]["Code"] not in (
                "ServerSideEncryptionConfigurationNotFoundError",
                "NoSuchBucket",
            ):
                raise
            return None
        for rule in configuration["ServerSideEncryptionConfiguration"]["Rules"]:
            if "ApplyServerSideEncryptionByDefault" in rule:  # a rule may block SSE-C and say nothing else
                return rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
        return None
