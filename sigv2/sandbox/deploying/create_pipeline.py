"""Creates what requests pass through - trail, rule, log group - in the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigv2.sandbox.deploying.created import Create, Created, Inputs, tags_of

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import TargetTypeDef

    from sigv2.sandbox.emulating.aws_clients import Clients

_OPERATORS = {
    "equals": "Equals",
    "notEquals": "NotEquals",
    "startsWiths": "StartsWith",
    "notStartsWiths": "NotStartsWith",
    "endsWiths": "EndsWith",
    "notEndsWiths": "NotEndsWith",
}


def advanced_event_selector(registered: Inputs) -> Any:
    """A selector as the program registers it, as CloudTrail spells it: `startsWiths` is `StartsWith`."""
    return {
        "Name": registered["name"],
        "FieldSelectors": [
            {"Field": fields["field"]} | {_OPERATORS[key]: fields[key] for key in fields.keys() - {"field"}}
            for fields in registered["fieldSelectors"]
        ],
    }


def _trail(aws: Clients, _: str, inputs: Inputs) -> Created:
    cloudtrail = aws("cloudtrail")
    with_key = {"KmsKeyId": inputs["kmsKeyId"]} if "kmsKeyId" in inputs else {}
    trail = cloudtrail.create_trail(
        Name=inputs["name"],
        S3BucketName=inputs["s3BucketName"],
        IsMultiRegionTrail=inputs["isMultiRegionTrail"],
        IncludeGlobalServiceEvents=inputs["includeGlobalServiceEvents"],
        EnableLogFileValidation=inputs["enableLogFileValidation"],
        TagsList=tags_of(inputs),
        **with_key,
    )
    selectors = [advanced_event_selector(selector) for selector in inputs["advancedEventSelectors"]]
    cloudtrail.put_event_selectors(TrailName=inputs["name"], AdvancedEventSelectors=selectors)
    if inputs["enableLogging"]:
        cloudtrail.start_logging(Name=inputs["name"])
    return inputs["name"], {"arn": trail["TrailARN"]}


def _log_group(aws: Clients, _: str, inputs: Inputs) -> Created:
    logs = aws("logs")
    with_key = {"kmsKeyId": inputs["kmsKeyId"]} if "kmsKeyId" in inputs else {}
    logs.create_log_group(logGroupName=inputs["name"], tags=inputs["tags"], **with_key)
    if inputs["retentionInDays"]:
        logs.put_retention_policy(logGroupName=inputs["name"], retentionInDays=int(inputs["retentionInDays"]))
    (group,) = logs.describe_log_groups(logGroupNamePrefix=inputs["name"], limit=1)["logGroups"]
    return inputs["name"], {"arn": group["arn"].removesuffix(":*")}


def _log_resource_policy(aws: Clients, _: str, inputs: Inputs) -> Created:
    scope = {key: inputs[key] for key in ("policyName", "resourceArn") if key in inputs}
    aws("logs").put_resource_policy(policyDocument=inputs["policyDocument"], **scope)
    return next(iter(scope.values())), {}


def _query_definition(aws: Clients, _: str, inputs: Inputs) -> Created:
    answer = aws("logs").put_query_definition(
        name=inputs["name"], queryString=inputs["queryString"], logGroupNames=inputs["logGroupNames"]
    )
    return answer["queryDefinitionId"], {}


def _rule(aws: Clients, _: str, inputs: Inputs) -> Created:
    rule = aws("events").put_rule(
        Name=inputs["name"],
        EventBusName=inputs.get("eventBusName", "default"),
        Description=inputs["description"],
        EventPattern=inputs["eventPattern"],
        State=inputs["state"],
        Tags=tags_of(inputs),
    )
    return inputs["name"], {"arn": rule["RuleArn"]}


def _target(aws: Clients, _: str, inputs: Inputs) -> Created:
    retry = inputs["retryPolicy"]
    target: TargetTypeDef = {
        "Id": inputs["targetId"],
        "Arn": inputs["arn"],
        "DeadLetterConfig": {"Arn": inputs["deadLetterConfig"]["arn"]},
        "RetryPolicy": {
            "MaximumEventAgeInSeconds": int(retry["maximumEventAgeInSeconds"]),
            "MaximumRetryAttempts": int(retry["maximumRetryAttempts"]),
        },
    }
    if "roleArn" in inputs:
        target["RoleArn"] = inputs["roleArn"]
    aws("events").put_targets(Rule=inputs["rule"], EventBusName=inputs.get("eventBusName", "default"), Targets=[target])
    return f"{inputs['rule']}-{inputs['targetId']}", {}


TYPES: dict[str, Create] = {
    "aws:cloudtrail/trail:Trail": _trail,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": _log_resource_policy,
    "aws:cloudwatch/queryDefinition:QueryDefinition": _query_definition,
    "aws:cloudwatch/eventRule:EventRule": _rule,
    "aws:cloudwatch/eventTarget:EventTarget": _target,
}
