"""`python -m sigv2` where something is missing or wrong."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from sigv2.cli import app

ROOT = Path(__file__).parents[2]


def without_packages(python: Path, directory: Path = ROOT) -> str:
    """What it says to a Python that lacks what it imports."""
    command = [str(python), "-m", "sigv2", "discover"]
    ended = subprocess.run(command, check=False, cwd=directory, text=True, capture_output=True, timeout=60)
    assert ended.returncode == 1
    return ended.stderr


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A checkout with a .venv that nothing is installed in."""
    shutil.copytree(ROOT / "sigv2", tmp_path / "sigv2")
    venv.create(tmp_path / ".venv", symlinks=True)
    return tmp_path


def test_without_its_packages_it_says_how_to_get_them() -> None:
    outside = Path(sys.executable).resolve()
    assert without_packages(outside) == (
        f"Error: typer is not installed for {outside}: run `make venv`, then .venv/bin/python -m sigv2.\n"
    )


def test_a_package_that_make_has_installed_and_somebody_removed_is_said_to_be(made: Path) -> None:
    assert without_packages(made / ".venv/bin/python", made) == (
        "Error: typer was removed from .venv: run `make clean venv`, which makes it anew.\n"
    )


def test_a_package_that_this_python_cannot_import_is_not_said_to_be_missing(made: Path) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    (made / f".venv/lib/python{version}/site-packages/typer.py").write_text("import gone_from_python")
    assert without_packages(made / ".venv/bin/python", made) == (
        f"Error: typer, as installed in .venv, does not work with Python {version} (No module named "
        "'gone_from_python'): run `make clean venv` if something was removed from .venv, else make it with another "
        "Python, as in `make venv PYTHON=python3.11`.\n"
    )


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


@pytest.mark.parametrize(
    ("command", "option"),
    [
        *((command, option) for command in ("report", "verify") for option in ("--stack", "--region", "--profile")),
        ("report", "--log-group"),
        ("report", "--out"),
        ("discover", "--region"),
        ("discover", "--profile"),
    ],
)
@pytest.mark.parametrize("empty", ["", " "])
def test_an_option_that_a_shell_left_empty_stands_for_no_default(command: str, option: str, empty: str) -> None:
    refused = CliRunner().invoke(app, [command, option, empty], env={"COLUMNS": "200"})

    assert refused.exit_code == 2
    assert f"Invalid value for '{option}': it is empty: give a value, or leave the option out" in refused.stderr


@pytest.mark.parametrize("columns", ["80", "100"])
def test_help_fills_its_lines_however_wide_the_terminal_is(columns: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "sigv2", "discover", "--help"],
        check=True,
        cwd=ROOT,
        env={"PATH": "/dev/null", "COLUMNS": columns},
        text=True,
        capture_output=True,
        timeout=60,
    )
    needs, _, _ = ended.stdout[ended.stdout.index(" Needs") :].partition("╭")
    said = (
        "Needs s3:ListAllMyBuckets, and s3:ListBucket or none: S3 tells by how it refuses. The request lists no object "
        "of the bucket. With --cost it needs s3:GetMetricsConfiguration, cloudwatch:GetMetricData, "
        "cloudtrail:DescribeTrails, GetTrailStatus and GetEventSelectors, too; what they would tell is unknown "
        "without. Exits with 1 if the buckets of an account cannot be listed; with 2 if it stays unknown whether one "
        "accepts SigV2."
    )
    assert [line.strip() for line in needs.split("\n") if line.strip()] == textwrap.wrap(said, int(columns) - 2)


def commands(command: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each command below this one, and the words that name it."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, *path, name)


@pytest.mark.parametrize(("path", "command"), list(commands(typer.main.get_command(app))))
def test_help_shows_every_word_that_is_written(path: tuple[str, ...], command: Any) -> None:
    shown = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "1000", "TERMINAL_WIDTH": "1000"}).stdout
    words = " ".join(re.sub("[│╭╮╰╯─]", " ", shown).split())
    written = [*command.help.split("\n\n"), *(option.help or "" for option in command.params)]
    # Backticks alone are meant to become something else.
    lost = [text for text in written if " ".join(text.replace("`", "").split()) not in words]
    assert lost == []
