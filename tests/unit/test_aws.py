import pytest
from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

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
