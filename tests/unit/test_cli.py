"""`python -m sigv2` where something is missing or wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_without_its_packages_it_says_how_to_get_them() -> None:
    # -S leaves out site-packages, as an interpreter outside of .venv has them not.
    command = [sys.executable, "-S", "-m", "sigv2", "discover"]
    ended = subprocess.run(command, check=False, cwd=ROOT, text=True, capture_output=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr == "Error: typer is not installed here: run `make venv`, then .venv/bin/python -m sigv2.\n"


@pytest.mark.parametrize(
    ("command", "code"), [(["report"], 1), (["discover"], 1), (["verify"], 2), (["verify", "--check-only"], 2)]
)
def test_an_endpoint_that_is_no_url_ends_with_one_sentence(command: list[str], code: int) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "any", "AWS_ENDPOINT_URL": "notaurl"}
    without_pulumi = {"PATH": "/dev/null"}
    ended = subprocess.run(
        [sys.executable, "-m", "sigv2", *command],
        check=False,
        cwd=ROOT,
        env=os.environ | keys | without_pulumi,
        text=True,
        capture_output=True,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (code, "Error: Invalid endpoint: notaurl; check AWS_ENDPOINT_URL\n")
