"""Assumes the roles that the AWS provider is told to assume, one after the other, as boto3 does for a profile."""

from pathlib import Path
from typing import Any

import boto3.session
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    AssumeRoleWithWebIdentityCredentialFetcher,
    CachedCredentialFetcher,
    CredentialProvider,
    Credentials,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import CredentialRetrievalError, NoCredentialsError

from aws_account.provider_settings import ProviderSettings, Role


class RoleChain(CredentialProvider):
    """Where boto3 finds the credentials of the last role; they are renewed before they expire."""

    METHOD = "provider-settings"

    def __init__(self, own: boto3.session.Session, provider: ProviderSettings) -> None:
        """Take note of what to do; AWS is asked when credentials are needed.

        Args:
            own: a session with the credentials that the first role is assumed with.
            provider: names the roles.
        """
        super().__init__()
        self._own = own
        self._provider = provider

    def load(self) -> Credentials:
        """Make the credentials.

        Raises:
            botocore.exceptions.NoCredentialsError: there are none to assume the first role with.
        """
        web_identity = self._provider.web_identity
        credentials = self._of_web_identity(web_identity) if web_identity else self._own.get_credentials()
        for role in self._provider.roles:
            if credentials is None:
                raise NoCredentialsError
            credentials = _renewed_by(
                AssumeRoleCredentialFetcher(self._sts, credentials, role.arn, extra_args=dict(role.arguments))
            )
        if credentials is None:
            raise NoCredentialsError
        return credentials

    def _of_web_identity(self, role: Role) -> Credentials:
        return _renewed_by(
            AssumeRoleWithWebIdentityCredentialFetcher(
                self._sts, lambda: _token(role), role.arn, extra_args=dict(role.arguments)
            )
        )

    def _sts(self, service: str, **kwargs: Any) -> Any:
        make: Any = self._own.client
        return make(service, **{"region_name": self._provider.sts_region, **kwargs})


def _renewed_by(fetcher: CachedCredentialFetcher) -> Credentials:
    return DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")


def _token(role: Role) -> str:
    if role.token_file is None:
        return role.token or ""
    try:
        return Path(role.token_file).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialRetrievalError(provider="aws:assumeRoleWithWebIdentity", error_msg=str(error)) from None
