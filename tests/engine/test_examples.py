"""Each example as somebody runs it who has the toolchain of its language: `pulumi install`, `pulumi up`."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sigv2.sandbox.emulating.emulator import Emulator
from tests.engine.conftest import LOG_GROUP, ROOT, LiveStack

NOT_DELIVERED = shutil.ignore_patterns(
    ".git", ".venv", ".clients", "tests", "sdks", "node_modules", ".*_cache", "__pycache__"
)
TOOLCHAINS = {
    "yaml": ("pulumi-language-yaml", "pulumi-language-python"),
    "typescript": ("pulumi-language-nodejs", "pulumi-language-python", "node", "npm"),
    "go": ("pulumi-language-go", "pulumi-language-python", "go"),
    "python": ("pulumi-language-python",),
}
REGIONS = {"python": "ap-northeast-1"}


def plugin_from_folder(checkout: Path, language: str) -> None:
    """Have a program in YAML find the package without `pulumi install`."""
    folder = checkout / "plugin"
    folder.mkdir()
    plugin = folder / "pulumi-resource-sigv2"
    plugin.write_text(f'#!/bin/sh\nexec {sys.executable} {checkout / "package"} "$@"\n')
    plugin.chmod(0o755)
    project = checkout / "examples" / language / "Pulumi.yaml"
    text = re.sub(r"packages:\n  sigv2: .*\n", "", project.read_text())
    project.write_text(f"{text}plugins:\n  providers:\n    - name: sigv2\n      path: {folder}\n")


def test_each_example_is_run_here() -> None:
    assert TOOLCHAINS.keys() == {folder.name for folder in (ROOT / "examples").iterdir() if folder.is_dir()}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("language", TOOLCHAINS)
def test_an_example_logs_the_requests_to_its_bucket(language: str, emulator: Emulator, tmp_path: Path) -> None:
    missing = [tool for tool in TOOLCHAINS[language] if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"the example in {language} needs {' and '.join(missing)} on the PATH")
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT, checkout, ignore=NOT_DELIVERED)
    live = LiveStack(emulator, tmp_path, "engine")
    region = REGIONS.get(language, "us-east-1")
    s3 = emulator.client.of(emulator.account_id, region)("s3")
    constraint: dict[str, Any] = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket="my-bucket", **(constraint if region in REGIONS.values() else {}))
    environment = {
        **os.environ,
        **(live.options.env_vars or {}),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}/state",
        "npm_config_audit": "false",
        "npm_config_fund": "false",
    }

    def pulumi(*arguments: str) -> str:
        command = ["pulumi", *arguments, "--non-interactive"]
        ran = subprocess.run(
            command, cwd=checkout / "examples" / language, env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{' '.join(command)}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    try:
        pulumi("install")
    except AssertionError as failed:
        # There are hosts of YAML that link no packages; they take a plugin from a folder.
        if "method Link not implemented" not in str(failed):
            raise
        plugin_from_folder(checkout, language)
    pulumi("stack", "init", "example")
    pulumi("config", "set", "aws:region", "us-east-1")
    pulumi("up", "--yes", "--skip-preview")
    client = boto3.client(
        "s3",
        endpoint_url=emulator.endpoint,
        region_name=region,
        aws_access_key_id=live.user.access_key_id,
        aws_secret_access_key=live.user.secret_access_key,
        config=Config(signature_version="s3", proxies={}),
    )
    client.put_object(Bucket="my-bucket", Key=f"from-{language}", Body=b"")

    assert pulumi("stack", "output", "logGroupName").strip() == LOG_GROUP
    assert live.logged_in(emulator.account_id, LOG_GROUP, region) == {f"from-{language}": 1}
    pulumi("preview", "--expect-no-changes")
