"""Log files in a bucket, of which only those of the days asked for are listed, as far as their folders tell."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from sigv2.aws import explained
from sigv2.report.past.batches import Unread
from sigv2.report.past.log_file import LogFile
from sigv2.report.past.log_file_names import days_of_folder, month_to_skip
from sigv2.report.past.wanted_files import WantedFiles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2RequestTypeDef, ObjectTypeDef

    from sigv2.period import Period

_DOWNLOADS: Final = 8
_WAITING: Final = 24
_CHUNK_BYTES: Final = 1 << 18
_AFTER_ALL: Final = "\U0010ffff"
_DELIMITER: Final = "/"


class BucketFiles:
    """Finds and fetches the objects that may hold events of a time.

    Attributes:
        wanted: which objects and folders are, and how many are not.

    Args:
        s3: a client with the right to list and to get.
        bucket: the bucket.
        prefix: what the keys begin with.
        period: what time is wanted.
        folder: where to put the objects until they are read.
    """

    def __init__(self, s3: S3Client, bucket: str, prefix: str, period: Period, folder: Path) -> None:
        self.wanted = WantedFiles(period)
        self._s3 = s3
        self._bucket = bucket
        self._prefix = prefix
        self._period = period
        self._folder = folder

    def files(self) -> Iterator[LogFile | Unread]:
        """The objects, each as a passing copy on disk, in whatever order they arrive; a few dozen at a time.

        Raises:
            botocore.exceptions.ClientError: the bucket cannot be listed.
            botocore.exceptions.BotoCoreError: AWS cannot be asked.
        """
        keys = self._objects(self._prefix)
        with ThreadPoolExecutor(_DOWNLOADS) as pool:
            pending: set[Future[LogFile | Unread]] = set()
            try:
                for number, found in enumerate(keys):
                    pending.add(pool.submit(self._fetched, found["Key"], self._folder / str(number)))
                    if len(pending) >= _WAITING:
                        done, pending = wait(pending, return_when=FIRST_COMPLETED)
                        yield from (future.result() for future in done)
                while pending:
                    done, pending = wait(pending, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            finally:
                for future in pending:
                    future.cancel()

    def _objects(self, prefix: str) -> Iterator[ObjectTypeDef]:
        """The objects under a prefix, folder by folder."""
        days = days_of_folder(prefix)
        # All of a month, or of a day, is listed at once.
        whole = days is not None and days[0].month == days[1].month and days[0] >= self._period.since.date()
        folders: list[str] = []
        after = ""
        while True:
            asked: ListObjectsV2RequestTypeDef = {"Bucket": self._bucket, "Prefix": prefix}
            if not whole:
                asked["Delimiter"] = _DELIMITER
            if after:
                asked["StartAfter"] = after
            page = self._s3.list_objects_v2(**asked)
            found = page.get("Contents", [])
            yield from filter(self._is_wanted, found)
            folders += [name for common in page.get("CommonPrefixes", []) if (name := common.get("Prefix"))]
            if not page.get("IsTruncated"):
                break
            last = max([item["Key"] for item in found] + folders[-1:])
            month = month_to_skip(last, self._period)
            after = f"{month or last}{_AFTER_ALL if month or last.endswith(_DELIMITER) else ''}"
        for folder in folders:
            if self.wanted.wants_folder(folder):
                yield from self._objects(folder)

    def _is_wanted(self, found: ObjectTypeDef) -> bool:
        key = found["Key"]
        is_folder = key.endswith(_DELIMITER) and not found["Size"]
        return not is_folder and self.wanted.wants_file(key, written=found["LastModified"])

    def _fetched(self, key: str, path: Path) -> LogFile | Unread:
        name = f"s3://{self._bucket}/{key}"
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"]
            with path.open("wb") as file:
                for chunk in body.iter_chunks(_CHUNK_BYTES):
                    file.write(chunk)
                size = file.tell()
        except ClientError as error:
            return Unread(name, explained(error))
        except (BotoCoreError, OSError) as error:
            path.unlink(missing_ok=True)
            return Unread(name, f"it could not be fetched ({error})")
        return LogFile(str(path), name, size, passing=True)
