"""Runs a command where there is no AWS."""

from typing import Any

import typer
from typer.testing import CliRunner, Result


def run_alone(command: Any, *options: str) -> Result:
    """Run a command, of which no call may leave this machine: nothing listens on port 1."""
    app = typer.Typer()
    app.command()(command)
    environment: dict[str, str | None] = {
        **dict.fromkeys(("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION")),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": "/dev/null",
    }
    return CliRunner().invoke(app, options, env=environment)
