"""How logs lie in a bucket, told by the first of them and by the names of folders.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html#server-log-keyname-format.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from blueprint.sentences import counted
from sigv2.aws import explained
from sigv2.report.past.athena.log_bucket import LogBucket
from sigv2.report.past.batches import Kind
from sigv2.report.past.log_file_names import DAY_FOLDERS, REGION
from sigv2.report.query_run import QueryError
from sigv2.terminal import first_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

    from sigv2.report.past.athena.athena_table import AthenaTable

_WHERE: Final = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/?([A-Za-z0-9!_.*()/=+@:,-]*)", re.ASCII)
_DATED: Final = f"{DAY_FOLDERS}[^/]+"
_TRAIL_FILE: Final = re.compile(rf"((?:.*/)?AWSLogs/)((?:o-[a-z0-9]+/)?[0-9]{{12}})/CloudTrail/{REGION}/{_DATED}")
_DATED_LOG: Final = re.compile(rf"(.*?)([0-9]{{12}}/{REGION}/[^/]+)/{_DATED}")
_SOURCE: Final = "${source}"
_TEMPLATE: Final = re.compile(r"s3://([^/]+)/(.*?)(\$\{source\}|\$\{account\}/CloudTrail/\$\{region\})/\$\{day\}")


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
            sources = tuple(looked_into.access_log_folders(dated[1]))
            return Layout(kind, _location(bucket, dated[1]), sources)
        return Layout(kind, _location(bucket, key[: key.rfind("/") + 1]))
    filed = _TRAIL_FILE.fullmatch(key)
    if not filed or not filed[1].startswith(prefix):
        raise QueryError(
            f"--create-table: {where} is not the folder AWSLogs/ of CloudTrail files, or one that has it: a table is "
            "made of all accounts and Regions in that"
        )
    folders = list(looked_into.trail_folders(filed[1]))
    accounts, regions = (tuple(sorted(set(names))) for names in zip(*folders, strict=True))
    return Layout(kind, _location(bucket, filed[1]), accounts, regions)


def _location(bucket: str, folder: str) -> str:
    """A folder as a statement can name it: whoever may put objects there chooses its name.

    Raises:
        QueryError: a table cannot lie there.
    """
    location = f"s3://{bucket}/{folder}"
    if not _WHERE.fullmatch(location):
        raise QueryError(
            f"--create-table: the first log files lie in {location!r}, whose name has characters that a table's place "
            "cannot have: name another folder"
        )
    return location


def doubts_about_folders(s3: S3Client, table: AthenaTable) -> Iterator[str]:
    """Why a table may not know all folders with logs, as some can have come after it was made, each without a stop.

    Args:
        s3: a client with the right to list.
        table: it is asked of one that `--create-table` made.

    Raises:
        botocore.exceptions.BotoCoreError: AWS cannot be asked.
    """
    made = _TEMPLATE.fullmatch(table.parameters.get("storage.location.template", ""))
    if not made:
        return
    bucket, base, below = made.groups()
    accounts, regions, sources = (
        set((table.projection(key, "values") or "").split(",")) for key in ("account", "region", "source")
    )
    looked_into = LogBucket(s3, bucket)
    try:
        if below == _SOURCE:
            new = [source for source in looked_into.access_log_folders(base) if source not in sources]
        else:
            new = [
                f"{account}/CloudTrail/{region}"
                for account, region in looked_into.trail_folders(base)
                if account not in accounts or region not in regions
            ]
    except ClientError as error:
        yield f"whether the table {table.name} knows all folders of s3://{bucket}/{base} is unknown: {explained(error)}"
        return
    if new:
        yield (
            f"the table {table.name} does not know {counted(len(new), 'folder')} of s3://{bucket}/{base} that came "
            f"after it was made ({first_of(new)}), so make another with --create-table"
        )
