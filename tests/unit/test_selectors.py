import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi import RunError

from components.selectors import TooManyTargetsError, assign_to_trails
from components.targets import TargetSet
from sigv2.sandbox.deploying.create_pipeline import advanced_event_selector
from sigv2.selectors import covers
from tests.unit.conftest import Deployed, deploy_program


def buckets(count: int) -> tuple[str, ...]:
    return tuple(sorted(f"bucket-{number}/" for number in range(count)))


def sizes(trails: tuple[TargetSet, ...]) -> list[int]:
    return [len(trail.included) for trail in trails]


@pytest.mark.parametrize(("count", "trails"), [(1, 1), (498, 1), (499, 2), (996, 2), (997, 3), (1993, 5), (2490, 5)])
def test_targets_take_as_few_trails_as_their_selector_values_need(count: int, trails: int) -> None:
    assigned = assign_to_trails(TargetSet(buckets(count)))
    assert len(assigned) == trails
    assert max(sizes(assigned)) <= 498
    assert sorted(prefix for trail in assigned for prefix in trail.included) == list(buckets(count))


def test_one_more_than_five_trails_hold_is_refused_with_the_number_left_over() -> None:
    with pytest.raises(TooManyTargetsError) as refused:
        assign_to_trails(TargetSet(buckets(2491)))
    assert str(refused.value) == (
        "needs 2491 selector values, 1 more than the 2490 that the 5 trails of a Region can hold"
    )


def test_exclusions_the_trail_bucket_and_management_events_take_values_too() -> None:
    with_all = TargetSet((*buckets(490), "team-"), ("team-b/", "team-c/"))
    assert len(assign_to_trails(with_all, management_events=True)) == 1
    assert len(assign_to_trails(TargetSet((*buckets(492), "team-"), with_all.excluded), management_events=True)) == 2


def test_more_exclusions_than_a_selector_holds_are_refused() -> None:
    assert len(assign_to_trails(TargetSet(("",), buckets(496)))) == 1
    with pytest.raises(TooManyTargetsError) as refused:
        assign_to_trails(TargetSet(("",), buckets(497)))
    assert str(refused.value) == "has 497 exclusions, and a trail's selectors hold at most 500 values in all"


def test_an_exclusion_goes_only_to_the_trails_that_it_cuts_into() -> None:
    included = (*buckets(600), "team-")
    for trail in assign_to_trails(TargetSet(included, ("bucket-7/tmp/", "team-b/"))):
        assert ("team-b/" in trail.excluded) is ("team-" in trail.included)
        assert ("bucket-7/tmp/" in trail.excluded) is ("bucket-7/" in trail.included)


@settings(max_examples=20)
@given(st.sampled_from([5, 497, 700, 1200]), st.integers(0, 10_000))
def test_a_bucket_more_or_less_touches_one_trail_while_none_is_full(count: int, number: int) -> None:
    before = assign_to_trails(TargetSet(buckets(count)))
    after = assign_to_trails(TargetSet(tuple(sorted({*buckets(count), f"new-{number}/"}))))
    assert len(before) == len(after)
    assert sum(b != a for b, a in zip(before, after, strict=True)) == 1


def test_each_value_of_a_full_set_is_in_exactly_one_trail() -> None:
    assert sizes(assign_to_trails(TargetSet(buckets(2490)))) == [498] * 5


def record(path: str) -> dict[str, Any]:
    """As much of a data event's record as selectors look at."""
    return {
        "eventCategory": "Data",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "readOnly": True,
        "resources": [{"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{path}"}],
    }


def logged_by(deployed: Deployed, path: str) -> int:
    """How many of the registered trails log a request to `bucket/key`, by CloudTrail's rules."""
    return sum(
        covers([advanced_event_selector(selector) for selector in trail.inputs["advancedEventSelectors"]], record(path))
        for trail in deployed.all("Trail")
    )


OWN_BUCKET = "s3-sigv2-access-log-dev-trail-0a1b2c3"
BUCKETS = ("aaa", "aab", "abb", "s3-sigv2-access", "s3-sigv2-access-log-dev")
ENTRIES = st.sampled_from(
    [
        *("*", "a*", "aa*", "ab*", "s*", "s3-sigv2-access-log-dev-trail*", "arn:aws:s3:::aaa/x/*", "s3://abb/x"),
        *BUCKETS,
        *(f"{bucket}/{key}" for bucket in BUCKETS[:3] for key in ("x", "x/", "x/y")),
    ]
)
PATHS = [f"{bucket}/{key}" for bucket in (*BUCKETS, "ccc", OWN_BUCKET) for key in ("k", "x", "x/y", "x/z", "xx")]


def meant(entry: str, path: str) -> bool:
    """The meaning of an entry, spelt out without the code under test."""
    plain = entry.removeprefix("arn:aws:s3:::").removeprefix("s3://")
    if "/" not in plain and not plain.endswith("*"):
        return path.partition("/")[0] == plain
    return path.startswith(plain.rstrip("*"))


def evaluated(configuration: dict[str, list[str]]) -> Deployed | str:
    """What the program registers, or the sentence that it ends with."""
    try:
        return deploy_program(configuration)
    except RunError as error:
        return str(error)


@settings(max_examples=60, deadline=None)
@given(st.lists(ENTRIES, min_size=1, max_size=6), st.lists(ENTRIES, max_size=4))
def test_the_selectors_match_what_the_entries_mean_less_exclusions_and_the_trail_bucket(
    watch: list[str], leave_out: list[str]
) -> None:
    expected = {
        path: any(meant(entry, path) for entry in watch)
        and not any(meant(entry, path) for entry in leave_out)
        and not path.startswith(f"{OWN_BUCKET}/")
        for path in PATHS
    }
    outcome = evaluated({"targetBuckets": watch, "excludeBuckets": leave_out})
    if isinstance(outcome, Deployed):
        assert {path: bool(logged_by(outcome, path)) for path in PATHS} == expected
    else:
        assert "covers all that targetBuckets names" in outcome
        assert not any(expected.values())


def test_beyond_one_trail_each_bucket_is_logged_by_exactly_one_and_they_share_the_rest() -> None:
    names = [f"bucket-{number}" for number in range(1200)]
    deployed = deploy_program({"targetBuckets": names, "checkTargets": "false"})
    assert deployed.outputs["trailNames"] == [
        "s3-sigv2-access-log-dev",
        "s3-sigv2-access-log-dev-2",
        "s3-sigv2-access-log-dev-3",
    ]
    assert {logged_by(deployed, f"{name}/key") for name in (names[0], names[599], names[-1])} == {1}
    (bucket,) = {trail.inputs["s3BucketName"] for trail in deployed.all("Trail")}
    statements = json.loads(deployed.the("BucketPolicy").inputs["policy"])["Statement"]
    for statement in statements[:2]:
        assert statement["Condition"]["StringEquals"]["aws:SourceArn"] == [
            f"arn:aws:cloudtrail:us-east-1:123456789012:trail/{name}" for name in deployed.outputs["trailNames"]
        ]
    assert bucket == OWN_BUCKET
    assert len([r for r in deployed.resources if r.type.startswith("aws:")]) == (
        len([r for r in deploy_program({"targetBuckets": "one-bucket"}).resources if r.type.startswith("aws:")]) + 2
    )


def test_management_events_are_selected_by_the_first_trail_alone_less_the_noisiest_sources() -> None:
    names = [f"bucket-{number}" for number in range(600)]
    configuration = {"targetBuckets": names, "checkTargets": "false", "includeManagementEvents": "true"}
    first, second = deploy_program(configuration).all("Trail")
    assert first.inputs["advancedEventSelectors"][1] == {
        "name": "Management events",
        "fieldSelectors": [
            {"field": "eventCategory", "equals": ["Management"]},
            {"field": "eventSource", "notEquals": ["kms.amazonaws.com", "rdsdata.amazonaws.com"]},
        ],
    }
    assert len(second.inputs["advancedEventSelectors"]) == 1


def test_the_rule_sees_read_only_management_events_only_where_they_are_asked_for() -> None:
    state = {
        asked: deploy_program({"targetBuckets": "one-bucket", "includeManagementEvents": asked}).the("EventRule").inputs
        for asked in ("true", "false")
    }
    assert state["true"]["state"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    assert state["false"]["state"] == "ENABLED"
