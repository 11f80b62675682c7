from typing import Any

import pytest
from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from aws_account.provider_session import InvalidEndpointError
from sigv2.aws import explained, session


def refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "StartQuery")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            exceptions.NoCredentialsError(),
            "there are no AWS credentials: run `aws configure`, or choose a profile with --profile",
        ),
        (
            exceptions.UnauthorizedSSOTokenError(),
            "the AWS credentials cannot be loaded (The SSO session associated with this profile has expired or is "
            "otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile): "
            "log in again, or choose a profile with --profile",
        ),
        (
            exceptions.NoRegionError(),
            "no AWS Region is set: name one with --region, or run `aws configure set region REGION`",
        ),
        (
            exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
            'AWS cannot be reached (Could not connect to the endpoint URL: "http://127.0.0.1:1"): check the network, '
            "the Region and AWS_ENDPOINT_URL",
        ),
        (
            refused("ExpiredTokenException", "The security token included in the request is expired."),
            "AWS does not accept these credentials (ExpiredTokenException: The security token included in the request "
            "is expired): renew them, or choose others with --profile",
        ),
        (
            refused("AccessDeniedException", "User: x is not authorized"),
            "these credentials may not call StartQuery: User: x is not authorized",
        ),
        (refused("Oops", ""), "AWS refused StartQuery (Oops): no reason given"),
        (refused("Oops", "\x1b[31mred\nline"), r"AWS refused StartQuery (Oops): \x1b[31mred\nline"),
    ],
)
def test_what_aws_refuses_is_explained_in_one_harmless_sentence(
    error: BotoCoreError | ClientError, sentence: str
) -> None:
    assert explained(error) == sentence


def test_a_profile_that_does_not_exist_is_named() -> None:
    with pytest.raises(exceptions.ProfileNotFound) as missing:
        session("nobody-has-this", None)
    assert explained(missing.value) == (
        "The config profile (nobody-has-this) could not be found: `aws configure list-profiles` shows those that "
        "there are"
    )


def test_an_endpoint_that_is_no_url_is_explained_and_a_wrong_region_is_not_taken_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(exceptions.InvalidRegionError) as region:
        session(None, "no region").client("logs")
    assert explained(region.value) == "Provided region_name 'no region' doesn't match a supported format"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "notaurl")
    with pytest.raises(InvalidEndpointError) as endpoint:
        session(None, "us-east-1").client("logs")
    assert explained(endpoint.value) == "Invalid endpoint: notaurl; check AWS_ENDPOINT_URL"


@pytest.mark.parametrize("config", [None, Config(user_agent_extra="mine")])
def test_every_client_waits_no_longer_than_a_person_would(config: Config | None) -> None:
    told: Any = session(None, "us-east-1").client("logs", config=config).meta.config
    assert (told.connect_timeout, told.read_timeout) == (5, 20)
    assert told.retries == {"mode": "standard", "total_max_attempts": 3}
    assert told.user_agent_extra == (config.user_agent_extra if config else None)  # type: ignore[attr-defined]
