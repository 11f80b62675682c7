"""What the settings of the AWS provider say of credentials, read as the provider reads them."""

import json

import pytest

from aws_account.provider_settings import ProviderSettings, ProviderSettingsError, Role, provider_settings

ROLE = "arn:aws:iam::123456789012:role/deployer"


def test_a_stack_that_sets_nothing_leaves_all_to_the_environment() -> None:
    assert provider_settings({"project:targetBuckets": "one", "aws:profile": ""}) == ProviderSettings()


def test_every_setting_that_chooses_credentials_or_a_place_is_read() -> None:
    role = {
        "roleArn": ROLE,
        "sessionName": "me",
        "externalId": 42,
        "duration": "1h30m",
        "policy": '{"Version": "2012-10-17"}',
        "policyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "sourceIdentity": "someone",
        "tags": {"team": "a"},
        "transitiveTagKeys": ["team"],
    }
    assert provider_settings(
        {
            "aws:region": "eu-west-1",
            "aws:stsRegion": "us-east-1",
            "aws:profile": "prod",
            "aws:accessKey": "AKIA",
            "aws:secretKey": "secret",
            "aws:token": "token",
            "aws:assumeRoles": json.dumps([role, {"roleArn": f"{ROLE}-2"}]),
            "aws:assumeRoleWithWebIdentity": json.dumps({"roleArn": ROLE, "webIdentityTokenFile": "/token"}),
            "aws:sharedConfigFiles": '["~/config"]',
            "aws:sharedCredentialsFiles": "~/credentials",
            "aws:endpoints": json.dumps(
                [{"eventbridge": "http://e", "cloudwatchlogs": "http://l"}, {"s3": "http://s"}]
            ),
            "aws:allowedAccountIds": "[123456789012]",
            "aws:forbiddenAccountIds": '["210987654321"]',
        }
    ) == ProviderSettings(
        profile="prod",
        region="eu-west-1",
        sts_region="us-east-1",
        access_key="AKIA",
        secret_key="secret",
        token="token",
        web_identity=Role(ROLE, token_file="/token"),
        roles=(
            Role(
                ROLE,
                {
                    "RoleSessionName": "me",
                    "ExternalId": "42",
                    "Policy": '{"Version": "2012-10-17"}',
                    "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
                    "SourceIdentity": "someone",
                    "Tags": [{"Key": "team", "Value": "a"}],
                    "TransitiveTagKeys": ["team"],
                    "DurationSeconds": 5400,
                },
            ),
            Role(f"{ROLE}-2"),
        ),
        config_file="~/config",
        credentials_file="~/credentials",
        endpoints={"events": "http://e", "logs": "http://l", "s3": "http://s"},
        allowed_accounts=frozenset({"123456789012"}),
        forbidden_accounts=frozenset({"210987654321"}),
    )


def test_the_one_role_of_older_versions_is_assumed_too() -> None:
    old = {"aws:assumeRole": json.dumps({"roleArn": ROLE, "durationSeconds": 900})}
    assert provider_settings(old).roles == (Role(ROLE, {"DurationSeconds": 900}),)


def test_a_profile_of_the_users_goes_instead_of_all_credentials_and_of_nothing_else() -> None:
    configured = {
        "aws:profile": "prod",
        "aws:assumeRoles": "no JSON, but nobody looks",
        "aws:accessKey": "AKIA",
        "aws:region": "eu-west-1",
        "aws:allowedAccountIds": '["123456789012"]',
    }
    assert provider_settings(configured, credentials=False) == ProviderSettings(
        region="eu-west-1", allowed_accounts=frozenset({"123456789012"})
    )


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("accessKey", "AKIA", "aws:accessKey and aws:secretKey go together, and only one of them is set"),
        ("assumeRoles", "[{", "aws:assumeRoles starts like JSON and is none"),
        (
            "assumeRoles",
            "[{}]",
            "aws:assumeRoles has a role without a roleArn",
        ),
        (
            "assumeRoles",
            ROLE,
            "aws:assumeRoles has a role without a roleArn",
        ),
        (
            "assumeRoles",
            json.dumps([{"roleArn": ROLE, "mfa": "1"}]),
            "aws:assumeRoles has 'mfa', which is no key of a role",
        ),
        (
            "assumeRoles",
            json.dumps([{"roleArn": ROLE, "duration": "soon"}]),
            "aws:assumeRoles: duration 'soon' is no time such as 900s, 30m or 1h30m",
        ),
        (
            "assumeRoles",
            json.dumps([{"roleArn": ROLE, "policy": "{"}]),
            "aws:assumeRoles: policy is no JSON",
        ),
        (
            "assumeRoles",
            json.dumps([{"roleArn": ROLE, "tags": "a"}]),
            "aws:assumeRoles: tags is not what the provider takes",
        ),
        (
            "sharedConfigFiles",
            '["a", "b"]',
            "aws:sharedConfigFiles names 2 files, and boto3 reads one",
        ),
        ("endpoints", "http://e", "aws:endpoints: 'http://e' is no object of services and their URLs"),
    ],
)
def test_what_cannot_be_followed_is_said_in_one_sentence(key: str, value: str, sentence: str) -> None:
    with pytest.raises(ProviderSettingsError) as told:
        provider_settings({f"aws:{key}": value})
    assert str(told.value) == sentence
    assert told.value.is_about_credentials is (key != "endpoints")
