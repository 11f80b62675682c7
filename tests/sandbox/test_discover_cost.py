"""`discover --cost` asks the emulator over HTTP, and reads the log files of the pipeline's own trail."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from sigv2.discover.cost.request_rate import whole_days
from sigv2.discover.discover_command import discover
from sigv2.period import Period
from tests.sandbox.conftest import OTHER, TARGET, Pipeline
from tests.unit.alone import run_alone
from tests.unit.past.conftest import line

TRAIL = "arn:aws:cloudtrail:us-east-1:123456789012:trail/s3-sigv2-access-log-dev"


@pytest.fixture(scope="module")
def files(deployed: Pipeline) -> list[str]:
    """The trail's log files of two requests with SigV2 and two with SigV4 to the first target of the dev stack.

    Each `discover` sends requests, too, which are in other files.
    """
    for signature_version in ("s3", "s3v4"):
        client = deployed.s3(signature_version)
        client.put_object(Bucket=TARGET, Key=signature_version, Body=b"x")
        client.get_object(Bucket=TARGET, Key=signature_version)
    deployed.emulator.settle()
    bucket = deployed.outputs["trailBucketName"]
    found = deployed.emulator.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    return [f"s3://{bucket}/{one['Key']}" for one in found if one["Size"]]


@pytest.fixture
def pipeline(deployed: Pipeline) -> Pipeline:
    return deployed


def places(files: list[str]) -> list[str]:
    return [word for file in files for word in ("--from", file)]


@pytest.fixture
def _tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day of these requests has ended."""

    def a_day_later(length: timedelta, now: datetime) -> Period:
        return whole_days(length, now + timedelta(days=1))

    monkeypatch.setattr("sigv2.discover.cost.cost_option.whole_days", a_day_later)


def run(pipeline: Pipeline, *options: str) -> Result:
    app = typer.Typer()
    app.command()(discover)
    return CliRunner().invoke(app, options, env=pipeline.environment())


def costs(result: Result) -> dict[str, Any]:
    return {bucket["name"]: bucket["cost"] for bucket in json.loads(result.stdout)["buckets"]}


@pytest.mark.usefixtures("_tomorrow")
def test_the_trails_files_tell_the_requests_and_the_trail_is_found_to_record_them(
    pipeline: Pipeline, files: list[str]
) -> None:
    result = run(pipeline, "--cost", "--json", "--since", "2d", *places(files))
    assert (result.exit_code, result.stderr) == (0, "")
    found = costs(result)
    trail_bucket = pipeline.outputs["trailBucketName"]
    trail = {"arn": TRAIL, "bucket": trail_bucket, "records": "all"}
    assert found[TARGET] == {
        "requestsPerDay": 4,
        "bound": "about",
        "toldBy": "CloudTrail files",
        "days": 1,
        "sigv2Share": 0.5,
        "reason": None,
        "monthlyCost": {"from": pytest.approx(0.000195), "to": pytest.approx(0.000375)},
        "trails": [trail],
        "notChecked": [],
    }
    assert found["example-reports"]["trails"] == [trail]
    assert found[OTHER] == {
        "requestsPerDay": None,
        "bound": None,
        "toldBy": None,
        "days": 0,
        "sigv2Share": None,
        "reason": "its request metrics are not on; and the logs of --from tell of no request to it",
        "monthlyCost": None,
        "trails": [],
        "notChecked": [],
    }
    # To watch the trail's own files would log each again.
    assert found[trail_bucket] is None
    (account,) = json.loads(result.stdout)["cost"]["accounts"]
    assert (account["accountId"], account["knownBuckets"], account["unknownBuckets"]) == ("123456789012", 1, 2)


@pytest.mark.usefixtures("_tomorrow")
def test_a_person_gets_it_after_the_lines_to_paste_with_cheaper_ways_at_the_end(
    pipeline: Pipeline, files: list[str]
) -> None:
    result = run(pipeline, "--cost", *places(files))
    assert (result.exit_code, result.stderr) == (0, "")
    before, _, after = result.stdout.partition("What watching them would cost")
    assert "pulumi config set targetBuckets" in before
    rows = [[cell.strip() for cell in row.strip("│").split("│")] for row in after.splitlines() if row.startswith("│")]
    assert rows[0][:3] == [TARGET, "us-east-1", "about 4 over 1 of 7 days"]
    assert [row[5] for row in rows if row[0]] == ["by s3-sigv2-access-log-dev", "no", "by s3-sigv2-access-log-dev"]
    assert f"The trail {TRAIL} records all data events of {TARGET}, example-reports." in after
    assert after.splitlines()[-1].startswith("- A short time: a week costs 7 of 30 days, here 0.00 to 0.24 USD.")


def test_without_logs_nothing_is_known_and_today_has_not_ended(pipeline: Pipeline, files: list[str]) -> None:
    for options, why in (
        ([], "no logs are given with --from"),
        (places(files), "the logs of --from tell of no request to it"),
    ):
        found = costs(run(pipeline, "--cost", "--json", *options))
        reasons = {cost["reason"] for cost in found.values() if cost}
        assert reasons == {f"its request metrics are not on; and {why}"}


def test_several_places_are_read_and_what_is_no_log_is_named(pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    text = line().replace("log-bucket", OTHER).replace("20/Nov/2026:10", f"{yesterday:%d/%b/%Y}:12")
    (tmp_path / "logs" / "access").write_text(text)
    (tmp_path / "odd").write_text("no log\n")
    options = ("--from", str(tmp_path / "logs"), "--from", str(tmp_path / "odd"))
    result = run(pipeline, "--cost", "--json", "--since", "3d", *options)
    found = costs(result)[OTHER]
    assert (found["requestsPerDay"], found["bound"], found["toldBy"]) == (1, "about", "server access logs")
    read = json.loads(result.stdout)["cost"]["read"]
    assert (read["from"], read["unread"]["files"]) == ([str(tmp_path / "logs"), str(tmp_path / "odd")], 1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--from", "logs/"], "Error: --from and --since say what --cost counts, so they go with --cost\n"),
        (["--since", "7d"], "Error: --from and --since say what --cost counts, so they go with --cost\n"),
        (["--cost", "--since", "soon"], "Error: --since: 'soon' is no time such as 12h, 7d or 4w\n"),
        (
            ["--cost", "--from", "logs:/my/group"],
            "Error: --from: there is no file or folder 'logs:/my/group', and --cost counts in these and in "
            "s3://BUCKET/PREFIX alone\n",
        ),
        (
            ["--cost", "--from", "x" * 300],
            f"Error: --from: '{'x' * 300}' cannot be looked at: File name too long\n",
        ),
        (
            ["--cost", "--from", "s3:///prefix"],
            "Error: --from: 's3:///prefix' names no bucket: write s3://BUCKET/PREFIX\n",
        ),
    ],
)
def test_a_mistake_is_one_sentence_before_anything_is_asked(options: list[str], sentence: str) -> None:
    result = run_alone(discover, *options)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", sentence)


def test_a_bucket_of_logs_that_is_not_there_is_one_sentence(pipeline: Pipeline) -> None:
    result = run(pipeline, "--cost", "--from", "s3://nobodys-bucket/")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: --from: AWS refused ListObjectsV2 (NoSuchBucket): ")


def test_ctrl_c_ends_the_reading_with_what_was_read(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("sigv2.report.past.local_files.LocalFiles.files", interrupted)
    result = run(pipeline, "--cost", "--json", "--from", str(Path(__file__).parent))
    assert result.exit_code == 130
    assert json.loads(result.stdout)["cost"]["read"]["interrupted"] is True
