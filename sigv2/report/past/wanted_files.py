"""Which files and folders may hold events of a time, as far as their names tell; counts those that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigv2.report.past.log_file_names import day_of_file, days_of_folder, holds_no_events, may_be_of

if TYPE_CHECKING:
    from datetime import datetime

    from sigv2.period import Period


class WantedFiles:
    """Chooses files and folders.

    Attributes:
        passed_over: how many hold no events by their name.
        too_old: how many are not of the days asked for.

    Args:
        period: what time is wanted.
    """

    def __init__(self, period: Period) -> None:
        self.passed_over = self.too_old = 0
        self._period = period

    def wants_folder(self, folder: str) -> bool:
        """Whether to look into a folder, whose name has a slash at its end."""
        if holds_no_events(folder):
            self.passed_over += 1
            return False
        days = days_of_folder(folder)
        if days and not may_be_of(self._period, *days):
            self.too_old += 1
            return False
        return True

    def wants_file(self, path: str, *, below: str = "", written: datetime | None = None) -> bool:
        """Whether to read a file.

        Args:
            path: with all its folders.
            below: what its path begins with whose name tells nothing, as it was chosen already.
            written: when it was last written, where that is known.
        """
        if holds_no_events(path.removeprefix(below)):
            self.passed_over += 1
            return False
        # What was last written before a time holds nothing of it.
        if (written and written < self._period.since) or not may_be_of(self._period, day_of_file(path)):
            self.too_old += 1
            return False
        return True
