"""How logs lie in a bucket, of whose keys some may be a stranger's."""

from collections.abc import Iterator
from typing import Any

import pytest

from sigv2.report.past.athena import bucket_layout
from sigv2.report.past.athena.bucket_layout import Layout, layout_of
from sigv2.report.past.batches import Kind
from sigv2.report.query_run import QueryError

S3: Any = None
DAY = "2026/11/20/a"


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Kind]]:
    """The logs in the bucket."""
    logs: list[tuple[str, Kind]] = []

    class Bucket:
        def __init__(self, *_: object) -> None:
            pass

        def logs(self, _: str) -> Iterator[tuple[str, Kind]]:
            return iter(logs)

        def trail_folders(self, _: str) -> list[tuple[str, str]]:
            return [("111122223333", "us-east-1")]

        def access_log_folders(self, _: str) -> list[str]:
            return ["111122223333/us-east-1/uploads"]

    monkeypatch.setattr(bucket_layout, "LogBucket", Bucket)
    return logs


@pytest.mark.parametrize(
    ("key", "layout"),
    [
        (
            f"org/AWSLogs/111122223333/CloudTrail/us-east-1/{DAY}",
            Layout(Kind.TRAIL_TABLE, "s3://logs/org/AWSLogs/", ("111122223333",), ("us-east-1",)),
        ),
        (
            f"x/111122223333/us-east-1/uploads/{DAY}",
            Layout(Kind.ACCESS_LOG_TABLE, "s3://logs/x/", ("111122223333/us-east-1/uploads",)),
        ),
        ("x/a", Layout(Kind.ACCESS_LOG_TABLE, "s3://logs/x/")),
        ("a", Layout(Kind.ACCESS_LOG_TABLE, "s3://logs/")),
    ],
)
def test_a_log_tells_the_folder_that_all_of_them_are_in(
    key: str, layout: Layout, found: list[tuple[str, Kind]]
) -> None:
    found.append((key, layout.kind))
    assert layout_of(S3, "s3://logs/") == layout


@pytest.mark.parametrize("folder", ["it's' TBLPROPERTIES ('a'='b') --/", "${day}/", "a\n/", 'a"/', "a\\/", "ä/"])
@pytest.mark.parametrize(
    ("below", "kind"),
    [
        (f"AWSLogs/111122223333/CloudTrail/us-east-1/{DAY}", Kind.TRAIL_TABLE),
        (f"111122223333/us-east-1/uploads/{DAY}", Kind.ACCESS_LOG_TABLE),
        ("a", Kind.ACCESS_LOG_TABLE),
    ],
)
def test_no_key_of_a_stranger_comes_into_a_statement(
    folder: str, below: str, kind: Kind, found: list[tuple[str, Kind]]
) -> None:
    found.append((f"{folder}{below}", kind))
    with pytest.raises(QueryError, match="--create-table: "):
        layout_of(S3, "s3://logs/")
