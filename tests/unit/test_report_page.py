"""The report as a page for a browser, without a browser."""

import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.queries import BUCKET, LAST_SEEN, PRINCIPAL, REQUESTS, USER_AGENT
from sigv2.period import Period
from sigv2.report.comparison import compared
from sigv2.report.coverage import UNKNOWN, Coverage
from sigv2.report.formats.html_format import as_html
from sigv2.report.formats.page import charts
from sigv2.report.formats.page.day_counts import MOST_DAYS, DayCount, days_of, means_of_weeks, unknown_spans
from sigv2.report.formats.page.figures import requests_figure, trend_figure
from sigv2.report.past.batches import Kind, LookedAt
from sigv2.report.past.reading import Reading
from tests.unit.paged import ALL_OF_IT, CLIENTS, UNTIL, USER, Row, a_day, page_of, reports_of, with_an_owner, with_keys

ROOT = Path(__file__).parents[2]
SNAPSHOT = Path(__file__).with_name("report-page.html")
VOID = {"meta", "link"}
PROBE = {**USER, USER_AGENT: "[s3-sigv2-access-log/verify]"}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</style></svg></bdi><h1>",
    "{{ 7 * 7 }}{% raw %}${7*7}#{7*7}",
    "\" onmouseover='alert(1)' `code`",
    "$\\frac{1}{2}$ \\u003cscript\\u003e &lt;b&gt; &#60;",
    "\u202egnp.exe \u2066\u2029\x1b[31m\x00\ud800",
    "x" * 5_000,
    "",
]


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the text of each kind of element, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self._open[-1], data))

    def texts_of(self, *tags: str) -> list[str]:
        return [text for tag, text in self.texts if tag in tags]


def without_drawings(page: str) -> str:
    """The page without what Vega-Lite drew, and without the style sheet, which is a file of its own."""
    page = re.sub(r"<svg.*?</svg>", "<svg></svg>", page, flags=re.DOTALL)
    return re.sub(r"<style>.*?</style>|'sha256-[^']*'", "", page, flags=re.DOTALL)


@pytest.fixture
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "_drawn", lambda _: "<svg></svg>")


undrawn = pytest.mark.usefixtures("_undrawn")


def test_the_page_is_as_it_was_seen_to_be_right() -> None:
    # To change it, write `without_drawings(page_of())` there, and look at what changed.
    assert without_drawings(page_of()) == SNAPSHOT.read_text(encoding="ascii")


def test_every_chart_is_drawn_in_the_colours_of_the_page_and_with_no_text_of_its_own_for_screen_readers() -> None:
    page = page_of()
    drawn = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert len(drawn) == 6
    variables = set(re.findall(r"--([\w]+):", page))
    for chart in drawn:
        assert set(re.findall(r'(?:fill|stroke)="(?!none|transparent|var\()([^"]*)"', chart)) == set()
        assert set(re.findall(r"var\(--(\w+)\)", chart)) <= variables
        assert not re.search(r'\b(?:id|style|href|clip-path|aria-label|role="graphics-symbol")=?', chart)
        assert 'fill="var(--header)"' in chart or 'stroke="var(--header)"' in chart


@undrawn
def test_the_page_is_whole_by_itself_and_runs_and_fetches_nothing() -> None:
    page = page_of()
    assert page.isascii()
    elements = Elements(page)
    styles = elements.texts_of("style")
    policy = next(attributes["content"] for _, attributes in elements.elements if "http-equiv" in attributes)
    digest = b64encode(sha256("".join(styles).encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert not {"script", "img", "iframe", "object", "form", "base"} & {tag for tag, _ in elements.elements}
    names = {name for _, attributes in elements.elements for name in attributes}
    assert not {"src", "style", "srcset", "action"} & names
    assert not [name for name in names if name.startswith("on")]
    links = {attributes["href"] for _, attributes in elements.elements if "href" in attributes}
    assert {re.sub(r"^(#|https://).*", r"\1", str(link)) for link in links} == {"#", "https://", "data:,"}
    assert "url(" not in styles[0]
    assert "@import" not in styles[0]


def kinds_of(page: Elements) -> list[tuple[str, list[str]]]:
    # A name may have backticks, which make code of a part of it.
    return [(tag, sorted(attributes)) for tag, attributes in page.elements if tag != "code"]


@cache
def kinds_of_plain() -> list[tuple[str, list[str]]]:
    return kinds_of(Elements(page_of([{**USER, PRINCIPAL: "x", BUCKET: "x", USER_AGENT: "x"}])))


@undrawn
@given(st.text(st.one_of(st.characters(), st.sampled_from("<>&\"'`{}%#$\\/=;!-[]() \x00\x1b\u202e\u2066\u2028"))))
def test_whatever_clients_send_is_text_and_adds_no_element_or_attribute(text: str) -> None:
    sent = {PRINCIPAL: text or "x", BUCKET: text, USER_AGENT: text}
    shown = Elements(page_of([USER | sent]))
    assert kinds_of(shown) == kinds_of_plain()
    assert all(
        character.isprintable() or character in "\n\u2068\u2069" for _, said in shown.texts for character in said
    )


def test_hostile_text_is_shown_as_what_it_is_in_tables_and_in_charts() -> None:
    page = page_of([{**USER, USER_AGENT: text, REQUESTS: f"{99 - number}"} for number, text in enumerate(HOSTILE)])
    elements = Elements(page)
    cells = elements.texts_of("bdi")
    for shown in (
        *HOSTILE[:6],
        "\\u202egnp.exe \\u2066\\u2029\\x1b[31m\\x00\\ud800",
        f"{'x' * 1000}…",
    ):
        assert shown in cells
    assert "49" not in cells
    labels = elements.texts_of("text")
    assert HOSTILE[0] in labels
    assert HOSTILE[3] in labels
    assert "none was sent" in labels
    assert [label for label in labels if label.startswith("xxx") and label.endswith("…") and len(label) < 120]


def test_a_day_without_requests_is_zero_only_where_the_log_tells_of_it() -> None:
    since = datetime(2026, 11, 6, 12, tzinfo=UTC)
    _, counted = reports_of(coverage=Coverage(since))
    days = days_of(counted)
    assert [f"{day.day}" for day in days] == [f"2026-11-{day:02}" for day in range(3, 21)]
    assert [day.day.day for day in days if not day.known] == [3, 4, 5, 6]
    assert list(unknown_spans(days)) == [(date(2026, 11, 3), date(2026, 11, 6))]
    assert [day.day.day for day in days if not day.whole] == [3, 20]
    assert {day.day.day: dict(day.by_method) for day in days if day.requests} == {
        3: {"header": 200},
        7: {"header": 500},
        11: {"header": 300, "presigned URL": 30},
        20: {"header": 200},
    }
    assert all(day.known for day in days_of(reports_of(coverage=ALL_OF_IT)[1]))
    assert not any(day.known for day in days_of(reports_of(coverage=UNKNOWN)[1]))


def test_of_files_the_days_that_some_tell_of_are_known_unless_something_could_not_be_read() -> None:
    looked_at = {Kind.CLOUDTRAIL: LookedAt(files=2, requests=9, days={"2026-11-07", "2026-11-08"})}
    _, counted = reports_of(reading=Reading("folder", looked_at))
    assert [day.day.day for day in days_of(counted) if day.known] == [7, 8]
    for lacking in (
        Reading("folder", looked_at, unread_lines=1),
        Reading("folder", looked_at, unread_files=1),
        Reading("folder", looked_at, beyond=1),
        Reading("folder", looked_at, interrupted=True),
        Reading("folder", {Kind.ACCESS_LOG: LookedAt(files=1, untold=1, days={"2026-11-07"})}),
    ):
        assert not any(day.known for day in days_of(reports_of(reading=lacking)[1]))


def test_a_day_of_several_regions_and_ways_of_signing_is_one_and_a_way_that_is_not_known_is_told_apart() -> None:
    rows = [
        a_day("2026-11-07", "HtmlForm", 1),
        {**a_day("2026-11-07", "HtmlForm", 2), "detail.awsRegion": "eu-west-1"},
        a_day("2026-11-07", "", 4),
    ]
    days = days_of(reports_of(days=rows)[1])
    assert [dict(day.by_method) for day in days if day.requests] == [{"form": 3, "not logged": 4}]


def test_of_very_many_days_the_last_ones_are_drawn() -> None:
    period = Period(UNTIL - timedelta(days=9_999 * 7), UNTIL)
    days = days_of(reports_of(period=period)[1])
    assert len(days) == MOST_DAYS
    assert days[-1].day == UNTIL.date()


def test_a_time_that_ends_when_a_day_begins_has_nothing_of_that_day() -> None:
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    period = Period(midnight - timedelta(days=2), midnight, ends_now=False)
    one = a_day("2026-11-19", "AuthHeader", 1)
    assert [day.day.day for day in days_of(reports_of(days=[one], period=period)[1])] == [18, 19]
    at_midnight = a_day("2026-11-20", "AuthHeader", 1)
    assert [day.requests for day in days_of(reports_of(days=[one, at_midnight], period=period)[1])] == [0, 1, 1]


def counts(*requests: int | None) -> list[DayCount]:
    first = date(2026, 11, 1)
    return [
        DayCount(first + timedelta(days=day), {"header": number or 0}, whole=True, known=number is not None)
        for day, number in enumerate(requests)
    ]


def test_a_mean_is_of_seven_days_that_are_all_known() -> None:
    assert means_of_weeks(counts(*[7] * 6)) == {}
    assert means_of_weeks(counts(7, 0, 0, 0, 0, 0, 0, 14)) == {date(2026, 11, 7): 1.0, date(2026, 11, 8): 2.0}
    assert means_of_weeks(counts(None, *[1] * 7, None, *[1] * 6)) == {date(2026, 11, 8): 1.0}


@undrawn
def test_the_trend_is_told_of_two_weeks_and_of_less_it_is_said_that_there_is_none() -> None:
    told = trend_figure(counts(*[10] * 7, *[3] * 7))
    assert told.sentence == (
        "In the seven days until 2026-11-14 there were 3.0 requests a day, in the seven before them 10.0."
    )
    assert told.rows[0] == ["2026-11-07", 10.0]
    untold = trend_figure(counts(*[10] * 7))
    assert (untold.chart, untold.rows) == ("", ())
    assert untold.sentence.startswith("The log tells all of less than eight whole days one after the other")


def result_of(page: str) -> list[str]:
    found = re.search(r'<p class="result">(.*?)</p>\n(?:<p>(.*?)</p>)?', page, flags=re.DOTALL)
    assert found
    return [found[1], found[2] or ""]


@undrawn
@pytest.mark.parametrize(
    ("clients", "coverage", "said"),
    [
        (CLIENTS, ALL_OF_IT, ["2 clients signed with SigV2, the last one on 2026-11-20 07:59 UTC.", ""]),
        (
            CLIENTS,
            Coverage(None, ("why",)),
            ["2 clients signed with SigV2, the last one on 2026-11-20 07:59 UTC.", "There may be more:"],
        ),
        (
            (),
            ALL_OF_IT,
            [
                "No SigV2 request was logged in this time. That proves something only while the pipeline is alive: "
                "`python -m sigv2 verify` tells.",
                "",
            ],
        ),
        (
            (),
            Coverage(None, ("why",)),
            [
                "No SigV2 request was logged in this time. That proves something only while the pipeline is alive: "
                "`python -m sigv2 verify` tells.",
                "That is no proof:",
            ],
        ),
        ([PROBE], ALL_OF_IT, ["Nobody but the probes of this project signed with SigV2, as far as this tells.", ""]),
    ],
)
def test_the_result_claims_no_more_than_is_proven(clients: Sequence[Row], coverage: Coverage, said: list[str]) -> None:
    page = page_of(clients, [], coverage=coverage)
    assert result_of(page.replace("<code>", "`").replace("</code>", "`")) == said
    assert ("why" in Elements(page).texts_of("bdi")) == bool(coverage.doubts)
    assert ("What to do" in page) == (clients is CLIENTS)


@undrawn
def test_a_doubt_is_told_to_its_end_however_much_it_names() -> None:
    doubt = ", ".join(f"account {number:012}" for number in range(200))
    assert doubt in Elements(page_of([], [], coverage=Coverage(None, (doubt,)))).texts_of("bdi")


@undrawn
def test_with_owners_there_is_a_section_for_each_and_the_last_is_of_those_unknown() -> None:
    clients, days = reports_of(coverage=ALL_OF_IT)
    page = as_html(with_an_owner(clients), days)
    work = page[page.index('id="work"') :]
    elements = Elements(work[work.index("<h2") : work.index('</section>\n<section id="read"')])
    assert [
        text for text in elements.texts_of("bdi") if text in ("etl", "Owner unknown", "tag Team of role report-server")
    ] == [
        "etl",
        "tag Team of role report-server",
        "Owner unknown",
    ]
    assert elements.texts_of("th").count("Principal") == 2
    assert ("bdi", "Owners of 1 user may be missing, as iam:ListUserTags is denied.") in Elements(page).texts


@undrawn
def test_what_is_new_and_what_is_gone_is_told_where_two_times_were_compared() -> None:
    clients, days = reports_of(coverage=ALL_OF_IT)
    page = as_html(
        with_keys(clients, {"change": "new", "requestsBefore": 0}, {"change": "shrinking", "requestsBefore": 1_500}),
        days,
    )
    texts = Elements(page).texts
    assert ("dt", "Clients that are new") in texts
    assert ("dt", "Clients that are shrinking") in texts
    assert ("dt", "Clients that are steady") not in texts
    assert ("td", "1,500") in texts
    assert "What is gone" not in page


@undrawn
@pytest.mark.parametrize(
    ("whole", "said"),
    [
        ([True, True, True], ""),
        ([True, True, False], " Only a part of 2026-11-03 was asked about."),
        ([False, True, False], " Only a part of 2026-11-01 and 2026-11-03 was asked about."),
        ([False], " Only a part of 2026-11-01 was asked about."),
    ],
)
def test_only_days_that_were_asked_about_in_part_are_said_to_be(whole: Sequence[bool], said: str) -> None:
    days = [replace(day, whole=is_whole) for day, is_whole in zip(counts(*[1] * len(whole)), whole, strict=True)]
    _, proven, part = requests_figure(days).sentence.partition("there was no request.")
    assert (bool(proven), part) == (True, said)


@undrawn
def test_clients_that_are_gone_are_told_of_in_a_table_of_their_own() -> None:
    clients, days = reports_of([USER], coverage=ALL_OF_IT)
    _, gone = reports_of(coverage=ALL_OF_IT)[0].records
    before = {**gone, REQUESTS: 0, "requestsBefore": 1_234, "change": "gone"}
    page = as_html(replace(clients, gone=[before]), days)
    assert "What is gone" in Elements(page).texts_of("h2")
    table = Elements(page[page.index('<section id="gone"') : page.index('<section id="read"')])
    assert table.texts_of("th", "td", "bdi")[:-1] == [
        "What is gone",
        "Principal",
        "User agent",
        "Bucket",
        "How signed",
        "First seen (UTC)",
        "Last seen (UTC)",
        "Requests before",
        "report-server / i-0136f1c4e5a8b2d90",
        "python-requests/2.31.0",
        "example-reports",
        "presigned URL",
        "2026-11-04 10:00",
        "2026-11-11 11:22",
    ]
    assert table.texts_of("td") == ["1,234"]


@undrawn
def test_what_it_was_compared_with_is_told_beside_what_was_read() -> None:
    clients, days = reports_of(coverage=ALL_OF_IT)
    week = clients.period.before(timedelta(weeks=1))
    page = as_html(compared(clients, reports_of([USER], period=week, coverage=Coverage(week.since))[0]), days)
    sentence = "Against the time before, from 2026-10-27 08:00 to 2026-11-03 08:00 UTC: 1 new, 1 shrinking."
    assert sentence in [text for _, text in Elements(page).texts]
    assert "Compared with" in Elements(page).texts_of("dt")
    assert Elements(page).texts_of("th").count("Change") == 2


def test_what_makes_the_page_is_loaded_for_it_alone() -> None:
    script = (
        "import sys, sigv2.report.report_command as command; "
        "print(sorted({'jinja2', 'vl_convert', 'playwright'} & sys.modules.keys()))"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)
    assert ended.stdout == "[]\n"


def test_with_hundreds_of_clients_some_are_drawn_and_all_are_told_of() -> None:
    many = [
        {**USER, PRINCIPAL: f"arn:aws:iam::123456789012:user/user-{number}", BUCKET: f"bucket-{number % 7}"}
        for number in range(300)
    ]
    page = page_of(many, coverage=ALL_OF_IT)
    elements = Elements(page)
    labels = elements.texts_of("text")
    assert len([label for label in labels if label.startswith("user-")]) == 10
    assert len([label for label in labels if label.startswith("bucket-")]) == 7
    # Once in the ranking, once as a section's name; tables and sections beyond the first ones are folded.
    assert all(elements.texts_of("bdi").count(f"user-{number} (AKIAEXAMPLE)") == 2 for number in range(300))
    assert "280 more sections, with fewer requests each" in "".join(elements.texts_of("summary"))
    assert "The 10 busiest of 300 principals, by requests;" in page
    assert len(page) < 1_500_000


@undrawn
def test_of_one_fault_some_clients_are_shown_and_the_rest_is_folded() -> None:
    several = [{**USER, BUCKET: f"bucket-{number}"} for number in range(9)]
    elements = Elements(page_of(several))
    assert "4 more clients" in "".join(elements.texts_of("summary"))
    assert [text for text in elements.texts_of("bdi") if text.startswith("bucket-")] == [
        *[f"bucket-{number}" for number in range(9)],
        *[f"bucket-{number}" for number in range(9)],
    ]


@undrawn
def test_a_time_that_nobody_logged_hides_nothing() -> None:
    page = page_of([{**USER, LAST_SEEN: ""}])
    assert result_of(page)[0] == "1 client signed with SigV2."


def schemes() -> Iterator[dict[str, str]]:
    style = (Path(charts.__file__).with_name("page.css")).read_text(encoding="ascii")
    light, dark = re.findall(r":root \{(.*?)\}", style, flags=re.DOTALL)
    for scheme in (light, dark):
        yield dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", scheme))


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    lights = []
    for colour in (one, other):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
    return max(lights) / min(lights)


@pytest.mark.parametrize("scheme", list(schemes()), ids=["light", "dark"])
def test_text_and_bars_stand_out_in_both_schemes(scheme: dict[str, str]) -> None:
    for text in ("text", "soft", "link", "found", "not_proven", "nobody"):
        for back in ("back", "raised"):
            assert contrast(scheme[text], scheme[back]) >= 4.5, (text, back)
    for bar in ("header", "presigned", "form", "other"):
        for back in ("back", "unknown"):
            assert contrast(scheme[bar], scheme[back]) >= 3, (bar, back)
