from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from blueprint.arns import Arns
from blueprint.basic_selectors import as_advanced
from blueprint.event_selectors import MANAGEMENT_EVENT_SELECTOR
from blueprint.selector_completion import completed_selectors, missing_selectors
from blueprint.selector_coverage import covers
from blueprint.targets import TargetSet
from blueprint.trail_coverage import uncovered
from tests.unit.drawn_selectors import SELECTORS, TARGETS, advanced, basic, is_target_of, records

ARNS = Arns("aws", "111122223333", "us-east-1")
TWO = TargetSet(("reports/", "team-", "uploads/"), ("reports/tmp/", "team-b/", "uploads/tmp/"))


def test_what_is_missing_is_selected_less_what_is_excluded_of_it() -> None:
    has = [advanced(arn={"StartsWith": ["arn:aws:s3:::reports/"]}), basic()]
    gaps = uncovered([has[0]], TWO, ARNS, management_events=True)
    data, calls = missing_selectors(gaps, TWO, ARNS)
    assert data.as_cloudtrail_takes_it() == {
        "Name": "S3 data events of the target buckets",
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
            {
                "Field": "resources.ARN",
                "StartsWith": ["arn:aws:s3:::team-", "arn:aws:s3:::uploads/"],
                "NotStartsWith": ["arn:aws:s3:::team-b/", "arn:aws:s3:::uploads/tmp/"],
            },
        ],
    }
    assert calls is MANAGEMENT_EVENT_SELECTOR
    assert calls.as_cloudtrail_takes_it() == {
        "Name": "Management events",
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Management"]},
            {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com", "rdsdata.amazonaws.com"]},
        ],
    }
    assert missing_selectors((), TWO, ARNS) == ()


def test_all_of_every_bucket_takes_no_condition_on_an_arn() -> None:
    everything = TargetSet(("",))
    (selector,) = missing_selectors(uncovered([], everything, ARNS), everything, ARNS)
    assert selector.as_cloudtrail_takes_it()["FieldSelectors"] == [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
    ]


def test_basic_selectors_become_advanced_ones_before_what_is_missing() -> None:
    functions = {"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}
    has = basic("arn:aws:s3:::reports/", reads="WriteOnly")
    has["DataResources"].append(functions)
    has["ExcludeManagementEventSources"] = ["kms.amazonaws.com"]
    targets = TargetSet(("reports/",))
    gaps = uncovered([has], targets, ARNS)
    (missing,) = missing_selectors(gaps, targets, ARNS)
    of_writes = {"Field": "readOnly", "Equals": ["false"]}
    assert completed_selectors([has], gaps, targets, ARNS) == [
        {
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Management"]},
                {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
                of_writes,
            ]
        },
        {
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::reports/"]},
                of_writes,
            ]
        },
        {
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::Lambda::Function"]},
                {"Field": "resources.ARN", "StartsWith": ["arn:aws:lambda"]},
                of_writes,
            ]
        },
        missing.as_cloudtrail_takes_it(),
    ]


@given(SELECTORS, TARGETS, st.booleans(), st.integers(0, 1_000))
def test_a_trail_that_is_completed_records_what_it_did_and_the_targets_and_nothing_else(
    selectors: list[dict[str, Any]], targets: TargetSet, management_events: bool, seed: int
) -> None:
    gaps = uncovered(selectors, targets, ARNS, management_events=management_events)
    completed = completed_selectors(selectors, gaps, targets, ARNS)
    assert uncovered(completed, targets, ARNS, management_events=management_events) == ()
    for record in records(seed, 30):
        calls = {**record, "eventCategory": "Management", "resources": []}
        assert covers(completed, record) == (covers(selectors, record) or is_target_of(targets, record))
        assert covers(completed, calls) or not covers(selectors, calls)


@given(SELECTORS, st.integers(0, 1_000))
def test_advanced_selectors_select_what_the_basic_ones_did(selectors: list[dict[str, Any]], seed: int) -> None:
    written_anew = [one for selector in selectors for one in as_advanced(selector)]
    for record in records(seed, 30):
        calls = {**record, "eventCategory": "Management", "resources": []}
        assert covers(written_anew, record) == covers(selectors, record)
        assert covers(written_anew, calls) == covers(selectors, calls)
