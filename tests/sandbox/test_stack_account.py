"""Commands go where the stack's provider goes, and refuse an account that is not the stack's."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from sigv2.report.report_command import report
from sigv2.sandbox.people import iam_user
from sigv2.stack import Stack, StackError
from sigv2.stack.stack_account import AccountInRegion, enter
from sigv2.verify.verify_command import verify
from tests.sandbox.conftest import Pipeline, age_log_group

OWN, OTHER = "123456789012", "210987654321"
OTHERS_ROLE = f"arn:aws:iam::{OTHER}:role/deployer"


@pytest.fixture
def pipeline(deployed: Pipeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Pipeline:
    """The dev stack, and a user of its account whose keys are in the profile `mine` and nowhere else."""
    user = iam_user(deployed.emulator.client, f"user-{tmp_path.name}")
    credentials = tmp_path / "credentials"
    credentials.write_text(
        f"[mine]\naws_access_key_id = {user.access_key_id}\naws_secret_access_key = {user.secret_access_key}\n"
        "region = ap-south-1\n",
        encoding="utf-8",
    )
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", deployed.emulator.endpoint)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    return deployed


def stack_with(outputs: dict[str, Any] | None, **aws: object) -> Stack:
    configuration = {f"aws:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in aws.items()}
    own = {"s3-sigv2-access-log:targetBuckets": "example-uploads"}
    return Stack("s3-sigv2-access-log", "dev", own | configuration, outputs)


def refused(stack: Stack, **options: str) -> str:
    with pytest.raises(StackError) as told:
        enter(stack, **options)
    return str(told.value)


def told(place: AccountInRegion) -> tuple[str, str, str | None]:
    return place.account_id, place.region, place.caveat


@pytest.mark.usefixtures("pipeline")
def test_the_profile_and_region_of_the_stack_are_taken() -> None:
    outputs = {"accountId": OWN, "region": "us-east-1"}
    assert told(enter(stack_with(outputs, profile="mine", region="us-east-1"))) == (OWN, "us-east-1", None)


@pytest.mark.usefixtures("pipeline")
def test_the_region_is_the_settings_then_the_environments_then_the_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = stack_with(None, profile="mine")
    assert enter(stack).region == "ap-south-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    assert enter(stack).region == "eu-west-2"
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    assert enter(stack).region == "eu-west-3"
    assert enter(stack_with(None, profile="mine", region="eu-north-1")).region == "eu-north-1"
    assert enter(stack_with(None, profile="mine", region="eu-north-1"), region="us-west-1").region == "us-west-1"


@pytest.mark.usefixtures("pipeline")
def test_roles_are_assumed_one_after_the_other() -> None:
    roles = [{"roleArn": f"arn:aws:iam::{OWN}:role/first"}, {"roleArn": OTHERS_ROLE, "duration": "15m"}]
    place = enter(stack_with({"accountId": OTHER}, profile="mine", region="us-east-1", assumeRoles=roles))
    assert place.account_id == OTHER
    caller = place.session.client("sts").get_caller_identity()["Arn"]
    assert caller.startswith(f"arn:aws:sts::{OTHER}:assumed-role/deployer/")


@pytest.mark.usefixtures("pipeline")
def test_a_web_identity_needs_no_credentials_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("of somebody\n", encoding="utf-8")
    role = {"roleArn": OTHERS_ROLE, "sessionName": "ci", "webIdentityTokenFile": str(tmp_path / "token")}
    place = enter(stack_with({"accountId": OTHER}, region="us-east-1", assumeRoleWithWebIdentity=role))
    assert place.account_id == OTHER


def test_keys_and_endpoints_of_the_stack_are_taken(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    keys = {"accessKey": pipeline.user.access_key_id, "secretKey": pipeline.user.secret_access_key}
    endpoints = [{"sts": pipeline.emulator.endpoint, "cloudwatchlogs": pipeline.emulator.endpoint}]
    place = enter(stack_with(None, region="us-east-1", endpoints=endpoints, **keys))
    assert place.account_id == OWN
    assert place.session.client("logs").describe_log_groups()["logGroups"]


@pytest.mark.usefixtures("pipeline")
def test_a_credentials_file_of_the_stack_is_taken_and_a_missing_one_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    files = {"profile": "mine", "sharedCredentialsFiles": [str(tmp_path / "credentials")]}
    assert enter(stack_with(None, **files)).account_id == OWN
    sentence = refused(stack_with(None, sharedCredentialsFiles=["/nowhere"]))
    assert sentence == (
        "stack dev: the stack's AWS settings name the file /nowhere, which is not here: choose credentials "
        "with --profile"
    )


@pytest.mark.usefixtures("pipeline")
def test_another_account_is_refused_naming_both() -> None:
    outputs = {"accountId": OTHER, "region": "us-east-1"}
    assert refused(stack_with(outputs, profile="mine")) == (
        f"these credentials are of account {OWN}, and stack dev is in account {OTHER}: choose credentials of {OTHER} "
        "with --profile"
    )
    assert refused(stack_with(outputs), profile="mine").startswith(f"these credentials are of account {OWN}, and")


@pytest.mark.usefixtures("pipeline")
def test_the_accounts_that_the_provider_is_allowed_count_without_outputs() -> None:
    assert refused(stack_with(None, profile="mine", region="us-east-1", allowedAccountIds=[OTHER])) == (
        f"these credentials are of account {OWN}, and aws:allowedAccountIds of stack dev names {OTHER}: choose "
        "credentials of its account with --profile"
    )
    assert refused(stack_with(None, profile="mine", region="us-east-1", forbiddenAccountIds=[OWN])) == (
        f"these credentials are of account {OWN}, which aws:forbiddenAccountIds of stack dev names: choose credentials "
        "of its account with --profile"
    )
    allowed = enter(stack_with(None, profile="mine", region="us-east-1", allowedAccountIds=[OWN]))
    assert told(allowed) == (OWN, "us-east-1", None)


@pytest.mark.usefixtures("pipeline")
def test_what_cannot_be_told_is_said_to_be_unknown() -> None:
    assert str(enter(stack_with(None, profile="mine", region="us-east-1"))) == (
        f"This is account {OWN} in us-east-1; whether stack dev is there cannot be told without the Pulumi CLI."
    )
    assert str(enter(stack_with({"logGroupName": "/mine"}, profile="mine", region="us-east-1"))) == (
        f"This is account {OWN} in us-east-1; whether stack dev is there cannot be told, because it was last deployed "
        "before it had the output accountId; `pulumi up --stack dev` adds it."
    )


@pytest.mark.usefixtures("pipeline")
def test_an_environment_that_is_not_read_is_named_even_where_options_give_enough() -> None:
    stack = Stack("project", "dev", {}, environments=("example/aws-prod",))
    assert str(enter(stack, profile="mine", region="us-east-1")) == (
        f"This is account {OWN} in us-east-1; whether stack dev is there, and what its environment example/aws-prod "
        "holds, cannot be told without the Pulumi CLI."
    )


@pytest.mark.usefixtures("pipeline")
def test_the_deployed_region_wins_over_the_settings_and_no_option_leads_elsewhere() -> None:
    stack = stack_with({"accountId": OWN, "region": "us-east-1"}, profile="mine", region="eu-west-1")
    assert str(enter(stack)) == (
        f"This is account {OWN} in us-east-1; stack dev is deployed there, though its settings name eu-west-1 now."
    )
    assert refused(stack, region="eu-west-1") == (
        "stack dev is deployed to us-east-1, not eu-west-1: leave out --region"
    )


def test_a_stack_without_outputs_is_not_deployed() -> None:
    assert refused(stack_with({})) == (
        "Pulumi has no outputs of stack dev, so nothing is deployed: run `pulumi up --stack dev`"
    )


def test_secrets_and_environments_that_choose_credentials_never_mean_the_default_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    secret = Stack("project", "dev", {"aws:accessKey": "AKIA"}, unread=frozenset({"aws:secretKey"}))
    assert refused(secret) == (
        "stack dev holds aws:secretKey as a secret, which only the Pulumi CLI can read: install it and log in, or give "
        "--profile PROFILE for this once"
    )
    environment = Stack("project", "dev", {}, environments=("example/aws-prod",))
    assert refused(environment) == (
        "stack dev takes settings from the environment example/aws-prod, which only the Pulumi CLI can read, and "
        "aws:region and aws:profile may be there: install it and log in, or give what it holds with "
        "--config KEY=VALUE, --region and --profile"
    )


def run(command: Any, *options: str) -> Result:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, options)


@pytest.fixture
def of_pulumi(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The outputs that Pulumi has of the stack: those that the program exported, unless a test changes them."""
    outputs = dict(pipeline.outputs)
    stack = stack_with(outputs, profile="mine", region="us-east-1")
    for module in ("report.asked_log", "verify.verify_command"):
        monkeypatch.setattr(f"sigv2.{module}.read_stack", lambda *_, **__: stack)
    return outputs


@pytest.mark.parametrize(("command", "code"), [(report, 1), (verify, 2)])
def test_every_command_refuses_another_account(command: Any, code: int, of_pulumi: dict[str, Any]) -> None:
    of_pulumi["accountId"] = OTHER
    result = run(command)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr == (
        f"Error: these credentials are of account {OWN}, and stack dev is in account {OTHER}: choose credentials of "
        f"{OTHER} with --profile\n"
    )


def test_what_is_left_out_may_be_in_an_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"targetBuckets": "example-uploads", "logGroupName": "/mine"}
    stack = Stack("p", "dev", {f"p:{key}": value for key, value in own.items()}, environments=("example/aws-prod",))
    monkeypatch.setattr("sigv2.report.asked_log.read_stack", lambda *_, **__: stack)
    result = run(report, "--enforce", "example-uploads")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the Pulumi CLI can read, and excludeBuckets may be there" in result.stderr


def test_a_report_of_nothing_names_the_account_that_it_is_of(of_pulumi: dict[str, Any]) -> None:
    assert of_pulumi["accountId"] == OWN
    age_log_group(timedelta(days=365))
    result = run(report, "--fail-if-any", "--format", "csv")
    assert (result.exit_code, result.stderr) == (0, f"This is account {OWN} in us-east-1.\n")


def test_a_report_reads_the_deployed_log_group_and_those_of_before(
    pipeline: Pipeline, of_pulumi: dict[str, Any]
) -> None:
    for name in ("/now", "/before"):
        pipeline.emulator.client("logs").create_log_group(logGroupName=name)
    of_pulumi |= {"logGroupName": "/now", "formerLogGroupNames": ["/before"]}
    result = run(report, "--format", "json")
    assert json.loads(result.stdout)["logGroups"] == ["/now", "/before"]
    assert result.stderr == (
        "Stack dev is deployed with the log group /now, which is read, though its settings name "
        f"/aws/events/s3-sigv2-access-log now.\nThis is account {OWN} in us-east-1.\n"
    )
    (only,) = json.loads(run(report, "--format", "json", "--stack", "dev", "--log-group", "/before").stdout)[
        "logGroups"
    ]
    assert only == "/before"
