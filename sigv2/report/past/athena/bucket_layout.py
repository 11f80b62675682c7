"""How logs lie in a bucket, told by the first of them and by the names of folders.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html#server-log-keyname-format.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sigv2.report.past.access_log_lines import START
from sigv2.report.past.batches import Kind
from sigv2.report.past.cloudtrail_records import HEAD
from sigv2.report.past.decompression import UnreadableError, pieces_of
from sigv2.report.past.log_file_names import holds_no_events
from sigv2.report.query_run import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

    from sigv2.report.past.athena.athena_table import AthenaTable

_WHERE: Final = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/?([A-Za-z0-9!_.*()/=+@:,-]*)", re.ASCII)
_DATED: Final = r"[0-9]{4}/[0-9]{2}/[0-9]{2}/[^/]+"
_REGION: Final = r"[a-z]{2}(?:-[a-z]+)+-[0-9]"
_TRAIL_FILE: Final = re.compile(rf"((?:.*/)?AWSLogs/)((?:o-[a-z0-9]+/)?[0-9]{{12}})/CloudTrail/{_REGION}/{_DATED}")
_DATED_LOG: Final = re.compile(rf"(.*?)([0-9]{{12}}/{_REGION}/[^/]+)/{_DATED}")
_ACCOUNT: Final = re.compile(r"[0-9]{12}/")
_ORGANISATION: Final = re.compile(r"o-[a-z0-9]+/")
_REGION_FOLDER: Final = re.compile(f"{_REGION}/")
_BUCKET_FOLDER: Final = re.compile(r"[a-z0-9][a-z0-9._-]+/")
_SOURCE: Final = "${source}"
_TEMPLATE: Final = re.compile(r"s3://([^/]+)/(.*?)(\$\{source\}|\$\{account\}/CloudTrail/\$\{region\})/\$\{day\}")
_LOOKED_INTO: Final = 5
_DELIMITER: Final = "/"


@dataclass(frozen=True)
class Layout:
    """How logs lie in a bucket.

    Attributes:
        kind: what they are.
        folder: `s3://BUCKET/PREFIX/`, in which all of them are.
        sources: folders in that, one for each account, or for each bucket that is logged, before those of days; none
            where there are no folders of days.
        regions: of CloudTrail, folders of Regions in those of accounts.
    """

    kind: Kind
    folder: str
    sources: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


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
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, Delimiter=_DELIMITER
        )
        found: list[ObjectTypeDef] = []
        folders: list[str] = []
        for page in pages:
            # A few tell what all of them are.
            found += page.get("Contents", [])[: _LOOKED_INTO - len(found)]
            folders += [folder.get("Prefix", "") for folder in page.get("CommonPrefixes", [])]
            if len(found) >= _LOOKED_INTO:
                break
        return found, folders

    def _folders(self, prefix: str, wanted: re.Pattern[str]) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, Delimiter=_DELIMITER
        )
        names = [
            folder.get("Prefix", "").removeprefix(prefix) for page in pages for folder in page.get("CommonPrefixes", [])
        ]
        return [name for name in names if wanted.fullmatch(name)]

    def _kind(self, key: str) -> Kind | None:
        body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        try:
            first = next(pieces_of(io.BytesIO(body)), b"")
        except UnreadableError:
            return None
        if HEAD.match(first):
            return Kind.TRAIL_TABLE
        return Kind.ACCESS_LOG_TABLE if START.match(first) else None


def layout_of(s3: S3Client, where: str) -> Layout:
    """Tell what lies in a bucket, and how.

    Args:
        s3: a client with the right to list and to get.
        where: `s3://BUCKET/PREFIX`.

    Raises:
        QueryError: nothing does, or nothing of which a table can be made.
        botocore.exceptions.ClientError: AWS refuses.
        botocore.exceptions.BotoCoreError: AWS cannot be asked.
    """
    named = _WHERE.fullmatch(where)
    if not named:
        raise QueryError(
            f"--create-table: {where!r} names no bucket and prefix that a table can have: write s3://BUCKET/PREFIX"
        )
    bucket, prefix = named.groups()
    looked_into = LogBucket(s3, bucket)
    key, kind = next(looked_into.logs(prefix), ("", None))
    if kind is None:
        raise QueryError(f"--create-table: there is no log file in {where}: name the folder that has them")
    if kind is Kind.ACCESS_LOG_TABLE:
        dated = _DATED_LOG.fullmatch(key)
        if dated and dated[1].startswith(prefix):
            return Layout(kind, f"s3://{bucket}/{dated[1]}", tuple(looked_into.access_log_folders(dated[1])))
        folder = key[: key.rfind(_DELIMITER) + 1]
        return Layout(kind, f"s3://{bucket}/{folder}")
    filed = _TRAIL_FILE.fullmatch(key)
    if not filed or not filed[1].startswith(prefix):
        raise QueryError(
            f"--create-table: {where} is not the folder AWSLogs/ of CloudTrail files, or one that has it: a table is "
            "made of all accounts and Regions in that"
        )
    folders = list(looked_into.trail_folders(filed[1]))
    accounts, regions = (tuple(sorted(set(names))) for names in zip(*folders, strict=True))
    return Layout(kind, f"s3://{bucket}/{filed[1]}", accounts, regions)


def unlisted_folders(s3: S3Client, table: AthenaTable) -> list[str]:
    """The folders with logs that a table does not know, as they came after it was made.

    Args:
        s3: a client with the right to list.
        table: it is asked of one that `--create-table` made.

    Raises:
        botocore.exceptions.ClientError: AWS refuses.
        botocore.exceptions.BotoCoreError: AWS cannot be asked.
    """
    made = _TEMPLATE.fullmatch((table.parameters or {}).get("storage.location.template", ""))
    if not made:
        return []
    bucket, base, below = made.groups()

    def known(key: str) -> list[str]:
        return (table.projection(key, "values") or "").split(",")

    looked_into = LogBucket(s3, bucket)
    if below == _SOURCE:
        return [source for source in looked_into.access_log_folders(base) if source not in known("source")]
    return [
        f"{account}/CloudTrail/{region}"
        for account, region in looked_into.trail_folders(base)
        if account not in known("account") or region not in known("region")
    ]
