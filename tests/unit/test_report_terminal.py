"""A report can be read, and copied from, in a terminal of any width."""

import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from blueprint.queries import (
    ACCESS_KEY,
    ACCOUNT,
    AUTHENTICATION_METHOD,
    BUCKET,
    COPY_SOURCE,
    FIRST_SEEN,
    ISSUER,
    LAST_SEEN,
    OPERATION,
    PRINCIPAL,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ID,
    PRINCIPAL_TYPE,
    REGION,
    REQUESTS,
    SOURCE_IP,
    USER_AGENT,
    VPC_ENDPOINT,
)
from sigv2.period import Period
from sigv2.report.client_views import query_of
from sigv2.report.formats.table_format import print_table
from sigv2.report.query_run import QueryResult
from sigv2.report.reports import Report, report_of
from sigv2.terminal import console

SNAPSHOTS = Path(__file__).parent / "terminal_snapshots"
PERIOD = Period(datetime(2026, 11, 13, 8, tzinfo=UTC), datetime(2026, 11, 20, 8, tzinfo=UTC))
HOME = ("us-east-1", "123456789012")
SESSION = "arn:aws:sts::123456789012:assumed-role"
USER = {
    PRINCIPAL: "arn:aws:iam::123456789012:user/nightly-backup",
    PRINCIPAL_ID: "AIDAEXAMPLE",
    ACCESS_KEY: "AKIAEXAMPLE",
}
ALIEN = {PRINCIPAL_ACCOUNT: "999999999999", PRINCIPAL_ID: "AROASTRANGER:nightly-job", PRINCIPAL_TYPE: "AWSAccount"}


def role(name: str, session: str) -> dict[str, str]:
    return {
        PRINCIPAL: f"{SESSION}/{name}/{session}",
        PRINCIPAL_ID: f"AROAEXAMPLE:{session}",
        ACCESS_KEY: "ASIAEXAMPLE",
        PRINCIPAL_TYPE: "AssumedRole",
        ISSUER: f"arn:aws:iam::123456789012:role/{name}",
    }


def row(who: dict[str, str], agent: str, requests: int, **changed: str) -> dict[str, str]:
    return {
        REGION: HOME[0],
        ACCOUNT: HOME[1],
        USER_AGENT: f"[{agent}]",
        BUCKET: "example-uploads",
        AUTHENTICATION_METHOD: "AuthHeader",
        FIRST_SEEN: "2026-11-19T07:14:07Z",
        LAST_SEEN: "2026-11-20T07:59:59Z",
        REQUESTS: str(requests),
        **who,
        **changed,
    }


BOTO3 = "Boto3/1.2{0}.90 md/Botocore#1.2{0}.90 ua/2.0 os/linux#5.10 lang/python#3.{0} cfg/retry-mode#legacy"
ROWS = [
    *(row(role("etl", f"botocore-session-179565000{number}"), BOTO3.format(number), 400) for number in range(6, 9)),
    row(role("report-server", "i-0136f1c4e5a8b2d90"), "Boto/2.49.0 Python/2.7.18 Linux/4.14", 117),
    row(USER, "python-requests/2.31.0", 60, **{AUTHENTICATION_METHOD: "QueryString"}),
    row(USER, "Mozilla/5.0 (X11; Linux x86_64)", 20, **{AUTHENTICATION_METHOD: "QueryString"}),
    row(USER, "Mozilla/5.0 (Windows NT 10.0) Gecko/2 Firefox/115.0", 21, **{AUTHENTICATION_METHOD: "QueryString"}),
    row(ALIEN, "aws-sdk-java/1.11.9 Linux/4.14", 9, **{OPERATION: "CopyObject", COPY_SOURCE: "example-media"}),
    row(ALIEN, "evil \x1b[31m [bold]agent[/bold] \u202egpj.exe", 1),
]
SOURCES = [
    {SOURCE_IP: f"2001:db8:1234:5678:9abc:def0:1234:{number}", VPC_ENDPOINT: "vpce-0a1b2c3d4e5f67890", REQUESTS: "1234"}
    | {BUCKET: "example-uploads", REGION: HOME[0], ACCOUNT: HOME[1]}
    for number in (1, 2)
]


def report(rows: list[dict[str, str]], by: str = "client") -> Report:
    answer = QueryResult(rows, complete=True)
    return report_of(query_of(by).by_place(), ["/aws/events/s3-sigv2-access-log"], PERIOD, answer, home=HOME)


def printed(shown: Report, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None, highlight=False)
    print_table(shown, console)
    assert isinstance(console.file, io.StringIO)
    return "".join(line.rstrip() + "\n" for line in console.file.getvalue().splitlines())


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize(("by", "rows"), [("client", ROWS), ("source", SOURCES)])
def test_a_terminal_of_each_width_shows_all_of_it(by: str, rows: list[dict[str, str]], width: int) -> None:
    # Whoever changes the layout on purpose writes what is printed now to this file, and looks at it.
    assert printed(report(rows, by), width) == (SNAPSHOTS / f"{by}-{width}.txt").read_text(encoding="utf-8")


def words_of(shown: Report) -> Iterator[str]:
    for client, record in zip(shown.clients, shown.records, strict=True):
        for key in ("principal", "place", "signed", "fix"):
            yield from str(record[key]).split()
        yield from (word for word in client.fix.how.split() if "{signer}" not in word)
        yield client.fix.source


@pytest.mark.parametrize("width", [1, 10, *range(25, 250, 15)])
def test_no_word_is_broken_in_any_width(width: int) -> None:
    shown = report(ROWS[:-1])
    text = printed(shown, width)
    assert {word for word in words_of(shown) if word not in text.split()} == set()
    assert "AWS.S3({signatureVersion: 'v4'})" in text
    assert "`aws configure set default.s3.signature_version s3v4`" in text
    indent = len("  First seen (UTC)  ")
    # Nor is any line too long, but for one that is a single word, or code, behind its heading.
    too_long = [line[indent:] for line in text.splitlines() if len(line) > max(width, indent)]
    assert [line for line in too_long if " " in line.strip() and width > 80] == []


@given(st.text(min_size=1), st.integers(20, 250))
def test_no_stranger_s_text_acts_on_a_terminal_of_any_width(text: str, width: int) -> None:
    named = {PRINCIPAL_ACCOUNT: "999999999999", PRINCIPAL_ID: text}
    shown = printed(report([row(named, text, 3, **{BUCKET: text})]), width)
    assert all(character.isprintable() for character in shown.replace("\n", ""))


def test_each_fix_is_told_once_with_the_clients_that_it_is_for() -> None:
    shown = report([*ROWS, row(role("web", "alice"), "Boto/2.38.0", 1), row(role("web", "bob"), "Boto/2.38.0", 1)])
    text = printed(shown, 100)
    numbered = [line for line in text.splitlines() if line[:1].isdigit() and ". " in line[:4]]
    assert [line.split(".")[0] for line in numbered] == ["1", "2", "3", "4", "5"]
    assert "   For report-server / i-0136f1c4e5a8b2d90\n       web / alice\n       web / bob\n" in text
    assert text.count("https://github.com/boto/boto3/issues/2680") == 1


@pytest.mark.parametrize("width", [80, 200])
def test_rich_lays_out_no_more_for_many_clients_than_for_few(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[object] = []
    render = Console.render

    def counting(console: Console, text: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        texts.append(text)
        return render(console, text, options)

    monkeypatch.setattr(Console, "render", counting)
    asked = []
    for number in (2, 200):
        texts.clear()
        users = [{**USER, PRINCIPAL: f"arn:aws:iam::123456789012:user/{name}"} for name in range(number)]
        printed(report([row(user, "acme-uploader/3.1", 1) for user in users]), width)
        # Each line of a text is counted, too, beside the texts.
        asked.append(len([text for text in texts if not isinstance(text, Text) or "\n" in text.plain]))
    assert asked[0] == asked[1]


def test_a_table_has_straight_edges_and_bold_headings_whatever_its_letters_are() -> None:
    console = Console(file=io.StringIO(), width=200, force_terminal=True, color_system="truecolor", highlight=False)
    agents = ["\u4e2d\u6587\u5b57\u7b26", "e\u0301te\u0301", "\ud55c\uad6d\uc5b4 \uff21\uff22", "\U0001f600 plain"]
    print_table(report([row(USER, agent, 1) for agent in agents]), console)
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "\x1b[1m User agent" in shown
    rows = [line for line in re.sub(r"\x1b\[\d*m", "", shown).splitlines() if line[:1] in "┏┃┡│├└" and line]
    assert len(rows) == 4 + len(agents)
    assert {cell_len(line) for line in rows} == {cell_len(rows[0])}
    assert {len(line.split("│")) for line in rows if line[0] == "│"} == {len(rows[0].split("┳")) + 2}


@pytest.mark.parametrize(
    ("columns", "width"), [("80", 80), ("200", 200), ("", 160), ("0", 160), ("wide", 160), (None, 160)]
)
def test_what_is_piped_is_as_wide_as_whoever_pipes_it_says(
    columns: str | None, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    print_table(report(ROWS), console())
    assert "".join(f"{line.rstrip()}\n" for line in capsys.readouterr().out.splitlines()) == printed(
        report(ROWS), width
    )
