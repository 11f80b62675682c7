"""The user's own AWS account: a session with ordinary credentials, and its refusals in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from aws_account.aws_refusals import is_forbidden
from aws_account.provider_session import provider_session
from aws_account.provider_settings import ProviderSettings
from sigv2.terminal import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping

    import boto3.session
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import LogGroupTypeDef

_REASONS: Final[tuple[tuple[tuple[type[BotoCoreError], ...], str], ...]] = (
    (
        (exceptions.NoCredentialsError, exceptions.PartialCredentialsError),
        "there are no AWS credentials: run `aws configure`, or choose a profile with {profile}",
    ),
    (
        (
            exceptions.CredentialRetrievalError,
            exceptions.SSOError,
            exceptions.TokenRetrievalError,
            exceptions.LoginError,
        ),
        "the AWS credentials cannot be loaded ({error}): log in again, or choose a profile with {profile}",
    ),
    (
        (exceptions.ProfileNotFound,),
        "{error}: `aws configure list-profiles` shows those that there are",
    ),
    (
        (exceptions.NoRegionError,),
        "no AWS Region is set: name one with {region}, or run `aws configure set region REGION`",
    ),
    (
        (exceptions.HTTPClientError, exceptions.ConnectionError),
        "AWS cannot be reached ({error}): check the network, the Region and AWS_ENDPOINT_URL",
    ),
)
_BAD_CREDENTIALS: Final = (
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
)


def session(profile: str | None, region: str | None) -> boto3.session.Session:
    """A session as every AWS tool makes it: environment, profile, instance role; `AWS_ENDPOINT_URL` is honoured.

    Args:
        profile: of the user's AWS configuration; None for the one that the environment names.
        region: None for the one that environment or profile name.

    Raises:
        botocore.exceptions.ProfileNotFound: there is no such profile.
    """
    return provider_session(ProviderSettings(profile=profile, region=region))


def log_group_named(logs: CloudWatchLogsClient, name: str) -> LogGroupTypeDef | None:
    """What CloudWatch Logs says of a log group; None where there is none of exactly this name.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html

    Raises:
        botocore.exceptions.ClientError: the caller may not ask, or AWS refuses otherwise.
    """
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    return next((group for page in pages for group in page["logGroups"] if group["logGroupName"] == name), None)


def policies_of_role(iam: IAMClient, name: str) -> list[Mapping[str, object]]:
    """The documents of all policies that a role has, its own and attached ones.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html

    Raises:
        botocore.exceptions.ClientError: there is no such role, or the caller may not ask.
    """

    def managed(arn: str) -> Any:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]

    own = iam.get_paginator("list_role_policies").paginate(RoleName=name)
    attached = iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
    # botocore has parsed these documents, which its types do not know.
    found: list[Any] = [
        iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for page in own
        for policy in page["PolicyNames"]
    ]
    found.extend(managed(policy["PolicyArn"]) for page in attached for policy in page["AttachedPolicies"])
    return found


def explained(error: BotoCoreError | ClientError, *, profile: str = "--profile", region: str = "--region") -> str:
    """Says in one sentence, without a stop, what AWS or the way to it refused, and what to do.

    Args:
        error: what boto3 raised.
        profile: the option, or the command, that chooses other credentials.
        region: the one that names a Region.

    Returns:
        One line that is safe to print.
    """
    return harmless(
        _refusal(error, profile) if isinstance(error, ClientError) else _failure(error, profile, region)
    ).plain


def _failure(error: BotoCoreError, profile: str, region: str) -> str:
    text = str(error).rstrip(".")
    reason = next((reason for types, reason in _REASONS if isinstance(error, types)), "{error}")
    return reason.format(error=text, profile=profile, region=region)


def _refusal(error: ClientError, profile: str) -> str:
    code = error.response["Error"].get("Code", "Unknown")
    message = (error.response["Error"].get("Message") or "no reason given").rstrip(".")
    operation = error.operation_name
    if code in _BAD_CREDENTIALS:
        return f"AWS does not accept these credentials ({code}: {message}): renew them, or choose others with {profile}"
    if is_forbidden(error):
        return f"these credentials may not call {operation}: {message}"
    return f"AWS refused {operation} ({code}): {message}"
