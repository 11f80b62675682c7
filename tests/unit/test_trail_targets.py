import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pulumi import RunError

from blueprint.selector_coverage import covers
from blueprint.targets import Target, TargetSet, fold
from blueprint.trail_targets import TooManyTargetsError, TrailTargets, assign_to_trails
from sigv2.sandbox.deploying.create_pipeline import advanced_event_selector
from tests.unit.conftest import Deployed, deploy_program


def buckets(count: int) -> tuple[str, ...]:
    return tuple(sorted(f"bucket-{number}/" for number in range(count)))


def sizes(trails: tuple[TrailTargets, ...]) -> list[int]:
    return [len(trail.targets.included) for trail in trails]


def shares(trails: tuple[TrailTargets, ...]) -> dict[int, TargetSet]:
    return {trail.number: trail.targets for trail in trails}


@pytest.mark.parametrize(("count", "trails"), [(1, 1), (498, 1), (499, 2), (996, 2), (997, 3), (1993, 5), (2490, 5)])
def test_targets_take_as_few_trails_as_their_selector_values_need(count: int, trails: int) -> None:
    assigned = assign_to_trails(TargetSet(buckets(count)))
    assert len(assigned) == trails
    assert max(sizes(assigned)) <= 498
    assert sorted(prefix for trail in assigned for prefix in trail.targets.included) == list(buckets(count))


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
        assert ("team-b/" in trail.targets.excluded) is ("team-" in trail.targets.included)
        assert ("bucket-7/tmp/" in trail.targets.excluded) is ("bucket-7/" in trail.targets.included)


@pytest.mark.parametrize(("count", "more"), [(5, 1), (497, 1), (985, 11), (1200, 200), (996, 1)])
def test_targets_that_are_watched_stay_where_they_are(count: int, more: int) -> None:
    before = shares(assign_to_trails(TargetSet(buckets(count))))
    grown = tuple(sorted((*buckets(count), *(f"new-{number}/" for number in range(more)))))
    after = shares(assign_to_trails(TargetSet(grown), before))
    assert all(set(before[number].included) <= set(after[number].included) for number in before)
    assert sorted(prefix for share in after.values() for prefix in share.included) == list(grown)
    assert shares(assign_to_trails(TargetSet(grown), after)) == after


def test_trails_that_are_not_needed_any_more_are_dissolved() -> None:
    before = shares(assign_to_trails(TargetSet(buckets(1200))))
    kept = before[2].included[:200] + before[3].included[:10]
    (left,) = assign_to_trails(TargetSet(tuple(sorted(kept))), before)
    assert left == TrailTargets(2, TargetSet(tuple(sorted(kept))))


def test_what_a_full_trail_gives_up_arrives_elsewhere_first() -> None:
    before = shares(assign_to_trails(TargetSet(buckets(600))))
    moved = before[1].included[-1]
    with_exclusion = TargetSet(buckets(600), (f"{before[1].included[0]}tmp/",))
    first, second = assign_to_trails(with_exclusion, before)
    assert moved in second.targets.included
    assert (first.after, second.after) == (frozenset({2}), frozenset())


SMALL = st.lists(
    st.sampled_from(["", "a", "aa", "ab", "aa/", "ab/", "ac/", "ad/", "aa/x", "ab/x", "b", "ba/", "bb/", "bc/", "bd/"]),
    min_size=1,
    max_size=8,
)
OBJECTS = [f"{bucket}/{key}" for bucket in ("aa", "ab", "ac", "ad", "ba", "bb", "bc", "bd", "cc") for key in ("x", "y")]


def watches(share: TargetSet, path: str) -> bool:
    return path.startswith(share.included) and not path.startswith(share.excluded)


def never_unwatched(path: str, before: dict[int, TargetSet], after: tuple[TrailTargets, ...]) -> bool:
    """Whether some trail that watches the path waits, before it stops, for one that then does; deletion comes last."""
    now = {trail.number: trail for trail in after}
    then = {number for number, trail in now.items() if watches(trail.targets, path)}

    def waits_for(number: int) -> set[int]:
        return {number}.union(*(waits_for(other) for other in now[number].after))

    return any(
        number not in now or waits_for(number) & then for number, share in before.items() if watches(share, path)
    )


@settings(max_examples=200)
@given(st.lists(st.tuples(SMALL, SMALL), min_size=2, max_size=4), st.integers(3, 9))
def test_no_request_is_unwatched_while_targets_change_places(
    changes: list[tuple[list[str], list[str]]], values: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("blueprint.trail_targets.MAX_VALUES", values + 2)
        held: dict[int, TargetSet] = {}
        for watch, leave_out in changes:
            targets = fold(map(Target, watch), map(Target, leave_out[:2]))
            assume(targets.included)
            try:
                assigned = assign_to_trails(targets, held)
            except TooManyTargetsError:
                assume(False)
            for path in OBJECTS:
                was = any(watches(share, path) for share in held.values())
                stays = watches(targets, path)
                assert any(watches(trail.targets, path) for trail in assigned) is stays
                if was and stays:
                    assert never_unwatched(path, held, assigned), (path, held, assigned)
            held = shares(assigned)


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


@settings(max_examples=30, deadline=None)
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
