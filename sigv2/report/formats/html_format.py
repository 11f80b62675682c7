"""A report for a browser: one page of plain HTML, which fetches nothing and runs nothing."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import jinja2
from markupsafe import Markup, escape

from blueprint.queries import LAST_SEEN, REQUESTS
from blueprint.sentences import counted
from sigv2.report.comparison import CHANGE, Change
from sigv2.report.formats.page.day_counts import DayCount, days_of, unknown_spans
from sigv2.report.formats.page.figures import quiet_figure, rankings, requests_figure, trend_figure
from sigv2.report.formats.page.sections import BEFORE, headings_of, row_of, sections_of
from sigv2.report.formats.wording import comparison_of, nothing_found, owner_notes_of, readable, source_of
from sigv2.report.reports import Report
from sigv2.report.verdict import GateVerdict, verdict
from sigv2.terminal import harmless, harmless_sentence

_PARTS: Final = Path(__file__).with_name("page")
_OPENED: Final = 20
"""How many sections are open at once."""
_EXAMPLES: Final = 5
"""How many clients with one fault are shown at once."""
_MINUTE: Final = "%Y-%m-%d %H:%M"
_NOT_OF_GONE: Final = (REQUESTS, CHANGE, "fix")
_CHANGES: Final = (Change.NEW, Change.GROWING, Change.SHRINKING, Change.STEADY)
"""Of clients that are there, as far as they are known."""


def as_html(clients: Report, days: Report) -> str:
    """For people without a terminal: a page in ASCII, which is the same whatever encoding it is taken for.

    Args:
        clients: who signs with SigV2.
        days: the answer to `DAYS_BY_METHOD`, about the same time.
    """
    style = (_PARTS / "page.css").read_text(encoding="ascii")
    counts, judged = days_of(days), verdict(clients, clients.doubts)
    headings = headings_of(clients)
    gone_keys = {**{key: text for key, text in clients.headings.items() if key not in _NOT_OF_GONE}, **BEFORE}
    over_time = [requests_figure(counts), trend_figure(counts)]
    if clients.offenders:
        over_time.append(quiet_figure(counts, clients.offenders, clients.period.until))
    page = (
        _environment()
        .get_template("page.html")
        .render(
            report=clients,
            where=source_of(clients),
            since=f"{clients.period.since:{_MINUTE}}",
            until=f"{clients.period.until:{_MINUTE}}",
            style=style,
            style_hash=b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            verdict=judged,
            result=_result(clients, judged),
            doubts_are="There may be more:" if judged is GateVerdict.FOUND else "That is no proof:",
            numbers=list(_numbers(clients)),
            over_time=over_time,
            rankings=list(rankings(clients)) if clients.records else [],
            sections=sections_of(clients),
            opened=_OPENED,
            examples=_EXAMPLES,
            headings=list(headings.values()),
            gone=[row_of(record, gone_keys) for record in clients.gone],
            gone_headings=list(gone_keys.values()),
            reading=list(_reading(clients, counts)),
        )
    )
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _result(report: Report, judged: GateVerdict) -> str:
    if judged is GateVerdict.FOUND:
        last = f", the last one on {seen} UTC" if (seen := _last_seen(report)) else ""
        return f"{counted(len(report.offenders), 'client')} signed with SigV2{last}."
    if report.records:
        return "Nobody but the probes of this project signed with SigV2, as far as this tells."
    return nothing_found(report)


def _numbers(report: Report) -> Iterator[tuple[str, str]]:
    offenders = report.offenders
    yield "SigV2 requests", f"{report.requests:,}"
    if probes := report.requests - sum(int(record[REQUESTS]) for record in offenders):
        yield "of these by probes of this project", f"{probes:,}"
    yield "Clients", f"{len(offenders):,}"
    for key, name in (("principal", "Principals"), ("bucket", "Buckets")):
        yield name, f"{len({record[key] for record in offenders if record[key]}):,}"
    for change in _CHANGES:
        if number := sum(record.get(CHANGE) == change for record in offenders):
            yield f"Clients that are {change}", f"{number:,}"
    if last := _last_seen(report):
        yield "Last seen (UTC)", last


def _last_seen(report: Report) -> str:
    return readable(LAST_SEEN, max((str(record[LAST_SEEN]) for record in report.offenders), default=""))


def _reading(report: Report, days: Sequence[DayCount]) -> Iterator[tuple[str, str]]:
    period, coverage = report.period, report.coverage
    yield "Read from", source_of(report)
    yield "Asked about", f"{period.since:{_MINUTE}} to {period.until:{_MINUTE}} UTC"
    told_since = f"{coverage.since:{_MINUTE}} UTC" if coverage.since else "unknown"
    yield "All of it is known since", told_since
    if report.compared_with:
        yield "Compared with", comparison_of(report, report.compared_with)
    if report.reading:
        yield "What was read", report.reading.sentence
    gaps = [f"{first}" if first == last else f"{first} to {last}" for first, last in unknown_spans(days)]
    for note in owner_notes_of(report):
        yield "Owners", note
    yield "Days of which it does not tell all", ", ".join(gaps) or "none"


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_PARTS),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(shown=_shown, plain=_plain, sentence=_sentence, code=_with_code, counted=counted)
    return made


def _plain(text: str) -> str:
    return harmless(text).plain


def _shown(text: str | float) -> Markup:
    """A number, or a stranger's text, which is read in its own direction and turns nothing else around."""
    if isinstance(text, int | float):
        return Markup("{}").format(f"{text:,.1f}" if isinstance(text, float) else f"{text:,}")
    return Markup("<bdi>{}</bdi>").format(_plain(text))


def _sentence(text: str) -> Markup:
    """This project's own text, with a stranger's names in it, and none of it left out."""
    return Markup("<bdi>{}</bdi>").format(harmless_sentence(text).plain)


def _with_code(text: str) -> Markup:
    """The same, in which what stands between backticks is code."""
    parts = [escape(part) for part in harmless_sentence(text).plain.split("`")]
    if len(parts) % 2 == 0:
        return Markup("`").join(parts)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if odd % 2 else part for odd, part in enumerate(parts)
    )
