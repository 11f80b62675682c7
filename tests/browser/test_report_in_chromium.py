"""The report as a page, as a person sees it: opened in Chromium from a file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from blueprint.queries import BUCKET, PRINCIPAL, USER_AGENT
from sigv2.report.formats.html_format import as_html
from tests.unit.paged import ALL_OF_IT, CLIENTS, USER, page_of, reports_of, with_an_owner

HOSTILE = [
    "<script>document.title = 'taken'; document.body.innerHTML = ''</script>",
    "<img src=https://example.com/x.png onerror=\"document.title='taken'\">",
    "</style><style>body{display:none}</style><h1>taken</h1>",
    "<svg onload=alert(1)><use href='https://example.com/#x'/></svg>",
    "{{ 7 * 7 }} {% include '/etc/passwd' %} ${7*7}",
    "\"><a href='javascript:alert(1)'>x</a> <meta http-equiv=refresh content='0;url=https://example.com'>",
    "\u05d0\u05d1\u05d2 \u202ereversed 1,234",
]
Scheme = Literal["light", "dark"]
WIDE, NARROW = 1280, 375

# Of each chart: its width, how much of it is drawn in the colours of bars and lines, and its first such colour.
CHARTS = """charts => charts.map(chart => {
    const drawn = [...chart.querySelectorAll('path[fill^="var("], path[stroke^="var(--header"]')]
    const sizes = drawn.map(mark => mark.getBoundingClientRect())
    return {
        width: chart.getBoundingClientRect().width,
        marks: sizes.filter(size => size.width > 0 && size.height > 0).length,
        colours: [...new Set(drawn.map(mark => getComputedStyle(mark).fill))],
        labels: [...chart.querySelectorAll('text')].map(label => label.textContent),
    }
})"""


@dataclass
class Opened:
    """A page that is open, and what came of it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def axe(self) -> list[tuple[str, str]]:
        violations = Axe().run(self.page).response["violations"]
        return [(found["id"], node["html"]) for found in violations for node in found["nodes"]]


class Opening:
    """Opens pages as files, and closes them after a test."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._file = folder / "report.html"
        self._open: list[Page] = []

    def __call__(self, text: str, scheme: Scheme = "light", width: int = WIDE) -> Opened:
        self._file.write_text(text, encoding="ascii")
        page = self._browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
        self._open.append(page)
        opened = Opened(page)
        page.on("request", lambda request: opened.requests.append(request.url))
        page.on("console", lambda message: opened.said.append(message.text))
        page.on("pageerror", lambda error: opened.said.append(str(error)))
        page.on("dialog", lambda dialog: opened.said.append(dialog.message))
        page.goto(self._file.as_uri())
        assert opened.requests == [self._file.as_uri()]
        assert opened.said == []
        return opened

    def close(self) -> None:
        for page in self._open:
            page.close()


@pytest.fixture
def opening(browser: Browser, tmp_path: Path) -> Iterator[Opening]:
    opening = Opening(browser, tmp_path)
    yield opening
    opening.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", WIDE), ("dark", NARROW)])
def test_everybody_can_read_it_and_its_charts_are_drawn(opening: Opening, scheme: Scheme, width: int) -> None:
    clients, days = reports_of(coverage=ALL_OF_IT)
    opened = opening(as_html(with_an_owner(clients), days), scheme, width)

    page = opened.page
    assert page.title() == "Who still signs with SigV2"
    assert page.locator("h1, h2, h3").all_inner_texts() == [
        "Who still signs with SigV2",
        "Result",
        "Over time",
        "Requests per day",
        "The trend: requests a day, on average of seven days",
        "Clients by the day they were last seen",
        "Who and where",
        "Principals",
        "Buckets",
        "User agents",
        "What to do",
        "etl",
        "Owner unknown",
        "How this was read",
    ]
    charts = page.locator(".chart svg").evaluate_all(CHARTS)
    assert [chart["marks"] > 0 for chart in charts] == [True] * 6
    assert all(chart["width"] > 300 for chart in charts)
    blue, orange = (
        ("rgb(11, 102, 184)", "rgb(184, 67, 11)") if scheme == "light" else ("rgb(91, 168, 240)", "rgb(240, 146, 92)")
    )
    assert {blue, orange} <= set(charts[0]["colours"])
    assert {"Nov 3", "header", "presigned URL", "Requests"} <= set(charts[0]["labels"])
    assert {"nightly-backup (AKIAEXAMPLE)", "1,200", "30"} <= set(charts[3]["labels"])
    # Nothing is wider than the window; what is too wide can be scrolled by itself.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert opened.axe() == []


def test_what_hostile_clients_send_stays_text(opening: Opening) -> None:
    rows = [
        {**USER, USER_AGENT: f"[{text}]", BUCKET: text, PRINCIPAL: f"arn:aws:iam::1:user/{text}"} for text in HOSTILE
    ]
    opened = opening(page_of(rows))

    page = opened.page
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    cells = page.locator("#work td, #work th").all_inner_texts()
    for text in HOSTILE[:-1]:
        assert cells.count(text) == 2
    assert cells.count("\u05d0\u05d1\u05d2 \\u202ereversed 1,234") == 2
    labels = page.locator(".chart text").all_text_contents()
    assert HOSTILE[0] in labels
    assert HOSTILE[4] in labels
    assert page.title() == "Who still signs with SigV2"
    assert page.locator("h1").all_inner_texts() == ["Who still signs with SigV2"]
    assert page.locator("script, img, use, iframe, [onerror], [onload], a[href^='javascript']").count() == 0
    assert page.locator("h1").is_visible()
    assert opened.axe() == []
    assert len(opened.requests) == 1
    assert opened.said == []


def test_an_empty_report_is_a_page_too(opening: Opening) -> None:
    opened = opening(page_of([], []), "dark")
    assert "That is no proof:" in opened.page.locator("#result").inner_text()
    assert "2026-11-03 to 2026-11-05" in opened.page.locator("#read").inner_text()
    assert opened.page.locator("svg").count() == 0
    assert opened.axe() == []


def test_on_paper_it_is_light_and_whole(opening: Opening) -> None:
    page = opening(page_of(CLIENTS), "dark").page
    numbers = page.locator("#days table")
    assert not numbers.is_visible()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 31, 36)"
    assert not page.locator("nav").is_visible()
    shown = page.locator("details table").evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
    assert len(shown) == 6
    assert all(height > 20 for height in shown)
    assert page.pdf().startswith(b"%PDF-")


def test_what_slipped_in_would_neither_run_nor_fetch_anything(browser: Browser) -> None:
    slipped = "<script>document.title='taken'</script><img src='http://127.0.0.1:9/x'><p style='color:red'>slipped</p>"
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.set_content(page_of().replace("<main>", f"<main>{slipped}"))
    assert page.title() == "Who still signs with SigV2"
    assert page.get_by_text("slipped").evaluate("one => getComputedStyle(one).color") == "rgb(27, 31, 36)"
    assert len(refused) == 3
    assert all("Content Security Policy" in sentence for sentence in refused)
    page.close()
