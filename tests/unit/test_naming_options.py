"""A sentence about a stack names the options of this stack, and those of no other."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError

from sigv2.stack import Stack, StackError, read_stack_files
from sigv2.stack.naming_options import FORWARDING, HUB, OWN, NamingOptions
from sigv2.stack.stack_account import enter, enter_beside, explained_of

EXPIRED = ClientError({"Error": {"Code": "ExpiredToken", "Message": "It is over."}}, "GetCallerIdentity")
SETS_PROFILE = "`pulumi config set aws:profile PROFILE --stack team`"
SETS_REGION = "`pulumi config set aws:region REGION --stack team`"


def stack(named_by: NamingOptions, *unread: str, **aws: str) -> Stack:
    configuration = {f"aws:{key}": value for key, value in aws.items()}
    return Stack("project", "team", configuration, unread=frozenset(unread), named_by=named_by)


@pytest.mark.parametrize(
    ("named_by", "profile", "region"),
    [
        (OWN, "--profile", "--region"),
        (HUB, "--hub-profile", SETS_REGION),
        (FORWARDING, SETS_PROFILE, SETS_REGION),
    ],
)
def test_what_aws_refuses_is_mended_by_what_chooses_this_stacks_credentials(
    named_by: NamingOptions, profile: str, region: str
) -> None:
    asked = stack(named_by)
    assert explained_of(asked, NoCredentialsError()) == (
        f"there are no AWS credentials: run `aws configure`, or choose a profile with {profile}"
    )
    assert explained_of(asked, EXPIRED) == (
        f"AWS does not accept these credentials (ExpiredToken: It is over): renew them, or choose others with {profile}"
    )
    assert explained_of(asked, NoRegionError()) == (
        f"no AWS Region is set: name one with {region}, or run `aws configure set region REGION`"
    )
    with pytest.raises(StackError) as told:
        enter(stack(named_by, accessKey="AKIA", region="us-east-1"))
    assert str(told.value) == (
        "stack team: aws:accessKey and aws:secretKey go together, and only one of them is set: choose credentials with "
        f"{profile}"
    )


def test_another_stack_without_credentials_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text("[profile empty]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for variable in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(StackError) as told:
        enter_beside(stack(HUB, region="us-east-1"), profile="empty")
    assert str(told.value) == (
        "stack team: there are no AWS credentials: run `aws configure`, or choose a profile with --hub-profile"
    )
    with pytest.raises(StackError) as told:
        enter_beside(stack(FORWARDING, region="us-east-1", profile="empty"))
    assert str(told.value) == (
        f"stack team: there are no AWS credentials: run `aws configure`, or choose a profile with {SETS_PROFILE}"
    )


@pytest.mark.parametrize(
    ("named_by", "key", "way_out"),
    [
        (OWN, "aws:secretKey", ", or give --profile PROFILE for this once"),
        (HUB, "aws:secretKey", ", or give --hub-profile PROFILE for this once"),
        (FORWARDING, "aws:secretKey", ""),
        (OWN, "aws:region", ", or give --region REGION for this once"),
        (HUB, "aws:region", ""),
        (OWN, "project:forwardTo", ", or give --config forwardTo=VALUE for this once"),
        (HUB, "project:forwardTo", ""),
    ],
)
def test_what_a_file_cannot_tell_is_asked_for_by_an_option_only_where_there_is_one(
    named_by: NamingOptions, key: str, way_out: str
) -> None:
    with pytest.raises(StackError) as told:
        stack(named_by, key).require(key)
    assert str(told.value) == (
        f"stack team holds {key.removeprefix('project:')} as a secret, which only the Pulumi CLI can read: install it "
        f"and log in{way_out}"
    )


@pytest.mark.parametrize(
    ("named_by", "way_out"),
    [
        (OWN, ", or give what it holds with --config KEY=VALUE, --region and --profile"),
        (HUB, ", or give what it holds with --hub-profile"),
        (FORWARDING, ""),
    ],
)
def test_what_an_environment_may_hold_is_asked_for_in_the_same_way(named_by: NamingOptions, way_out: str) -> None:
    with pytest.raises(StackError) as told:
        Stack("project", "team", {}, environments=("shared",), named_by=named_by).require("aws:profile")
    assert str(told.value).partition("may be there: ")[2] == f"install it and log in{way_out}"


@pytest.mark.parametrize("named_by", [OWN, HUB, FORWARDING])
def test_what_is_no_name_is_said_of_the_option_that_gave_it(named_by: NamingOptions) -> None:
    with pytest.raises(StackError, match=f"^{named_by.stack}: 'no name' is no name of a stack"):
        read_stack_files("no name", named_by=named_by)
