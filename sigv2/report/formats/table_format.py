"""A report for a terminal."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from sigv2.report.formats.wording import owner_heading, readable, summary_of, title_of
from sigv2.report.owners.by_owner import by_owner
from sigv2.report.reports import Report
from sigv2.terminal import harmless, table


def print_table(report: Report, console: Console) -> None:
    """For a terminal: the table, and below it the fixes in full, each with its source; for each owner apart."""
    # Not the table's own title, which would be folded to the table's width.
    console.print(Text(title_of(report), style="bold"))
    if report.owner_notes is None:
        _print_block(report, console)
    else:
        for owner, part in by_owner(report):
            console.print(Text("\n") + harmless(owner_heading(owner, part)), style="bold", soft_wrap=True)
            _print_block(part, console)
    console.print(Text(f"\n{summary_of(report)}"))


def _print_block(report: Report, console: Console) -> None:
    rows = ([readable(key, record[key]) or "-" for key in report.headings] for record in report.records)
    if report.records:
        console.print(table("", report.headings.values(), rows))
    for fix in report.fixes:
        console.print(Text(f"\n{fix.client}", style="bold"))
        console.print(Padding(Text(fix.told_to("the principal")), (0, 0, 0, 2)))
        # Whole, so that it can be clicked and copied.
        console.print(Text(f"  {fix.source}"), soft_wrap=True)
