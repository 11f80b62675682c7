"""A report for programs."""

from sigv2.report.formats.wording import iso_time
from sigv2.report.reports import Report
from sigv2.terminal import harmless_json


def as_json(report: Report) -> str:
    """For programs: one object, with every key of every record, as it was logged; no character acts on a terminal."""
    document = {
        "logGroups": list(report.log_groups),
        "since": iso_time(report.period.since),
        "until": iso_time(report.period.until),
        "by": report.query.key,
        "complete": report.complete,
        "provenSince": iso_time(report.coverage.since) if report.coverage.since else None,
        "doubts": list(report.doubts),
        "requests": report.requests,
        "records": [dict(record) for record in report.records],
    }
    if report.owner_notes is not None:
        document["ownerNotes"] = list(report.owner_notes)
    if before := report.compared_with:
        document["comparedWith"] = {
            "since": iso_time(before.period.since),
            "until": iso_time(before.period.until),
            "provenSince": iso_time(before.proven_since) if before.proven_since else None,
            "doubts": list(before.doubts),
        }
        document["gone"] = [dict(record) for record in report.gone]
    if report.reading:
        document["read"] = report.reading.document
    return harmless_json(document, indent=2) + "\n"
