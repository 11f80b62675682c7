"""A report for spreadsheets."""

import csv
import io
import re
from typing import Final

from sigv2.report.reports import Report
from sigv2.terminal import harmless

_FORMULA: Final = re.compile(r"(?P<before>^|[;,|\t])(?P<blank>[\s\"']*)(?=[=+@\-＝＋－＠])")  # noqa: RUF001 - meant
"""Where a spreadsheet may start a formula: at a cell's start, or where another locale's separator splits the cell
(https://owasp.org/www-community/attacks/CSV_Injection)."""


def as_csv(report: Report) -> str:
    """For spreadsheets: a line of names, then a line for each record; no cell starts a formula.

    Who is gone is in lines below, with no requests.
    """
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    records = [*report.records, *report.gone]
    names = list(records[0]) if records else list(report.headings)
    writer.writerow(names)
    writer.writerows([_cell(record.get(name, "")) for name in names] for record in records)
    return written.getvalue()


def _cell(value: str | int) -> str | int:
    """A quote before it makes a formula text, as spreadsheets themselves write text that begins so."""
    return value if isinstance(value, int) else _FORMULA.sub(r"\g<before>'\g<blank>", harmless(value).plain)
