"""Each event counts once, in bounded memory."""

from hypothesis import given
from hypothesis import strategies as st

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
