"""What `report` refuses before it asks AWS for anything."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import Result

from sigv2.report.enforcement import deny_statement, resource_control_policy
from sigv2.report.report_command import report
from tests.unit.alone import run_alone

ROOT = Path(__file__).parents[2]


def run(*options: str) -> Result:
    return run_alone(report, *options)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--since", "yesterday"], "--since: 'yesterday' is no time such as 12h, 7d or 4w, and no date such as "),
        (["--since", "1d", "--until", "2d"], "which is not before --until ("),
        (["--until", "2999-01-01"], "--until: '2999-01-01' is 2999-01-01 00:00 UTC, which is yet to come"),
        (["--compare", "4"], "--compare: '4' is no time such as 12h, 7d or 4w"),
        (
            ["--compare", "4w", "--from", "athena:a.b", "--create-table", "s3://bucket/"],
            "--compare asks twice, and --create-table makes a table once: make it first, then compare without that",
        ),
        (["--compare", "4w", "--by", "day"], "--compare tells clients apart, so it goes without --by day"),
        (
            ["--enforce", "example-uploads", "--until", "1d"],
            "--enforce asks about the time up to now alone, so it goes without --until and --compare",
        ),
        (["--enforce", "*", "--as", "rcp", "--compare", "4w"], "so it goes without --until and --compare"),
        (
            ["--by", "magic"],
            "--by: 'magic' is none of principal, client, access-key, signature, source, prefix, day, error, "
            "session, agent",
        ),
        (["--stack", "nowhere"], "there is no Pulumi.nowhere.yaml"),
        (["--profile", "nobody"], "The config profile (nobody) could not be found: `aws configure list-profiles`"),
        (["--region", "no region"], "Provided region_name 'no region' doesn't match a supported format"),
        (["--log-group", "a"], "no AWS Region is set: name one with --region"),
        ([], 'AWS cannot be reached (Could not connect to the endpoint URL: "http://127.0.0.1:1/"): check the network'),
        (["--enforce", "My Bucket"], "--enforce: 'My Bucket' is no bucket of S3: "),
        (["--enforce", "example-*"], "--enforce: 'example-*' is not one whole bucket, and a bucket policy is"),
        (["--enforce", "example-uploads/logs/"], "--enforce: 'example-uploads/logs/' is not one whole bucket"),
        (
            ["--enforce", "someones-bucket"],
            "stack dev does not watch all of someones-bucket, so an empty report proves nothing about it",
        ),
        (
            ["--enforce", "example-uploads", "--by", "day"],
            "--enforce asks about clients and prints a policy, so it goes without --by, --format, --out and --owners",
        ),
        (["--enforce", "example-uploads", "--format", "json"], "so it goes without --by, --format, --out and --owners"),
        (["--enforce", "example-uploads", "--out", "policy.json"], "so it goes without --by, --format, --out and"),
        (["--format", "html", "--by", "day"], "--format html is about clients, so --by can be session or agent"),
        (["--format", "html", "--out", "/nowhere/report.html"], "--out: there is no folder /nowhere: make it, or name"),
        (
            ["--format", "html", "--out", "/proc/report.html"],
            "--out: /proc/report.html cannot be written: No such file",
        ),
        (["--enforce", "*", "--as", "rcp", "--by", "day"], "so it goes without --by, --format, --out and --owners"),
        (
            ["--enforce", "*"],
            "--enforce '*' asks about all buckets, and no bucket's policy is about them: add --as rcp for a resource "
            "control policy of the organization, or name a bucket",
        ),
        (
            ["--enforce", "example-uploads", "--as", "rcp"],
            "--as rcp is a policy that refuses SigV2 in all buckets, so it goes with --enforce '*' alone",
        ),
        (["--as", "rcp"], "so it goes with --enforce '*' alone"),
        (["--enforce", "example-uploads", "--owners"], "so it goes without --by, --format, --out and --owners"),
        (["--enforce", "example-uploads", "--owner-tag", "Team"], "without --by, --format, --out and --owners"),
        (["--enforce", "example-uploads", "--out", "file"], "so it goes without --by, --format, --out and --owners"),
        (
            ["--owners", "--by", "day"],
            "--owners and --format tickets are about clients, so they go without --by",
        ),
        (["--owner-tag", "Team", "--by", "day"], "--owners and --format tickets are about clients"),
        (["--format", "tickets", "--by", "day"], "--owners and --format tickets are about clients"),
        (["--format", "tickets"], "--format tickets writes a file for each ticket, so it needs --out with a folder"),
        (["--out", "file"], "--out takes no table, which is for a terminal: choose another --format"),
        (["--from", "README.md", "--owners", "--region", "us-east-1"], "AWS cannot be reached ("),
        (["--from", "README.md", "--owners"], "no AWS Region is set: name one with --region"),
        (
            ["--config", "forwardTo=arn:aws:events:us-east-1:111111111111:event-bus/hub"],
            "stack dev has no log of its own and forwards its requests to the event bus "
            "arn:aws:events:us-east-1:111111111111:event-bus/hub, so they are in the log of the stack that has this "
            "bus, in account 111111111111: run it for that stack",
        ),
    ],
)
def test_what_it_cannot_do_is_one_sentence(options: list[str], sentence: str) -> None:
    result = run(*options)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_without_credentials_it_says_how_to_get_some() -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    nothing = {"PATH": "/dev/null", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    script = "import typer; from sigv2.report.report_command import report; typer.run(report)"
    ended = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        cwd=ROOT,
        env={**environment, **nothing, "AWS_EC2_METADATA_DISABLED": "true"},
        text=True,
        capture_output=True,
        timeout=30,
    )
    assert ended.returncode == 1
    assert ended.stderr == (
        "Error: there are no AWS credentials: run `aws configure`, or choose a profile with --profile\n"
    )


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_the_deny_statement_names_sigv2_and_nothing_else(partition: str) -> None:
    assert json.loads(json.dumps(deny_statement("example-uploads", partition))) == {
        "Sid": "DenySigV2",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:{partition}:s3:::example-uploads", f"arn:{partition}:s3:::example-uploads/*"],
        "Condition": {"StringEquals": {"s3:signatureversion": "AWS"}},
    }


def test_the_policy_of_an_organization_keeps_to_the_rules_of_resource_control_policies() -> None:
    policy = resource_control_policy()
    assert json.loads(json.dumps(policy)) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DenySigV2",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": "*",
                "Condition": {"StringEquals": {"s3:signatureversion": "AWS"}},
            }
        ],
    }
    assert len(json.dumps(policy, indent=2)) <= 5_120
