"""`python -m sigv2 sandbox` as a person runs it: a process of its own, but where it ends before it serves."""

import fcntl
import json
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import boto3
import pytest
import requests
from botocore.config import Config
from typer.testing import CliRunner, Result

from sigv2.cli import app
from sigv2.sandbox.demo import run_demo
from sigv2.stack import read_stack_files
from tests.sandbox.processes import ROOT, running

COMMAND = [sys.executable, "-m", "sigv2", "sandbox"]


class Served:
    """A sandbox that serves, with what it has told on standard error so far."""

    def __init__(self, process: "subprocess.Popen[str]", told: str) -> None:
        self.process = process
        self.told = told
        self.endpoint = self._find(r"Endpoint +(\S+)")
        self.session = boto3.Session(
            aws_access_key_id=self._find(r"AWS_ACCESS_KEY_ID=(\S+)"),
            aws_secret_access_key=self._find(r"AWS_SECRET_ACCESS_KEY=(\S+)"),
            region_name="us-east-1",
        )

    def _find(self, pattern: str) -> str:
        found = re.search(pattern, self.told)
        assert found, self.told
        return found[1]

    def end(self) -> tuple[str, str]:
        """Ctrl-C; what it then had printed on standard output, and the rest of standard error."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=30)


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [*COMMAND, *arguments]
    return subprocess.run(command, check=False, cwd=ROOT, text=True, capture_output=True, timeout=55)


def run_here(*arguments: str) -> Result:
    """Run it in this process, which has imported everything already."""
    return CliRunner().invoke(app, ["sandbox", *arguments])


@contextmanager
def serving(*options: str, started_by: Sequence[str] = ()) -> Iterator[Served]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    command = [*started_by, *COMMAND, "serve", "--port", "0", "--json", *options]
    with running(command, environment) as (process, told):
        yield Served(process, told)


def test_serve_prints_each_sigv2_request_as_a_line_of_json_and_ends_with_a_summary() -> None:
    with serving("--config", "targetBuckets=my-bucket") as served:
        s3 = served.session.client("s3", endpoint_url=served.endpoint)
        s3.put_object(Bucket="my-bucket", Key="new", Body=b"x")
        requests.get(
            s3.generate_presigned_url("get_object", Params={"Bucket": "my-bucket", "Key": "new"}),
            headers={"User-Agent": "evil \x1b]0;pwned\x07 [bold]agent[/bold]"},
            timeout=10,
        )
        printed, told = served.end()
    (event,) = [json.loads(line) for line in printed.splitlines()]
    assert event["detail"]["requestParameters"]["bucketName"] == "my-bucket"
    assert event["detail"]["additionalEventData"]["SignatureVersion"] == "SigV2"
    assert "1 SigV2 request logged." in told
    assert "\x1b" not in told
    assert "[bold]agent[/bold]" in re.sub(r"[│\s]+", " ", told)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux sends a signal to a chosen thread")
def test_ctrl_c_ends_serve_whichever_of_its_threads_is_interrupted() -> None:
    with serving("--empty") as served:
        threads = {int(thread.name) for thread in Path(f"/proc/{served.process.pid}/task").iterdir()}
        # The oldest ones stay; the latest may be one that ends with the answer to a request.
        os.kill(min(threads - {served.process.pid}), signal.SIGINT)
        _, told = served.process.communicate(timeout=30)
    assert "0 SigV2 requests logged." in told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_in_a_scripts_background_ends_with_its_summary_on(number: signal.Signals) -> None:
    script = ("sh", "-c", '"$@" & echo $!; wait $!', "sh")
    with serving("--empty", started_by=script) as served:
        assert served.process.stdout is not None
        in_background = int(served.process.stdout.readline())
        try:
            os.kill(in_background, number)
            _, told = served.process.communicate(timeout=30)
        finally:
            with suppress(ProcessLookupError):
                os.kill(in_background, signal.SIGKILL)
    assert told.endswith("0 SigV2 requests logged.\n")
    assert served.process.returncode == 0


def test_serve_tells_how_to_point_each_client_at_it_and_answers_for_what_the_pipeline_is_made_of() -> None:
    with serving() as served:
        for line in ("boto3.client(", "aws s3 presign", "s3cmd --signature-v2", "--s3-v2-auth", served.endpoint):
            assert line in served.told
        trails = served.session.client("cloudtrail", endpoint_url=served.endpoint).describe_trails()["trailList"]
        rules = served.session.client("events", endpoint_url=served.endpoint).list_rules()["Rules"]
        assert [trail["Name"] for trail in trails] == ["s3-sigv2-access-log-dev"]
        assert [rule["Name"] for rule in rules] == ["s3-sigv2-access-log-dev"]


def check_lines_for_pulumi(served: Served) -> None:
    """An empty sandbox tells how to point `pulumi up` at it."""
    to_paste = served.told.partition("pulumi up, in this project's folder\n")[2].partition("environment, for")[0]
    exported = dict(re.findall(r"^  export (AWS_\w+)=(\S+)$", to_paste, re.MULTILINE))
    assert exported.keys() == {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    make_bucket = [sys.executable, "-c", "import boto3; boto3.client('s3').create_bucket(Bucket='my-bucket')"]
    subprocess.run(make_bucket, check=True, env={**os.environ, **exported})
    buckets = served.session.client("s3", endpoint_url=served.endpoint).list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == ["my-bucket"]
    lines = [line.strip() for line in to_paste.partition("\n\n")[0].splitlines()]
    assert lines[len(exported) :] == [
        'export PULUMI_BACKEND_URL="file://$(mktemp -d)" PULUMI_CONFIG_PASSPHRASE=sandbox',
        "aws s3api create-bucket --bucket my-bucket",
        "pulumi stack init sandbox",
        "pulumi config set aws:region us-east-1",
        "pulumi config set targetBuckets my-bucket",
        "pulumi up",
    ]


def test_an_empty_sandbox_records_for_a_pipeline_that_somebody_else_deploys_as_it_tells_them() -> None:
    with serving("--empty") as served:
        check_lines_for_pulumi(served)
        events = served.session.client("events", endpoint_url=served.endpoint)
        logs = served.session.client("logs", endpoint_url=served.endpoint)
        cloudtrail = served.session.client("cloudtrail", endpoint_url=served.endpoint)
        s3 = served.session.client("s3", endpoint_url=served.endpoint, config=Config(signature_version="s3"))
        assert cloudtrail.describe_trails()["trailList"] == []
        s3.create_bucket(Bucket="by-hand")
        s3.create_bucket(Bucket="by-hand-log-files")
        allow_all = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow_all]})
        s3.put_bucket_policy(Bucket="by-hand-log-files", Policy=policy)
        # Both record the request, which is shown once.
        for trail in ("by-hand", "by-hand-too"):
            cloudtrail.create_trail(Name=trail, S3BucketName="by-hand-log-files")
            cloudtrail.put_event_selectors(
                TrailName=trail,
                EventSelectors=[{"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::by-hand/"]}]}],
            )
            cloudtrail.start_logging(Name=trail)
        logs.create_log_group(logGroupName="/aws/events/by-hand")
        logs.put_resource_policy(policyName="by-hand", policyDocument=policy)
        pattern = {"detail": {"additionalEventData": {"SignatureVersion": ["SigV2"]}}}
        events.put_rule(Name="by-hand", EventPattern=json.dumps(pattern))
        log_group_arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/by-hand"
        events.put_targets(Rule="by-hand", Targets=[{"Id": "1", "Arn": log_group_arn}])
        s3.put_object(Bucket="by-hand", Key="seen", Body=b"x")
        printed, _ = served.end()
    assert [json.loads(line)["detail"]["requestParameters"]["key"] for line in printed.splitlines()] == ["seen"]


def test_the_lines_to_paste_stay_whole_in_a_narrow_terminal() -> None:
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        told = ""
        while "Ctrl-C ends it" not in told:
            told += os.read(controller, 4096).decode()
        process.kill()
    os.close(controller)
    assert re.search(r"export AWS_ACCESS_KEY_ID=\S{20}\r?\n +export AWS_SECRET_ACCESS_KEY=\S{40}\r?\n", told), told
    assert re.search(r"s3cmd --signature-v2 --no-ssl --host=\S+ --host-bucket=\S+ \\\r?\n", told), told
    assert re.search(r"--access_key=\S{20} --secret_key=\S{40} put FILE s3://BUCKET/\r?\n", told), told


def test_a_taken_port_is_told_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run("serve", "--port", port)
    assert ended.returncode == 1
    assert ended.stderr == (
        f"Error: port {port} of 127.0.0.1 cannot be listened on (Address already in use); choose another with --port\n"
    )


@pytest.mark.parametrize(
    ("port", "rule"), [("-1", "greater than or equal to 0"), ("65536", "less than or equal to 65535")]
)
def test_a_port_that_cannot_be_is_refused(port: str, rule: str) -> None:
    ended = run_here("serve", f"--port={port}")
    assert ended.exit_code == 2
    assert rule in ended.stderr


@pytest.mark.usefixtures("own_signals")
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--config", "targetBuckets=My_Bucket"], "targetBuckets: 'My_Bucket' can only be a bucket of us-east-1"),
        (["--config", "targetBuckets"], "--config takes KEY=VALUE, not 'targetBuckets'"),
        (["--config", "targetBucket=x"], "did you mean targetBuckets?"),
        (["--config", "aws:region=mars-1"], "aws:region 'mars-1' is no Region that it knows"),
        (["--stack", "nowhere"], "there is no Pulumi.nowhere.yaml"),
    ],
)
def test_a_wrong_setting_ends_serve_with_one_sentence(options: list[str], sentence: str) -> None:
    ended = run_here("serve", "--port", "0", *options)
    assert ended.exit_code == 1
    assert sentence in " ".join(ended.stderr.split())
    assert isinstance(ended.exception, SystemExit)
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_it_serves_in_any_region_and_whatever_profile_this_person_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of-nobody")
    command = [*COMMAND, "serve", "--port", "0", "--config", "aws:region=eu-central-1"]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.terminate()
        _, told = process.communicate(timeout=30)

    assert first.startswith("Deployed stack dev."), told


def test_the_demo_ends_well_by_itself() -> None:
    ended = run("demo")
    assert ended.returncode == 0, ended.stderr
    assert "exactly the SigV2 requests to target buckets" in ended.stdout
    page = ROOT / "report.html"
    assert ended.stdout.endswith(f"\n\nThe same as a page for a browser: {page}\n")
    told = page.read_text(encoding="ascii")
    sentence = re.search(r"(\d+) SigV2 requests in", ended.stdout)
    assert sentence
    assert f"<dt>SigV2 requests</dt><dd>{sentence[1]}</dd>" in told


def test_the_demo_says_when_what_was_logged_is_not_what_was_to_be_logged_and_where_no_page_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = read_stack_files("dev", ["targetBuckets=example-reports"])
    (tmp_path / "report.html").mkdir()
    monkeypatch.chdir(tmp_path)
    assert run_demo(stack) is False
    why = f"{tmp_path}/report.html cannot be written: It is no file that can be replaced"
    assert capsys.readouterr().out.endswith(f"\n\nThe same as a page for a browser is not there, as {why}\n")
