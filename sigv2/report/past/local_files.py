"""Log files on disk: one, or all in a folder and below."""

from __future__ import annotations

import os
import stat
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sigv2.report.past.batches import Unread
from sigv2.report.past.log_file import LogFile
from sigv2.report.past.log_file_names import days_of_folder
from sigv2.report.past.wanted_files import WantedFiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigv2.period import Period


class LocalFiles:
    """Finds the files of a folder that may hold events of a time.

    Memory grows with the number of folders, and with that of the files of one folder.

    Attributes:
        wanted: which files and folders are, and how many are not.

    Args:
        where: a file, or a folder.
        period: what time is wanted.
    """

    def __init__(self, where: Path, period: Period) -> None:
        self.wanted = WantedFiles(period)
        self._where = where
        self._period = period

    def total_bytes(self) -> int:
        """How many bytes there are to read, before they are."""
        total = sum(file.size for file in self.files() if isinstance(file, LogFile))
        self.wanted = WantedFiles(self._period)
        return total

    def files(self) -> Iterator[LogFile | Unread]:
        """The files, day by day, as far as their folders tell, and what cannot be looked into."""
        if not self._where.is_dir():
            yield from self._file(str(self._where))
            return
        folders: list[str] = []
        unread: list[OSError] = []
        for folder, below, _ in os.walk(self._where, onerror=unread.append):
            below[:] = [name for name in below if self.wanted.wants_folder(f"{folder}/{name}/")]
            folders.append(folder)
            # Links may lead round in circles.
            for link in filter(Path.is_symlink, (Path(folder, name) for name in sorted(below))):
                yield Unread(str(link), "it is a link to a folder, which is not followed")
        for error in unread:
            yield Unread(str(error.filename), f"it cannot be looked into ({error.strerror})")
        for folder in sorted(folders, key=_day_of_folder):
            try:
                names = sorted(entry.name for entry in os.scandir(folder) if not entry.is_dir())
            except OSError:
                continue
            for name in names:
                yield from self._file(str(Path(folder, name)))

    def _file(self, path: str) -> Iterator[LogFile | Unread]:
        name = path.replace(os.sep, "/")
        if not self.wanted.wants_file(name, below=name.rpartition("/")[0]):
            return
        try:
            found = Path(path).stat()
        except OSError as error:
            yield Unread(path, f"it cannot be looked at ({error.strerror})")
            return
        yield LogFile(path, path, found.st_size) if stat.S_ISREG(found.st_mode) else Unread(path, "it is no file")


def _day_of_folder(folder: str) -> tuple[date, str]:
    days = days_of_folder(folder.replace(os.sep, "/") + "/")
    return days[0] if days else date.min, folder
