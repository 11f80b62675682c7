"""What a report is written as: a file for each format, which knows nothing of where the report is from.

A user agent, an object key and a role's session name are a stranger's text: whatever acts on a terminal, starts a
formula or makes markup comes out as text that only says what it was.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from blueprint.queries import DAYS_BY_METHOD, SavedQuery
from sigv2.report.formats.csv_format import as_csv
from sigv2.report.formats.json_format import as_json
from sigv2.report.formats.markdown_format import as_markdown
from sigv2.report.reports import Report


class Format(StrEnum):
    """What a report can be written as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    HTML = "html"
    TICKETS = "tickets"


TEXTS: Final[Mapping[Format, Callable[[Report], str]]] = {
    Format.JSON: as_json,
    Format.CSV: as_csv,
    Format.MARKDOWN: as_markdown,
}
"""The formats that are one text of one report; the table is laid out for a terminal, tickets are a file each, and HTML
is made of what is asked beside it, too."""

ASKED_BESIDE: Final[Mapping[Format, Sequence[SavedQuery]]] = {Format.HTML: [DAYS_BY_METHOD]}
"""What a format is to be given reports on, beside the one that it writes."""
