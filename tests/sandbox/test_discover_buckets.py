"""`discover` asks the emulator over HTTP, as it asks AWS."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import typer
from typer.testing import CliRunner, Result

from sigv2.discover.discover_command import UNKNOWN, discover
from sigv2.discover.sigv2_acceptance import USER_AGENT
from sigv2.report.enforcement import deny_statement
from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.sandbox.observing.bucket_rules import REFUSING_TAG
from sigv2.sandbox.people import iam_user
from sigv2.sandbox.visitors import Credentials
from tests.sandbox.conftest import TARGET, deploy_pipeline

ELSEWHERE = {"new-frankfurt": "eu-central-1", "old-dublin": "eu-west-1"}
HERE = ("new-virginia", "old-virginia", "old-virginia-denied", "old-virginia-enforced")


@pytest.fixture(scope="module")
def account() -> Iterator[Emulator]:
    with Emulator() as emulator:
        s3 = emulator.client("s3")
        for bucket in HERE:
            s3.create_bucket(Bucket=bucket)
        for bucket, region in ELSEWHERE.items():
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})  # type: ignore[typeddict-item]
        key, value = REFUSING_TAG
        for bucket in ("new-virginia", "new-frankfurt"):
            s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": key, "Value": value}]})
        deny(emulator, "old-virginia-denied")
        # What `report --enforce` prints.
        enforced = {"Statement": [deny_statement("old-virginia-enforced", "aws")]}
        s3.put_bucket_policy(Bucket="old-virginia-enforced", Policy=json.dumps(enforced))
        yield emulator


def deny(emulator: Emulator, bucket: str, **condition: Any) -> None:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"}
    policy = {"Statement": [statement | ({"Condition": condition} if condition else {})]}
    emulator.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def run(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    user = iam_user(emulator.client, f"discoverer-{len(emulator.client('iam').list_users()['Users'])}")
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", user.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", user.secret_access_key)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return invoke(*options)


def invoke(*options: str) -> Result:
    app = typer.Typer()
    app.command()(discover)
    return CliRunner().invoke(app, options)


def verdicts(result: Result) -> dict[str, tuple[str | None, str, str]]:
    return {
        bucket["name"]: (bucket["region"], bucket["verdict"], bucket["reason"])
        for bucket in json.loads(result.stdout)["buckets"]
    }


def test_each_bucket_is_asked_and_judged_by_s3s_answer(account: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(account, monkeypatch, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert verdicts(result) == {
        "old-dublin": ("eu-west-1", "accepts", "S3 answered"),
        "old-virginia": ("us-east-1", "accepts", "S3 answered"),
        "old-virginia-denied": (
            *("us-east-1", "denied either way"),
            "S3 took the signature; listing is denied with SigV2 and SigV4 alike",
        ),
        "old-virginia-enforced": ("us-east-1", "refused by policy", "S3 answers SigV4, and denies SigV2"),
        "new-frankfurt": ("eu-central-1", "refuses", "every bucket does in Regions opened after 30 January 2014"),
        "new-virginia": (
            *("us-east-1", "refuses"),
            "S3 says: The authorization mechanism you have provided is not supported",
        ),
    }


def test_a_person_gets_a_table_a_summary_and_one_stack_for_all_regions(
    account: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(account, monkeypatch)
    assert (result.exit_code, result.stderr) == (0, "")
    table, _, rest = result.stdout.partition("6 buckets: ")
    assert [line.split()[1] for line in table.splitlines() if "-1 " in line] == [
        *("old-dublin", "old-virginia", "old-virginia-denied"),
        *("old-virginia-enforced", "new-frankfurt", "new-virginia"),
    ]
    assert rest == (
        "2 accept SigV2, 2 refuse it, 1 refuse it by policy, 1 denied either way, 0 unknown.\n"
        "\nTo watch those that accept it, or may:\n\n"
        "# account 123456789012: 1 bucket in eu-west-1, 2 buckets in us-east-1\n"
        "pulumi stack select --create account-123456789012\n"
        "pulumi config set aws:region us-east-1\n"
        "pulumi config set targetBuckets old-dublin,old-virginia,old-virginia-denied\n"
        "pulumi up\n"
    )


def test_a_region_narrows_it_down(account: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(account, monkeypatch, "--json", "--region", "eu-west-1")
    assert list(verdicts(result)) == ["old-dublin"]


def test_a_region_without_buckets_is_named_in_the_summary(account: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(account, monkeypatch, "--region", "ap-south-1")
    assert result.stdout == "0 buckets in ap-south-1: 0 accept SigV2, 0 refuse it, 0 unknown.\n"


def test_what_s3_answers_otherwise_is_unknown_with_the_reason(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.client("s3").create_bucket(Bucket="odd")
    deny(emulator, "odd", StringEquals={"s3:signatureversion": "AWS"}, IpAddress={"aws:SourceIp": "127.0.0.1"})
    result = run(emulator, monkeypatch, "--json")
    assert result.exit_code == UNKNOWN
    ((region, verdict, reason),) = verdicts(result).values()
    assert (region, verdict) == (None, "unknown")
    assert reason.startswith("its Region cannot be told: AWS refused HeadBucket (400")


def test_an_account_without_buckets_has_nothing_to_watch(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(emulator, monkeypatch)
    assert (result.exit_code, result.stdout) == (
        0,
        "0 buckets: 0 accept SigV2, 0 refuse it, 0 unknown.\n",
    )


def test_a_watched_bucket_logs_the_probe_under_a_name_that_tells_what_it_is(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = deploy_pipeline(emulator, {})
    run(emulator, monkeypatch, "--json")
    events = [event["detail"] for event in pipeline.logged()]
    assert {event["eventName"] for event in events} == {"ListObjects"}
    assert TARGET in {event["requestParameters"]["bucketName"] for event in events}
    assert all(event["userAgent"].endswith(f"{USER_AGENT}]") for event in events)


OTHER_ACCOUNT = "210987654321"


@pytest.fixture
def profiles(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One profile of the account, two of another one, in which there is a bucket, and one that AWS turns away."""
    arn = f"arn:aws:iam::{OTHER_ACCOUNT}:role/discoverer"
    keys = {
        "ours": iam_user(emulator.client, "ours"),
        "nobodys": Credentials("AKIANOBODY0000000000", ""),
    }
    for profile in ("theirs", "again"):
        given = emulator.client("sts").assume_role(RoleArn=arn, RoleSessionName=profile)["Credentials"]
        keys[profile] = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    lines = []
    for profile, key in keys.items():
        lines += [f"[profile {profile}]", "region = us-east-1", f"aws_access_key_id = {key.access_key_id}"]
        lines += [f"aws_secret_access_key = {key.secret_access_key}"] if key.secret_access_key else []
        lines += [f"aws_session_token = {key.session_token}"] if key.session_token else []
    (tmp_path / "config").write_text("\n".join(lines))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.endpoint)
    for variable in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    emulator.client("s3").create_bucket(Bucket="ours-virginia")
    boto3.session.Session(profile_name="theirs").client("s3").create_bucket(Bucket="theirs-virginia")


@pytest.mark.usefixtures("profiles")
def test_several_accounts_are_asked_each_once_and_forward_to_the_first() -> None:
    result = invoke(*(word for name in ("ours", "theirs", "again") for word in ("--profile", name)))
    assert (result.exit_code, result.stderr) == (
        0,
        f"Profile again is of account {OTHER_ACCOUNT}, as theirs is, so it is asked once.\n",
    )
    table, _, rest = result.stdout.partition("2 buckets: ")
    headings = [word.strip() for word in table.splitlines()[2].strip("┃").split("┃")]
    assert headings == ["Bucket", "Account", "Region", "Created", "SigV2", "Reason"]
    (theirs,) = [line for line in table.splitlines() if "theirs-virginia" in line]
    assert OTHER_ACCOUNT in theirs
    assert rest.partition("\n\n")[2] == (
        "To watch those that accept it, or may:\n\n"
        "# account 123456789012, profile ours: 1 bucket in us-east-1; with the log of all accounts\n"
        "pulumi stack select --create account-123456789012\n"
        "pulumi config set aws:region us-east-1\n"
        "pulumi config set aws:profile ours\n"
        "pulumi config set targetBuckets ours-virginia\n"
        f"pulumi config set acceptFrom {OTHER_ACCOUNT}\n"
        "pulumi up\n"
        f"# account {OTHER_ACCOUNT}, profile theirs: 1 bucket in us-east-1; forwards to the log of account "
        "123456789012\n"
        f"pulumi stack select --create account-{OTHER_ACCOUNT}\n"
        "pulumi config set aws:region us-east-1\n"
        "pulumi config set aws:profile theirs\n"
        "pulumi config set targetBuckets theirs-virginia\n"
        'pulumi config set forwardTo "$(pulumi stack output eventBusArn --stack account-123456789012)"\n'
        "pulumi up\n"
    )


@pytest.mark.usefixtures("profiles")
def test_each_accounts_costs_are_summed_up_by_themselves() -> None:
    result = invoke("--profile", "ours", "--profile", "theirs", "--cost")
    assert (result.exit_code, result.stderr) == (0, "")
    table, _, sentences = result.stdout.partition("What watching them would cost")[2].partition("Account 1")
    rows = [[cell.strip() for cell in row.split("│")[1:5]] for row in table.splitlines() if "-virginia" in row]
    assert rows == [
        ["ours-virginia", "123456789012", "us-east-1", "unknown"],
        ["theirs-virginia", OTHER_ACCOUNT, "us-east-1", "unknown"],
    ]
    assert sentences.splitlines()[:2] == [
        "23456789012: unknown, for 1 bucket.",
        f"Account {OTHER_ACCOUNT}: unknown, for 1 bucket.",
    ]


@pytest.mark.usefixtures("profiles")
def test_an_account_that_cannot_be_asked_is_named_and_the_others_are_asked() -> None:
    options = [word for name in ("nobodys", "missing", "theirs") for word in ("--profile", name)]
    result = invoke(*options)
    assert result.exit_code == 1
    assert [line.partition(": ")[2].partition(" (")[0] for line in result.stderr.splitlines()] == [
        "profile nobodys is left out: there are no AWS credentials: run `aws configure`, or choose a profile with "
        "--profile",
        "profile missing is left out: The config profile",
    ]
    assert result.stdout.endswith(
        "1 bucket: 1 accept SigV2, 0 refuse it, 0 unknown.\n\nThere are no lines to paste: the account of the first "
        "profile is to have the log, and nobodys could not be asked. Mend that, or name another profile first.\n"
    )
    assert "pulumi stack select --create account" in invoke(*options[-2:], *options[:-2]).stdout
    document = json.loads(invoke(*options, "--json").stdout)
    assert [(bucket["name"], bucket["accountId"]) for bucket in document["buckets"]] == [
        ("theirs-virginia", OTHER_ACCOUNT)
    ]
    assert [one["profile"] for one in document["notAsked"]] == ["nobodys", "missing"]
    assert document["notAsked"][1]["reason"].startswith("The config profile (missing) could not be found")


@pytest.mark.usefixtures("profiles")
def test_where_the_first_account_has_nothing_to_watch_another_has_the_log_and_that_is_said(emulator: Emulator) -> None:
    arn = "arn:aws:iam::444455556666:role/discoverer"
    given = emulator.client("sts").assume_role(RoleArn=arn, RoleSessionName="empty")["Credentials"]
    with Path(os.environ["AWS_CONFIG_FILE"]).open("a") as config:
        config.write(
            f"\n[profile empty]\naws_access_key_id = {given['AccessKeyId']}\n"
            f"aws_secret_access_key = {given['SecretAccessKey']}\naws_session_token = {given['SessionToken']}\n"
        )
    result = invoke(*(word for name in ("empty", "ours", "theirs") for word in ("--profile", name)))
    assert (
        "\n\n# account 444455556666 has nothing to watch here, so another has the log\n"
        "# account 123456789012, profile ours: 1 bucket in us-east-1; with the log of all accounts\n"
    ) in result.stdout
    alone = invoke("--profile", "empty", "--profile", "ours").stdout
    assert "has the log" not in alone


@pytest.mark.usefixtures("profiles")
def test_where_no_account_can_be_asked_there_is_no_answer() -> None:
    for options in ((), ("--json",)):
        result = invoke("--profile", "missing", "--profile", "nobodys", *options)
        assert (result.exit_code, result.stdout, result.stderr.count("Error: profile ")) == (1, "", 2)


def test_an_empty_profile_is_a_mistake() -> None:
    assert invoke("--profile", "ours", "--profile", "").exit_code == 2


def test_an_endpoint_that_nobody_listens_at_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    result = invoke()
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: AWS cannot be reached (")
    assert "Traceback" not in result.stderr


def test_an_endpoint_that_is_no_url_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "garbage")
    result = invoke()
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: Invalid endpoint: garbage; check AWS_ENDPOINT_URL\n"


def test_a_profile_that_does_not_exist_is_one_sentence() -> None:
    result = invoke("--profile", "nobody-has-this")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: The config profile (nobody-has-this) could not be found")
