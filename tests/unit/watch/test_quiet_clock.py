"""How long it was quiet."""

from sigv2.watch.quiet_clock import QuietClock


def test_it_counts_from_the_start_between_looks() -> None:
    clock = QuietClock(10, 100)
    clock.saw(104)
    assert clock.left == 6
    clock.saw(110)
    assert clock.left == 0


def test_a_request_has_it_begin_again_when_it_was_seen() -> None:
    clock = QuietClock(10, 100)
    clock.saw(109)
    clock.heard()
    clock.saw(111)
    assert clock.left == 10
    clock.saw(120)
    assert clock.left == 1


def test_what_lies_around_a_look_that_failed_is_not_counted() -> None:
    clock = QuietClock(10, 100)
    clock.saw(104)
    clock.was_blind()
    clock.saw(150)
    assert clock.left == 6
    clock.saw(152)
    assert clock.left == 4


def test_a_request_that_came_before_a_look_failed_is_not_forgotten() -> None:
    clock = QuietClock(10, 100)
    clock.saw(109)
    clock.heard()
    clock.was_blind()
    clock.saw(150)
    assert clock.left == 10
