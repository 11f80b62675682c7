"""Sessions with the credentials that the AWS provider would take, and where it would go with them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import boto3.session
import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialResolver
from botocore.exceptions import BotoCoreError

from aws_account.assumed_roles import RoleChain
from aws_account.provider_settings import ProviderSettings, ProviderSettingsError

_PATIENCE: Final = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})


class InvalidEndpointError(BotoCoreError):
    """`AWS_ENDPOINT_URL`, or its like in the AWS configuration, is no URL."""

    fmt = "{error}; check AWS_ENDPOINT_URL"


class _Session(boto3.session.Session):
    """Says of an endpoint that is no URL what can be caught with all else that AWS, or the way to it, refuses."""

    def __init__(self, endpoints: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._endpoints = endpoints

    def client(self, service_name: Any, *args: Any, **kwargs: Any) -> Any:
        if service_name in self._endpoints:
            kwargs.setdefault("endpoint_url", self._endpoints[service_name])
        try:
            return super().client(service_name, *args, **kwargs)
        except BotoCoreError:
            raise
        except ValueError as error:
            raise InvalidEndpointError(error=error) from None


def provider_session(provider: ProviderSettings) -> boto3.session.Session:
    """A session with the credentials, and in the Region, that the AWS provider would take.

    `AWS_ENDPOINT_URL` is honoured. Roles are assumed when the first request is made. Its clients wait no longer than a
    person would, and raise `InvalidEndpointError` where they cannot be made.

    Args:
        provider: where it names no Region, AWS_REGION does, then AWS_DEFAULT_REGION, then the profile.

    Raises:
        ProviderSettingsError: a file that it names is not there.
        botocore.exceptions.ProfileNotFound: there is no such profile.
    """
    underlying = _underlying(provider)
    if provider.access_key and provider.secret_key:
        underlying.set_credentials(provider.access_key, provider.secret_key, provider.token)
    own = _make(provider, underlying)
    if not provider.roles and not provider.web_identity:
        return own
    assuming = _underlying(provider)
    assuming.register_component("credential_provider", CredentialResolver([RoleChain(own, provider)]))
    return _make(provider, assuming)


def _make(provider: ProviderSettings, underlying: botocore.session.Session) -> _Session:
    region = provider.region or os.environ.get("AWS_REGION") or None
    return _Session(provider.endpoints, botocore_session=underlying, profile_name=provider.profile, region_name=region)


def _underlying(provider: ProviderSettings) -> botocore.session.Session:
    underlying = botocore.session.Session()
    underlying.set_default_client_config(_PATIENCE)
    for variable, file in (("config_file", provider.config_file), ("credentials_file", provider.credentials_file)):
        if file is None:
            continue
        if not Path(file).expanduser().is_file():
            raise ProviderSettingsError(
                f"the stack's AWS settings name the file {file}, which is not here", is_about_credentials=True
            )
        underlying.set_config_variable(variable, file)
    return underlying
