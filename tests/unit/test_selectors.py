import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.selectors import TooManyTargetsError, assign_to_trails
from components.targets import TargetSet


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
