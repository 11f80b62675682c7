"""The page that a demo ends with, as `report --format html` makes it."""

from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from sigv2.report.formats.html_format import as_html
from sigv2.report.reports import Report
from sigv2.whole_file import write_whole

PAGE: Final = Path("report.html")
"""In the working folder; the next demo writes it anew."""


def write_page(report: Report, days: Report, shown: Console, page: Path = PAGE) -> None:
    """Write a report as a page, and say where it is; where that cannot be, say so and go on.

    Args:
        report: who signs with SigV2.
        days: how often each day.
        shown: where to say it.
        page: where to write it.
    """
    try:
        write_whole(page, as_html(report, days))
        said = f"The same as a page for a browser: {page.absolute()}"
    except OSError as error:
        said = (
            f"The same as a page for a browser is not there, as {page.absolute()} cannot be written: {error.strerror}"
        )
    shown.print(Text(f"\n{said}"), soft_wrap=True)
