"""Puts owners into a report, and parts it by them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sigv2.report.owners.owner import Owner
from sigv2.report.report_records import Record
from sigv2.report.reports import Report


def with_owners(report: Report, owners: Sequence[Owner], notes: Sequence[str]) -> Report:
    """Have every record say whose it is.

    Args:
        report: on clients.
        owners: one for each record, in order.
        notes: why owners are missing.
    """
    pairs = zip(report.records, owners, strict=True)
    records = [{**record, "owner": owner.name, "ownerFrom": owner.known_from} for record, owner in pairs]
    return replace(report, records=records, owner_notes=tuple(notes))


def by_owner(report: Report) -> list[tuple[str, Report]]:
    """Part a report by owner.

    Args:
        report: whose records say whose they are.

    Returns:
        Each owner with the part that is theirs, whoever has most requests first, and last, under an empty name, what
        nobody is known to own.
    """
    parts = report.split(lambda record, _: str(record["owner"]))
    return sorted(parts.items(), key=lambda part: (not part[0], -part[1].requests, part[0]))


def what_says_so(records: Iterable[Record]) -> list[str]:
    """How it is known whose records these are: each way once, such as `tag Team of role etl`; empty for nobody's."""
    return list(dict.fromkeys(str(record["ownerFrom"]) for record in records if record.get("ownerFrom")))
