"""An emulated AWS with the pipeline deployed in it by the real program."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import moto.backends
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import create_backend_app

from sigv2.sandbox.demo import read_log
from sigv2.sandbox.deploying.provider import deploy
from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.sandbox.people import iam_user
from sigv2.sandbox.visitors import Credentials
from sigv2.stack import read_stack_files
from tests.sandbox.commanded import CommandLine, command_line
from tests.sandbox.mended_places import Deployed, deploy_mendable
from tests.sandbox.s3_clients import s3_client
from tests.sandbox.several_places import Places

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TARGET = "example-uploads"
OTHER = "example-elsewhere"
WHERE = "This is account 123456789012 in us-east-1; whether stack dev is there cannot be told without the Pulumi CLI.\n"
"""What every command says of itself, where there is no Pulumi to ask."""


@dataclass(frozen=True)
class Pipeline:
    """A running emulator, and what the program exported when it was deployed there."""

    emulator: Emulator
    outputs: dict[str, Any]
    user: Credentials

    def environment(self) -> dict[str, str | None]:
        """What has a command ask the emulator as the user, whatever this person's own AWS configuration is."""
        return {
            "AWS_ENDPOINT_URL": self.emulator.endpoint,
            "AWS_ACCESS_KEY_ID": self.user.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.user.secret_access_key,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_PROFILE": None,
        }

    def s3(self, signature_version: str | None = "s3", **configured: Any) -> "S3Client":
        """A boto3 client of the user's, as `s3_client` makes it."""
        return s3_client(self.emulator, self.user, signature_version, **configured)

    def logged(self) -> list[Any]:
        """All events in the log group, once everything that was sent so far is delivered."""
        self.emulator.settle()
        return list(read_log(self.emulator.client, self.outputs["logGroupName"]))

    def logged_keys(self) -> list[str]:
        """The keys of the objects that logged events are about, sorted."""
        return sorted(event["detail"]["requestParameters"].get("key", "") for event in self.logged())


def deploy_pipeline(emulator: Emulator, configuration: dict[str, Any]) -> Pipeline:
    """Deploy the program with a configuration of its own; the dev stack's file adds its Region and targets."""
    stored = [f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in configuration.items()]
    for bucket in (TARGET, "example-reports", OTHER):
        emulator.client("s3").create_bucket(Bucket=bucket)
    outputs = deploy(read_stack_files("dev", stored), emulator.client)
    return Pipeline(emulator, outputs, iam_user(emulator.client, "nightly-backup"))


def age_log_group(age: timedelta) -> datetime:
    """Have the log group made so long ago, and tell when."""
    created = datetime.now(UTC) - age
    group = moto.backends.get_backend("logs")[DEFAULT_ACCOUNT_ID]["us-east-1"].groups["/aws/events/s3-sigv2-access-log"]
    group.creation_time = created.replace(tzinfo=None)
    return created


@pytest.fixture(scope="session", autouse=True)
def _make_motos_applications_once() -> Iterator[None]:
    """They hold no state; each emulator makes them anew."""
    with (
        mock.patch("sigv2.sandbox.emulating.services.create_backend_app", cache(create_backend_app)),
        mock.patch("sigv2.sandbox.emulating.emulator.create_backend_app", cache(create_backend_app)),
    ):
        yield


@pytest.fixture(scope="session")
def port() -> int:
    """Of one emulator after the other, so that the clients of one serve the next."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def emulator(port: int) -> Iterator[Emulator]:
    try:
        running = Emulator(port=port)
    except OSError:
        # Some connection has the port for a moment.
        running = Emulator()
    with running:
        yield running


@pytest.fixture
def pipeline(emulator: Emulator) -> Pipeline:
    """The dev stack."""
    return deploy_pipeline(emulator, {})


@pytest.fixture(scope="module")
def deployed() -> Iterator[Pipeline]:
    """The dev stack, for all tests of a file."""
    with Emulator() as running:
        yield deploy_pipeline(running, {})


@pytest.fixture(scope="module")
def deployed_places() -> Iterator[Deployed]:
    """The hub and the stack that forwards to it."""
    with Emulator() as running:
        yield deploy_mendable(running)


@pytest.fixture
def places(deployed_places: Deployed) -> Places:
    """Both stacks; every test finds them as they were deployed."""
    return deployed_places.mended()


@pytest.fixture
def commands(places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Commands for both stacks, which are as they were deployed."""
    return command_line(places, tmp_path, monkeypatch)
