"""Counts requests in the logs that `--from` names: files and folders, and what is in buckets."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from sigv2.discover.cost.request_counting import RequestCounter
from sigv2.discover.cost.request_rate import days_of
from sigv2.report.past.batches import Unread
from sigv2.report.past.local_files import LocalFiles
from sigv2.report.past.past_sources import BUCKET_URL, file_source, is_on_disk
from sigv2.report.past.reading_progress import reading_progress
from sigv2.report.query_run import QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from sigv2.period import Period
    from sigv2.report.past.bucket_files import BucketFiles


class LogSources:
    """What somebody says is to be read; found to be there before anything else is asked.

    Args:
        places: files, folders, or `s3://BUCKET/PREFIX`.
        period: some whole days.
        profile: of the user's AWS configuration, for what is in AWS.

    Raises:
        QueryError: there is nothing there, or it cannot be said what is.
        botocore.exceptions.BotoCoreError: there is no way to AWS.
    """

    def __init__(self, places: Sequence[str], period: Period, profile: str | None) -> None:
        self._period = period
        self._cleaning = ExitStack()
        with ExitStack() as failed:
            failed.callback(self._cleaning.close)
            self._sources = [self._source(where, profile) for where in places]
            failed.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Delete the copies of what was fetched."""
        self._cleaning.close()

    def count(self, owners: Mapping[str, str]) -> RequestCounter:
        """Count the requests of some buckets; Ctrl-C ends the reading, and what was read tells so.

        Args:
            owners: the account of each bucket, by its name.

        Raises:
            botocore.exceptions.ClientError: AWS refuses to list what is to be read.
            botocore.exceptions.BotoCoreError: AWS cannot be asked.
        """
        counter = RequestCounter(owners, days_of(self._period))
        try:
            with reading_progress(self._total_bytes) as advance:
                for source in self._sources:
                    for file in source.files():
                        counter.add(file)
                        advance(1, 0 if isinstance(file, Unread) else file.size)
        except KeyboardInterrupt:
            counter.read.interrupted = True
        for source in self._sources:
            counter.read.passed_over += source.wanted.passed_over
            counter.read.too_old += source.wanted.too_old
        return counter

    def _total_bytes(self) -> int | None:
        """How much there is to read, unless some of it is in a bucket."""
        sizes = [source.total_bytes() for source in self._sources if isinstance(source, LocalFiles)]
        return sum(sizes) if len(sizes) == len(self._sources) else None

    def _source(self, where: str, profile: str | None) -> BucketFiles | LocalFiles:
        if not where.startswith(BUCKET_URL) and not is_on_disk(where):
            raise QueryError(
                f"--from: there is no file or folder {where!r}, and --cost counts in these and in s3://BUCKET/PREFIX "
                "alone"
            )
        folder = self._cleaning.enter_context(tempfile.TemporaryDirectory(prefix="sigv2-"))
        return file_source(where, self._period, profile, None, Path(folder))
