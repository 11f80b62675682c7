import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigv2.discover.cost.counted_events import data_event_of_line
from sigv2.discover.cost.request_counting import RequestCounter
from sigv2.discover.cost.request_rate import Bound, RequestRate
from sigv2.report.past.batches import Unread
from sigv2.report.past.log_file import LogFile
from tests.unit.past.conftest import line, record, trail_file, written

OWNER = "111122223333"
OWNERS = {"uploads": OWNER, "reports": OWNER, "log-bucket": OWNER}
DAYS = ("2026-11-19", "2026-11-20")
AT_LEAST = {1: Bound.ABOUT, 2: Bound.AT_LEAST}
"""By how many of these days the files tell of."""
BUCKETS = ("uploads", "reports", "somebodys")


def log(path: Path) -> LogFile:
    return LogFile(str(path), path.name, path.stat().st_size)


def counter_of(*files: Path) -> RequestCounter:
    counter = RequestCounter(OWNERS, DAYS)
    for file in files:
        counter.add(log(file))
    return counter


def resources(*buckets: str, listing: bool = False) -> list[dict[str, str]]:
    key = "ARNPrefix" if listing else "ARN"
    objects = [
        {"type": "AWS::S3::Object", key: f"arn:aws:s3:::{bucket}/{'' if listing else 'k'}"} for bucket in buckets
    ]
    return [*objects, *({"type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"} for bucket in buckets)]


def event(number: int, *buckets: str, signature: str = "SigV4", **changed: Any) -> dict[str, Any]:
    changed = {"eventTime": "2026-11-20T10:00:00Z", "recipientAccountId": OWNER} | changed
    return record(number, signature, **({"resources": resources(*buckets)} | changed))


events = st.builds(
    event,
    st.integers(0, 12),
    st.sampled_from(BUCKETS),
    signature=st.sampled_from(["SigV2", "SigV4"]),
    eventTime=st.sampled_from([f"{day}T23:59:59Z" for day in ("2026-11-18", *DAYS, "2026-11-21")]),
    eventCategory=st.sampled_from(["Data", "Management"]),
    eventSource=st.sampled_from(["s3.amazonaws.com", "kms.amazonaws.com"]),
    recipientAccountId=st.sampled_from([OWNER, "999988887777"]),
    requestParameters=st.sampled_from(
        [None, {"key": '"},{"eventVersion":"'}, {"bucketName": "reports", "x": "\u2028"}]
    ),
)
layouts = st.sampled_from([{}, {"separators": (", ", ": ")}, {"indent": 1}])


@given(st.lists(st.lists(events, max_size=12), max_size=3), layouts)
def test_it_counts_what_reading_all_the_json_counts(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[dict[str, Any]]], layout: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("trail")
    paths = [written(folder / str(number), trail_file(found, **layout)) for number, found in enumerate(files)]
    seen: set[str] = set()
    wanted: Counter[tuple[str, str]] = Counter()
    signed: Counter[str] = Counter()
    for one in (one for path in paths for one in json.loads(path.read_text())["Records"]):
        billed = one["eventSource"] == "s3.amazonaws.com" and one["eventCategory"] == "Data"
        bucket, day = one["resources"][0]["ARN"][13:-2], one["eventTime"][:10]
        counts = billed and bucket in OWNERS and day in DAYS and one["recipientAccountId"] == OWNER
        if counts and one["eventID"] not in seen:
            seen.add(one["eventID"])
            wanted[bucket, day] += 1
            signed[bucket] += one["additionalEventData"]["SignatureVersion"] == "SigV2"
    counter = counter_of(*paths)
    for bucket in BUCKETS:
        of_days = [number for (name, _), number in wanted.items() if name == bucket]
        requests, days = sum(of_days), len(of_days)
        rate = (
            RequestRate(requests / days, days, AT_LEAST[days], "CloudTrail files", signed[bucket] / requests)
            if days
            else None
        )
        assert counter.rate(bucket) == rate
    assert (counter.read.unread_files, counter.read.unread_lines) == (0, 0)


@pytest.mark.parametrize(
    ("changed", "of"),
    [
        ({"resources": resources("uploads", listing=True)}, ["uploads"]),
        ({"resources": resources("uploads", "reports")}, ["uploads", "reports"]),
        ({"resources": resources("uploads", "uploads")}, ["uploads"]),
        ({"resources": None, "requestParameters": {"bucketName": "reports"}}, ["reports"]),
        ({"resources": "none", "requestParameters": ["bucketName"]}, []),
        ({"eventCategory": None, "managementEvent": False}, ["uploads"]),
        ({"eventCategory": None, "managementEvent": True}, []),
        ({"eventCategory": None, "managementEvent": None}, []),
        ({"additionalEventData": None}, ["uploads"]),
        ({"recipientAccountId": None}, ["uploads"]),
        ({"eventTime": None}, []),
        ({"eventTime": {"odd": 1}}, []),
    ],
)
def test_what_a_record_lacks_or_has_twice_does_not_mislead(
    tmp_path: Path, changed: dict[str, Any], of: list[str]
) -> None:
    counter = counter_of(written(tmp_path / "a", trail_file([event(1, "uploads", **changed)])))
    assert [bucket for bucket in OWNERS if counter.rate(bucket)] == of
    assert (counter.read.unread_files, counter.read.unread_lines) == (0, 0)


def test_an_event_without_an_id_counts_and_its_copy_does_not(tmp_path: Path) -> None:
    twice = [event(1, "uploads", eventID=None)] * 2
    counter = counter_of(written(tmp_path / "a", trail_file(twice)))
    assert (counter.rate("uploads"), counter.read.repeated) == (
        RequestRate(1, 1, Bound.ABOUT, "CloudTrail files", 0.0),
        1,
    )


def test_what_cannot_be_read_is_named_and_the_rest_counts(tmp_path: Path) -> None:
    good = event(1, "uploads")
    broken = written(tmp_path / "broken", trail_file([good])[:-9])
    other = written(tmp_path / "other", b"a text\n")
    odd = written(tmp_path / "odd", trail_file([good, event(2, "uploads")]).replace(b"[{", b'[1,"x",{', 1))
    digest = written(tmp_path / "digest", b'{"awsAccountId":"111122223333"}')
    counter = RequestCounter(OWNERS, DAYS)
    for file in (log(broken), log(other), log(odd), log(digest), Unread("s3://a/b", "AWS refused it")):
        counter.add(file)
    counter.add(LogFile(str(tmp_path / "gone"), "gone", 1))
    read = counter.read
    assert [(one.name, one.why, one.lines) for one in read.unread] == [
        ("broken", "it ends too early", 0),
        ("other", "it is no log file of CloudTrail or S3", 0),
        ("odd", "they are no records of CloudTrail", 2),
        ("s3://a/b", "AWS refused it", 0),
        ("gone", "it cannot be opened (No such file or directory)", 0),
    ]
    assert (read.unread_files, read.unread_lines, read.passed_over) == (4, 2, 1)
    assert counter.rate("uploads") == RequestRate(2, 1, Bound.ABOUT, "CloudTrail files", 0.0)


def test_a_passing_copy_is_deleted(tmp_path: Path) -> None:
    path = written(tmp_path / "a", trail_file([event(1, "uploads")]), compressed=True)
    counter = RequestCounter(OWNERS, DAYS)
    counter.add(LogFile(str(path), "s3://a/b", 1, passing=True))
    assert counter.rate("uploads")
    assert not path.exists()


def test_access_logs_win_over_a_trail_and_are_no_bound_as_lines_may_be_missing(tmp_path: Path) -> None:
    lines = [line("SigV2", number=1), line("SigV4", number=2), line("SigV4", number=2), line("-", number=3)]
    whole = written(tmp_path / "whole", "\n".join(lines).encode() + b"\n\n")
    trail = written(tmp_path / "trail", trail_file([event(1, "log-bucket")]))
    counter = counter_of(trail, whole)
    assert counter.rate("log-bucket") == RequestRate(3, 1, Bound.ABOUT, "server access logs", 1 / 3)
    assert counter.read.repeated == 1
    counter.add(log(written(tmp_path / "cut", f"{lines[0]}\nno line".encode())))
    (unread,) = counter.read.unread
    assert (unread.why, unread.lines) == ("they are no lines of an access log", 1)
    assert counter.rate("log-bucket") == RequestRate(3, 1, Bound.ABOUT, "server access logs", 1 / 3)


@pytest.mark.parametrize(
    ("operation", "key", "counts"),
    [
        ("REST.GET.OBJECT", "a.jpg", True),
        ("REST.GET.BUCKET", "-", True),
        ("REST.HEAD.BUCKET", "-", True),
        ("REST.POST.MULTI_OBJECT_DELETE", "-", True),
        ("BATCH.DELETE.OBJECT", "a.jpg", True),
        ("WEBSITE.GET.OBJECT", "index.html", True),
        ("REST.GET.ACL", "a.jpg", True),
        ("REST.GET.ACL", "-", False),
        ("REST.GET.BUCKETPOLICY", "-", False),
        ("REST.GET.LOCATION", "-", False),
        ("S3.EXPIRE.OBJECT", "a.jpg", False),
    ],
)
def test_of_lines_only_those_count_that_tell_of_objects(operation: str, key: str, counts: bool) -> None:
    text = line(key=key).replace("REST.GET.OBJECT", operation, 1)
    assert bool(data_event_of_line(text.encode())) is counts


def test_a_line_of_before_2019_counts_though_it_does_not_tell_its_signature() -> None:
    old = line().partition(" - s9lz")[0] + " -"
    found = data_event_of_line(old.encode())
    assert found
    assert (list(found.buckets), found.day, found.is_sigv2) == (["log-bucket"], "2026-11-20", None)


def test_where_a_line_does_not_tell_its_signature_nobody_knows_the_share(tmp_path: Path) -> None:
    text = "\n".join([line("SigV2", number=1), line(number=2).partition(" - s9lz")[0] + " -"])
    counter = counter_of(written(tmp_path / "a", text.encode()))
    assert counter.rate("log-bucket") == RequestRate(2, 1, Bound.ABOUT, "server access logs", None)


def test_too_many_requests_to_remember_are_no_lower_bound(tmp_path: Path) -> None:
    counter = RequestCounter(OWNERS, DAYS)
    events = [event(day, "uploads", eventTime=f"{DAYS[day]}T10:00:00Z") for day in (0, 1)]
    counter.add(log(written(tmp_path / "a", trail_file(events))))
    assert counter.rate("uploads") == RequestRate(1, 2, Bound.AT_LEAST, "CloudTrail files", 0.0)
    counter.read.forgot = True
    assert counter.rate("uploads") == RequestRate(1, 2, Bound.ABOUT, "CloudTrail files", 0.0)
