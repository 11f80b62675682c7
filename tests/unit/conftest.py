"""One recorder of what the program registers, under the SDK's own runtime."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks

from sigv2.sandbox.deploying.engine import run_program

PROJECT = "s3-sigv2-access-log"
ACCOUNT = "123456789012"
SUFFIX = "-0a1b2c3"


@dataclass(frozen=True)
class Resource:
    """One registration, as the engine would get it."""

    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    dependencies: tuple[str, ...]
    retained: bool
    import_id: str
    aliases: tuple[tuple[str, str], ...]


class ProviderError(Exception):
    """What the AWS provider says where a lookup fails."""


@dataclass
class Recorder(Mocks):
    """Answers as the AWS provider would, and keeps what it was asked."""

    partition: str = "aws"
    region: str = "us-east-1"
    account_id: str = ACCOUNT
    answers: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)
    state: Mapping[str, Any] = field(default_factory=dict)

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if not args.custom:
            return "", dict(args.inputs)
        key = "bucket" if args.typ == "aws:s3/bucket:Bucket" else "name"
        name = args.inputs.get(key, args.name + SUFFIX)
        made_up = {
            "arn": self._arn(args.typ, name, args.inputs),
            key: name,
            "url": f"https://sqs/{name}",
            "keyId": "1234abcd",
        }
        return name, made_up | args.inputs

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        self.looked_up.append(args.token)
        if args.token in self.answers:
            try:
                return self.answers[args.token](args.args), []
            except ProviderError as error:
                return {}, [("", str(error))]
        known: dict[str, dict[str, Any]] = {
            "pulumi:pulumi:readStackResourceOutputs": {"outputs": self.state},
            "aws:index/getPartition:getPartition": {"partition": self.partition},
            "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": self.account_id},
            "aws:index/getRegion:getRegion": {"region": self.region},
            "aws:s3/getBucket:getBucket": {"bucketRegion": self.region},
            "aws:cloudwatch/getLogGroups:getLogGroups": {"logGroupNames": []},
        }
        return known[args.token], []

    def _arn(self, resource_type: str, name: str, inputs: Mapping[str, Any]) -> str:
        place = f"{inputs.get('region', self.region)}:{self.account_id}"
        bus = f"{inputs['eventBusName']}/" if "eventBusName" in inputs else ""
        return f"arn:{self.partition}:" + {
            "aws:s3/bucket:Bucket": f"s3:::{name}",
            "aws:cloudwatch/logGroup:LogGroup": f"logs:{place}:log-group:{name}",
            "aws:cloudwatch/eventBus:EventBus": f"events:{place}:event-bus/{name}",
            "aws:cloudwatch/eventRule:EventRule": f"events:{place}:rule/{bus}{name}",
            "aws:cloudtrail/trail:Trail": f"cloudtrail:{place}:trail/{name}",
            "aws:sqs/queue:Queue": f"sqs:{place}:{name}",
            "aws:sns/topic:Topic": f"sns:{place}:{name}",
            "aws:iam/role:Role": f"iam::{self.account_id}:role/{name}",
            "aws:kms/key:Key": f"kms:{place}:key/1234abcd",
        }.get(resource_type, f"other:{place}:{name}")


@contextlib.contextmanager
def _closed_loop() -> Iterator[None]:
    """A loop for mocks, which would leave one of their own open in each thread, and fail the run that collects it."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


class RecordingMonitor(MockMonitor):
    """Keeps each registration with the options that mocks are not shown."""

    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.registered: list[Resource] = []
        self.outputs: dict[str, dict[str, Any]] = {}

    def Invoke(self, request: Any) -> Any:  # noqa: N802 - the engine's own name for it
        with _closed_loop():
            return super().Invoke(request)  # type: ignore[no-untyped-call]

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - as above
        with _closed_loop():
            response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type != "pulumi:pulumi:Stack":
            registration = self.resources[response.urn]
            given = {key: registration.state[key] for key in request.object}
            self.registered.append(
                Resource(
                    type=request.type,
                    name=request.name,
                    inputs=given,
                    parent=request.parent,
                    dependencies=tuple(sorted(request.dependencies)),
                    retained=request.retainOnDelete,
                    import_id=request.importId,
                    aliases=tuple((alias.spec.type, alias.spec.name) for alias in request.aliases),
                )
            )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - as above
        _, _, types, name = request.urn.split("::")
        self.outputs[f"{types.rpartition('$')[2]}::{name}"] = rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Deployed:
    """All that one evaluation of the program registered and exported."""

    resources: tuple[Resource, ...]
    outputs: dict[str, Any]
    looked_up: tuple[str, ...]
    of_components: dict[str, dict[str, Any]]

    def all(self, resource_type: str) -> list[Resource]:
        found = (resource for resource in self.resources if resource.type.endswith(f":{resource_type}"))
        return sorted(found, key=lambda resource: str(resource.inputs.get("name", resource.name)))

    def the(self, resource_type: str) -> Resource:
        (only,) = self.all(resource_type)
        return only


Deploy = Callable[..., Deployed]


def deploy_program(
    configuration: Mapping[str, Any],
    *,
    project: str = PROJECT,
    stack: str = "dev",
    recorder: Recorder | None = None,
    monitor: RecordingMonitor | None = None,
) -> Deployed:
    """Run the real `__main__.py`; values that are no strings are passed as the CLI passes YAML, as JSON."""
    recorder = recorder or Recorder()
    monitor = monitor or RecordingMonitor(recorder)
    stored = {
        f"{project}:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in configuration.items()
    }
    outputs = run_program(recorder, project=project, stack=stack, configuration=stored, monitor=monitor)
    registered = sorted(monitor.registered, key=lambda resource: (resource.type, resource.name))
    return Deployed(tuple(registered), outputs, tuple(recorder.looked_up), monitor.outputs)


@pytest.fixture(scope="session")
def deployed() -> Deployed:
    """What the program registers for two buckets and no other setting."""
    return deploy_program({"targetBuckets": "example-uploads,example-reports"})
