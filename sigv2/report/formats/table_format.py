"""A report for a terminal."""

from collections.abc import Iterator

from rich.console import Console

from sigv2.report.fixes import Fix
from sigv2.report.formats.wording import gone_of, owner_heading, readable, summary_of, title_of
from sigv2.report.owners.by_owner import by_owner
from sigv2.report.report_records import Record, signer
from sigv2.report.reports import Report
from sigv2.terminal import harmless
from sigv2.terminal_rows import glued, print_blocks, print_list, print_table_of_words, print_words


def print_table(report: Report, console: Console) -> None:
    """For a terminal: a table, or a block for each record where it is narrow, and below it the fixes by number.

    Where the report tells owners, each has a table of their own.
    """
    print_words(console, title_of(report), style="bold")
    if report.owner_notes is None:
        _print_part(report, console)
    else:
        for owner, part in by_owner(report):
            console.print()
            print_words(console, harmless(owner_heading(owner, part)).plain, style="bold")
            _print_part(part, console)
    if gone := gone_of(report):
        console.print()
        for line in gone:
            print_words(console, glued(harmless(line).plain))
    console.print()
    print_words(console, summary_of(report))


def _print_part(report: Report, console: Console) -> None:
    if report.records:
        _print_records(report, console)
    if not report.clients:
        return
    console.print()
    print_words(console, "How to fix", style="bold")
    for number, (fix, part) in enumerate(report.split(lambda _, client: client.fix).items(), start=1):
        console.print()
        _print_fix(part, number, fix, console)


def _print_records(report: Report, console: Console) -> None:
    headings = list(report.headings.values())
    whole = [list(_cells(report, record, number)) for record, number in _numbered(report)]
    # Where there is no room for what a fix is in short, its number leads to it.
    by_number = [list(_cells(report, record, number, in_short=False)) for record, number in _numbered(report)]
    if not any(print_table_of_words(console, headings, rows) for rows in (whole, by_number)):
        print_blocks(console, headings, whole)


def _numbered(report: Report) -> list[tuple[Record, int]]:
    """Each record with the number of its fix, in a report that has any."""
    numbers = {fix: number for number, fix in enumerate(report.fixes, start=1)}
    of_records = [numbers[client.fix] for client in report.clients] or [0] * len(report.records)
    return list(zip(report.records, of_records, strict=True))


def _cells(report: Report, record: Record, number: int, *, in_short: bool = True) -> Iterator[str | int]:
    for key in report.headings:
        value = record[key]
        if key == "fix":
            yield glued(f"{number}. {value}") if in_short else number
        else:
            yield value if isinstance(value, int) else glued(harmless(readable(key, value)).plain)


def _print_fix(part: Report, number: int, fix: Fix, console: Console) -> None:
    begin = f"{number}. "
    indent = len(begin)
    signers = {signer(client) for client in part.clients}
    print_words(console, glued(f"{fix.client}: {fix.in_short}"), begin=begin, indent=indent, style="bold")
    whose = harmless(signers.pop()).plain if len(signers) == 1 else "the principal"
    print_words(console, glued(fix.told_to(whose)), begin=" " * indent, indent=indent)
    print_words(console, fix.source, begin=" " * indent, indent=indent)
    principals = dict.fromkeys(str(record["principal"]) for record in part.records)
    print_list(console, [glued(harmless(name).plain) for name in principals], begin="For ", indent=indent)
