"""A report for a page in GitHub's Markdown."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from rich.text import Text

from sigv2.report.formats.wording import gone_of, owner_heading, readable, summary_of, title_of
from sigv2.report.owners.by_owner import by_owner
from sigv2.report.report_records import Record
from sigv2.report.reports import Report
from sigv2.terminal import harmless, harmless_sentence

_MARKDOWN: Final = re.compile(r"[^\w \-.,;/()=+%?]", re.ASCII)
_AUTOMATIC_LINK: Final = re.compile(r"(?i)(www)\.")


def as_markdown(report: Report) -> str:
    """For an issue or a page: a table in GitHub's Markdown for each owner, in which no cell has markup of its own."""
    lines = [f"### {markdown_text(title_of(report))}", ""]
    if report.owner_notes is None:
        lines += _table_of(report)
    else:
        for owner, part in by_owner(report):
            lines += [f"#### {markdown_text(owner_heading(owner, part))}", "", *_table_of(part)]
    if gone := gone_of(report):
        heading, *those = map(markdown_text, gone)
        lines += [heading, "", *(f"- {one}" for one in those), ""]
    return "\n".join([*lines, markdown_sentence(summary_of(report)), ""])


def _table_of(report: Report) -> list[str]:
    if not report.records:
        return []
    headings = dict(report.headings)
    if report.fixes:
        headings |= {"howToFix": "How", "source": "Source"}
    return [*markdown_table(headings, report.records), ""]


def markdown_table(headings: Mapping[str, str], records: Iterable[Record]) -> list[str]:
    """The lines of a table.

    Args:
        headings: what to show above the values, by key.
        records: a line each.
    """
    rows: list[Iterable[str]] = [
        map(markdown_text, headings.values()),
        ("---" for _ in headings),
        *([_markdown_cell(key, record[key]) for key in headings] for record in records),
    ]
    return [f"| {' | '.join(row)} |" for row in rows]


def _markdown_cell(key: str, value: str | int) -> str:
    # A source is this program's own text, and the one thing to follow.
    return f"<{value}>" if key == "source" else markdown_text(readable(key, value))


def markdown_text(text: str) -> str:
    """Every character that could be markup becomes its number, which Markdown never takes for markup."""
    return _numbered(harmless(text))


def markdown_sentence(sentence: str) -> str:
    """The same for what this program says, which is not cut off: it may be what the report does not tell."""
    return _numbered(harmless_sentence(sentence))


def _numbered(text: Text) -> str:
    numbered = _MARKDOWN.sub(lambda found: f"&#{ord(found[0])};", text.plain)
    return _AUTOMATIC_LINK.sub(r"\1&#46;", numbered).replace("_", "&#95;")
