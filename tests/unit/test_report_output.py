"""A report that tells owners in every format, and what `--out` writes and refuses."""

import csv
import errno
import html
import io
import json
import os
import stat
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from boto3.session import Session
from rich.console import Console

from blueprint.queries import saved_query
from sigv2.report.asked_log import AskedLog, NamedLog, named_log
from sigv2.report.coverage import Coverage
from sigv2.report.formats import TEXTS, Format
from sigv2.report.formats.csv_format import as_csv
from sigv2.report.formats.json_format import as_json
from sigv2.report.formats.markdown_format import as_markdown
from sigv2.report.formats.table_format import print_table
from sigv2.report.owners.owner import Owner
from sigv2.report.past.athena.athena_run import AthenaWorkGroup
from sigv2.report.past.athena.athena_source import AthenaOptions
from sigv2.report.past.past_sources import PastLogs
from sigv2.report.report_output import ReportOutput
from sigv2.report.reports import Report
from sigv2.stack import Stack
from sigv2.stack.stack_account import AccountInRegion
from sigv2.whole_file import write_whole
from tests.unit.owned_clients import PERIOD, SESSION, STRANGER, USER, owned, report_on_clients

NOTE = "owners of 1 user may be missing, as iam:ListUserTags is denied"
SAID = "Owners of 1 user may be missing, as iam:ListUserTags is denied."
PLAIN = report_on_clients(SESSION, USER, STRANGER)
OWNED = owned(PLAIN, (NOTE,), etl=Owner("data", "tag Team of role etl"), account=Owner("account 2", "its own"))


def test_json_has_the_owner_of_each_client_and_why_owners_are_missing() -> None:
    without, told = json.loads(as_json(PLAIN)), json.loads(as_json(OWNED))
    owners = [("data", "tag Team of role etl"), ("", ""), ("account 2", "its own")]
    records = [
        record | {"owner": owner, "ownerFrom": known}
        for record, (owner, known) in zip(without["records"], owners, strict=True)
    ]
    assert told == without | {"records": records, "ownerNotes": [NOTE]}
    assert "owner" not in without["records"][0]


def test_csv_has_two_columns_more() -> None:
    without, told = (list(csv.reader(io.StringIO(as_csv(report)))) for report in (PLAIN, OWNED))
    columns = [["owner", "ownerFrom"], ["data", "tag Team of role etl"], ["", ""], ["account 2", "its own"]]
    assert told == [[*line, *more] for line, more in zip(without, columns, strict=True)]


def test_markdown_has_a_section_for_each_owner() -> None:
    lines = html.unescape(as_markdown(OWNED)).split("\n")
    assert [line for line in lines if line.startswith(("#", "| nightly", "| etl", "| account", "1,2"))] == [
        "### Who still signs with SigV2 (/aws/events/s3-sigv2-access-log, since 2026-11-13 08:00 UTC)",
        "#### data (tag Team of role etl): 1,200 SigV2 requests",
        lines[6],
        "#### account 2 (its own): 2 SigV2 requests",
        lines[12],
        "#### Owner unknown: 30 SigV2 requests",
        lines[18],
        f"1,232 SigV2 requests in 3 lines. {SAID}",
    ]
    assert [lines[number].split(" | ")[0] for number in (6, 12, 18)] == [
        "| etl / nightly",
        "| account 210987654321 / AIDASTRANGER (AKIASTRANGER)",
        "| nightly-backup (AKIAEXAMPLE)",
    ]


def printed(report: Report) -> str:
    console = Console(file=io.StringIO(), width=400, color_system=None, highlight=False)
    print_table(report, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_table_has_a_block_for_each_owner_with_the_fixes_that_they_have_to_make() -> None:
    shown = printed(OWNED)
    blocks = shown.split("\n\n")
    data = shown.index("\ndata (tag Team of role etl): 1,200 SigV2 requests\n")
    account = shown.index("\naccount 2 (its own): 2 SigV2 requests\n")
    unknown = shown.index("\nOwner unknown: 30 SigV2 requests\n")
    assert data < account < unknown
    assert "Boto3/1.34.0" in shown[data:account]
    assert "~/.aws/config" in shown[data:account]
    assert "Boto/2.49.0" in shown[account:unknown]
    assert "boto.cfg" in shown[account:unknown]
    assert "boto.cfg" in shown[unknown:]
    assert "~/.aws/config" not in shown[account:]
    assert blocks[-1].strip() == f"1,232 SigV2 requests in 3 lines. {SAID}"


def test_an_owner_of_a_hostile_name_acts_on_nothing() -> None:
    hostile = owned(PLAIN, etl=Owner("\x1b[31m[bold]x\r\n</a>", "tag Team of role etl\u202e"))
    for text in (printed(hostile), *(write(hostile) for write in TEXTS.values())):
        assert text.replace("\n", "").isprintable()
    assert "[bold]" in printed(hostile)
    assert "</a>" not in as_markdown(hostile)


@pytest.mark.parametrize("chosen", TEXTS)
def test_a_file_has_what_standard_output_would(
    chosen: Format, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = ReportOutput(chosen, tmp_path / "report")
    output.refuse_what_cannot_be()
    output.write(OWNED, [])
    assert (tmp_path / "report").read_text(encoding="utf-8") == TEXTS[chosen](OWNED)
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (f"{SAID}\n" if chosen is Format.CSV else "")


def test_tickets_are_written_and_named_and_the_rest_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ReportOutput(Format.TICKETS, tmp_path).write(OWNED, ["--stack", "prod"])
    told = capsys.readouterr()
    names = ["sigv2-data.md", "sigv2-account-2-515f906d4177.md", "sigv2-owner-unknown-e3b0c44298fc.md"]
    assert told.out.split() == [str(tmp_path / name) for name in names]
    assert told.err == f"1,232 SigV2 requests in 3 lines. {SAID}\n"


def test_a_link_stays_one_and_the_file_behind_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    ReportOutput(Format.JSON, tmp_path / "link").write(OWNED, [])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text(encoding="utf-8") == as_json(OWNED)


def refusal(output: ReportOutput, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(typer.Exit):
        output.refuse_what_cannot_be()
    return capsys.readouterr().err


def test_what_cannot_be_written_is_refused_before_anybody_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert refusal(ReportOutput(Format.TICKETS, None), capsys) == (
        "Error: --format tickets writes a file for each ticket, so it needs --out with a folder\n"
    )
    assert refusal(ReportOutput(Format.TABLE, file), capsys) == (
        "Error: --out takes no table, which is for a terminal: choose another --format, such as markdown\n"
    )
    assert refusal(ReportOutput(Format.TICKETS, file), capsys) == (
        f"Error: --out: {file} is no folder, and --format tickets writes a file for each ticket into one\n"
    )
    for path in (tmp_path, Path(os.devnull)):
        assert refusal(ReportOutput(Format.JSON, path), capsys) == (
            f"Error: --out: {path} is no file that can be replaced: name one\n"
        )
    assert refusal(ReportOutput(Format.JSON, tmp_path / "none" / "report.json"), capsys) == (
        f"Error: --out: there is no folder {tmp_path}/none: make it, or name another file\n"
    )


@pytest.mark.parametrize("chosen", [Format.JSON, Format.TICKETS])
def test_a_path_that_no_file_can_have_is_one_sentence(chosen: Format, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("x" * 300)
    assert refusal(ReportOutput(chosen, path), capsys) == (
        f"Error: --out: {path} cannot be written: {os.strerror(errno.ENAMETOOLONG)}\n"
    )


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(typer.Exit):
        ReportOutput(Format.TICKETS, tmp_path / "file" / "tickets").write(OWNED, [])
    assert capsys.readouterr().err == f"Error: --out: {tmp_path}/file/tickets cannot be written: Not a directory\n"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "report"
    file.write_text("old")
    file.chmod(0o640)
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "new\ud800")
    assert (file.read_text(), [path.name for path in tmp_path.iterdir()]) == ("old", ["report"])
    write_whole(file, "new")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new", 0o640)


def asked(log: NamedLog) -> AskedLog:
    place = AccountInRegion(Session(region_name="eu-west-1"), "123456789012", "arn", "eu-west-1")
    return AskedLog(log, place, [], tells_doubts=False)


@pytest.mark.parametrize(
    ("named", "options"),
    [
        (("prod", [], None), ["--stack", "prod"]),
        ((None, [], None), ["--stack", "dev"]),
        (("prod", ["aws:secretKey=secret"], None), ["--log-group", "/a", "--region", "eu-west-1"]),
        (("prod", [], "/mine"), ["--log-group", "/mine", "--region", "eu-west-1"]),
        ((None, [], "/mine"), ["--log-group", "/mine", "--region", "eu-west-1"]),
    ],
)
def test_the_log_is_asked_again_without_settings_of_the_command_line(
    named: tuple[str | None, list[str], str | None], options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(name: str, _: Sequence[str]) -> Stack:
        outputs = {"accountId": "123456789012", "region": "eu-west-1", "logGroupName": "/a"}
        return Stack("project", name, {}, outputs=outputs)

    monkeypatch.setattr("sigv2.report.asked_log.read_stack", read)
    assert asked(named_log(*named)).options == options


def test_what_waits_in_queues_is_asked_once_though_the_log_is_asked_about_the_time_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = replace(asked(NamedLog(None, [])), tells_doubts=True)
    answers = iter((["1 waits"], ["2 wait"]))
    monkeypatch.setattr("sigv2.report.asked_log.coverage_of", lambda *_: Coverage(None, ("the log is younger",)))
    monkeypatch.setattr("sigv2.report.asked_log.doubts_about", lambda *_: next(answers))
    for period in (PERIOD, PERIOD.before(timedelta(days=7))):
        (found,) = log.ask([saved_query("client")], period)
        assert found.doubts == ("the log is younger", "1 waits")


def test_files_are_asked_again_where_they_are() -> None:
    assert PastLogs("s3://b/p", "mine", None).options == ["--from", "s3://b/p"]
    assert PastLogs("logs:/a", None, "eu-west-1").options == ["--from", "logs:/a", "--region", "eu-west-1"]
    usual, athena = (AthenaOptions(AthenaWorkGroup(*given)) for given in ((), ("audit", "s3://results/")))
    assert PastLogs("athena:a.b", None, None, usual).options == ["--from", "athena:a.b"]
    assert PastLogs("athena:a.b", None, None, athena).options == [
        *("--from", "athena:a.b"),
        *("--workgroup", "audit"),
        *("--output", "s3://results/"),
    ]
