"""What every format for people says in the same words."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from blueprint.queries import FIRST_SEEN, LAST_SEEN
from blueprint.sentences import counted
from sigv2.period import Period
from sigv2.report.comparison import CHANGE, REQUESTS_BEFORE, Change, Comparison
from sigv2.report.owners.by_owner import what_says_so
from sigv2.report.reports import Report
from sigv2.terminal import harmless

_SOURCES: Final = 3
_SECONDS: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ")


def title_of(report: Report) -> str:
    """What it tells, of what was read, and since when; until when, where somebody said so."""
    until = "" if report.period.ends_now else _until(report.period)
    return f"{report.title} ({source_of(report)}, since {report.period.since:%Y-%m-%d %H:%M}{until} UTC)"


def source_of(report: Report) -> str:
    """Where it was read: log groups, or whatever was asked for."""
    return harmless(report.reading.where).plain if report.reading else ", ".join(report.log_groups)


def summary_of(report: Report) -> str:
    """How many requests there are, and what that does not tell."""
    if report.records:
        until = "" if report.period.ends_now else f",{_until(report.period)} UTC"
        summary = f"{counted(report.requests, 'SigV2 request')} in {counted(len(report.records), 'line')}{until}."
    else:
        summary = nothing_found(report)
    if report.reading:
        summary += f" {report.reading.sentence}"
    elif not report.complete:
        summary += (
            " There are more: these are only as many rows as CloudWatch Logs Insights returns; "
            "ask for a shorter time with --since."
        )
    return " ".join(filter(None, (summary, beside_csv(report))))


def beside_csv(report: Report) -> str:
    """What a report does not tell, of time or owners, and what it was compared with; empty where that is nothing."""
    sentences = []
    if report.coverage.doubts:
        sentences.append(not_all_of_it(report.coverage.doubts))
    if report.compared_with:
        sentences.append(comparison_of(report, report.compared_with))
    return " ".join([*sentences, *owner_notes_of(report)])


def owner_notes_of(report: Report) -> list[str]:
    """Say why owners are missing, in sentences."""
    return [f"{note[0].upper()}{note[1:]}." for note in report.owner_notes or ()]


def owner_heading(owner: str, part: Report) -> str:
    """Say whose a part of a report is, and how much it is.

    Args:
        owner: a name; empty where nobody is known to own it.
        part: what is theirs.
    """
    return f"{named_owner(owner, part) or 'Owner unknown'}: {counted(part.requests, 'SigV2 request')}"


def named_owner(owner: str, part: Report) -> str:
    """An owner, and what says so; empty where nobody is known to be one."""
    if not owner:
        return ""
    sources = what_says_so(part.records)
    more = [f"{len(sources) - _SOURCES} more"] if len(sources) > _SOURCES else []
    return f"{owner} ({'; '.join([*sources[:_SOURCES], *more])})"


def nothing_found(report: Report) -> str:
    """That there is no request, and what that proves."""
    until = "" if report.period.ends_now else f"{_until(report.period)} UTC"
    if report.reading:
        return f"No SigV2 request of this time{until} is in what was read."
    return (
        f"No SigV2 request was logged in this time{until}. That proves something only while the pipeline is alive: "
        "`python -m sigv2 verify` tells."
    )


def not_all_of_it(doubts: Iterable[str]) -> str:
    """Say why a report is not about all of the time that was asked about."""
    return f"This does not tell of all that time: {'; '.join(doubts)}."


def gone_of(report: Report) -> list[str]:
    """A heading and a line for each client that is gone; none where nobody is. They hold strangers' text."""
    lines = [
        f"{', '.join(str(record[key]) for key in ('principal', 'software', 'place', 'signed') if record[key])}: "
        f"{counted(int(record[REQUESTS_BEFORE]), 'request')} before, the last {readable(LAST_SEEN, record[LAST_SEEN])}"
        for record in report.gone
    ]
    return ["Gone, as far as the log tells:" if report.doubts else "Gone:", *lines] if lines else []


def readable(key: str, value: str | int) -> str:
    """Times to the minute, without the letters of ISO 8601; the heading says UTC."""
    if key in (FIRST_SEEN, LAST_SEEN):
        return _SECONDS.sub(r"\1 \2", str(value))
    return str(value).removesuffix(" 00:00:00.000") if key == "day" else str(value)


def iso_time(time: datetime) -> str:
    """A time of UTC in ISO 8601."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def comparison_of(report: Report, before: Comparison) -> str:
    """How many clients changed in which way, and what that does not tell.

    Args:
        report: what was compared.
        before: with what.
    """
    changes = Counter(str(record[CHANGE]) for record in (*report.records, *report.gone))
    told = ", ".join(f"{changes[change]:,} {change}" for change in Change if changes[change]) or "nobody in either"
    span = f"from {before.period.since:%Y-%m-%d %H:%M} to {report.period.since:%Y-%m-%d %H:%M} UTC"
    sentence = f"Against the time before, {span}: {told}."
    if before.whole:
        return sentence
    doubts = [doubt for doubt in before.doubts if doubt not in report.doubts] or before.doubts
    return f"{sentence} Who was there then, and how often, is not all known: {'; '.join(doubts)}."


def _until(period: Period) -> str:
    return f" until {period.until:%Y-%m-%d %H:%M}"
