"""The account and Region that a command answers for: those of the stack, or none at all."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import boto3.session
from botocore.exceptions import BotoCoreError, ClientError

from aws_account.provider_session import provider_session
from aws_account.provider_settings import CREDENTIAL_KEYS, ProviderSettings, ProviderSettingsError, provider_settings
from blueprint.arns import Arns
from sigv2.aws import explained, session
from sigv2.stack.stack_value import Stack, StackError

_CHOSEN_BY_ENVIRONMENT: Final = (
    *("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    *("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
)
_READ_FROM_FILES: Final = ("region", "endpoints", "allowedAccountIds", "forbiddenAccountIds")


@dataclass(frozen=True)
class AccountInRegion:
    """Where a command asks.

    Attributes:
        session: goes there.
        account_id: whose credentials these are, as AWS says.
        caller_arn: ARN of the principal that they are of.
        region: of the session.
        caveat: what there is to be said against its being the stack's, as the rest of a sentence; None if nothing.
    """

    session: boto3.session.Session
    account_id: str
    caller_arn: str
    region: str
    caveat: str | None = None

    @property
    def arns(self) -> Arns:
        """ARNs of what lies there."""
        return Arns(self.session.get_partition_for_region(self.region), self.account_id, self.region)

    def __str__(self) -> str:
        told = f"This is account {self.account_id} in {self.region}"
        return f"{told}; {self.caveat}." if self.caveat else f"{told}."


def enter(stack: Stack, *, profile: str | None = None, region: str | None = None) -> AccountInRegion:
    """Go to a stack's account and Region with the credentials of its provider.

    Args:
        stack: whose outputs say where it is, if it is deployed and Pulumi was asked.
        profile: of the user's AWS configuration, instead of all credentials that the stack names.
        region: instead of the stack's.

    Raises:
        StackError: the credentials' account, or the Region asked for, is not the stack's; or where the stack is, or
            with whose credentials it is deployed, cannot be told from its files.
        botocore.exceptions.BotoCoreError: there are no credentials, no Region, or no way to AWS.
        botocore.exceptions.ClientError: AWS does not accept the credentials.
    """
    if stack.is_deployed is False:
        raise StackError(
            f"Pulumi has no outputs of stack {stack.name}, so nothing is deployed: run `pulumi up --stack {stack.name}`"
        )
    outputs = stack.outputs or {}
    _require_settings(stack, profile, region)
    try:
        provider = provider_settings(stack.configuration, credentials=profile is None)
        deployed_in = outputs.get("region")
        if deployed_in and region not in (None, deployed_in):
            raise StackError(f"stack {stack.name} is deployed to {deployed_in}, not {region}: leave out --region")
        provider = replace(
            provider, profile=profile or provider.profile, region=deployed_in or region or provider.region
        )
        made = provider_session(provider)
    except ProviderSettingsError as error:
        otherwise = f": choose credentials with {stack.chooses_profile}" if error.is_about_credentials else ""
        raise StackError(f"stack {stack.name}: {error}{otherwise}") from None
    place = replace(_place_of(made), caveat=_caveat(stack, outputs, provider))
    _refuse_foreign(place.account_id, stack, outputs, provider)
    return place


def enter_beside(stack: Stack, *, profile: str | None = None) -> AccountInRegion:
    """Go where another stack is than the one that the command is about.

    Args:
        stack: as for `enter`.
        profile: as for `enter`.

    Raises:
        StackError: as for `enter`, or AWS cannot be asked with these credentials.
    """
    try:
        return enter(stack, profile=profile)
    except (BotoCoreError, ClientError) as error:
        raise StackError(f"stack {stack.name}: {explained_of(stack, error)}") from None


def explained_of(stack: Stack, error: BotoCoreError | ClientError) -> str:
    """Says what AWS refused, as `explained` does, with the way out that there is for this stack."""
    return explained(error, profile=stack.chooses_profile, region=stack.chooses_region)


def enter_without_stack(profile: str | None, region: str | None) -> AccountInRegion:
    """Go where profile, Region and environment lead.

    Raises:
        botocore.exceptions.BotoCoreError: there are no credentials, no Region, or no way to AWS.
        botocore.exceptions.ClientError: AWS does not accept the credentials.
    """
    return _place_of(session(profile, region))


def _place_of(made: boto3.session.Session) -> AccountInRegion:
    caller = made.client("sts").get_caller_identity()
    return AccountInRegion(made, caller["Account"], caller["Arn"], made.region_name)


def _require_settings(stack: Stack, profile: str | None, region: str | None) -> None:
    """Refuse what a file cannot tell and the options do not, rather than take the default account."""
    credentials = () if profile else CREDENTIAL_KEYS
    secret = [key for key in (*_READ_FROM_FILES, *credentials) if f"aws:{key}" in stack.unread]
    chosen = any(f"aws:{key}" in stack.configuration for key in CREDENTIAL_KEYS)
    doubtful = [] if region else ["region"]
    if not profile and not chosen and not any(map(os.environ.get, _CHOSEN_BY_ENVIRONMENT)):
        doubtful.append("profile")
    stack.require(*(f"aws:{key}" for key in (*secret, *doubtful) if not (key == "region" and region)))


def _refuse_foreign(account_id: str, stack: Stack, outputs: Mapping[str, object], provider: ProviderSettings) -> None:
    own = outputs.get("accountId")
    way_out = f"choose credentials of {own or 'its account'} with {stack.chooses_profile}"
    if own and account_id != own:
        raise StackError(
            f"these credentials are of account {account_id}, and stack {stack.name} is in account {own}: {way_out}"
        )
    if provider.allowed_accounts and account_id not in provider.allowed_accounts:
        allowed = ", ".join(sorted(provider.allowed_accounts))
        raise StackError(
            f"these credentials are of account {account_id}, and aws:allowedAccountIds of stack {stack.name} names "
            f"{allowed}: {way_out}"
        )
    if account_id in provider.forbidden_accounts:
        raise StackError(
            f"these credentials are of account {account_id}, which aws:forbiddenAccountIds of stack {stack.name} "
            f"names: {way_out}"
        )


def _caveat(stack: Stack, outputs: Mapping[str, object], provider: ProviderSettings) -> str | None:
    deployed_in, configured = outputs.get("region"), stack.configuration.get("aws:region")
    if deployed_in and configured and deployed_in != configured:
        return f"stack {stack.name} is deployed there, though its settings name {configured} now"
    if outputs.get("accountId") or len(provider.allowed_accounts) == 1:
        return None
    if stack.environments:
        return (
            f"whether stack {stack.name} is there, and what its environment {', '.join(stack.environments)} holds, "
            "cannot be told without the Pulumi CLI"
        )
    if stack.outputs is None:
        return f"whether stack {stack.name} is there cannot be told without the Pulumi CLI"
    return (
        f"whether stack {stack.name} is there cannot be told, because it was last deployed before it had the output "
        f"accountId; `pulumi up --stack {stack.name}` adds it"
    )
