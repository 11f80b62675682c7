"""Where a report goes: the terminal, standard output, a file, or a folder of tickets."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sigv2.report.formats import TEXTS, Format
from sigv2.report.formats.table_format import print_table
from sigv2.report.formats.ticket_format import tickets_of
from sigv2.report.formats.wording import beside_csv, summary_of
from sigv2.report.reports import Report
from sigv2.report.ticket_files import write_tickets
from sigv2.terminal import console, fail, say
from sigv2.whole_file import refuse_unwritable, write_whole


@dataclass(frozen=True)
class ReportOutput:
    """What a report is written as, and where.

    Attributes:
        format: what.
        path: a file, or the folder of tickets; None for standard output.
    """

    format: Format
    path: Path | None

    def refuse_what_cannot_be(self) -> None:
        """See whether there can be such a file or folder, before anybody waits for what is to be in it.

        Raises:
            typer.Exit: there cannot.
        """
        try:
            self._refuse_path(self.path)
        except OSError as error:
            fail(f"--out: {self.path} cannot be written: {error.strerror}")

    def _refuse_path(self, path: Path | None) -> None:
        if self.format is Format.TICKETS and path is None:
            fail("--format tickets writes a file for each ticket, so it needs --out with a folder")
        if path is None:
            return
        if self.format is Format.TABLE:
            fail("--out takes no table, which is for a terminal: choose another --format, such as markdown")
        if self.format is Format.TICKETS:
            if path.exists() and not path.is_dir():
                fail(f"--out: {path} is no folder, and --format tickets writes a file for each ticket into one")
            return
        if path.exists() and not path.is_file():
            fail(f"--out: {path} is no file that can be replaced: name one")
        if not path.parent.is_dir():
            fail(f"--out: there is no folder {path.parent}: make it, or name another file")
        refuse_unwritable(_behind_links(path))

    def write(self, found: Report, options: Sequence[str], beside: Sequence[Report] = ()) -> None:
        """Write a report, and on standard error what its format has no place for.

        Args:
            found: the report.
            options: what has `report` ask the same log.
            beside: the answers to what the format asks beside it.

        Raises:
            typer.Exit: the file cannot be written.
        """
        if self.format is Format.TABLE:
            print_table(found, console())
            return
        if self.path is None:
            sys.stdout.write(self._text(found, beside))
        else:
            try:
                self._write_files(found, options, beside, self.path)
            except OSError as error:
                fail(f"--out: {self.path} cannot be written: {error.strerror}")
        if self.format is Format.TICKETS:
            say(summary_of(found), stderr=True)
        else:
            self._say_the_rest(found)

    def _write_files(self, found: Report, options: Sequence[str], beside: Sequence[Report], path: Path) -> None:
        if self.format is Format.TICKETS:
            write_tickets(tickets_of(found, options), path)
        else:
            write_whole(_behind_links(path), self._text(found, beside))

    def _text(self, found: Report, beside: Sequence[Report]) -> str:
        if self.format is not Format.HTML:
            return TEXTS[self.format](found)
        from sigv2.report.formats.html_format import as_html  # noqa: PLC0415 - templates and charts, for it alone

        return as_html(found, *beside)

    def _say_the_rest(self, found: Report) -> None:
        if self.format is Format.CSV and (untold := beside_csv(found)):
            say(untold, stderr=True)
        if found.reading:
            say(found.reading.sentence, stderr=True)
        elif not found.complete:
            say(
                "There are more rows than CloudWatch Logs Insights returns; ask for a shorter time with --since.",
                stderr=True,
            )


def _behind_links(path: Path) -> Path:
    return Path(os.path.realpath(path))
