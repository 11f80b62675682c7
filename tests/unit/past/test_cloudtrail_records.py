"""What is found in CloudTrail files is what reading all of their JSON finds."""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigv2.report.past import decompression
from sigv2.report.past.cloudtrail_records import CloudTrailReader
from sigv2.report.past.decompression import UnreadableError, pieces_of
from tests.unit.past.conftest import found_in, record, requests_in, trail_file, written

TEXTS = st.text('{}[]":,\\ \n\x00é😀ab', max_size=12) | st.sampled_from(
    ["SigV2", '"SigV2"', '"SignatureVersion":"SigV2"', '},{"eventVersion":"', "]}", '{"Records":[']
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXTS | st.sampled_from(["eventVersion", "SignatureVersion"]), inner, max_size=3)
        | st.fixed_dictionaries({"eventVersion": inner, "additionalEventData": st.just({"SignatureVersion": "SigV2"})})
    ),
    max_leaves=10,
)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "eventVersion": TEXTS,
            "eventSource": st.sampled_from(["s3.amazonaws.com", "s3.amazonaws.com", "ec2.amazonaws.com"]),
            "requestParameters": VALUES,
        },
        optional={
            "additionalEventData": st.fixed_dictionaries(
                {"SignatureVersion": st.sampled_from(["SigV2", "SigV4", "SigV2 "])}, optional={"x": VALUES}
            )
            | VALUES,
            "resources": VALUES,
        },
    ),
    max_size=12,
)
LAYOUTS: list[dict[str, Any]] = [
    {"separators": (",", ":")},
    {},
    {"indent": 2},
    {"separators": (",", ":"), "sort_keys": True},
    {"separators": (",", ":"), "ensure_ascii": False},
]


def read(text: bytes) -> tuple[int, list[Any]]:
    def again() -> Iterator[bytes]:
        return pieces_of(io.BytesIO(text))

    pieces = again()
    reader = CloudTrailReader(next(pieces), pieces, again)
    found = list(reader.records())
    return reader.told, found


@given(RECORDS, st.sampled_from(LAYOUTS), st.sampled_from([1, 7, 30, 1000]), st.booleans())
def test_it_finds_what_reading_all_the_json_finds_however_it_is_written_and_cut(
    records: list[Any], layout: dict[str, Any], piece: int, compressed: bool
) -> None:
    text = trail_file(records, **layout)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decompression, "PIECE_BYTES", max(piece, len(b'{"Records": [{ "')))
        patch.setattr(decompression, "_READ_BYTES", max(piece, len(b'{"Records": [{ "')))
        _, found = read(gzip.compress(text) if compressed else text)
    assert found == [
        one
        for one in json.loads(text)["Records"]
        if one["eventSource"] == "s3.amazonaws.com"
        and isinstance(one.get("additionalEventData"), dict)
        and one["additionalEventData"].get("SignatureVersion") == "SigV2"
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_counts_the_requests_that_tell_how_they_were_signed(layout: dict[str, Any]) -> None:
    signatures = ["SigV4", "SigV2", "SigV4", "SigV2", "SigV4"]
    records = [record(number, signature) for number, signature in enumerate(signatures)]
    assert read(trail_file(records, **layout))[0] == 5


@pytest.mark.parametrize("signature", ["SigV2", "SigV4"])
@pytest.mark.parametrize("lost", [1, 2, 30])
def test_a_file_that_ends_too_early_gives_what_is_there_and_is_named(tmp_path: Path, signature: str, lost: int) -> None:
    """The record that was cut off is not counted, whatever it was."""
    text = trail_file([record(1), record(2, signature)])[:-lost]
    findings = found_in(written(tmp_path / "cut.json", text))
    assert requests_in(findings) == 1
    assert [(unread.name, unread.why) for unread in findings.unread] == [("cut.json", "it ends too early")]


def test_compressed_data_that_is_cut_off_gives_what_is_there_and_is_named(tmp_path: Path) -> None:
    text = gzip.compress(trail_file([record(number) for number in range(2000)]), 1)
    findings = found_in(written(tmp_path / "cut.json.gz", text[: len(text) // 2]))
    assert 500 < requests_in(findings) < 1500
    assert [(unread.name, unread.why) for unread in findings.unread] == [("cut.json.gz", "it is cut off")]


# Without the time, as the ids of tests must be the same in every process.
NOTHING = gzip.compress(b'{"Records":[]}', mtime=0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (NOTHING[:-8] + bytes(8), "its compressed data is broken"),
        (NOTHING + b"more", "something else follows its compressed data"),
        (b'{"Records":[{"SignatureVersion":"SigV2"},{"a":]}', "its JSON is broken"),
        (b'{"Records": [{"a":"SigV2"},{"a":]}', "its JSON is broken"),
        (b"", "it is empty"),
        (b"\x89PNG\r\n", "it is no log file of CloudTrail or S3"),
        (b'{"records":[]}', "it is no log file of CloudTrail or S3"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_reason(tmp_path: Path, text: bytes, why: str) -> None:
    findings = found_in(written(tmp_path / "file", text))
    assert [(unread.name, unread.why) for unread in findings.unread] == [("file", why)]
    assert findings.unread_files == 1


def test_several_compressed_parts_are_one_file() -> None:
    text = trail_file([record(number) for number in range(3)])
    assert len(read(gzip.compress(text[:999]) + gzip.compress(text[999:]))[1]) == 3


def test_a_broken_file_is_an_error_of_its_own() -> None:
    with pytest.raises(UnreadableError, match="it ends too early"):
        read(trail_file([record(1)])[:-2])


def test_a_digest_is_passed_over(tmp_path: Path) -> None:
    findings = found_in(written(tmp_path / "digest", b'{"awsAccountId":"111122223333","digestStartTime":"x"}'))
    assert (findings.passed_over, findings.unread) == (1, [])
