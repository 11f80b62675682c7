"""Each line that `sandbox serve` prints, run as printed by the real client, old and new.

No client can reach AWS from here: whatever it sends elsewhere than to loopback meets a proxy that is not there. What is
not installed is skipped; `make clients` installs the oldest versions that the lines are meant for.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import requests

from sigv2.sandbox.visitors import BOTO2
from tests.sandbox.processes import ROOT
from tests.sandbox.test_serve import Served, serving

NOWHERE = "http://127.0.0.1:9"
BUCKET = "example-uploads"
CLIENTS = ROOT / ".clients"
_NOT_FOUND = 127


@dataclass(frozen=True)
class Client:
    """A version of a client.

    Attributes:
        section: of the printed lines.
        program: what runs it; for a Python library its interpreter.
        library: where its Python modules are, None where the program knows.
    """

    section: str
    program: str | None
    library: Path | None = None


def installable() -> dict[str, Client]:
    """Every client that lines are printed for, by the name of its test."""
    own, python2 = Path(sys.executable).parent, str(CLIENTS / "python")
    found = {
        "boto3": Client("boto3", sys.executable),
        "boto": Client("boto", sys.executable),
        "aws-cli": Client("aws-cli", shutil.which("aws")),
        "s3cmd by options": Client("s3cmd", str(own / "s3cmd")),
        "s3cmd by file": Client("s3cmd 1.5", str(own / "s3cmd")),
        "rclone": Client("rclone", shutil.which("rclone")),
        "libs3": Client("libs3", shutil.which("s3")),
        "davix": Client("davix", shutil.which("davix-put")),
        "s3curl": Client("s3curl", shutil.which("s3curl")),
    }
    for place in sorted(CLIENTS.glob("*-*")):
        library, _, version = place.name.partition("-")
        if library in ("boto", "boto3"):
            found[place.name] = Client(library, python2, place)
        elif library == "awscli":
            found[place.name] = Client("aws-cli", str(place / "bin" / "aws"), place)
        else:
            found[f"{place.name} by file"] = Client("s3cmd 1.5", str(place / "bin" / "s3cmd"), place)
            if not version.startswith("1.5"):
                found[f"{place.name} by options"] = Client("s3cmd", str(place / "bin" / "s3cmd"), place)
    return found


INSTALLABLE = installable()


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as running:
        yield running


@cache
def section(told: str, name: str) -> str:
    """The lines under a client's name."""
    found = re.search(rf"(?m)^{re.escape(name)}\b(?!\.).*\n((?:  .*\n)+)", told)
    assert found, f"{name} is not in {told}"
    return re.sub(r"(?m)^  ", "", found[1])


def environment(served: Served, home: Path, *paths: str) -> dict[str, str]:
    """That of a person who has pasted the lines for it, and no other way out than loopback."""
    exported = dict(re.findall(r"export (\w+)=(\S+)", section(served.told, "environment")))
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOWHERE)
    loopback = {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
    path = os.pathsep.join([*paths, os.environ["PATH"]])
    return {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", **exported, **proxies, **loopback}


def filled(lines: str, key: str) -> str:
    words = {"BUCKET": BUCKET, "KEY": key, "FILE": key, "DIRECTORY": "directory"}
    return re.sub(r"\b(?:BUCKET|KEY|FILE|DIRECTORY)\b(?![=_])", lambda word: words[word[0]], lines)


def run(served: Served, client: Client, home: Path, lines: str) -> str:
    """Runs lines as a person would, and returns what they printed; skips what is not installed."""
    if client.program is None or not Path(client.program).exists():
        pytest.skip(f"{client.section} is not installed")
    if client.section == "boto" and client.library is None and (missing := BOTO2.missing()):
        pytest.skip(f"{BOTO2.name} {missing}")
    python = client.section in ("boto3", "boto")
    arguments = [client.program, "-c", lines] if python else ["bash", "-euc", lines]
    variables = environment(served, home, str(Path(client.program).parent))
    if client.library:
        variables["PYTHONPATH"] = str(client.library)
    ended = subprocess.run(
        arguments,
        check=False,
        cwd=home,
        env=variables,
        text=True,
        capture_output=True,
        timeout=50,
        stdin=subprocess.DEVNULL,
    )
    if ended.returncode == _NOT_FOUND:
        pytest.skip(f"{client.section} is not installed: {ended.stderr}")
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def is_logged(served: Served, key: str, event_name: str) -> bool:
    """Whether a SigV2 request for a key is logged, in time."""
    logs = served.session.client("logs", endpoint_url=served.endpoint)
    expected = {"key": key, "eventName": event_name, "SignatureVersion": "SigV2"}
    for _ in range(100):
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/aws/events/s3-sigv2-access-log")
        details = [json.loads(event["message"])["detail"] for page in pages for event in page["events"]]
        told = [{**detail, **detail["requestParameters"], **detail["additionalEventData"]} for detail in details]
        if any(expected.items() <= {name: str(value) for name, value in event.items()}.items() for event in told):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("name", INSTALLABLE)
def test_the_lines_of_a_client_take_it_to_the_sandbox(served: Served, name: str, tmp_path: Path) -> None:
    client = INSTALLABLE[name]
    key = re.sub(r"\W", "-", name)
    (tmp_path / key).write_text("content")
    lines = section(served.told, client.section)
    if client.section == "boto3":
        lines = re.sub(r"(?m)^(s3\.generate.*)", r"print(\1)", lines)
    if client.library and client.library.name == "awscli-1.4.0":
        lines = re.sub(r"(?m)^aws s3 presign.*\n", "", lines)
    printed = run(served, client, tmp_path, filled(lines, key))
    for url in re.findall(r"http\S+", printed):
        assert url.startswith(f"{served.endpoint}/{BUCKET}/{key}?")
        assert requests.get(url, timeout=10).status_code == 200
    signs_by_header = client.section != "aws-cli" or client.library is not None
    if signs_by_header or "AWSAccessKeyId=" in printed:  # aws-cli 2 knows no SigV2
        assert is_logged(served, key, "PutObject" if signs_by_header else "GetObject")


@pytest.mark.parametrize("name", [name for name in INSTALLABLE if name.startswith(("libs3", "s3cmd"))])
def test_a_space_is_one_even_where_a_client_writes_a_plus(served: Served, name: str, tmp_path: Path) -> None:
    key = f"a space of {name}"
    (tmp_path / key).write_text("content")
    client = INSTALLABLE[name]
    run(served, client, tmp_path, filled(section(served.told, client.section), shlex.quote(key)))
    assert is_logged(served, key, "PutObject")


def test_the_lines_of_s3fs_mount_the_sandbox(served: Served, tmp_path: Path) -> None:
    if not os.access("/dev/fuse", os.W_OK):
        pytest.skip("no file system can be mounted here")
    directory = tmp_path / "directory"
    directory.mkdir()
    client = Client("s3fs", shutil.which("s3fs"))
    run(served, client, tmp_path, filled(section(served.told, "s3fs"), ""))
    while not directory.is_mount():  # s3fs goes into the background before it has mounted anything
        time.sleep(0.05)
    try:
        (directory / "by-s3fs").write_text("content")
    finally:
        subprocess.run(["fusermount", "-u", str(directory)], check=True, timeout=20)  # noqa: S607
    assert is_logged(served, "by-s3fs", "PutObject")


@pytest.mark.parametrize("name", [name for name, client in INSTALLABLE.items() if client.section == "aws-cli"])
def test_the_line_for_a_bucket_that_refuses_sigv2_makes_it_refuse(served: Served, name: str, tmp_path: Path) -> None:
    bucket = f"refuses-{name}"
    s3 = served.session.client("s3", endpoint_url=served.endpoint)
    s3.create_bucket(Bucket=bucket)
    lines = section(served.told, "a bucket that refuses SigV2").replace("BUCKET", bucket)
    run(served, INSTALLABLE[name], tmp_path, lines)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"})
    assert "not supported" in requests.get(url, timeout=10).text


def test_no_line_relies_on_a_setting_that_older_clients_overlook(served: Served) -> None:
    assert "AWS_ENDPOINT_URL" not in served.told
