"""Who asks the account what no look-up of the provider tells: boto3, with the credentials that the provider takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pulumi.runtime import config as pulumi_config
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

if TYPE_CHECKING:
    import pulumi

    from blueprint.arns import Arns

_ANY_OF_AWS = "aws:index/region:Region"
Clients = Callable[[str, str], Any]
"""From a service and a Region to a client of boto3."""


class NotAskedError(Exception):
    """Nobody can ask; the message is the rest of a sentence that begins with `as`, or empty where none is missed."""


def clients_of(arns: Arns, options: pulumi.ResourceOptions | None) -> Clients:
    """Find out by whom the account can be asked; this calls AWS, to see whose the credentials are.

    Args:
        arns: the account and Region that the provider is of.
        options: of the component.

    Raises:
        NotAskedError: a program cannot see the credentials of a provider that it was given, or those at hand are of
            another account, or of none. Under mocks there is no account, unless they have an `aws_client` to be asked.
    """
    monitor = get_monitor()
    if isinstance(monitor, MockMonitor):
        client: Clients | None = getattr(monitor.mocks, "aws_client", None)
        if client is None:
            raise NotAskedError
        return client
    if options and (given_provider(options) or (options.parent and options.parent.get_provider(_ANY_OF_AWS))):
        raise NotAskedError("the component has a provider of its own, whose credentials a program cannot see")
    return _clients_of_default_provider({**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}, arns)


def given_provider(options: pulumi.ResourceOptions) -> pulumi.ProviderResource | None:
    """The provider of AWS that a component itself was given; its parent may have another."""
    given = options.providers or ()
    providers = [options.provider, *(given.values() if isinstance(given, Mapping) else given)]
    return next((provider for provider in providers if provider and provider.package == "aws"), None)


def _clients_of_default_provider(configuration: Mapping[str, Any], arns: Arns) -> Clients:
    # Half a second to import, which a program under mocks need not wait for.
    from aws_account.account_session import AccountSessionError, session_of  # noqa: PLC0415

    try:
        session = session_of({key: str(value) for key, value in configuration.items()}, arns.account_id, arns.region)
    except AccountSessionError as error:
        raise NotAskedError(str(error)) from None
    client: Callable[..., Any] = session.client
    return lambda service, region: client(service, region_name=region)
