"""Which event selectors CloudTrail takes."""

from typing import Any

import pytest
from moto.core.exceptions import JsonRESTError

from sigv2.sandbox.emulating.selector_rules import check_selectors

DATA = [
    {"Field": "eventCategory", "Equals": ["Data"]},
    {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
]


def basic(*values: str, **others: Any) -> dict[str, Any]:
    return {"DataResources": [{"Type": "AWS::S3::Object", "Values": list(values)}], **others}


def advanced(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"FieldSelectors": [*DATA, *fields]}


def buckets(count: int) -> list[str]:
    return [f"arn:aws:s3:::bucket-{number}/" for number in range(count)]


@pytest.mark.parametrize(
    ("given", "also_given"),
    [
        ([basic(*buckets(50))] * 5, []),
        ([basic(*buckets(250), "arn:aws:s3:::", "arn:aws:s3")], []),
        ([basic("arn:aws-cn:s3:::bucket/a*b", ReadWriteType="WriteOnly"), {}], []),
        ([], [advanced({"Field": "resources.ARN", "StartsWith": buckets(498)})]),
        ([], [advanced({"Field": "readOnly", "Equals": ["true"]}, {"Field": "eventName", "NotEndsWith": ["Object"]})]),
        ([], [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}] * 6),
    ],
)
def test_what_cloudtrail_documents_is_taken(given: list[dict[str, Any]], also_given: list[dict[str, Any]]) -> None:
    check_selectors(given, also_given)


@pytest.mark.parametrize(
    ("given", "also_given", "reason"),
    [
        ([], [], "Specify either EventSelectors or AdvancedEventSelectors, with at least one selector."),
        (
            [basic()],
            [advanced()],
            "Specify either EventSelectors or AdvancedEventSelectors, with at least one selector.",
        ),
        ([basic()] * 6, [], "A trail can have up to 5 event selectors."),
        ([basic(*buckets(125)), basic(*buckets(126))], [], "A trail is limited to 250 data resources."),
        ([basic(ReadWriteType="read-only")], [], "Value read-only for ReadWriteType is invalid."),
        (
            [{"DataResources": [{"Type": "AWS::SNS::Topic", "Values": []}]}],
            [],
            "Value AWS::SNS::Topic for DataResources.Type is invalid.",
        ),
        ([basic("arn:aws:s3:::*")], [], "Value arn:aws:s3:::* for DataResources.Values is invalid."),
        ([basic("bucket/")], [], "Value bucket/ for DataResources.Values is invalid."),
        (
            [],
            [advanced({"Field": "resources.ARN", "StartsWith": buckets(497)}), advanced()],
            "A trail is limited to 500 values for all conditions of its advanced event selectors.",
        ),
        (
            [],
            [{"FieldSelectors": DATA[1:]}],
            "An advanced event selector takes eventCategory, equal to one of Management, Data, NetworkActivity.",
        ),
        (
            [],
            [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["data"]}, DATA[1]]}],
            "An advanced event selector takes eventCategory, equal to one of Management, Data, NetworkActivity.",
        ),
        ([], [{"FieldSelectors": DATA[:1]}], "An advanced event selector of data events takes resources.type."),
        ([], [advanced({"Field": "readOnly", "NotEquals": ["true"]})], "The field readOnly does not take NotEquals."),
        ([], [advanced({"Field": "eventName", "Contains": ["a"]})], "The field eventName does not take Contains."),
        ([], [advanced({"Field": "eventName"})], "The field eventName has no value to compare with."),
        ([], [advanced({"Field": "eventName", "Equals": []})], "The field eventName has no value to compare with."),
    ],
)
def test_what_is_beyond_it_is_refused_with_the_one_error_for_that(
    given: list[dict[str, Any]], also_given: list[dict[str, Any]], reason: str
) -> None:
    with pytest.raises(JsonRESTError) as refused:
        check_selectors(given, also_given)
    assert (refused.value.error_type, refused.value.message) == ("InvalidEventSelectorsException", reason)
