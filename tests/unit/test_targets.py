from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.targets import Target, TargetError, TargetSet, fold, parse_target


@pytest.mark.parametrize(
    ("entry", "target"),
    [
        ("example-uploads", Target("example-uploads/")),
        ("example-uploads/", Target("example-uploads/")),
        ("example-uploads/*", Target("example-uploads/")),
        ("my.bucket.2", Target("my.bucket.2/")),
        ("example-uploads/logs/", Target("example-uploads/logs/")),
        ("example-uploads/logs", Target("example-uploads/logs")),
        ("example-uploads/logs/*", Target("example-uploads/logs/")),
        ("s3://example-uploads", Target("example-uploads/")),
        ("s3://example-uploads/logs/", Target("example-uploads/logs/")),
        ("arn:aws:s3:::example-uploads", Target("example-uploads/", "aws")),
        ("arn:aws-cn:s3:::example-uploads/logs/*", Target("example-uploads/logs/", "aws-cn")),
        ("arn:aws-us-gov:s3:::team-a-*", Target("team-a-", "aws-us-gov")),
        ("team-a-*", Target("team-a-")),
        ("*", Target("")),
        ("s3://*", Target("")),
    ],
)
def test_every_form_of_entry_is_the_beginning_of_bucket_and_key(entry: str, target: Target) -> None:
    assert parse_target(entry) == target


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ("", "a bucket's name has 3 to 63 characters, not 0"),
        ("ab", "a bucket's name has 3 to 63 characters, not 2"),
        ("a" * 64, "a bucket's name has 3 to 63 characters, not 64"),
        ("My-Bucket", "a bucket's name has only lower-case letters, digits, dots and hyphens"),
        ("my_bucket", "a bucket's name has only lower-case letters, digits, dots and hyphens"),
        ("bücket", "a bucket's name has only lower-case letters, digits, dots and hyphens"),
        ("-bucket", "a bucket's name begins and ends with a letter or digit"),
        ("bucket.", "a bucket's name begins and ends with a letter or digit"),
        ("my..bucket", "a bucket's name has no two dots side by side"),
        ("192.168.5.4", "a bucket's name does not look like an IP address"),
        ("xn--bucket", "S3 reserves names that begin with xn--"),
        ("sthree-bucket", "S3 reserves names that begin with sthree-"),
        ("amzn-s3-demo-bucket", "S3 reserves names that begin with amzn-s3-demo-"),
        ("bucket-s3alias", "S3 reserves names that end with -s3alias"),
        ("bucket--ol-s3", "S3 reserves names that end with --ol-s3"),
        ("bucket.mrap", "S3 reserves names that end with .mrap"),
        ("bucket--use1-az4--x-s3", "S3 reserves names that end with --x-s3"),
        ("bucket--table-s3", "S3 reserves names that end with --table-s3"),
        ("team-*-logs", "a star can only be the last character, as in team-a-*"),
        ("**", "a star can only be the last character, as in team-a-*"),
        ("bucket/lo*gs", "a star can only be the last character, as in team-a-*"),
        ("team-*/logs/", "a pattern of bucket names cannot be followed by a key prefix"),
        ("-team-*", "a bucket's name begins with a letter or digit"),
        ("team..*", "a bucket's name has no two dots side by side"),
        ("Team-*", "a bucket's name has only lower-case letters, digits, dots and hyphens"),
        ("t" * 63 + "*", "a bucket's name has 3 to 63 characters, so a pattern has at most 62 before its star"),
        ("bucket/" + "k" * 1025, "a key prefix has at most 1024 bytes, all of them printable"),
        ("bucket/a\x1bb", "a key prefix has at most 1024 bytes, all of them printable"),
        (
            "arn:aws:sqs:us-east-1:123456789012:q",
            "an S3 bucket's or object's ARN looks like arn:aws:s3:::bucket/prefix",
        ),
        (
            "arn:aws:s3:us-east-1:123456789012:accesspoint/x",
            "an S3 bucket's or object's ARN looks like arn:aws:s3:::bucket/prefix",
        ),
    ],
)
def test_an_entry_that_s3_could_not_have_is_refused_with_the_rule_that_it_breaks(entry: str, rule: str) -> None:
    with pytest.raises(TargetError) as refused:
        parse_target(entry)
    assert str(refused.value) == rule


@pytest.mark.parametrize("name", ["a" * 63, "abc", "1a2", "a.b-c"])
def test_names_at_the_edge_of_the_rules_pass(name: str) -> None:
    assert parse_target(name) == Target(f"{name}/")


@pytest.mark.parametrize("entry", ["My_Old_Bucket", "B" * 255, "Team_*"])
def test_names_of_before_2018_pass_only_where_they_are_asked_for(entry: str) -> None:
    with pytest.raises(TargetError):
        parse_target(entry)
    assert parse_target(entry, legacy_names=True).prefix == entry.rstrip("*") + ("" if "*" in entry else "/")


BUCKETS = ("aaa", "aab", "abb", "bbb")
KEYS = ("", "x", "x/", "x/y", "y")
ENTRIES = st.sampled_from(
    ["*", "a*", "aa*", "ab*", "b*", "aaa*", *BUCKETS, *(f"{bucket}/{key}" for bucket in BUCKETS for key in KEYS)]
)
PATHS = [f"{bucket}/{key}" for bucket in (*BUCKETS, "ccc") for key in ("", "x", "x/y", "x/z", "yy", "z")]


def entry_means(entry: str, path: str) -> bool:
    """The meaning of an entry, spelt out without the code under test."""
    if "/" not in entry and not entry.endswith("*"):
        return path.partition("/")[0] == entry
    return path.startswith(entry.rstrip("*"))


def set_means(targets: TargetSet, path: str) -> bool:
    return path.startswith(targets.included) and not path.startswith(targets.excluded)


@given(st.lists(ENTRIES, max_size=8), st.lists(ENTRIES, max_size=5))
def test_folding_changes_nothing_of_what_the_entries_mean(watch: list[str], leave_out: list[str]) -> None:
    folded = fold(map(parse_target, watch), map(parse_target, leave_out))
    for path in PATHS:
        meant = any(entry_means(e, path) for e in watch) and not any(entry_means(e, path) for e in leave_out)
        assert set_means(folded, path) is meant, path


@given(st.lists(ENTRIES, max_size=8), st.lists(ENTRIES, max_size=5), st.randoms())
def test_order_and_repetition_change_nothing(watch: list[str], leave_out: list[str], random: Random) -> None:
    shuffled = watch + watch
    random.shuffle(shuffled)
    once = fold(map(parse_target, watch), map(parse_target, leave_out))
    assert fold(map(parse_target, shuffled), map(parse_target, reversed(leave_out))) == once


@given(st.lists(ENTRIES, max_size=8), st.lists(ENTRIES, max_size=5))
def test_no_prefix_is_left_that_another_covers_or_that_nothing_reaches(watch: list[str], leave_out: list[str]) -> None:
    folded = fold(map(parse_target, watch), map(parse_target, leave_out))
    for prefixes in (folded.included, folded.excluded):
        assert not any(a != b and a.startswith(b) for a in prefixes for b in prefixes)
    assert all(prefix.startswith(folded.included) for prefix in folded.excluded)
    assert not any(prefix.startswith(folded.excluded) for prefix in folded.included if folded.excluded)


def test_the_buckets_named_exactly_are_known_and_a_pattern_is_noticed() -> None:
    targets = fold(map(parse_target, ["example-uploads/a", "example-uploads/b", "example-reports", "team-*"]))
    assert targets.buckets == ("example-reports", "example-uploads")
    assert targets.has_pattern
    assert not fold([parse_target("example-uploads/a")]).has_pattern
