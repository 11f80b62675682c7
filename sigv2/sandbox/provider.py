"""Stands in for the AWS provider: creates what the program registers through the emulator's own AWS APIs."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

import boto3.session
from botocore.exceptions import ClientError
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from sigv2.sandbox.clients import Clients
from sigv2.sandbox.engine import run_program
from sigv2.stack import Stack

Inputs = Mapping[str, Any]
Created = tuple[str, dict[str, Any]]
"""A resource's id, and the outputs that it has beside its inputs."""


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
        self._create: dict[str, Callable[[str, Inputs], Created]] = {
            "aws:s3/bucket:Bucket": self._bucket,
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls": self._ownership_controls,
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": self._public_access_block,
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": self._encryption,
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": self._lifecycle,
            "aws:s3/bucketPolicy:BucketPolicy": self._bucket_policy,
            "aws:cloudtrail/trail:Trail": self._trail,
            "aws:cloudwatch/logGroup:LogGroup": self._log_group,
            "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": self._log_resource_policy,
            "aws:cloudwatch/queryDefinition:QueryDefinition": self._query_definition,
            "aws:cloudwatch/eventRule:EventRule": self._rule,
            "aws:cloudwatch/eventTarget:EventTarget": self._target,
        }
        self._look_up: dict[str, Callable[[Inputs], dict[str, Any]]] = {
            "aws:index/getPartition:getPartition": lambda _: {"partition": self._partition()},
            "aws:index/getCallerIdentity:getCallerIdentity": lambda _: {"accountId": self._account_id()},
            "aws:index/getRegion:getRegion": lambda _: {"region": self._region},
            "aws:s3/getBucket:getBucket": self._get_bucket,
            "aws:cloudwatch/getLogGroups:getLogGroups": self._get_log_groups,
            "aws:cloudwatch/getLogGroup:getLogGroup": self._get_log_group,
        }

    def new_resource(self, args: MockResourceArgs) -> Created:
        """Create one resource; a component is nothing in AWS."""
        if not args.custom:
            return "", dict(args.inputs)
        if args.typ not in self._create:
            raise UnknownTypeError(f"the sandbox has no emulation of {args.typ}, which the program registers")
        resource_id, outputs = self._create[args.typ](args.name, args.inputs)
        return resource_id, {**args.inputs, **outputs}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Answer one lookup; what AWS refuses comes back as the provider's failure."""
        if args.token not in self._look_up:
            raise UnknownTypeError(f"the sandbox has no emulation of {args.token}, which the program looks up")
        try:
            return self._look_up[args.token](args.args), []
        except ClientError as error:
            return {}, [("", str(error))]

    def _bucket(self, name: str, inputs: Inputs) -> Created:
        bucket = inputs.get("bucket", f"{name}-{secrets.token_hex(4)[:7]}")
        s3 = self._aws("s3")
        if self._region == "us-east-1":
            s3.create_bucket(Bucket=bucket)
        else:
            s3.create_bucket(
                Bucket=bucket,
                CreateBucketConfiguration={"LocationConstraint": self._region},  # type: ignore[typeddict-item]
            )
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": _tags(inputs)})
        return bucket, {"bucket": bucket, "arn": f"arn:{self._partition()}:s3:::{bucket}"}

    def _ownership_controls(self, _: str, inputs: Inputs) -> Created:
        self._aws("s3").put_bucket_ownership_controls(
            Bucket=inputs["bucket"],
            OwnershipControls={"Rules": [{"ObjectOwnership": inputs["rule"]["objectOwnership"]}]},
        )
        return inputs["bucket"], {}

    def _public_access_block(self, _: str, inputs: Inputs) -> Created:
        self._aws("s3").put_public_access_block(
            Bucket=inputs["bucket"],
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": inputs["blockPublicAcls"],
                "BlockPublicPolicy": inputs["blockPublicPolicy"],
                "IgnorePublicAcls": inputs["ignorePublicAcls"],
                "RestrictPublicBuckets": inputs["restrictPublicBuckets"],
            },
        )
        return inputs["bucket"], {}

    def _encryption(self, _: str, inputs: Inputs) -> Created:
        (rule,) = inputs["rules"]
        default = rule["applyServerSideEncryptionByDefault"]
        self._aws("s3").put_bucket_encryption(
            Bucket=inputs["bucket"],
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": default["sseAlgorithm"]}}]
            },
        )
        return inputs["bucket"], {}

    def _lifecycle(self, _: str, inputs: Inputs) -> Created:
        self._aws("s3").put_bucket_lifecycle_configuration(
            Bucket=inputs["bucket"],
            LifecycleConfiguration={
                "Rules": [
                    {
                        "ID": rule["id"],
                        "Status": rule["status"],
                        "Filter": {"Prefix": rule["filter"]["prefix"]},
                        "Expiration": {"Days": int(rule["expiration"]["days"])},
                    }
                    for rule in inputs["rules"]
                ]
            },
        )
        return inputs["bucket"], {}

    def _bucket_policy(self, _: str, inputs: Inputs) -> Created:
        self._aws("s3").put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])
        return inputs["bucket"], {}

    def _trail(self, _: str, inputs: Inputs) -> Created:
        cloudtrail = self._aws("cloudtrail")
        trail = cloudtrail.create_trail(
            Name=inputs["name"],
            S3BucketName=inputs["s3BucketName"],
            IsMultiRegionTrail=inputs["isMultiRegionTrail"],
            IncludeGlobalServiceEvents=inputs["includeGlobalServiceEvents"],
            EnableLogFileValidation=inputs["enableLogFileValidation"],
            TagsList=_tags(inputs),
        )
        cloudtrail.put_event_selectors(
            TrailName=inputs["name"],
            AdvancedEventSelectors=[advanced_event_selector(selector) for selector in inputs["advancedEventSelectors"]],
        )
        if inputs["enableLogging"]:
            cloudtrail.start_logging(Name=inputs["name"])
        return inputs["name"], {"arn": trail["TrailARN"]}

    def _log_group(self, _: str, inputs: Inputs) -> Created:
        logs = self._aws("logs")
        logs.create_log_group(logGroupName=inputs["name"], tags=inputs["tags"])
        if inputs["retentionInDays"]:
            logs.put_retention_policy(logGroupName=inputs["name"], retentionInDays=int(inputs["retentionInDays"]))
        (group,) = logs.describe_log_groups(logGroupNamePrefix=inputs["name"], limit=1)["logGroups"]
        return inputs["name"], {"arn": group["arn"].removesuffix(":*")}

    def _log_resource_policy(self, _: str, inputs: Inputs) -> Created:
        scope = {key: inputs[key] for key in ("policyName", "resourceArn") if key in inputs}
        self._aws("logs").put_resource_policy(policyDocument=inputs["policyDocument"], **scope)
        return next(iter(scope.values())), {}

    def _query_definition(self, _: str, inputs: Inputs) -> Created:
        answer = self._aws("logs").put_query_definition(
            name=inputs["name"], queryString=inputs["queryString"], logGroupNames=inputs["logGroupNames"]
        )
        return answer["queryDefinitionId"], {}

    def _rule(self, _: str, inputs: Inputs) -> Created:
        rule = self._aws("events").put_rule(
            Name=inputs["name"],
            Description=inputs["description"],
            EventPattern=inputs["eventPattern"],
            State=inputs["state"],
            Tags=_tags(inputs),
        )
        return inputs["name"], {"arn": rule["RuleArn"]}

    def _target(self, _: str, inputs: Inputs) -> Created:
        self._aws("events").put_targets(Rule=inputs["rule"], Targets=[{"Id": inputs["targetId"], "Arn": inputs["arn"]}])
        return f"{inputs['rule']}-{inputs['targetId']}", {}

    def _get_bucket(self, inputs: Inputs) -> dict[str, Any]:
        answer = self._aws("s3").head_bucket(Bucket=inputs["bucket"])
        return {"bucket": inputs["bucket"], "bucketRegion": answer["BucketRegion"]}

    def _get_log_groups(self, inputs: Inputs) -> dict[str, Any]:
        pages = self._aws("logs").get_paginator("describe_log_groups")
        found = pages.paginate(logGroupNamePrefix=inputs["logGroupNamePrefix"])
        return {"logGroupNames": [group["logGroupName"] for page in found for group in page["logGroups"]]}

    def _get_log_group(self, inputs: Inputs) -> dict[str, Any]:
        arn = f"arn:{self._partition()}:logs:{self._region}:{self._account_id()}:log-group:{inputs['name']}"
        return {"name": inputs["name"], "tags": self._aws("logs").list_tags_for_resource(resourceArn=arn)["tags"]}

    def _account_id(self) -> str:
        return self._aws("sts").get_caller_identity()["Account"]

    def _partition(self) -> str:
        return boto3.session.Session().get_partition_for_region(self._region)


def _tags(inputs: Inputs) -> list[Any]:
    return [{"Key": key, "Value": value} for key, value in inputs["tags"].items()]


def advanced_event_selector(registered: Inputs) -> Any:
    """A selector as the program registers it, as CloudTrail spells it: `startsWiths` is `StartsWith`."""
    operators = {
        "equals": "Equals",
        "notEquals": "NotEquals",
        "startsWiths": "StartsWith",
        "notStartsWiths": "NotStartsWith",
        "endsWiths": "EndsWith",
        "notEndsWiths": "NotEndsWith",
    }
    return {
        "Name": registered["name"],
        "FieldSelectors": [
            {"Field": fields["field"]} | {operators[key]: fields[key] for key in fields.keys() - {"field"}}
            for fields in registered["fieldSelectors"]
        ],
    }
