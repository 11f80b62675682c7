"""README.md tells for each command what it needs: the permission behind each call that its code makes, and no more."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SERVICES = ("athena", "cloudtrail", "cloudwatch", "events", "iam", "kms", "logs", "organizations", "s3", "sns", "sqs")
SHARED = ("aws_account/*.py", "sigv2/*.py", "sigv2/stack/*.py", "sigv2/report/coverage.py")
COMMANDS = {
    "discover": ("## Which buckets accept SigV2?", "sigv2/discover/*.py"),
    "discover --cost": ("### What would it cost to watch them?", "sigv2/discover/cost/*.py"),
    "verify": ("## Is it alive?", "sigv2/verify/*.py"),
    "verify --redrive": ("### What could not be logged comes home", "sigv2/verify/redriving/*.py"),
    "report": ("## Reading the results", "sigv2/report/*.py"),
    "watch": ("## Watching a migration", "sigv2/watch/*.py"),
    "report --from": ("## What already happened", "sigv2/report/past/*.py"),
    "report --from athena": ("**Athena** reads what", "sigv2/report/past/athena/*.py"),
}
"""Where README.md tells of each, and its own code."""
NAMED_OTHERWISE = {
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListBucketMetricsConfigurations": "s3:GetMetricsConfiguration",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
}
"""The actions that are not called as the API's operations
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html)."""
OR_NONE = {
    "discover": {"s3:ListBucket"},
    "discover --cost": {"s3:ListBucket"},
    "verify": {"s3:GetObject"},
    "verify --redrive": {"s3:ListBucket"},
    "report": {"s3:ListBucket"},
    "watch": {"s3:ListBucket"},
}
"""What S3 answers enough without: where a bucket lies, and how it takes a signature."""
CALLED_BY_SERVICES = {
    *("kms:Decrypt", "s3:PutObject", "s3:GetBucketLocation"),
    *("glue:GetDatabase", "glue:GetTable", "glue:GetPartitions", "glue:CreateTable"),
}
"""What a service calls with the caller's credentials: Athena those of Glue, and S3's for logs and results
(https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html)."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def operations() -> dict[str, list[tuple[str, str]]]:
    """By the name of boto3's method, the services that have it, and the action."""
    found: dict[str, list[tuple[str, str]]] = {}
    session = botocore.session.get_session()
    for service in SERVICES:
        for operation in session.get_service_model(service).operation_names:
            action = f"{service}:{operation}"
            found.setdefault(xform_name(operation), []).append((service, NAMED_OTHERWISE.get(action, action)))
    return found


OPERATIONS = operations()


def functions(patterns: Iterable[str]) -> Iterator[Function]:
    for pattern in patterns:
        for file in sorted(ROOT.glob(pattern)):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, Function):
                    yield node


def names_in(function: Function) -> set[str]:
    """Whatever it may call, by its bare name."""
    nodes = list(ast.walk(function))
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }


def calls_of(function: Function) -> Iterator[str]:
    """The actions behind the methods of boto3's clients that it calls."""
    for call in ast.walk(function):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        method, client = call.func.attr, ast.unparse(call.func.value)
        if method == "get_paginator":
            method = ast.literal_eval(call.args[0])
        candidates = OPERATIONS.get(method, [])
        yield from (action for service, action in candidates if len(candidates) == 1 or service in client)


def made(command: str) -> set[str]:
    """What the command's own code calls, and what it calls of the code that commands share."""
    shared = list(functions(SHARED))
    reached = list(functions([COMMANDS[command][1]]))
    for function in reached:
        names = names_in(function)
        reached += [other for other in shared if other.name in names and other not in reached]
    return {action for function in reached for action in calls_of(function)}


def told(command: str) -> set[str]:
    """What README.md says that it needs; an action without a service is of the one before."""
    section = README.partition(f"\n{COMMANDS[command][0]}")[2]
    sentence = " ".join(re.split(r"\bIt\s+needs\b", section, maxsplit=1)[1].partition("\n\n")[0].split())
    found, service = set(), ""
    for prefix, action in re.findall(r"`(?:([a-z0-9]+):)?([A-Z]\w+)`", sentence):
        service = prefix or service
        found.add(f"{service}:{action}")
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_readme_tells_every_permission_that_a_command_needs_and_no_other(command: str) -> None:
    assert told(command) - CALLED_BY_SERVICES == made(command) - OR_NONE.get(command, set())
