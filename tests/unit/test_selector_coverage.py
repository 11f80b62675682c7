"""CloudTrail's rules of what a trail logs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.selector_coverage import covers

Selector = dict[str, object]

DATA = {"Field": "eventCategory", "Equals": ["Data"]}
OBJECTS = {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}


def data_event(
    key: str = "cat.jpg", *, bucket: str = "photos", arn: str = "ARN", **fields: object
) -> dict[str, object]:
    return {
        "eventCategory": "Data",
        "eventName": "GetObject",
        "eventSource": "s3.amazonaws.com",
        "eventType": "AwsApiCall",
        "readOnly": True,
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/ann"},
        "resources": [
            {"type": "AWS::S3::Object", arn: f"arn:aws:s3:::{bucket}/{key}"},
            {"type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
        ],
        **fields,
    }


MANAGEMENT_EVENT = {
    "eventCategory": "Management",
    "eventName": "ListBuckets",
    "eventSource": "s3.amazonaws.com",
    "eventType": "AwsApiCall",
    "readOnly": True,
    "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/ann"},
}


def advanced(*fields: dict[str, object]) -> Selector:
    return {"Name": "test", "FieldSelectors": [DATA, OBJECTS, *fields]}


def basic(*prefixes: str, **settings: object) -> Selector:
    values = {"Type": "AWS::S3::Object", "Values": list(prefixes)}
    return {"IncludeManagementEvents": False, "DataResources": [values], **settings}


def arn(**operators: object) -> dict[str, object]:
    return {"Field": "resources.ARN", **operators}


def test_without_selectors_nothing_is_covered() -> None:
    assert not covers([], data_event())


def test_any_one_selector_suffices() -> None:
    selectors = [advanced(arn(Equals=["arn:aws:s3:::a/b"])), advanced()]
    assert covers(selectors, data_event())


# Advanced


def test_an_advanced_selector_without_arn_covers_every_bucket() -> None:
    assert covers([advanced()], data_event())
    assert not covers([advanced()], MANAGEMENT_EVENT)


def test_all_fields_of_one_selector_must_match() -> None:
    writes = advanced(arn(StartsWith=["arn:aws:s3:::photos/"]), {"Field": "readOnly", "Equals": ["false"]})
    assert not covers([writes], data_event())
    assert covers([writes], data_event(readOnly=False))


@pytest.mark.parametrize(
    ("bucket", "key", "covered"),
    [
        ("amzn-s3-demo-bucket", "object1", True),
        ("amzn-s3-demo-bucket", "object2", True),
        ("amzn-s3-demo-bucket1", "object3", True),
        ("amzn-s3-demo-bucket", "deselectObject4", False),
        ("amzn-s3-demo-bucket", "object5", False),
        ("amzn-s3-demo-bucket", "object6", False),
        ("amzn-s3-demo-bucket1", "object7", False),
    ],
)
def test_operators_combine_as_in_the_example_of_the_user_guide(bucket: str, key: str, covered: bool) -> None:
    selector = advanced(
        arn(
            Equals=["arn:aws:s3:::amzn-s3-demo-bucket/object1"],
            StartsWith=["arn:aws:s3:::amzn-s3-demo-bucket/"],
            EndsWith=["object3"],
            NotStartsWith=["arn:aws:s3:::amzn-s3-demo-bucket/deselect"],
            NotEndsWith=["object5"],
            NotEquals=["arn:aws:s3:::amzn-s3-demo-bucket/object6"],
        )
    )
    assert covers([selector], data_event(key, bucket=bucket)) == covered


def test_every_value_of_a_negative_operator_excludes() -> None:
    selector = advanced(arn(NotStartsWith=["arn:aws:s3:::logs/", "arn:aws:s3:::photos/"]))
    assert not covers([selector], data_event())
    assert covers([selector], data_event(bucket="videos"))


def test_an_arn_without_its_slash_covers_longer_names_too() -> None:
    selector = advanced(arn(StartsWith=["arn:aws:s3:::photos"]))
    assert covers([selector], data_event(bucket="photos2"))


def test_type_and_arn_must_be_those_of_one_resource() -> None:
    assert not covers([advanced(arn(Equals=["arn:aws:s3:::photos"]))], data_event())


@pytest.mark.parametrize(("listed", "covered"), [("2019/06/", True), ("2019/", True), ("", False)])
def test_a_listing_is_covered_by_the_prefix_that_it_lists(listed: str, covered: bool) -> None:
    listing = data_event(listed, arn="ARNPrefix", eventName="ListObjects")
    prefix = "arn:aws:s3:::photos/2019/"
    assert covers([advanced(arn(StartsWith=[prefix]))], listing) == covered
    assert covers([basic(prefix)], listing) == covered


@pytest.mark.parametrize(
    ("field", "covered"),
    [
        ({"Field": "eventName", "Equals": ["PutObject", "GetObject"]}, True),
        ({"Field": "eventName", "StartsWith": ["Put"]}, False),
        ({"Field": "eventSource", "Equals": ["s3.amazonaws.com"]}, True),
        ({"Field": "eventType", "NotEquals": ["AwsServiceEvent"]}, True),
        ({"Field": "readOnly", "Equals": ["true"]}, True),
        ({"Field": "userIdentity.arn", "EndsWith": [":user/ann"]}, True),
        ({"Field": "userIdentity.arn", "NotEndsWith": [":user/ann"]}, False),
        ({"Field": "sessionCredentialFromConsole", "Equals": ["true"]}, False),
        ({"Field": "sessionCredentialFromConsole", "NotEquals": ["true"]}, True),
    ],
)
def test_each_field_of_a_record_can_be_selected_by(field: Selector, covered: bool) -> None:
    assert covers([advanced(field)], data_event()) == covered


def test_who_has_no_arn_is_nobody_that_a_selector_names() -> None:
    anonymous = data_event(userIdentity={"type": "AWSAccount", "accountId": "anonymous"})
    field = "userIdentity.arn"
    assert not covers([advanced({"Field": field, "StartsWith": ["arn:aws:iam::"]})], anonymous)
    assert covers([advanced({"Field": field, "NotStartsWith": ["arn:aws:iam::"]})], anonymous)


def test_an_advanced_selector_covers_management_events_but_for_noisy_sources() -> None:
    category = {"Field": "eventCategory", "Equals": ["Management"]}
    source = {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}
    selector: Selector = {"FieldSelectors": [category, source]}
    assert covers([selector], MANAGEMENT_EVENT)
    assert not covers([selector], MANAGEMENT_EVENT | {"eventSource": "kms.amazonaws.com"})
    assert not covers([selector], data_event())


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        (advanced({"Field": "userAgent", "Equals": ["a"]}), "no field 'userAgent'"),
        (advanced({"Field": "eventName", "Contains": ["a"]}), "no operator 'Contains'"),
        (basic(ReadWriteType="Some"), "no ReadWriteType 'Some'"),
    ],
)
def test_what_cloudtrail_does_not_have_is_an_error(selector: Selector, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        covers([advanced(), selector], MANAGEMENT_EVENT)


def test_what_selects_network_activity_has_fields_of_its_own_and_covers_no_request() -> None:
    category = {"Field": "eventCategory", "Equals": ["NetworkActivity"]}
    endpoint = {"Field": "vpcEndpointId", "Equals": ["vpce-1"]}
    of_network: Selector = {
        "FieldSelectors": [category, endpoint, {"Field": "errorCode", "Equals": ["VpceAccessDenied"]}]
    }
    assert not covers([of_network], data_event())
    assert not covers([of_network], MANAGEMENT_EVENT)
    assert covers([of_network, advanced()], data_event())


# Basic


@pytest.mark.parametrize(
    ("prefix", "covered"),
    [
        ("arn:aws:s3", True),
        ("arn:aws:s3:::", True),
        ("arn:aws:s3:::photos/", True),
        ("arn:aws:s3:::photos/cat", True),
        ("arn:aws:s3:::photos/dog", False),
        ("arn:aws:s3:::photo/", False),
        ("arn:aws-cn:s3", False),
    ],
)
def test_a_basic_value_is_a_prefix(prefix: str, covered: bool) -> None:
    assert covers([basic(prefix)], data_event()) == covered
    assert covers([basic("arn:aws:s3:::other/", prefix)], data_event()) == covered


@pytest.mark.parametrize(
    ("read_write_type", "read", "write"),
    [("All", True, True), ("ReadOnly", True, False), ("WriteOnly", False, True)],
)
def test_a_basic_selector_can_be_for_reads_or_writes(read_write_type: str, read: bool, write: bool) -> None:
    selector = basic("arn:aws:s3", ReadWriteType=read_write_type)
    assert covers([selector], data_event()) == read
    assert covers([selector], data_event(readOnly=False)) == write


def test_a_basic_selector_covers_management_events_unless_told_otherwise() -> None:
    assert covers([{}], MANAGEMENT_EVENT)
    assert not covers([{}], data_event())
    assert not covers([basic("arn:aws:s3")], MANAGEMENT_EVENT)
    assert not covers([{"ExcludeManagementEventSources": ["s3.amazonaws.com"]}], MANAGEMENT_EVENT)


def test_a_basic_selector_for_another_type_covers_no_object() -> None:
    functions = {"Type": "AWS::Lambda::Function", "Values": ["arn:aws"]}
    assert not covers([{"DataResources": [functions]}], data_event())


_NAMES = st.text(alphabet="ab/", max_size=4)


@given(key=_NAMES, bucket=_NAMES, prefixes=st.lists(_NAMES, min_size=1, max_size=3))
def test_basic_values_and_starts_with_mean_the_same(key: str, bucket: str, prefixes: list[str]) -> None:
    arns = [f"arn:aws:s3:::{prefix}" for prefix in prefixes]
    event = data_event(key, bucket=bucket)
    assert covers([basic(*arns)], event) == covers([advanced(arn(StartsWith=arns))], event)
    assert covers([basic(*arns)], event) != covers([advanced(arn(NotStartsWith=arns))], event)
