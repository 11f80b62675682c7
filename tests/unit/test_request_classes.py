"""What is said to be covered and not to be: proven by the events themselves, as CloudTrail decides them."""

from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from blueprint.arns import Arns
from blueprint.request_classes import RequestClasses
from blueprint.selector_coverage import covers
from blueprint.targets import TargetSet
from blueprint.trail_coverage import Gap, Recorded, recorded_by, uncovered
from tests.unit.drawn_selectors import (
    CONDITIONS,
    S3,
    SELECTORS,
    TARGETS,
    advanced,
    is_target_of,
    path_of,
    records,
)

ARNS = Arns("aws", "111122223333", "us-east-1")
Selector = dict[str, Any]


def check(selectors: list[Selector], targets: TargetSet, seed: int) -> tuple[Gap, ...]:
    """What is said of the targets is so for each gap's request, and for others."""
    gaps = uncovered(selectors, targets, ARNS)
    named = {gap.target.prefix: gap for gap in gaps if gap.target}
    for prefix, gap in named.items():
        request = dict(gap.request)
        assert not covers(selectors, request)
        assert is_target_of(TargetSet((prefix,), targets.excluded), request)
        assert (gap.reads if request["readOnly"] else gap.writes) is not Recorded.ALL
    for record in records(seed, 60):
        if is_target_of(targets, record):
            gap_there = next((gap for prefix, gap in named.items() if path_of(record).startswith(prefix)), None)
            said = Recorded.ALL if gap_there is None else gap_there.reads if record["readOnly"] else gap_there.writes
            assert said is not (Recorded.NONE if covers(selectors, record) else Recorded.ALL)
    return gaps


@given(SELECTORS, TARGETS, st.integers(0, 1_000))
def test_a_request_is_refused_only_where_a_gap_is_named_and_each_gap_refuses_one(
    selectors: list[Selector], targets: TargetSet, seed: int
) -> None:
    gaps = check(selectors, targets, seed)
    event(f"gaps: {bool(gaps)}, some: {any(gap.depends_on for gap in gaps)}")


def halves(field: str, condition: dict[str, list[str]]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """A condition, and what is left without it."""
    (operator, operands), *_ = condition.items()
    if field == "reads":
        return condition, {operator: ["false" if operands == ["true"] else "true"]}
    opposite = operator.removeprefix("Not") if operator.startswith("Not") else f"Not{operator}"
    return {operator: operands}, {opposite: operands}


@st.composite
def completing(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Selectors that together select everything: one without conditions, halved again and again."""
    parts: list[dict[str, Any]] = [{}]
    for _ in range(draw(st.integers(1, 6))):
        whole = draw(st.sampled_from(parts))
        if free := sorted(CONDITIONS.keys() - whole.keys()):
            field = draw(st.sampled_from(free))
            parts.remove(whole)
            parts += [{**whole, field: half} for half in halves(field, draw(CONDITIONS[field]))]
    return parts


@given(completing(), TARGETS, st.integers(0, 1_000))
def test_selectors_that_complete_each_other_cover_and_without_one_of_them_what_it_alone_had_is_missing(
    parts: list[dict[str, Any]], targets: TargetSet, seed: int
) -> None:
    selectors = [advanced(**part) for part in parts]
    assert check(selectors, targets, seed) == ()
    lost = selectors.pop(seed % len(selectors))
    gaps = check(selectors, targets, seed)
    assert all(covers([lost], gap.request) for gap in gaps)
    event(f"missing: {bool(gaps)}")


@given(SELECTORS)
def test_a_bucket_is_recorded_as_the_target_that_is_all_of_it(selectors: list[Selector]) -> None:
    recorded = recorded_by(selectors, f"{S3}up-a")
    gaps = uncovered(selectors, TargetSet(("up-a/",)), ARNS)
    said = {recorded for gap in gaps for recorded in (gap.reads, gap.writes)}
    assert recorded == (Recorded.ALL if not gaps else said.pop() if len(said) == 1 else Recorded.PART)


def test_a_pattern_is_covered_where_no_bucket_that_there_could_be_is_left() -> None:
    """A bucket's name has few characters, so the first of each can cover what no selector names as a whole."""
    characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"
    team = TargetSet(("team-",))
    beginnings = [f"{S3}team-{character}" for character in characters if character != "q"]
    longer = [f"{S3}team-q{character}" for character in f"{characters}/"]
    covering = [*beginnings, *longer, f"{S3}team-/"]
    assert uncovered([advanced(arn={"StartsWith": covering})], team, ARNS) == ()
    for left_out in (f"{S3}team-/", f"{S3}team-q/", f"{S3}team-qq", f"{S3}team-x"):
        rest = [one for one in covering if one != left_out]
        (gap,) = uncovered([advanced(arn={"StartsWith": rest})], team, ARNS)
        assert gap.request["resources"][0]["ARN"].startswith(left_out)  # type: ignore[index]
    of_none = {"NotStartsWith": [f"{S3}team-*", f"{S3}team-*/"], "NotEquals": [f"{S3}team-a"]}
    assert uncovered([advanced(arn=of_none)], team, ARNS) == ()
    of_some = {"NotStartsWith": [f"{S3}team-a", f"{S3}team-b"]}
    assert uncovered([advanced(arn=of_some)], TargetSet(("team-",), ("team-a", "team-b")), ARNS) == ()


def test_a_field_that_is_named_twice_is_not_guessed_at() -> None:
    twice = advanced()
    twice["FieldSelectors"] += [{"Field": "readOnly", "Equals": [value]} for value in ("true", "false")]
    with pytest.raises(ValueError, match="means that names 'readOnly' twice"):
        RequestClasses([twice], "Data")
