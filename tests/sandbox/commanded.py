"""Runs commands for the hub and for the stack that forwards to it, each with the profile of its own account."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from sigv2.report.report_command import report
from sigv2.stack import read_stack
from sigv2.verify.verify_command import verify
from tests.sandbox.several_places import BUCKETS, HUB, SPOKE, Places

ROOT = Path(__file__).parents[2]
PROFILES = {"dev": HUB, "team": SPOKE}


@dataclass(frozen=True)
class CommandLine:
    """A folder with both stacks' files, and credentials of both accounts."""

    places: Places
    folder: Path

    def verify(self, *options: str) -> Result:
        """Run `verify`; without a `--stack`, for the hub."""
        return self._run(verify, "--timeout", "0.3s", *options)

    def report(self, *options: str) -> Result:
        """Run `report`, of the last day; without a `--stack`, for the hub."""
        return self._run(report, "--since", "1d", *options)

    def configure(self, stack: str, **settings: object) -> None:
        """Change a stack's file, as `pulumi config set` does, without deploying it."""
        file = self.folder / f"Pulumi.{stack}.yaml"
        document = yaml.safe_load(file.read_text())
        document["config"] |= {f"s3-sigv2-access-log:{key}": value for key, value in settings.items()}
        file.write_text(yaml.safe_dump(document))

    def _run(self, command: Any, *options: str) -> Result:
        app = typer.Typer()
        app.command()(command)
        environment = {
            "AWS_ENDPOINT_URL": self.places.emulator.endpoint,
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "credentials"),
            "AWS_CONFIG_FILE": "/dev/null",
            **dict.fromkeys(("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
        }
        return CliRunner().invoke(app, options, env=environment)


def command_line(places: Places, folder: Path, patch: pytest.MonkeyPatch) -> CommandLine:
    """Write the files that both stacks were deployed from, and have commands read these."""
    shared = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    own: dict[str, dict[str, object]] = {
        "dev": {"acceptFrom": [SPOKE]},
        "team": {"forwardTo": places.hub["eventBusArn"]},
    }
    (folder / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    credentials = []
    for stack, account in PROFILES.items():
        targets = [bucket for bucket, (owner, _) in BUCKETS.items() if owner == account]
        settings = {f"s3-sigv2-access-log:{key}": value for key, value in own[stack].items()}
        settings |= {"s3-sigv2-access-log:targetBuckets": targets, "aws:profile": stack}
        (folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": shared | settings}))
        user = places.users[account]
        credentials += [
            f"[{stack}]",
            f"aws_access_key_id = {user.access_key_id}",
            f"aws_secret_access_key = {user.secret_access_key}",
        ]
    (folder / "credentials").write_text("\n".join(credentials))
    for module in ("sigv2.verify.verify_command", "sigv2.report.asked_log"):
        patch.setattr(f"{module}.read_stack", partial(read_stack, project_directory=folder))
    return CommandLine(places, folder)
