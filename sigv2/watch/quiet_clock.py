"""How long nothing has arrived, counting only while somebody looked."""


class QuietClock:
    """Counts the seconds between looks at the log; a look that fails is none, and what lies around it not counted.

    Attributes:
        left: seconds that are still to be quiet; zero or less when it was quiet for long enough.

    Args:
        patience: how many seconds are to be quiet; infinitely many for it never to be quiet for long enough.
        now: seconds that only ever grow, as in all of its methods.
    """

    def __init__(self, patience: float, now: float) -> None:
        self.left = patience
        self._patience = patience
        self._last: float | None = now
        self._heard = False

    def heard(self) -> None:
        """A client's request has arrived."""
        self._heard = True

    def saw(self, now: float) -> None:
        """All that had arrived until now was seen."""
        if self._heard:
            self.left = self._patience
        elif self._last is not None:
            self.left -= now - self._last
        self._last, self._heard = now, False

    def was_blind(self) -> None:
        """Nothing could be seen."""
        self._last = None
