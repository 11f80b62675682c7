"""A stack as Pulumi tells it: by a CLI that plays back answers, and by the real one where it is installed."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigv2.stack import Stack, StackError, read_stack
from sigv2.stack.stack_of_pulumi import refusal, stack_of

Pulumi = Callable[..., str]


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("sigv2.stack.stack_reader.has_pulumi", lambda: True)
    (tmp_path / "Pulumi.yaml").write_text("name: project\nruntime: python\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def play(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts a `pulumi` on the PATH that gives these answers, and returns the file in which it notes what it is asked."""

    def put(config: str = "{}", outputs: str = "{}", version: str = "v3.274.1", error: str = "") -> Path:
        folder, asked = directory / "bin", directory / "asked"
        folder.mkdir()
        script = f"""#!/bin/sh
echo "$*" >> {asked}
case "$*" in
  version) echo '{version}' ;;
  *"stack output"*) echo '{outputs}' ;;
  *config*) {f"echo '{error}' >&2; exit 255" if error else f"echo '{config}'"} ;;
esac
"""
        (folder / "pulumi").write_text(script, encoding="utf-8")
        (folder / "pulumi").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return asked

    return put


def test_configuration_and_outputs_are_those_that_pulumi_tells(play: Callable[..., Path], directory: Path) -> None:
    config = {
        "aws:region": {"value": "us-east-1", "secret": False},
        "project:targetBuckets": {"value": '["one"]', "objectValue": ["one"], "secret": True},
    }
    asked = play(json.dumps(config), json.dumps({"accountId": "123456789012", "region": "us-east-1"}))
    assert read_stack("acme/project/prod", ["targetBuckets=two"], directory) == Stack(
        "project",
        "prod",
        {"aws:region": "us-east-1", "project:targetBuckets": "two"},
        {"accountId": "123456789012", "region": "us-east-1"},
    )
    # Nothing is selected, and every question names the stack.
    assert sorted(asked.read_text(encoding="utf-8").splitlines()) == [
        "--non-interactive config --json --show-secrets --stack acme/project/prod",
        "--non-interactive stack output --json --show-secrets --stack acme/project/prod",
        "version",
    ]


def test_a_cli_that_is_too_old_is_named_with_the_one_that_fits(play: Callable[..., Path], directory: Path) -> None:
    play(version="v2.0.0")
    with pytest.raises(StackError) as told:
        read_stack("prod", (), directory)
    assert str(told.value).startswith("the Pulumi CLI does not fit: Minimum version requirement failed.")
    assert str(told.value).endswith("Please update the Pulumi CLI")


def test_what_pulumi_refuses_is_one_sentence_with_the_way_out(play: Callable[..., Path], directory: Path) -> None:
    play(error="error: incorrect passphrase")
    with pytest.raises(StackError) as told:
        read_stack("prod", (), directory)
    assert str(told.value) == (
        "Pulumi cannot read stack prod (incorrect passphrase): set PULUMI_CONFIG_PASSPHRASE or "
        "PULUMI_CONFIG_PASSPHRASE_FILE as for `pulumi up`"
    )


def test_an_answer_that_is_no_json_is_no_stack(play: Callable[..., Path], directory: Path) -> None:
    play(config="what?")
    with pytest.raises(StackError, match=r"^the Pulumi CLI answers what is no JSON"):
        read_stack("prod", (), directory)


@pytest.mark.parametrize(
    ("said", "way_out"),
    [
        ("error: no stack named 'prod' found", "`pulumi stack ls` shows those that there are"),
        ("error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions", "run `pulumi login`"),
        ("warning: news\nerror: unknown flag: --show-secrets", "update the Pulumi CLI"),
        ("error: [404] Not found: a/b", "`pulumi config --stack prod --show-secrets` must work first"),
    ],
)
def test_each_refusal_has_its_way_out(said: str, way_out: str) -> None:
    sentence = refusal("prod", f"\n code: 255\n stdout: a secret\n stderr: {said}")
    reason = said.partition("error: ")[2]
    assert sentence == f"Pulumi cannot read stack prod ({reason}): {way_out}"


def test_a_value_that_pulumi_left_out_is_empty() -> None:
    assert stack_of("project", "prod", {"project:a": {"secret": True}}, {}) == Stack(
        "project", "prod", {"project:a": ""}, {}
    )


@pytest.fixture
def pulumi(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Pulumi:
    """Runs the real CLI, logged in to a folder."""
    if not shutil.which("pulumi"):
        pytest.skip("there is no Pulumi CLI on the PATH")
    (directory / "state").mkdir()
    monkeypatch.setenv("PULUMI_HOME", str(directory / "home"))
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{directory}/state")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "right")
    monkeypatch.setenv("PULUMI_SKIP_UPDATE_CHECK", "true")

    def run(*arguments: str, stdin: Any = None) -> str:
        command = ["pulumi", "--non-interactive", *arguments]
        given = None if stdin is None else json.dumps(stdin)
        return subprocess.run(
            command, check=True, cwd=directory, text=True, capture_output=True, input=given, timeout=50
        ).stdout

    return run


def deploy(pulumi: Pulumi, stack: str, outputs: dict[str, Any]) -> None:
    """Give a stack outputs, as a deployment would."""
    exported = json.loads(pulumi("stack", "export", "--stack", stack))
    root = f"urn:pulumi:{stack}::project::pulumi:pulumi:Stack::project-{stack}"
    exported["deployment"]["resources"] = [
        {"urn": root, "custom": False, "type": "pulumi:pulumi:Stack", "outputs": outputs}
    ]
    pulumi("stack", "import", "--stack", stack, stdin=exported)


def test_the_real_cli_tells_secrets_project_values_and_outputs_and_keeps_the_selected_stack(
    pulumi: Pulumi, directory: Path
) -> None:
    (directory / "Pulumi.yaml").write_text(
        "name: project\nruntime: python\nstackConfigDir: stacks\nconfig:\n"
        "  aws:region: us-west-2\n  logRetentionDays:\n    value: 90\n",
        encoding="utf-8",
    )
    (directory / "stacks").mkdir()
    pulumi("stack", "init", "prod")
    pulumi("stack", "init", "other")
    pulumi("config", "set", "--stack", "prod", "--secret", "targetBuckets", "one")
    deploy(pulumi, "prod", {"accountId": "123456789012", "formerLogGroupNames": ["/old"]})
    assert read_stack("prod", (), directory) == Stack(
        "project",
        "prod",
        {"aws:region": "us-west-2", "project:logRetentionDays": "90", "project:targetBuckets": "one"},
        {"accountId": "123456789012", "formerLogGroupNames": ["/old"]},
    )
    assert [stack["name"] for stack in json.loads(pulumi("stack", "ls", "--json")) if stack["current"]] == ["other"]


def test_the_real_cli_refuses_in_sentences(pulumi: Pulumi, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pulumi("stack", "init", "prod")
    pulumi("config", "set", "--stack", "prod", "--secret", "targetBuckets", "one")
    with pytest.raises(StackError, match=r"\(no stack named 'nowhere' found\): `pulumi stack ls` shows"):
        read_stack("nowhere", (), directory)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")
    with pytest.raises(StackError, match=r"\(incorrect passphrase\): set PULUMI_CONFIG_PASSPHRASE"):
        read_stack("prod", (), directory)
    monkeypatch.delenv("PULUMI_BACKEND_URL")
    monkeypatch.delenv("PULUMI_ACCESS_TOKEN", raising=False)
    with pytest.raises(StackError, match=r": run `pulumi login`$"):
        read_stack("prod", (), directory)
