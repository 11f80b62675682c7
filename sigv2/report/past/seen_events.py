"""Remembers which events were counted, in bounded memory, so that each counts once however many trails recorded it."""

from array import array
from typing import Final

_FEWEST_SLOTS: Final = 1 << 12
_MOST_SLOTS: Final = 1 << 21
"""Of eight bytes each: sixteen MiB."""
_FULL: Final = 0.7
_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
"""2 to the power of 64 by the golden ratio: its multiples lie far apart (Knuth, volume 3, section 6.4)."""


class SeenEvents:
    """A set of numbers that forgets the oldest ones when it is full: a young half, and the one before it.

    Two records of one event are told apart from two events if fewer others lie between them than a half holds, which is
    about one and a half million. 64 bits of an event's
    id stand for it: of three million events, one in some millions of reports would lose one.

    Attributes:
        forgot: whether any was forgotten.

    Args:
        most_slots: of a half, a power of two.
    """

    def __init__(self, most_slots: int = _MOST_SLOTS) -> None:
        self.forgot = False
        self._most_slots = most_slots
        self._young = _Table(min(_FEWEST_SLOTS, most_slots))
        self._old: _Table | None = None

    def add(self, event: int) -> bool:
        """Remember an event; whether it is new."""
        event = event & _MASK or 1
        if self._old is not None and event in self._old:
            return False
        if not self._young.add(event):
            return False
        if self._young.is_full:
            self._make_room()
        return True

    def _make_room(self) -> None:
        if len(self._young.slots) < self._most_slots:
            self._young = self._young.grown()
            return
        self.forgot = self.forgot or self._old is not None
        self._old, self._young = self._young, _Table(self._most_slots)


class _Table:
    """A hash table with open addresses, in which zero is nothing."""

    def __init__(self, size: int) -> None:
        self.slots = array("Q", bytes(8 * size))
        self._used = 0

    @property
    def is_full(self) -> bool:
        return self._used > _FULL * len(self.slots)

    def __contains__(self, event: int) -> bool:
        return self.slots[self._slot_of(event)] == event

    def add(self, event: int) -> bool:
        slot = self._slot_of(event)
        if self.slots[slot]:
            return False
        self.slots[slot] = event
        self._used += 1
        return True

    def grown(self) -> "_Table":
        larger = _Table(4 * len(self.slots))
        for event in self.slots:
            if event:
                larger.add(event)
        return larger

    def _slot_of(self, event: int) -> int:
        """Where an event is, or would be."""
        slots, mask = self.slots, len(self.slots) - 1
        # Ids that follow one another, as those of a copy of S3 may, must not stand in one row.
        mixed = (event ^ event >> 32) * _GOLDEN & _MASK
        slot = (mixed >> 32) & mask
        while slots[slot] and slots[slot] != event:
            slot = slot + 1 & mask
        return slot
