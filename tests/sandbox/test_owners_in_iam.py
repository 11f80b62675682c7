"""`report --owners` and its tickets, against the emulator's IAM: who is tagged there, who is not, and who is gone."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.sandbox.people import assumed_role_session, iam_user
from sigv2.sandbox.visitors import Credentials
from tests.sandbox.aws_calls import Call, answer_calls, denial
from tests.sandbox.conftest import WHERE, Pipeline, deploy_pipeline
from tests.sandbox.reported import emptied, log_changed, put, run

PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
GITHUB = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
            "StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/shop:*"},
        },
    },
}


@dataclass(frozen=True)
class Peopled:
    """The dev stack, and a role with tags and one without, beside the stack's user, who has one."""

    pipeline: Pipeline
    web: Credentials
    ci: Credentials


@pytest.fixture(scope="module")
def peopled() -> Iterator[Peopled]:
    with Emulator() as emulator:
        pipeline = deploy_pipeline(emulator, {})
        iam = emulator.client("iam")
        web = assumed_role_session(emulator.client, "report-server", "i-0136f1c4e5a8b2d90")
        iam.tag_role(RoleName="report-server", Tags=[{"Key": "team", "Value": "Data"}, {"Key": "App", "Value": "etl"}])
        iam.create_role(RoleName="deploy", Path="/ci/", AssumeRolePolicyDocument=json.dumps(GITHUB))
        given = emulator.client("sts").assume_role(
            RoleArn="arn:aws:iam::123456789012:role/ci/deploy", RoleSessionName="GitHubActions"
        )["Credentials"]
        ci = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        iam.tag_user(UserName="nightly-backup", Tags=[{"Key": "Owner", "Value": "ops@example.com"}])
        yield Peopled(pipeline, web, ci)


@pytest.fixture
def empty(peopled: Peopled) -> Pipeline:
    return emptied(peopled.pipeline)


@pytest.fixture
def pipeline(peopled: Peopled, empty: Pipeline) -> Pipeline:
    """Its log has requests of these, of a user who is deleted by now, and of a stranger."""
    gone = iam_user(empty.emulator.client, "gone")
    stranger = Credentials("AKIASTRANGER00000000", "any")
    for count, who in ((4, peopled.web), (3, peopled.ci), (2, empty.user), (1, gone), (1, stranger)):
        for _ in range(count):
            put(empty, credentials=who)
    empty.emulator.settle()
    iam = empty.emulator.client("iam")
    iam.delete_access_key(UserName="gone", AccessKeyId=gone.access_key_id)
    iam.delete_user(UserName="gone")
    return empty


def owners(pipeline: Pipeline, *options: str) -> dict[str, tuple[str, str]]:
    found = run(pipeline, "--format", "json", *options)
    assert (found.exit_code, found.stderr) == (0, WHERE)
    return {
        record["principal"].split(" ")[0]: (record["owner"], record["ownerFrom"])
        for record in json.loads(found.stdout)["records"]
    }


def test_roles_and_users_are_of_whom_their_tags_name_or_of_what_uses_them(pipeline: Pipeline) -> None:
    assert owners(pipeline, "--owners") == {
        "report-server": ("Data", "tag team of role report-server, used by ec2.amazonaws.com"),
        "deploy": (
            "used by repository acme/shop of token.actions.githubusercontent.com",
            "trust policy of role deploy",
        ),
        "nightly-backup": ("ops@example.com", "tag Owner of user nightly-backup"),
        "gone": ("deleted", "there is no user gone any more"),
        "account": ("account 999999999999", "the principal's account"),
    }
    assert owners(pipeline, "--owner-tag", "Product", "--owner-tag", "app")["report-server"] == (
        "etl",
        "tag App of role report-server, used by ec2.amazonaws.com",
    )


def test_the_table_has_a_block_for_each_owner_the_busiest_first(pipeline: Pipeline) -> None:
    shown = run(pipeline, "--owners").stdout
    headings = [line for line in shown.split("\n") if line.endswith((" SigV2 requests", " SigV2 request"))]
    assert headings == [
        "Data (tag team of role report-server, used by ec2.amazonaws.com): 4 SigV2 requests",
        "used by repository acme/shop of token.actions.githubusercontent.com (trust policy of role deploy): 3 SigV2 "
        "requests",
        "ops@example.com (tag Owner of user nightly-backup): 2 SigV2 requests",
        "account 999999999999 (the principal's account): 1 SigV2 request",
        "deleted (there is no user gone any more): 1 SigV2 request",
    ]


def test_where_iam_is_denied_the_report_goes_on_and_says_so_in_every_format(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refusing(call: Call, operation: str, parameters: dict[str, Any]) -> Any:
        if operation in ("ListRoleTags", "ListUserTags"):
            raise denial(operation)
        return call(operation, parameters)

    answer_calls(monkeypatch, refusing)
    roles = "wners of 2 roles may be missing, as iam:ListRoleTags is denied"
    users = "wners of 2 users may be missing, as iam:ListUserTags is denied"
    said = f"O{roles}. O{users}."
    assert json.loads(run(pipeline, "--owners", "--format", "json").stdout)["ownerNotes"] == [f"o{roles}", f"o{users}"]
    assert " ".join(run(pipeline, "--owners").stdout.split()).endswith(said)
    assert said in run(pipeline, "--owners", "--format", "markdown").stdout.replace("&#58;", ":")
    written = run(pipeline, "--owners", "--format", "csv")
    assert written.stderr == f"{WHERE}{said}\n"
    assert {row["owner"] for row in csv.DictReader(io.StringIO(written.stdout))} == {
        "used by ec2.amazonaws.com",
        "used by repository acme/shop of token.actions.githubusercontent.com",
        "account 999999999999",
        "",
    }
    tickets = run(pipeline, "--owners", "--format", "tickets", "--out", str(tmp_path))
    assert tickets.stderr.endswith(f"{said}\n")
    assert all(said in file.read_text().replace("&#58;", ":") for file in tmp_path.iterdir())


def test_the_commands_of_a_ticket_are_ones_and_find_what_is_not_fixed_yet(pipeline: Pipeline, tmp_path: Path) -> None:
    written = run(pipeline, "--owners", "--format", "tickets", "--out", str(tmp_path / "tickets"))
    assert written.exit_code == 0
    files = sorted((tmp_path / "tickets").iterdir())
    assert sorted(written.stdout.split()) == [str(file) for file in files]
    assert len(files) == 5
    commands = [line for file in files for line in file.read_text().split("\n") if " | grep " in line]
    asked, searched = zip(*(command.split(" | grep -F -e ") for command in commands), strict=True)
    assert set(asked) == {"    python -m sigv2 report --stack dev --since 1d --format csv"}
    lines = run(pipeline, *asked[0].split()[4:]).stdout.split("\n")
    assert [len([line for line in lines if cell.strip("'") in line]) for cell in searched] == [1] * 5


def test_files_ask_iam_with_the_credentials_that_are_there_and_not_about_another_account(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    identity = {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "accessKeyId": "AKIAEXAMPLE"}
    here, there = (
        {**identity, "arn": f"arn:aws:iam::{account}:user/nightly-backup", "accountId": account}
        for account in ("123456789012", "210987654321")
    )
    details = [event["detail"] for event in pipeline.logged()[:2]]
    records = [detail | {"userIdentity": who} for detail, who in zip(details, (here, there), strict=True)]
    (tmp_path / "trail.json").write_text(json.dumps({"Records": records}))
    found = run(pipeline, "--from", str(tmp_path), "--region", "us-east-1", "--owners", "--format", "json")
    document = json.loads(found.stdout)
    assert {(record["accountId"], record["owner"]) for record in document["records"]} == {
        ("123456789012", "ops@example.com"),
        ("210987654321", "account 210987654321"),
    }
    assert document["ownerNotes"] == [
        "roles and users of account 210987654321 were not asked about, as these credentials are of account 123456789012"
    ]


def test_nobody_leaves_no_ticket_and_is_said(empty: Pipeline, tmp_path: Path) -> None:
    written = run(empty, "--format", "tickets", "--out", str(tmp_path / "tickets"))
    assert (written.exit_code, written.stdout, list(tmp_path.iterdir())) == (0, "", [])
    assert written.stderr.endswith("`python -m sigv2 verify` tells.\n")


def test_a_hostile_agent_and_session_are_text_in_a_ticket(empty: Pipeline, tmp_path: Path) -> None:
    strange = "../../x`<script>alert(1)</script>[a](http://evil.example)\x1b[31m|\n# b"
    arn = f"arn:aws:sts::123456789012:assumed-role/etl/{strange}"
    identity = {"type": "AssumedRole", "principalId": f"AROAEXAMPLE:{strange}", "arn": arn, "accountId": "123456789012"}
    log_changed(empty, userIdentity=identity, userAgent=f"[{strange}]")
    for options in ((), ("--owners",)):
        folder = tmp_path / f"tickets{len(options)}"
        assert run(empty, *options, "--format", "tickets", "--out", str(folder)).exit_code == 0
        (file,) = folder.iterdir()
        text = file.read_text()
        assert file.name.startswith("sigv2-deleted" if options else "sigv2-etl-x-script-alert-1-script-a-http-evil")
        assert not any(markup in text for markup in ("<script", "](", "://evil", "\x1b", "\n# b", "`<"))
        assert "| grep -F -e '\"arn:aws:sts::123456789012:assumed-role/etl/'\n" in text
