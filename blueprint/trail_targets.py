"""Which trail watches what: targets spread over the trails of a Region, and moved without a gap."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from blueprint.names import trail_name
from blueprint.targets import TargetSet

MAX_TRAILS = 5
"""Trails in a Region; not adjustable
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html)."""

MAX_VALUES = 500
"""Values of all conditions in all advanced event selectors of a trail (same page)."""

NOISY_SOURCES = ("kms.amazonaws.com", "rdsdata.amazonaws.com")
"""The sources of management events that a trail can leave out."""

_DATA_EVENT_VALUES = 2  # eventCategory and resources.type
_MANAGEMENT_EVENT_VALUES = 1 + len(NOISY_SOURCES)


def trail_names(base: str) -> dict[int, str]:
    """What the trails of a stack are called, as many as it may have, by their number.

    Args:
        base: the stack's base name.
    """
    return {number: trail_name(base, number) for number in range(1, MAX_TRAILS + 1)}


class TooManyTargetsError(ValueError):
    """The targets do not fit into a Region's trails; the message is the rest of a sentence about them."""


@dataclass(frozen=True)
class TrailTargets:
    """What one of the stack's trails watches.

    Attributes:
        number: which trail: 1 to 5.
        targets: its share of the targets.
        after: numbers of the trails that must have taken over what this one gives up before it does.
    """

    number: int
    targets: TargetSet
    after: frozenset[int] = frozenset()


def assign_to_trails(
    targets: TargetSet, deployed: Mapping[int, TargetSet] | None = None, *, management_events: bool = False
) -> tuple[TrailTargets, ...]:
    """Spread the targets over as few trails as their selectors need, leaving each where it is already.

    Trails are updated at once, unless one waits for another: what leaves one must have arrived first, and no two may
    wait for each other. A trail that ends up empty is deleted, which Pulumi does after everything else.

    Args:
        targets: what to watch, folded.
        deployed: what each trail watches now, by its number.
        management_events: whether one trail also selects management events.

    Returns:
        The share of each trail, one to five, in order of their numbers.

    Raises:
        TooManyTargetsError: where five trails cannot hold them, or not while they change places.
    """
    capacity = _capacity(targets, management_events)
    wanted = set(targets.included)
    held = {number: share.included for number, share in (deployed or {}).items()}
    moves = _Moves(capacity, held, _kept(held, wanted, capacity))
    moves.open_or_close(-(-len(wanted) // capacity))
    for prefix in sorted(wanted.difference(*moves.shares.values())):
        moves.place(prefix)
    return tuple(
        TrailTargets(
            number,
            TargetSet(included := tuple(sorted(share)), _within(targets.excluded, included)),
            frozenset(moves.after[number]),
        )
        for number, share in sorted(moves.shares.items())
    )


def _capacity(targets: TargetSet, management_events: bool) -> int:
    """How many included prefixes a trail can hold beside everything else."""
    capacity = MAX_VALUES - _DATA_EVENT_VALUES - len(targets.excluded)
    capacity -= _MANAGEMENT_EVENT_VALUES if management_events else 0
    capacity -= 1 if targets.has_pattern else 0  # the trail bucket
    if capacity < 1:
        raise TooManyTargetsError(
            f"has {len(targets.excluded)} exclusions, and a trail's selectors hold at most {MAX_VALUES} values in all"
        )
    left_over = len(targets.included) - MAX_TRAILS * capacity
    if left_over > 0:
        raise TooManyTargetsError(
            f"needs {len(targets.included)} selector values, {left_over} more than the {MAX_TRAILS * capacity} that "
            f"the {MAX_TRAILS} trails of a Region can hold"
        )
    return capacity


def _kept(held: Mapping[int, Iterable[str]], wanted: set[str], capacity: int) -> dict[int, set[str]]:
    """What stays where it is, as far as there is room."""
    kept: dict[int, set[str]] = {}
    left = set(wanted)
    for number in sorted(held):
        kept[number] = set(sorted(left.intersection(held[number]))[:capacity])
        left -= kept[number]
    return kept


class _Moves:
    """The trails on their way from what they hold to what they are to hold."""

    def __init__(self, capacity: int, held: Mapping[int, tuple[str, ...]], kept: dict[int, set[str]]) -> None:
        self._capacity, self._held, self.shares = capacity, held, kept
        self.after: dict[int, set[int]] = {number: set() for number in range(1, MAX_TRAILS + 1)}

    def open_or_close(self, needed: int) -> None:
        """Have exactly so many trails: new ones get the lowest free numbers, the emptiest are dissolved."""
        fullest_first = sorted(self.shares, key=lambda number: (-len(self.shares[number]), number))
        for number in fullest_first[needed:]:
            del self.shares[number]
        self._open(needed - len(self.shares))

    def place(self, prefix: str) -> None:
        """Find a trail for a prefix: one that gives up what it stands for if possible, else the first with room.

        Raises:
            TooManyTargetsError: full trails would have to wait for each other.
        """
        givers = {number for number in self.shares if self._gives_up(number, prefix)}
        for _ in range(2):
            for number in sorted(self.shares, key=lambda number: (number not in givers, number)):
                if len(self.shares[number]) < self._capacity and not self._waits_for_any(number, givers - {number}):
                    self.shares[number].add(prefix)
                    for giver in givers - {number}:
                        self.after[giver].add(number)
                    return
            self._open(1)
        raise TooManyTargetsError(
            f"moves {prefix!r} between full trails, and would not be watched meanwhile: remove some targets, run "
            "`pulumi up`, and then add the others"
        )

    def _open(self, count: int) -> None:
        free = [number for number in self.after if number not in self.shares]
        self.shares |= {number: set() for number in free[: max(count, 0)]}

    def _gives_up(self, number: int, prefix: str) -> bool:
        """Whether the trail holds now, and is not to keep, what the prefix covers or is covered by."""
        given_up = (held for held in self._held.get(number, ()) if held not in self.shares[number])
        return any(held.startswith(prefix) or prefix.startswith(held) for held in given_up)

    def _waits_for_any(self, number: int, others: set[int]) -> bool:
        """Whether the trail itself waits for one of the others, be it through a third."""
        waits_for, seen = set(self.after[number]), {number}
        while waits_for:
            if waits_for & others:
                return True
            seen |= waits_for
            waits_for = set().union(*(self.after[other] for other in waits_for)) - seen
        return False


def _within(excluded: tuple[str, ...], included: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(prefix for prefix in excluded if prefix.startswith(included))
