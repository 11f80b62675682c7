from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint import trail_coverage
from blueprint.trail_coverage import recorded_by

BUCKET = "arn:aws:s3:::uploads"


def basic(*values: str, read_write_type: str = "All", kind: str = "AWS::S3::Object") -> dict[str, Any]:
    resources = [{"Type": kind, "Values": list(values)}] if values else []
    return {"ReadWriteType": read_write_type, "IncludeManagementEvents": True, "DataResources": resources}


def advanced(*, kind: str = "AWS::S3::Object", **fields: dict[str, list[str]]) -> dict[str, Any]:
    names = {"arn": "resources.ARN", "caller": "userIdentity.arn"}
    of_all = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": [kind]},
    ]
    return {"FieldSelectors": [*of_all, *({"Field": names.get(name, name), **how} for name, how in fields.items())]}


@pytest.mark.parametrize(
    ("selectors", "recorded"),
    [
        ([], "none"),
        ([basic()], "none"),
        ([basic("arn:aws:s3")], "all"),
        ([basic("arn:aws:s3:::uploads/")], "all"),
        ([basic("arn:aws:s3:::uploads/photos/")], "part"),
        ([basic("arn:aws:s3:::uploads-old/")], "none"),
        ([basic("arn:aws:lambda", kind="AWS::Lambda::Function")], "none"),
        ([basic("arn:aws:s3:::uploads/", read_write_type="ReadOnly")], "part"),
        (
            [
                basic("arn:aws:s3:::uploads/", read_write_type="ReadOnly"),
                basic("arn:aws:s3:::", read_write_type="WriteOnly"),
            ],
            "all",
        ),
        ([advanced()], "all"),
        ([advanced(kind="AWS::DynamoDB::Table")], "none"),
        ([advanced(arn={"StartsWith": ["arn:aws:s3:::other/", "arn:aws:s3:::uploads/"]})], "all"),
        ([advanced(arn={"StartsWith": ["arn:aws:s3:::uploads/a/"]})], "part"),
        ([advanced(arn={"Equals": ["arn:aws:s3:::uploads/one"]})], "part"),
        ([advanced(arn={"EndsWith": [".jpg"]})], "part"),
        ([advanced(arn={"NotStartsWith": ["arn:aws:s3:::uploads/tmp/"]})], "part"),
        ([advanced(arn={"NotStartsWith": ["arn:aws:s3:::uploads/"]})], "none"),
        ([advanced(arn={"NotStartsWith": ["arn:aws:s3:::trail/"]})], "all"),
        ([advanced(readOnly={"Equals": ["false"]})], "part"),
        ([advanced(readOnly={"Equals": ["false"]}), advanced(readOnly={"Equals": ["true"]})], "all"),
        ([advanced(eventName={"Equals": ["GetObject", "PutObject"]})], "part"),
        ([advanced(eventName={"NotEquals": ["HeadObject"]})], "part"),
        ([advanced(eventName={"Equals": ["HeadObject"]}), advanced(eventName={"NotEquals": ["HeadObject"]})], "all"),
        (
            [advanced(eventName={"Equals": ["DeleteObject"]}, arn={"StartsWith": ["arn:aws:s3:::uploads/a/"]})],
            "part",
        ),
        ([advanced(caller={"StartsWith": ["arn:aws:sts::111122223333:assumed-role/etl/"]})], "part"),
        ([advanced(caller={"NotEquals": ["arn:aws:iam::111122223333:user/etl"]})], "part"),
        ([advanced(sessionCredentialFromConsole={"NotEquals": ["true"]})], "part"),
        ([{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}], "none"),
    ],
)
def test_a_trail_records_all_of_a_bucket_a_part_or_nothing(selectors: list[dict[str, Any]], recorded: str) -> None:
    assert recorded_by(selectors, BUCKET) == recorded


def test_as_many_values_as_a_trail_can_hold_keep_nobody_waiting() -> None:
    keys = [f"{BUCKET}/{number}/" for number in range(200)]
    names = [f"Event{number}" for number in range(140)]
    callers = [f"arn:aws:iam::111122223333:role/{number}" for number in range(140)]
    most = advanced(arn={"NotStartsWith": keys}, eventName={"NotEquals": names}, caller={"NotEquals": callers})
    assert recorded_by([most], BUCKET) == "part"
    rest = [
        advanced(arn={"StartsWith": keys}),
        advanced(eventName={"Equals": names}),
        advanced(caller={"Equals": callers[1:]}),
    ]
    assert recorded_by([most, *rest], BUCKET) == "part"
    assert recorded_by([most, *rest, advanced(caller={"Equals": callers[:1]})], BUCKET) == "all"
    assert recorded_by([basic(*keys)], BUCKET) == "part"


VALUES = st.lists(st.sampled_from(["a/", "a/b", "b/"]), min_size=1, max_size=2)
FIELDS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        "arn": st.dictionaries(
            st.sampled_from(["StartsWith", "NotStartsWith", "Equals", "NotEquals", "EndsWith"]),
            VALUES.map(lambda values: [f"{BUCKET}/{value}" for value in values]),
            min_size=1,
            max_size=2,
        ),
        "eventName": st.dictionaries(st.sampled_from(["Equals", "NotEquals"]), VALUES, min_size=1, max_size=1),
        "caller": st.dictionaries(st.sampled_from(["StartsWith", "NotEquals"]), VALUES, min_size=1, max_size=1),
    },
)


@given(st.lists(FIELDS.map(lambda fields: advanced(**fields)), min_size=1, max_size=3))
def test_values_that_are_taken_for_others_change_no_answer(selectors: list[dict[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(trail_coverage, "_told_apart", lambda _, values, __: list(dict.fromkeys(values)))
        each_with_each = recorded_by(selectors, BUCKET)
    assert recorded_by(selectors, BUCKET) == each_with_each


def test_what_cloudtrail_does_not_have_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="no field 'vpcEndpointId'"):
        recorded_by([advanced(vpcEndpointId={"Equals": ["vpce-1"]})], BUCKET)
