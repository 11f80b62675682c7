"""The program under the real Pulumi engine, with an emulated AWS: skipped where there is no engine."""

import contextlib
import functools
import itertools
import os
import runpy
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self
from unittest import mock

import boto3
import pytest
from botocore.config import Config
from pulumi import automation

from sigv2.sandbox.demo import read_log
from sigv2.sandbox.emulating.aws_clients import Clients
from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.sandbox.observing.deployment import RegionOfAccount
from sigv2.sandbox.people import iam_user
from sigv2.sandbox.visitors import Credentials

PROJECT = "s3-sigv2-access-log"
ROOT = Path(__file__).parents[2]
PLUGIN = version("pulumi-aws")
REGION = "us-east-1"
LOG_GROUP = "/aws/events/s3-sigv2-access-log"
BUCKETS = ("one-bucket", "other-bucket", "team-bucket")


def project_program(environment: Mapping[str, str]) -> None:
    """The project's own program, in the environment that the CLI would start it in."""
    with mock.patch.dict(os.environ, environment):
        runpy.run_path(os.fspath(ROOT / "__main__.py"), run_name="__main__")


class LiveStack:
    """A stack of the project in a folder of its own, deployed to an emulator."""

    def __init__(
        self,
        emulator: Emulator,
        folder: Path,
        name: str,
        account_id: str | None = None,
        *,
        program: Callable[[], None] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.emulator = emulator
        self._name, self._state = name, folder / "state"
        (folder / "state").mkdir(exist_ok=True)
        clients = emulator.client.of(account_id or emulator.account_id, REGION)
        self.user = iam_user(clients, f"deployer-of-{name}")
        credentials = {
            "AWS_ENDPOINT_URL": emulator.endpoint,
            "AWS_ACCESS_KEY_ID": self.user.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.user.secret_access_key,
        }
        self.options = automation.LocalWorkspaceOptions(
            project_settings=automation.ProjectSettings(
                name=PROJECT, runtime="python", backend=automation.ProjectBackend(f"file://{folder}/state")
            ),
            env_vars={
                **credentials,
                "PULUMI_CONFIG_PASSPHRASE": "engine",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
                **(environment or {}),
            },
        )
        own = program or functools.partial(project_program, credentials)
        self.stack = automation.create_stack(name, project_name=PROJECT, program=own, opts=self.options)
        self.stack.set_config("aws:region", automation.ConfigValue(REGION))

    def configure(self, settings: Mapping[str, str], *, secret: bool = False) -> None:
        """What `pulumi config set` does."""
        for key, value in settings.items():
            self.stack.set_config(f"{PROJECT}:{key}", automation.ConfigValue(value, secret))

    def preview(self) -> dict[str, int]:
        """What `pulumi preview` says that would change."""
        return changes(self.stack.preview().change_summary)

    def up(self, on_output: Callable[[str], None] = lambda _: None) -> dict[str, int]:
        """What `pulumi up` changed."""
        return changes(self.stack.up(on_output=on_output).summary.resource_changes)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets included."""
        return {name: output.value for name, output in self.stack.outputs().items()}

    def stored(self) -> str:
        """The stack's state as it lies in the backend."""
        (file,) = self._state.rglob(f"stacks/{PROJECT}/{self._name}.json")
        return file.read_text()

    def notes_beside_state(self) -> Path:
        """What the backend writes down beside the state, and not all at once as it does that."""
        (file,) = self._state.rglob(f"stacks/{PROJECT}/{self._name}.json.attrs")
        return file

    def logged(self, *log_groups: str) -> Counter[str]:
        """How often each key is in some log groups, or in all that there are, once all is delivered.

        While a target moves, two trails record it: what a log group has twice of one eventID counts once.
        """
        self.emulator.settle()
        there = self.emulator.client("logs").describe_log_groups()["logGroups"]
        names = log_groups or [group["logGroupName"] for group in there]
        return sum((_keys_in(self.emulator.client, name) for name in names), Counter())

    def logged_in(self, account_id: str, log_group: str, region: str = REGION) -> Counter[str]:
        """The same of a log group of another account or Region."""
        self.emulator.settle()
        return _keys_in(self.emulator.client.of(account_id, region), log_group)

    def undelivered(self) -> int:
        """How many events wait in dead-letter queues, of any Region and account."""
        asked = [
            self.emulator.client.of(*RegionOfAccount.of_arn(arn))("sqs").get_queue_attributes(
                QueueUrl=queue.url, AttributeNames=["ApproximateNumberOfMessages"]
            )["Attributes"]
            for arn, queue in self.emulator.deployment().queues.items()
        ]
        return sum(int(attributes["ApproximateNumberOfMessages"]) for attributes in asked)


def _keys_in(clients: Clients, log_group: str) -> Counter[str]:
    details = {event["detail"]["eventID"]: event["detail"] for event in read_log(clients, log_group)}
    return Counter(detail["requestParameters"].get("key", "") for detail in details.values())


def changes(summary: Mapping[Any, int] | None) -> dict[str, int]:
    """How many resources each kind of operation changes, without those that stay the same."""
    named = {str(getattr(kind, "value", kind)): number for kind, number in (summary or {}).items()}
    return {kind: number for kind, number in named.items() if kind != "same"}


class Traffic:
    """A client that signs with SigV2 and asks for one new key after another, all the while."""

    def __init__(self, emulator: Emulator, user: Credentials, buckets: tuple[str, ...]) -> None:
        self.sent: list[str] = []
        self._s3 = boto3.client(
            "s3",
            endpoint_url=emulator.endpoint,
            region_name=REGION,
            aws_access_key_id=user.access_key_id,
            aws_secret_access_key=user.secret_access_key,
            config=Config(signature_version="s3", proxies={}, retries={"total_max_attempts": 1}),
        )
        self._buckets = itertools.cycle(buckets)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _send(self) -> None:
        while not self._stop.is_set():
            key = f"request-{len(self.sent):06}"
            bucket = next(self._buckets)
            self.sent.append(key)
            with contextlib.suppress(self._s3.exceptions.NoSuchKey):
                self._s3.get_object(Bucket=bucket, Key=key)
            time.sleep(0.02)


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    """The Pulumi CLI with the AWS provider's plugin; there is nothing to test without them."""
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        pytest.skip("there is no pulumi on the PATH: https://www.pulumi.com/docs/install/", allow_module_level=True)
    plugins = subprocess.run([pulumi, "plugin", "ls", "--json"], capture_output=True, text=True, check=True).stdout
    if f'"{PLUGIN}"' not in plugins:
        install = [pulumi, "plugin", "install", "resource", "aws", PLUGIN]
        if subprocess.run(install, check=False, capture_output=True).returncode:
            pytest.skip(f"the plugin aws {PLUGIN} cannot be installed: try `{' '.join(install[1:])}`")


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(region=REGION) as running:
        for bucket in BUCKETS:
            running.client("s3").create_bucket(Bucket=bucket)
        yield running


@pytest.fixture
def live(emulator: Emulator, tmp_path: Path) -> LiveStack:
    """An empty stack that is to watch two buckets."""
    stack = LiveStack(emulator, tmp_path, "engine")
    stack.configure({"targetBuckets": "one-bucket,other-bucket"})
    return stack
