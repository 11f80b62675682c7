"""Writes a report for people, spreadsheets, pages and programs.

A user agent, an object key and a role's session name are a stranger's text: whatever acts on a terminal, starts a
formula or makes markup comes out as text that only says what it was.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from blueprint.queries import FIRST_SEEN, LAST_SEEN
from sigv2.report.reports import Record, Report
from sigv2.terminal import counted, harmless, table

_FORMULA: Final = re.compile(r"(?P<before>^|[;,|\t])(?P<blank>[\s\"']*)(?=[=+@\-＝＋－＠])")  # noqa: RUF001 - meant
"""Where a spreadsheet may start a formula: at a cell's start, or where another locale's separator splits the cell
(https://owasp.org/www-community/attacks/CSV_Injection)."""

_MARKDOWN: Final = re.compile(r"[^\w \-.,;/()=+%?]", re.ASCII)
_SECONDS: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ")
_AUTOMATIC_LINK: Final = re.compile(r"(?i)(www)\.")


class Format(StrEnum):
    """What a report can be written as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


def print_table(report: Report, console: Console) -> None:
    """For a terminal: the table, and below it the fixes in full, each with its source."""
    rows = ([_readable(key, record[key]) or "-" for key in report.headings] for record in report.records)
    # Not the table's own title, which would be folded to the table's width.
    console.print(Text(_title(report), style="bold"))
    if report.records:
        console.print(table("", report.headings.values(), rows))
    for fix in report.fixes:
        console.print(Text(f"\n{fix.client}", style="bold"))
        console.print(Padding(Text(fix.told_to("the principal")), (0, 0, 0, 2)))
        # Whole, so that it can be clicked and copied.
        console.print(Text(f"  {fix.source}"), soft_wrap=True)
    console.print(Text(f"\n{_summary(report)}"))


def as_json(report: Report) -> str:
    """For programs: one object, with every key of every record, as it was logged; no character acts on a terminal."""
    document = {
        "logGroups": list(report.log_groups),
        "since": _iso(report.period.since),
        "until": _iso(report.period.until),
        "by": report.query.key,
        "complete": report.complete,
        "provenSince": _iso(report.coverage.since) if report.coverage.since else None,
        "doubts": list(report.doubts),
        "requests": report.requests,
        "records": [dict(record) for record in report.records],
    }
    if report.reading:
        document["read"] = report.reading.document
    return json.dumps(document, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f") + "\n"


def as_csv(report: Report) -> str:
    """For spreadsheets: a line of names, then a line for each record; no cell starts a formula."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    names = list(report.records[0]) if report.records else list(report.headings)
    writer.writerow(names)
    writer.writerows([_cell(record[name]) for name in names] for record in report.records)
    return written.getvalue()


def as_markdown(report: Report) -> str:
    """For an issue or a page: a table in GitHub's Markdown, in which no cell has markup of its own."""
    lines = [f"### {_markdown(_title(report))}", ""]
    if report.records:
        headings = dict(report.headings)
        if report.fixes:
            headings |= {"howToFix": "How", "source": "Source"}
        lines += [*_markdown_table(headings, report.records), ""]
    return "\n".join([*lines, _markdown(_summary(report)), ""])


TEXTS: Final[Mapping[Format, Callable[[Report], str]]] = {
    Format.JSON: as_json,
    Format.CSV: as_csv,
    Format.MARKDOWN: as_markdown,
}
"""The formats that are text of their own; the table is laid out for a terminal."""


def _title(report: Report) -> str:
    source = harmless(report.reading.where).plain if report.reading else ", ".join(report.log_groups)
    return f"{report.title} ({source}, since {report.period.since:%Y-%m-%d %H:%M} UTC)"


def _summary(report: Report) -> str:
    if report.records:
        summary = f"{counted(report.requests, 'SigV2 request')} in {counted(len(report.records), 'line')}."
    elif report.reading:
        summary = "No SigV2 request of this time is in what was read."
    else:
        summary = (
            "No SigV2 request was logged in this time. That proves something only while the pipeline is alive: "
            "`python -m sigv2 verify` tells."
        )
    if report.reading:
        summary += f" {report.reading.sentence}"
    elif not report.complete:
        summary += (
            " There are more: these are only as many rows as CloudWatch Logs Insights returns; "
            "ask for a shorter time with --since."
        )
    if report.coverage.doubts:
        summary += f" {not_all_of_it(report.coverage.doubts)}"
    return summary


def not_all_of_it(doubts: Iterable[str]) -> str:
    """Say why a report is not about all of the time that was asked about."""
    return f"This does not tell of all that time: {'; '.join(doubts)}."


def _markdown_table(headings: Mapping[str, str], records: Iterable[Record]) -> list[str]:
    rows: list[Iterable[str]] = [
        map(_markdown, headings.values()),
        ("---" for _ in headings),
        *([_markdown_cell(key, record[key]) for key in headings] for record in records),
    ]
    return [f"| {' | '.join(row)} |" for row in rows]


def _markdown_cell(key: str, value: str | int) -> str:
    # A source is this program's own text, and the one thing to follow.
    return f"<{value}>" if key == "source" else _markdown(_readable(key, value))


def _readable(key: str, value: str | int) -> str:
    """Times to the minute, without the letters of ISO 8601; the heading says UTC."""
    if key in (FIRST_SEEN, LAST_SEEN):
        return _SECONDS.sub(r"\1 \2", str(value))
    return str(value).removesuffix(" 00:00:00.000") if key == "day" else str(value)


def _cell(value: str | int) -> str | int:
    """A quote before it makes a formula text, as spreadsheets themselves write text that begins so."""
    return value if isinstance(value, int) else _FORMULA.sub(r"\g<before>'\g<blank>", harmless(value).plain)


def _markdown(text: str) -> str:
    """Every character that could be markup becomes its number, which Markdown never takes for markup."""
    numbered = _MARKDOWN.sub(lambda found: f"&#{ord(found[0])};", harmless(text).plain)
    return _AUTOMATIC_LINK.sub(r"\1&#46;", numbered).replace("_", "&#95;")


def _iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
