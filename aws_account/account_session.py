"""A session of a program with the account that its provider is of, or none at all."""

from collections.abc import Mapping

import boto3.session
from botocore.exceptions import BotoCoreError, ClientError

from aws_account.provider_session import provider_session
from aws_account.provider_settings import ProviderSettingsError, provider_settings


class AccountSessionError(Exception):
    """There is no such session; the message says why, without a stop."""


def session_of(configuration: Mapping[str, str], account_id: str, region: str) -> boto3.session.Session:
    """Make a session with the credentials of a stack's provider, and ask AWS whose they are.

    Args:
        configuration: the stack's, keys with their namespaces.
        account_id: the account that the provider says it is of.
        region: where to ask.

    Raises:
        AccountSessionError: there are no such credentials here, or they are of another account.
    """
    try:
        session = provider_session(provider_settings(configuration))
        whose = session.client("sts", region_name=region).get_caller_identity()["Account"]
    except (ProviderSettingsError, BotoCoreError, ClientError) as error:
        raise AccountSessionError(f"the provider's credentials cannot be used here ({error})") from None
    if whose != account_id:
        raise AccountSessionError(f"the credentials at hand are of account {whose}, and the provider's of {account_id}")
    return session
