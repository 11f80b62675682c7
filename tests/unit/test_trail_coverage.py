import time
from typing import Any

import pytest

from blueprint.arns import Arns
from blueprint.targets import Target, TargetSet
from blueprint.trail_coverage import Recorded, recorded_by, uncovered
from tests.unit.drawn_selectors import advanced, basic

ARNS = Arns("aws", "111122223333", "us-east-1")
BUCKET = "arn:aws:s3:::uploads"
Selectors = list[dict[str, Any]]


@pytest.mark.parametrize(
    ("selectors", "recorded"),
    [
        ([], "none"),
        ([basic()], "none"),
        ([basic() | {"DataResources": [{"Type": "AWS::S3::Object", "Values": []}]}], "none"),
        ([basic("arn:aws:s3")], "all"),
        ([basic("arn:aws:s3:::uploads/")], "all"),
        ([basic("arn:aws:s3:::uploads/photos/")], "part"),
        ([basic("arn:aws:s3:::uploads-old/")], "none"),
        ([basic("arn:aws:lambda", kind="AWS::Lambda::Function")], "none"),
        ([basic("arn:aws:s3:::uploads/", reads="ReadOnly")], "part"),
        ([basic("arn:aws:s3:::uploads/", reads="ReadOnly"), basic("arn:aws:s3:::", reads="WriteOnly")], "all"),
        ([advanced()], "all"),
        ([advanced(kind="AWS::DynamoDB::Table")], "none"),
        ([advanced(arn={"StartsWith": ["arn:aws:s3:::other/", "arn:aws:s3:::uploads/"]})], "all"),
        ([advanced(arn={"StartsWith": ["arn:aws:s3:::uploads/a/"]})], "part"),
        ([advanced(arn={"Equals": ["arn:aws:s3:::uploads/one"]})], "part"),
        ([advanced(arn={"Equals": ["arn:aws:s3:::uploads/a.jpg"], "NotEndsWith": [".jpg"]})], "none"),
        ([advanced(name={"Equals": ["GetObject"], "NotStartsWith": ["Get"]})], "none"),
        ([advanced(arn={"EndsWith": [".jpg"]})], "part"),
        ([advanced(arn={"EndsWith": [".jpg"]}), advanced(arn={"NotEndsWith": [".jpg"]})], "all"),
        ([advanced(arn={"NotStartsWith": ["arn:aws:s3:::uploads/tmp/"]})], "part"),
        ([advanced(arn={"NotStartsWith": ["arn:aws:s3:::uploads/"]})], "none"),
        ([advanced(arn={"NotStartsWith": ["arn:aws:s3:::trail/"]})], "all"),
        ([advanced(reads={"Equals": ["false"]})], "part"),
        ([advanced(reads={"Equals": ["false"]}), advanced(reads={"Equals": ["true"]})], "all"),
        ([advanced(name={"Equals": ["GetObject", "PutObject"]})], "part"),
        ([advanced(name={"NotEquals": ["HeadObject"]})], "part"),
        ([advanced(name={"Equals": ["HeadObject"]}), advanced(name={"NotEquals": ["HeadObject"]})], "all"),
        ([advanced(name={"Equals": ["DeleteObject"]}, arn={"StartsWith": ["arn:aws:s3:::uploads/a/"]})], "part"),
        ([advanced(caller={"StartsWith": ["arn:aws:sts::111122223333:assumed-role/etl/"]})], "part"),
        ([advanced(caller={"NotEquals": ["arn:aws:iam::111122223333:user/etl"]})], "part"),
        ([advanced(console={"NotEquals": ["true"]})], "part"),
        ([advanced(console={"NotEquals": ["true"]}), advanced(console={"Equals": ["true"]})], "all"),
        ([advanced(eventSource={"Equals": ["s3.amazonaws.com"]}, eventType={"NotEquals": ["AwsServiceEvent"]})], "all"),
        ([advanced(eventSource={"NotEquals": ["s3.amazonaws.com"]})], "none"),
        ([{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}], "none"),
    ],
)
def test_a_trail_records_all_of_a_bucket_a_part_or_nothing(selectors: Selectors, recorded: str) -> None:
    assert recorded_by(selectors, BUCKET) == recorded


OF_READS = {"Equals": ["true"]}
OF_WRITES = {"Equals": ["false"]}
OF_UPLOADS = {"StartsWith": ["arn:aws:s3:::uploads/"]}


@pytest.mark.parametrize(
    ("selectors", "missing"),
    [
        ([], "uploads"),
        ([basic("arn:aws:s3:::uploads/", reads="WriteOnly")], "reads of uploads"),
        ([advanced(arn=OF_UPLOADS, reads=OF_READS)], "writes to uploads"),
        (
            [advanced(arn={**OF_UPLOADS, "NotStartsWith": ["arn:aws:s3:::uploads/tmp/"]})],
            "some requests to uploads (depending on key)",
        ),
        (
            [advanced(reads=OF_READS), advanced(reads=OF_WRITES, name={"NotEquals": ["DeleteObject"]})],
            "some writes to uploads (depending on operation)",
        ),
        (
            [advanced(reads=OF_WRITES), advanced(reads=OF_READS, console={"NotEquals": ["true"]})],
            "some reads of uploads (depending on console session)",
        ),
        (
            [advanced(reads=OF_WRITES, caller={"NotEndsWith": ["/etl"]})],
            "all reads of uploads and some writes to uploads (depending on caller)",
        ),
        (
            [advanced(reads=OF_READS, arn={"EndsWith": [".jpg"]}, caller={"StartsWith": ["arn:aws:iam::"]})],
            "some reads of uploads and all writes to uploads (depending on key and caller)",
        ),
        (
            [
                advanced(reads=OF_READS, arn={"StartsWith": ["arn:aws:s3:::uploads/a"]}),
                advanced(reads=OF_WRITES, arn={"StartsWith": ["arn:aws:s3:::uploads/a"]}, name={"Equals": ["Put"]}),
                advanced(reads=OF_WRITES, caller={"Equals": ["arn:aws:iam::111122223333:user/etl"]}),
            ],
            "some requests to uploads (depending on key and caller)",
        ),
    ],
)
def test_what_is_missing_of_a_target_is_told_in_a_few_words(selectors: Selectors, missing: str) -> None:
    (gap,) = uncovered(selectors, TargetSet(("uploads/",)), ARNS)
    assert str(gap) == missing


def test_each_target_is_named_as_the_settings_name_it() -> None:
    targets = TargetSet(("archive/2019/", "reports/", "team-", "uploads/logs"), ("reports/tmp/", "team-b"))
    assert [str(gap) for gap in uncovered([], targets, ARNS)] == ["archive/2019/", "reports", "team-*", "uploads/logs"]
    (everything,) = uncovered([advanced(arn=OF_UPLOADS)], TargetSet(("",)), ARNS)
    assert str(everything) == "some requests to * (depending on bucket and key)"
    assert everything.target == Target("")
    partly = [advanced(arn={"NotStartsWith": [f"arn:aws:s3:::{prefix}" for prefix in ("archive/", "reports/tmp/")]})]
    assert [str(gap) for gap in uncovered(partly, targets, ARNS)] == ["archive/2019/"]
    in_china = Arns("aws-cn", "111122223333", "cn-north-1")
    assert [str(gap) for gap in uncovered([advanced(arn=OF_UPLOADS)], TargetSet(("uploads/",)), in_china)] == [
        "uploads"
    ]
    assert uncovered([basic("arn:aws-cn:s3:::uploads/")], TargetSet(("uploads/",)), in_china) == ()


def test_what_is_excluded_need_not_be_covered() -> None:
    selectors = [advanced(arn={"NotStartsWith": ["arn:aws:s3:::uploads/tmp/"]})]
    assert uncovered(selectors, TargetSet(("uploads/",), ("uploads/tmp/",)), ARNS) == ()
    (gap,) = uncovered(selectors, TargetSet(("uploads/",), ("uploads/tmp/a",)), ARNS)
    assert (gap.reads, gap.writes, gap.depends_on) == (Recorded.PART, Recorded.PART, ("key",))
    (gap,) = uncovered([], TargetSet(("uploads/",), ("uploads/à",)), ARNS)
    assert not str(gap.request["resources"][0]["ARN"]).startswith(f"{BUCKET}/à")  # type: ignore[index]
    own = TargetSet(("",)).as_watched_by_trail_of("uploads")
    assert own == TargetSet(("",), ("uploads/",))
    assert uncovered(selectors, own, ARNS) == ()


def management(**fields: dict[str, list[str]]) -> dict[str, Any]:
    category = {"Field": "eventCategory", "Equals": ["Management"]}
    return {"FieldSelectors": [category, *({"Field": field, **condition} for field, condition in fields.items())]}


@pytest.mark.parametrize(
    ("selectors", "missing"),
    [
        ([basic("arn:aws:s3")], ""),
        ([advanced(), management(eventSource={"NotEquals": ["kms.amazonaws.com"]})], ""),
        ([advanced()], "bucket-level calls"),
        ([basic("arn:aws:s3", management=False)], "bucket-level calls"),
        ([basic("arn:aws:s3") | {"ExcludeManagementEventSources": ["s3.amazonaws.com"]}], "bucket-level calls"),
        ([advanced(), management(readOnly=OF_WRITES)], "bucket-level calls that read"),
        ([advanced(), management(readOnly=OF_READS)], "bucket-level calls that write"),
        (
            [advanced(), management(eventName={"NotEquals": ["ListBuckets"]})],
            "some bucket-level calls (depending on operation)",
        ),
    ],
)
def test_bucket_level_calls_are_looked_for_only_where_they_are_to_be_watched(
    selectors: Selectors, missing: str
) -> None:
    targets = TargetSet(("uploads/",))
    gaps = uncovered(selectors, targets, ARNS, management_events=True)
    assert [str(gap) for gap in gaps] == ([missing] if missing else [])
    assert all(gap.target is None and gap.request["eventCategory"] == "Management" for gap in gaps)
    assert uncovered(selectors, targets, ARNS) == ()


def test_what_cloudtrail_does_not_have_is_not_guessed_at() -> None:
    unknown = [advanced(), advanced(vpcEndpointId={"Equals": ["vpce-1"]})]
    with pytest.raises(ValueError, match="no field 'vpcEndpointId'"):
        recorded_by(unknown, BUCKET)
    category = {"Field": "eventCategory", "Equals": ["NetworkActivity"]}
    of_network = {"FieldSelectors": [category, {"Field": "vpcEndpointId", "Equals": ["vpce-1"]}]}
    assert recorded_by([of_network, advanced()], BUCKET) == "all"
    assert recorded_by([of_network], BUCKET) == "none"
    with pytest.raises(ValueError, match="no field 'vpcEndpointId'"):
        uncovered(unknown, TargetSet(("uploads/",)), ARNS)


def test_as_many_values_as_a_trail_can_hold_keep_nobody_waiting() -> None:
    """All of what would take hours if each were tried with each: 500 values, and as many targets."""
    buckets = tuple(sorted(f"bucket-{number}/" for number in range(498)))
    of_buckets = [ARNS.s3(bucket) for bucket in buckets]
    endings = [f"{number}.jpg" for number in range(240)]
    names = [f"Event{number}" for number in range(140)]
    callers = [f"arn:aws:iam::111122223333:role/{number}" for number in range(140)]
    keys = [f"{BUCKET}/{number}/" for number in range(200)]
    most = advanced(arn={"NotStartsWith": keys}, name={"NotEquals": names}, caller={"NotEquals": callers})
    rest = [
        advanced(arn={"StartsWith": keys}),
        advanced(name={"Equals": names}),
        advanced(caller={"Equals": callers[1:]}),
    ]
    each = [
        advanced(arn={"NotEquals": [f"{BUCKET}/{number}"]}, name={"NotEquals": [name]}, caller={"NotEquals": [caller]})
        for number, (name, caller) in enumerate(zip(names[:80], callers, strict=False))
    ]
    pairs = [
        advanced(arn={"StartsWith": [start], "EndsWith": [end]})
        for start, end in zip(of_buckets, endings, strict=False)
    ]

    started = time.process_time()
    assert uncovered([advanced(arn={"StartsWith": of_buckets})], TargetSet(buckets), ARNS) == ()
    ending_otherwise = advanced(arn={"StartsWith": of_buckets[:250], "NotEndsWith": endings})
    assert len(uncovered([ending_otherwise], TargetSet(buckets), ARNS)) == 498
    assert len(uncovered(pairs[:120], TargetSet(buckets), ARNS)) == 378
    assert uncovered(each, TargetSet(buckets), ARNS) == ()
    assert [recorded_by(selectors, BUCKET) for selectors in ([most], [most, *rest])] == ["part", "part"]
    assert recorded_by([most, *rest, advanced(caller={"Equals": callers[:1]})], BUCKET) == "all"
    assert time.process_time() - started < 5
