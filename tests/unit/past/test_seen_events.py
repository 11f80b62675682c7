"""Each event counts once, in bounded memory."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigv2.report.past import seen_events
from sigv2.report.past.file_reader import number_of_event
from sigv2.report.past.seen_events import SeenEvents


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(1, 40), max_size=2000))
def test_it_remembers_as_a_set_does_while_it_has_room(events: list[int]) -> None:
    seen, plain = SeenEvents(), set[int]()
    for event in events:
        assert seen.add(event) is ((event or 1) not in plain)
        plain.add(event or 1)
    assert not seen.forgot


def test_it_forgets_the_oldest_and_says_so_when_it_is_full() -> None:
    seen = SeenEvents(most_slots=16)
    added = [seen.add(event) for event in range(1, 100)]
    assert all(added)
    assert not seen.add(99)
    assert not seen.add(90)
    assert seen.forgot
    assert seen.add(1)


@pytest.mark.parametrize("form", ["00000000-0000-0000-0000-{0:012x}", "{0:08x}-0000-4000-8000-{0:012x}", "{0:032x}"])
def test_ids_that_follow_one_another_are_found_as_fast_as_others(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0

    class Slots(list[int]):
        def __init__(self, _: str, empty: bytes) -> None:
            super().__init__([0] * (len(empty) // 8))

        def __getitem__(self, slot: Any) -> Any:
            nonlocal looked_at
            looked_at += 1
            return super().__getitem__(slot)

    monkeypatch.setattr(seen_events, "array", Slots)
    seen = SeenEvents()
    assert all(seen.add(number_of_event(form.format(number))) for number in range(1, 2001))
    assert looked_at < 20 * 2000
