import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.arns import Arns
from blueprint.basic_selectors import as_advanced
from blueprint.event_selectors import MANAGEMENT_EVENT_SELECTOR
from blueprint.selector_completion import completing, missing_selectors
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


def test_basic_selectors_become_advanced_ones() -> None:
    functions = {"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}
    has = basic("arn:aws:s3:::reports/", reads="WriteOnly")
    has["DataResources"].append(functions)
    has["ExcludeManagementEventSources"] = ["kms.amazonaws.com"]
    of_writes = {"Field": "readOnly", "Equals": ["false"]}
    assert as_advanced(has) == [
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
    ]


ADDED = "add to the event selectors that it has, which `aws cloudtrail put-event-selectors` replaces, these: "
BASIC_FIRST = (
    "write the basic event selectors that it has as advanced ones, as CloudTrail takes none beside these, and add "
    "these: "
)


@pytest.mark.parametrize(
    ("selectors", "first"),
    [([], ADDED), ([advanced(reads={"Equals": ["true"]})], ADDED), ([basic("arn:aws:s3:::reports/")], BASIC_FIRST)],
)
def test_an_owner_is_told_what_becomes_of_the_selectors_that_there_are(
    selectors: list[dict[str, Any]], first: str
) -> None:
    targets = TargetSet(("uploads/",))
    gaps = uncovered(selectors, targets, ARNS)
    (missing,) = missing_selectors(gaps, targets, ARNS)
    assert completing(selectors, gaps, targets, ARNS) == first + json.dumps([missing.as_cloudtrail_takes_it()])


def test_of_hundreds_of_targets_the_first_are_shown_and_the_others_counted() -> None:
    buckets = tuple(f"bucket-{number:03}/" for number in range(400))
    many = TargetSet(buckets, tuple(f"bucket-000/{number:02}/" for number in range(12)))
    sentence = completing([], uncovered([], many, ARNS, management_events=True), many, ARNS)
    (data, calls), end = json.JSONDecoder().raw_decode(sentence.removeprefix(ADDED))
    assert data["FieldSelectors"][2] == {
        "Field": "resources.ARN",
        "StartsWith": [f"arn:aws:s3:::{bucket}" for bucket in buckets[:10]],
        "NotStartsWith": [f"arn:aws:s3:::{prefix}" for prefix in many.excluded[:10]],
    }
    assert calls == MANAGEMENT_EVENT_SELECTOR.as_cloudtrail_takes_it()
    assert sentence.removeprefix(ADDED)[end:] == ", with 390 more targets and 2 more of what excludeBuckets leaves out"


@given(SELECTORS, TARGETS, st.booleans(), st.integers(0, 1_000))
def test_a_trail_that_is_completed_records_what_it_did_and_the_targets_and_nothing_else(
    selectors: list[dict[str, Any]], targets: TargetSet, management_events: bool, seed: int
) -> None:
    gaps = uncovered(selectors, targets, ARNS, management_events=management_events)
    kept = [one for selector in selectors for one in as_advanced(selector)]
    completed = [*kept, *(one.as_cloudtrail_takes_it() for one in missing_selectors(gaps, targets, ARNS))]
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
