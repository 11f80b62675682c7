"""What has to be done, in a section for each owner, or for each principal where no owners were asked for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from blueprint.queries import REQUESTS
from sigv2.report.comparison import CHANGE, REQUESTS_BEFORE
from sigv2.report.formats.wording import readable
from sigv2.report.owners.by_owner import by_owner, what_says_so
from sigv2.report.report_records import Record
from sigv2.report.reports import Report

_ACCESS_KEY: Final = {"accessKeyId": "Access key"}
BEFORE: Final = {REQUESTS_BEFORE: "Requests before"}
"""What is told beside that of a client in a report that is compared, by key of its record."""


@dataclass(frozen=True)
class Fault:
    """What is to be mended in one way.

    Attributes:
        in_short: what to do, in a few words.
        how: what to do, in sentences.
        source: the page that says so.
        rows: for which clients, the busiest first, in the order of the headings.
    """

    in_short: str
    how: str
    source: str
    rows: Sequence[Sequence[str | int]]


@dataclass(frozen=True)
class Section:
    """The work of one owner or principal.

    Attributes:
        name: whose it is.
        owner_from: how that is known, where owners were asked for.
        requests: how many requests there were.
        clients: how many clients.
        faults: what to do.
    """

    name: str
    owner_from: Sequence[str]
    requests: int
    clients: int
    faults: Sequence[Fault]


def headings_of(report: Report) -> Mapping[str, str]:
    """What is told of each client in a section, by key of its record."""
    keys = dict(report.headings)
    if any(CHANGE in record for record in report.records):
        keys = {**keys, CHANGE: "Change", **BEFORE}
    told_above = ("fix",) if _tells_owners(report) else ("fix", "principal")
    return {**{key: text for key, text in keys.items() if key not in told_above}, **_ACCESS_KEY}


def sections_of(report: Report) -> list[Section]:
    """The work there is, the most requests first, and last that of which no owner is known.

    Args:
        report: on clients; those that nobody has to do something about are left out.
    """
    if _tells_owners(report):
        parts = by_owner(report)
    else:
        of_principals = report.split(lambda record, _: str(record["principal"])).items()
        parts = sorted(of_principals, key=lambda part: -part[1].requests)
    keys = headings_of(report)
    return [_section(name, part.offenders, keys) for name, part in parts if part.offenders]


def row_of(record: Record, keys: Iterable[str]) -> list[str | int]:
    """The values of a record, as people read them."""
    values = ((key, record.get(key, "")) for key in keys)
    return [value if isinstance(value, int) else readable(key, value) or "-" for key, value in values]


def _section(name: str, records: Sequence[Record], keys: Mapping[str, str]) -> Section:
    faults: defaultdict[tuple[str, str, str], list[Sequence[str | int]]] = defaultdict(list)
    for record in records:
        fix = str(record["fix"]), str(record["howToFix"]), str(record["source"])
        faults[fix].append(row_of(record, keys))
    return Section(
        name,
        what_says_so(records),
        sum(int(record[REQUESTS]) for record in records),
        len(records),
        [Fault(*fix, rows) for fix, rows in faults.items()],
    )


def _tells_owners(report: Report) -> bool:
    return report.owner_notes is not None
