"""Looks for logs in a bucket, folder by folder, as CloudTrail and S3 lay them out."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

from sigv2.report.past.batches import Kind
from sigv2.report.past.decompression import UnreadableError, pieces_of
from sigv2.report.past.log_file import kind_of_text
from sigv2.report.past.log_file_names import REGION, holds_no_events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2OutputTypeDef, ObjectTypeDef

_ACCOUNT: Final = re.compile(r"[0-9]{12}/")
_ORGANISATION: Final = re.compile(r"o-[a-z0-9]+/")
_REGION_FOLDER: Final = re.compile(f"{REGION}/")
_BUCKET_FOLDER: Final = re.compile(r"[A-Za-z0-9._-]+/")
_TABLES: Final[Mapping[Kind, Kind]] = {
    Kind.CLOUDTRAIL: Kind.TRAIL_TABLE,
    Kind.ACCESS_LOG: Kind.ACCESS_LOG_TABLE,
}
"""What a table of such files is."""
_LOOKED_INTO: Final = 5
_BEGINNING: Final = "bytes=0-65535"
_DELIMITER: Final = "/"


class LogBucket:
    """Looks into a bucket.

    Args:
        s3: a client with the right to list and to get.
        bucket: its name.
    """

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def trail_folders(self, base: str) -> Iterator[tuple[str, str]]:
        """Account, after the organisation where there is one, and Region of all folders below `…AWSLogs/`."""
        for organisation in ("", *self._folders(base, _ORGANISATION)):
            for account in self._folders(f"{base}{organisation}", _ACCOUNT):
                for region in self._folders(f"{base}{organisation}{account}CloudTrail/", _REGION_FOLDER):
                    yield f"{organisation}{account}".rstrip(_DELIMITER), region.rstrip(_DELIMITER)

    def access_log_folders(self, base: str) -> Iterator[str]:
        """Account, Region and bucket of all folders of access logs below one."""
        for account in self._folders(base, _ACCOUNT):
            for region in self._folders(f"{base}{account}", _REGION_FOLDER):
                for bucket in self._folders(f"{base}{account}{region}", _BUCKET_FOLDER):
                    yield f"{account}{region}{bucket}".rstrip(_DELIMITER)

    def logs(self, prefix: str) -> Iterator[tuple[str, Kind]]:
        """The logs under a prefix, each with what its content says that it is."""
        found, folders = self._page(prefix)
        for item in found:
            if item["Size"] and not holds_no_events(item["Key"]) and (kind := self._kind(item["Key"])):
                yield item["Key"], kind
        for folder in folders:
            if not holds_no_events(folder):
                yield from self.logs(folder)

    def _page(self, prefix: str) -> tuple[list[ObjectTypeDef], list[str]]:
        found: list[ObjectTypeDef] = []
        folders: list[str] = []
        for page in self._pages(prefix):
            # A few tell what all of them are.
            found += page.get("Contents", [])[: _LOOKED_INTO - len(found)]
            folders += _folders_of(page)
            if len(found) >= _LOOKED_INTO:
                break
        return found, folders

    def _folders(self, prefix: str, wanted: re.Pattern[str]) -> list[str]:
        names = (folder.removeprefix(prefix) for page in self._pages(prefix) for folder in _folders_of(page))
        return [name for name in names if wanted.fullmatch(name)]

    def _pages(self, prefix: str) -> Iterable[ListObjectsV2OutputTypeDef]:
        return self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, Delimiter=_DELIMITER
        )

    def _kind(self, key: str) -> Kind | None:
        body = self._s3.get_object(Bucket=self._bucket, Key=key, Range=_BEGINNING)["Body"].read()
        try:
            kind = kind_of_text(next(pieces_of(io.BytesIO(body)), b""))
        except UnreadableError:
            return None
        return _TABLES[kind] if kind else None


def _folders_of(page: ListObjectsV2OutputTypeDef) -> list[str]:
    return [folder.get("Prefix", "") for folder in page.get("CommonPrefixes", [])]
