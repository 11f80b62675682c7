"""Stands in for the AWS provider: creates what the program registers through the emulator's own AWS APIs."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.utilities.utils import get_partition
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from sigv2.sandbox.deploying import create_alerting, create_forwarding, create_pipeline, create_s3
from sigv2.sandbox.deploying.created import Create, Created, Inputs, plain
from sigv2.sandbox.deploying.engine import run_program
from sigv2.sandbox.emulating.aws_clients import Clients
from sigv2.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable

_CREATE: dict[str, Create] = create_s3.TYPES | create_pipeline.TYPES | create_forwarding.TYPES | create_alerting.TYPES


class UnknownTypeError(NotImplementedError):
    """The program uses something that the sandbox has no emulation of; it is never passed over."""


def deploy(stack: Stack, clients: Clients) -> dict[str, Any]:
    """Do what `pulumi up` does with a stack that has nothing yet.

    Args:
        stack: what to deploy.
        clients: of the emulator to deploy to.

    Returns:
        The stack's outputs.

    Raises:
        pulumi.RunError: where a setting is wrong.
        UnknownTypeError: where the program uses a type that has no emulation.
    """
    provider = EmulatedProvider(clients, stack.region)
    return run_program(provider, project=stack.project, stack=stack.name, configuration=stack.configuration)


class EmulatedProvider(Mocks):
    """Answers the SDK's runtime as the engine with the AWS provider would, with an emulator for AWS."""

    def __init__(self, clients: Clients, region: str) -> None:
        self._aws = clients
        self._region = region
        self._look_up: dict[str, Callable[[Inputs], dict[str, Any]]] = {
            "pulumi:pulumi:readStackResourceOutputs": lambda _: {"outputs": {}},
            "aws:index/getPartition:getPartition": lambda _: {"partition": get_partition(region)},
            "aws:index/getCallerIdentity:getCallerIdentity": lambda _: {"accountId": self._account_id()},
            "aws:index/getRegion:getRegion": lambda _: {"region": self._region},
            "aws:s3/getBucket:getBucket": self._get_bucket,
            "aws:cloudwatch/getLogGroups:getLogGroups": self._get_log_groups,
            "aws:cloudwatch/getLogGroup:getLogGroup": self._get_log_group,
        }

    def new_resource(self, args: MockResourceArgs) -> Created:
        """Create one resource, or take over the one that it is to import; a component is nothing in AWS."""
        if not args.custom:
            return "", dict(args.inputs)
        if args.typ not in _CREATE:
            raise UnknownTypeError(f"the sandbox has no emulation of {args.typ}, which the program registers")
        aws = self._aws.in_region(args.inputs["region"]) if "region" in args.inputs else self._aws
        resource_id, outputs = _CREATE[args.typ](aws, args.name, plain(args.inputs))
        return resource_id, {**args.inputs, **outputs}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Answer one lookup; what AWS refuses comes back as the provider's failure."""
        if args.token not in self._look_up:
            raise UnknownTypeError(f"the sandbox has no emulation of {args.token}, which the program looks up")
        try:
            return self._look_up[args.token](args.args), []
        except ClientError as error:
            return {}, [("", _worded(error))]

    def aws_client(self, service: str, region: str) -> Any:
        """The emulator's client of a service, for what the program asks the account itself."""
        make: Any = self._aws.in_region(region)
        return make(service)

    def _get_bucket(self, inputs: Inputs) -> dict[str, Any]:
        answer = self._aws("s3").head_bucket(Bucket=inputs["bucket"])
        return {"bucket": inputs["bucket"], "bucketRegion": answer["BucketRegion"]}

    def _get_log_groups(self, inputs: Inputs) -> dict[str, Any]:
        pages = self._aws("logs").get_paginator("describe_log_groups")
        found = pages.paginate(logGroupNamePrefix=inputs["logGroupNamePrefix"])
        return {"logGroupNames": [group["logGroupName"] for page in found for group in page["logGroups"]]}

    def _get_log_group(self, inputs: Inputs) -> dict[str, Any]:
        arn = f"arn:{get_partition(self._region)}:logs:{self._region}:{self._account_id()}:log-group:{inputs['name']}"
        return {"name": inputs["name"], "tags": self._aws("logs").list_tags_for_resource(resourceArn=arn)["tags"]}

    def _account_id(self) -> str:
        return self._aws("sts").get_caller_identity()["Account"]


def _worded(error: ClientError) -> str:
    """A refusal in the words of the provider, which is written in Go."""
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    reason = f"{error.response['Error'].get('Code')}: {error.response['Error'].get('Message')}"
    return f"operation error {error.operation_name}, https response error StatusCode: {status}, api error {reason}"
