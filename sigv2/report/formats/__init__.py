"""What a report is written as: a file for each format, which knows nothing of where the report is from.

A user agent, an object key and a role's session name are a stranger's text: whatever acts on a terminal, starts a
formula or makes markup comes out as text that only says what it was.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

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
    TICKETS = "tickets"


TEXTS: Final[Mapping[Format, Callable[[Report], str]]] = {
    Format.JSON: as_json,
    Format.CSV: as_csv,
    Format.MARKDOWN: as_markdown,
}
"""The formats that are one text; the table is laid out for a terminal, and tickets are a file each."""
