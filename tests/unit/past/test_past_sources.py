"""`report --from` a folder: what is read, what is found, and what is said of what could not be read."""

import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner, Result

from blueprint.queries import saved_query
from sigv2.period import Period
from sigv2.report.past import findings as findings_module
from sigv2.report.past import past_sources, reading_processes
from sigv2.report.past.batches import Batch, Kind, LookedAt, Unread
from sigv2.report.past.findings import Findings
from sigv2.report.past.local_files import LocalFiles
from sigv2.report.past.log_file import LogFile
from sigv2.report.past.reading import Reading
from sigv2.report.past.reading_processes import read_all
from sigv2.report.report_command import report
from tests.unit.past.conftest import OWNER, PERIOD, line, record, requests_in, trail_file, written

NOW = datetime.now(UTC)
DAYS = [NOW - timedelta(days=days) for days in range(3)]
ROOT = Path(__file__).parents[3]


def run(*options: str) -> Result:
    app = typer.Typer()
    app.command()(report)
    # Nothing of AWS may be asked: no Region, no credentials, nobody listens.
    nothing: dict[str, str | None] = dict.fromkeys(name for name in os.environ if name.startswith("AWS_"))
    return CliRunner().invoke(app, options, env=nothing | {"AWS_CONFIG_FILE": "/dev/null"})


def as_json(folder: Path, *options: str) -> dict[str, Any]:
    result = run("--from", str(folder), "--format", "json", "--since", "2d", *options)
    assert result.exit_code == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def trail(folder: Path, day: datetime, *records: dict[str, Any], account: str = "111122223333", of: str = "") -> Path:
    name = f"{account}_CloudTrail_us-east-1_{day:%Y%m%d}T2355Z_{of or 'x'}.json.gz"
    timed = [{"eventTime": f"{day:%Y-%m-%dT%H:%M:%SZ}", **one} for one in records]
    path = folder / f"{of}AWSLogs/{account}/CloudTrail/us-east-1/{day:%Y/%m/%d}" / name.replace("/", "-")
    return written(path, trail_file(timed), compressed=True)


def at(day: datetime, number: int, signature: str = "SigV2") -> dict[str, Any]:
    return record(number, signature, eventTime=f"{day:%Y-%m-%dT%H:%M:%SZ}")


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    """A folder with a file for each of three days, in which nobody signs with SigV2."""
    for number, day in enumerate(DAYS):
        trail(tmp_path, day, at(day, number, "SigV4"))
    return tmp_path


def test_every_trail_account_and_layout_is_read_and_each_event_counts_once(watched: Path) -> None:
    for prefix in ("a/", "b/", "org/AWSLogs/o-1a2b3c/"):
        trail(watched, DAYS[0], at(DAYS[0], 10), at(DAYS[0], 11), of=prefix)
    trail(watched, DAYS[1], at(DAYS[1], 12), account="444455556666")
    written(watched / "AWSLogs/111122223333/CloudTrail-Digest/x.json.gz", b"", compressed=True)
    trail(watched, NOW - timedelta(days=40), at(NOW, 13))
    found = as_json(watched)
    assert (found["requests"], found["complete"], found["doubts"]) == (3, True, [])
    assert found["provenSince"] == found["since"]
    assert (found["read"]["repeated"], found["read"]["passedOver"], found["read"]["tooOld"]) == (4, 1, 1)
    assert [(one["kind"], one["files"], one["requests"]) for one in found["read"]["sources"]] == [
        ("CloudTrail files", 7, 10)
    ]


def test_only_what_happened_in_the_time_asked_for_counts(watched: Path) -> None:
    trail(
        watched, DAYS[0], at(NOW - timedelta(days=2, hours=1), 10), at(NOW - timedelta(days=1, hours=23), 11), of="a/"
    )
    assert as_json(watched)["requests"] == 1


def test_access_logs_of_both_layouts_are_read_as_the_same_report(watched: Path) -> None:
    text = line().replace("20/Nov/2026:10:00:01", f"{NOW:%d/%b/%Y:%H:%M:%S}")
    other = line(number=2).replace("20/Nov/2026:10:00:01", f"{NOW:%d/%b/%Y:%H:%M:%S}")
    name = f"{NOW:%Y-%m-%d}-10-00-00-0123456789ABCDEF"
    written(watched / "flat" / name, f"{text}\n{text}\n".encode())
    written(watched / f"111122223333/eu-west-1/log-bucket/{NOW:%Y/%m/%d}" / name, f"{other}\n".encode())
    found = as_json(watched)
    client = ("etl (access key unknown)", "log-bucket", "unknown", 1)
    # Only the folders of one of the two tell of Region and account.
    assert sorted(
        (
            one["awsRegion"],
            one["recipientAccountId"],
            one["principal"],
            one["bucket"],
            one["accessKeyId"],
            one["requests"],
        )
        for one in found["records"]
    ) == [("eu-west-1", "111122223333", *client), ("unknown", "unknown", *client)]
    assert found["records"][0]["fix"] == "[s3] use-sigv4 = True, or move to boto3"
    assert found["read"]["sources"][1]["unknown"] == ["accessKeyId", "vpcEndpointId", "sessionContext"]


def test_nobody_is_proven_where_all_was_read(watched: Path) -> None:
    result = run("--from", str(watched), "--since", "2d", "--fail-if-any")
    assert result.exit_code == 0
    assert "No SigV2 request of this time is in what was read. Read 3 CloudTrail files with 3 signed" in result.stdout


def test_somebody_ends_with_2_whatever_is_counted_by(watched: Path) -> None:
    trail(watched, DAYS[0], at(DAYS[0], 10), of="a/")
    result = run("--from", str(watched), "--since", "2d", "--fail-if-any", "--by", "day", "--format", "csv")
    assert result.exit_code == 2
    assert result.stdout == (
        '"day","awsRegion","recipientAccountId","requests"\n'
        f'"{NOW:%Y-%m-%d} 00:00:00.000","us-east-1","123456789012","1"\n'
    )
    assert result.stderr.startswith("Read 4 CloudTrail files with 4 signed requests from ")


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("foreign.txt", b"hello", "1 file could not be read: {0} (it is no log file of CloudTrail or S3)"),
        ("cut.json", b'{"Records":[', "1 file could not be read: {0} (it ends too early)"),
        ("\x1b[31m.txt", b"hello", "1 file could not be read: {1}/\\x1b[31m.txt (it is no log file of"),
        ("log", f"{line('SigV4')}\nno\n".encode(), "1 line or record could not be read: {0} (they are no lines of"),
        (
            "old",
            line().partition(" s9lz")[0].encode(),
            "1 line without the field for how a request was signed, as before 2019, can be SigV2",
        ),
    ],
)
def test_what_could_not_be_read_is_named_and_proves_nothing(watched: Path, name: str, text: bytes, why: str) -> None:
    file = written(watched / name, text)
    result = run("--from", str(watched), "--since", "2d", "--fail-if-any")
    assert result.exit_code == 3
    assert why.format(file, watched) in result.stderr
    assert "\x1b" not in result.stdout + result.stderr


def test_a_folder_behind_a_link_is_not_read_and_proves_nothing(
    watched: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    trail(elsewhere, DAYS[0], at(DAYS[0], 10))
    (watched / "link").symlink_to(elsewhere)
    (watched / "CloudTrail-Digest").symlink_to(elsewhere)
    result = run("--from", str(watched), "--since", "2d", "--fail-if-any")
    assert result.exit_code == 3
    why = f"1 file could not be read: {watched}/link (it is a link to a folder, which is not followed)"
    assert why in result.stderr


def test_what_is_no_file_or_is_gone_is_named_and_proves_nothing(watched: Path) -> None:
    os.mkfifo(watched / "fifo")
    (watched / "gone").symlink_to("nowhere")
    result = run("--from", str(watched), "--since", "2d", "--fail-if-any")
    assert result.exit_code == 3
    named = f"{watched}/fifo (it is no file), {watched}/gone (it cannot be looked at (No such file or directory))"
    assert f"2 files could not be read: {named}" in result.stderr


@pytest.mark.parametrize("somebody_looks", [False, True])
def test_files_are_measured_beforehand_only_where_somebody_looks(
    watched: Path, somebody_looks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = sum(file.stat().st_size for file in watched.rglob("*.gz"))
    written(watched / "AWSLogs/111122223333/CloudTrail-Digest/x.json.gz", b"", compressed=True)
    trail(watched, NOW - timedelta(days=40), at(NOW, 13))
    measured: list[int] = []
    total_bytes = LocalFiles.total_bytes

    def noted(files: LocalFiles) -> int:
        measured.append(total_bytes(files))
        return measured[-1]

    monkeypatch.setattr(LocalFiles, "total_bytes", noted)
    monkeypatch.setattr(Console, "is_terminal", somebody_looks)
    read = as_json(watched)["read"]
    assert measured == ([size] if somebody_looks else [])
    # What was passed over is told once all the same.
    assert (read["passedOver"], read["tooOld"], read["sources"][0]["files"]) == (1, 1, 3)


def test_days_without_a_file_prove_nothing(watched: Path) -> None:
    result = run("--from", str(watched), "--since", "4d", "--fail-if-any")
    assert result.exit_code == 3
    missing = f"{NOW - timedelta(days=4):%Y-%m-%d}, {NOW - timedelta(days=3):%Y-%m-%d}"
    assert f"no file tells of 2 days ({missing}), so either nothing was recorded then, or the files" in result.stderr


def test_an_empty_folder_and_a_trail_without_data_events_prove_nothing(tmp_path: Path) -> None:
    result = run("--from", str(tmp_path), "--fail-if-any")
    assert (result.exit_code, f"there is no log file of that time in {tmp_path}" in result.stderr) == (3, True)
    trail(tmp_path, NOW, {"eventName": "DescribeInstances"})
    result = run("--from", str(tmp_path), "--fail-if-any")
    assert (result.exit_code, "no record tells how a request was signed" in result.stderr) == (3, True)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--from", "nowhere"], "--from: there is no file or folder 'nowhere': name one, or s3://BUCKET/PREFIX"),
        (["--from", "x" * 300], f"--from: '{'x' * 300}' cannot be looked at: File name too long"),
        (["--from", "s3:///x"], "--from: 's3:///x' names no bucket: write s3://BUCKET/PREFIX"),
        (["--from", ".", "--stack", "dev"], "--from says what to read, so it goes without --stack, --config,"),
        (
            ["--from", ".", "--enforce", "b"],
            "so it goes without --stack, --config, --log-group, --forwarding-stack and --enforce",
        ),
    ],
)
def test_what_from_cannot_read_is_one_sentence(options: list[str], sentence: str) -> None:
    result = run(*options)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert sentence in result.stderr


def test_ctrl_c_ends_with_what_was_found_and_says_so(watched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trail(watched, DAYS[0], at(DAYS[0], 10), of="a/")

    def interrupted(*arguments: Any) -> Any:
        yield from read_all(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(past_sources, "read_all", interrupted)
    result = run("--from", str(watched), "--since", "2d", "--format", "json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["requests"], document["read"]["interrupted"]) == (130, 1, True)
    assert document["doubts"][0].startswith("it was interrupted, and tells only of what had been read until then")
    assert run("--from", str(watched), "--fail-if-any").exit_code == 2


def test_an_interrupted_reading_that_found_nobody_proves_nothing(
    watched: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(past_sources, "read_all", interrupted)
    assert run("--from", str(watched), "--since", "2d", "--fail-if-any").exit_code == 3


def test_the_temporary_keys_of_a_session_are_one_client(watched: Path) -> None:
    identity = {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/web/one"}
    keys = [{"userIdentity": {**identity, "accessKeyId": f"ASIA{number}"}} for number in range(3)]
    trail(watched, DAYS[0], *({**at(DAYS[0], 10 + number), **key} for number, key in enumerate(keys)), of="a/")
    assert [(one["principal"], one["accessKeyId"], one["requests"]) for one in as_json(watched)["records"]] == [
        ("web / one", "", 3)
    ]


def test_too_many_kinds_of_requests_are_counted_and_said(watched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings_module, "_MOST_BYTES_OF_GROUPS", 1)
    trail(watched, DAYS[0], *(at(DAYS[0], 10 + number) | {"userAgent": f"[{number}]"} for number in range(5)), of="a/")
    found = as_json(watched)
    assert (found["requests"], found["complete"], found["read"]["notCounted"]) == (1, False, 4)
    assert found["doubts"][0].startswith("4 SigV2 requests more are in no line, as there are too many to tell apart")


def files_in(folder: Path) -> list[LogFile]:
    return [LogFile(str(file), file.name, file.stat().st_size) for file in sorted(folder.iterdir())]


def test_several_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_processes, "_WORTH_A_PROCESS", 0)
    monkeypatch.setattr(reading_processes, "_FILES_AT_ONCE", 2)
    for number in range(12):
        records = [record(number * 5 + other, userAgent=f"[a/{number % 3}]") for other in range(10)]
        written(tmp_path / f"{number}.json.gz", trail_file(records), compressed=True)
    read = []
    for processes in (1, 2):
        findings, done = Findings([saved_query("principal")]), 0
        for batch, files, _ in read_all(files_in(tmp_path), [saved_query("principal")], PERIOD, processes):
            done += files
            if batch:
                findings.add(batch)
        read.append((done, requests_in(findings), findings.looked_at))
    assert read[0] == read[1]
    assert read[0][:2] == (12, 65)


def test_what_a_process_was_reading_when_it_ended_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_processes, "_WORTH_A_PROCESS", 0)
    monkeypatch.setattr(reading_processes, "_FILES_AT_ONCE", 1)
    os.mkfifo(tmp_path / "hangs")
    written(tmp_path / "a.json", trail_file([record(1)]))

    def files() -> Any:
        yield LogFile(str(tmp_path / "a.json"), "a.json", 1)
        yield LogFile(str(tmp_path / "hangs"), "hangs", 1)
        for child in __import__("multiprocessing").active_children():
            os.kill(child.pid or 0, signal.SIGKILL)

    period = Period(PERIOD.since, PERIOD.until)
    batches = [batch for batch, _, _ in read_all(files(), [saved_query("day")], period, 2) if batch]
    unread: list[Unread] = [one for batch in batches for one in batch.unread]
    assert [one.name for one in unread] == ["hangs"]
    assert "was ended" in unread[0].why
    assert isinstance(batches[0], Batch)


def test_a_program_reads_a_folder_without_anything_of_aws(watched: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "sigv2", "report", "--from", str(watched), "--since", "2d", "--fail-if-any"],
        check=False,
        cwd=ROOT,
        env={"PATH": "/dev/null", "HOME": str(watched)},
        text=True,
        capture_output=True,
        timeout=30,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert OWNER not in ended.stdout


def test_a_page_of_files_shades_the_days_that_no_file_tells_of(tmp_path: Path) -> None:
    trail(tmp_path, DAYS[0], at(DAYS[0], 1), at(DAYS[0], 2, "SigV4"))
    trail(tmp_path, DAYS[2], at(DAYS[2], 3, "SigV4"))
    result = run("--from", str(tmp_path), "--format", "html", "--since", "3d")
    assert result.exit_code == 0, result.stderr
    assert result.stderr.startswith("Read 2 CloudTrail files with 3 signed requests")
    rows = re.findall(r'<tr><th scope="row"><bdi>(20[\d-]+)</bdi></th>.*<bdi>(.*)</bdi></td></tr>', result.stdout)
    assert [
        (day, known == "not all of it") for day, known in rows if day >= f"{DAYS[2]:%Y-%m-%d}" and len(day) == 10
    ] == [
        (f"{DAYS[2]:%Y-%m-%d}", False),
        (f"{DAYS[1]:%Y-%m-%d}", True),
        (f"{DAYS[0]:%Y-%m-%d}", False),
    ]


def days_asked(since: datetime, until: datetime, now: datetime) -> list[str]:
    """The days that are missed where there is a file, and it tells of none of them."""
    reading = Reading("./logs", {Kind.CLOUDTRAIL: LookedAt(files=1, requests=1)})
    doubts = reading.doubts(Period(since, until, ends_now=False), now)
    return [day for doubt in doubts for day in re.findall(r"\d{4}-\d\d-\d\d", doubt)]


@pytest.mark.parametrize(
    ("until", "now", "last"),
    [
        ("2026-11-20T10:00", "2026-11-20T10:00", "2026-11-19"),
        ("2026-11-20T10:00", "2026-11-21T09:59", "2026-11-19"),
        ("2026-11-20T10:00", "2026-11-21T10:00", "2026-11-20"),
        ("2026-11-20T00:00", "2026-11-20T00:00", "2026-11-19"),
        ("2026-11-20T00:00", "2026-12-24T00:00", "2026-11-19"),
    ],
)
def test_the_last_day_of_a_time_must_be_told_of_once_its_files_are_published(until: str, now: str, last: str) -> None:
    end, at_that = (datetime.fromisoformat(time).replace(tzinfo=UTC) for time in (until, now))
    asked = days_asked(datetime(2026, 11, 18, 8, tzinfo=UTC), end, at_that)
    assert asked == ["2026-11-18", "2026-11-19", "2026-11-20"][: int(last[-2:]) - 17]


def test_files_are_compared_with_the_time_before_as_logs_are(watched: Path) -> None:
    for days, number in ((1, 10), (3, 11)):
        day = NOW - timedelta(days=days)
        trail(watched, day, at(day, number), of=f"{days}/")
    trail(watched, NOW - timedelta(days=4), at(NOW - timedelta(days=4), 12, "SigV4"))
    found = as_json(watched, "--compare", "2d")
    assert [(one["requests"], one["requestsBefore"], one["change"]) for one in found["records"]] == [(1, 1, "steady")]
    found = as_json(watched, "--compare", "1w")
    assert [(one["requests"], one["change"]) for one in found["records"]] == [(1, "unknown")]
    assert found["comparedWith"]["doubts"][0].startswith("no file tells of ")


def test_a_time_that_is_over_is_read_up_to_its_end(watched: Path) -> None:
    for days in (1, 3):
        day = NOW - timedelta(days=days)
        trail(watched, day, at(day, 10 + days), of=f"{days}/")
    document = json.loads(run("--from", str(watched), "--format", "json", "--since", "4d", "--until", "2d").stdout)
    assert (document["requests"], document["records"][0]["lastSeen"]) == (
        1,
        f"{NOW - timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}",
    )
