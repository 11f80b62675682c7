"""Asks one AWS account after the other which of its buckets accept SigV2."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import boto3.session
from botocore.exceptions import BotoCoreError, ClientError
from rich.progress import track

from sigv2.aws import explained, session
from sigv2.discover.sigv2_acceptance import Acceptance, list_buckets, probe
from sigv2.terminal import console

_ANY_REGION = "us-east-1"


@dataclass(frozen=True)
class AskedAccount:
    """An account, and what S3 answered for each of its buckets.

    Attributes:
        profile: whose credentials were taken; None for those of the environment.
        account_id: as AWS says.
        found: in the order in which S3 lists the buckets.
        aws: who asked; whoever asks more goes on with it, so that a role is assumed, and a code asked for, once.
    """

    profile: str | None
    account_id: str
    found: tuple[Acceptance, ...]
    aws: boto3.session.Session


@dataclass(frozen=True)
class SameAccount:
    """A profile of an account that another profile was asked about already."""

    profile: str | None
    asked: AskedAccount


@dataclass(frozen=True)
class AccountNotAsked:
    """A profile whose buckets cannot be listed, and why, in one harmless line without a stop."""

    profile: str | None
    reason: str


def ask_accounts(
    profiles: Sequence[str | None], region: str | None
) -> Iterator[AskedAccount | SameAccount | AccountNotAsked]:
    """Ask each account once, whatever another one answers.

    Args:
        profiles: of the user's AWS configuration; None for the credentials of the environment.
        region: ask only buckets of this Region; None asks all.

    Yields:
        For each profile in turn what came of it.
    """
    asked: dict[str, AskedAccount] = {}
    for profile in profiles:
        try:
            aws = session(profile, region)
            account_id = _account_of(aws)
            if account_id in asked:
                yield SameAccount(profile, asked[account_id])
                continue
            found = tuple(_found(aws, region))
        except (BotoCoreError, ClientError) as error:
            yield AccountNotAsked(profile, explained(error))
            continue
        asked[account_id] = AskedAccount(profile, account_id, found, aws)
        yield asked[account_id]


def _account_of(aws: boto3.session.Session) -> str:
    # Whose the credentials are every Region tells; S3 needs none to list buckets.
    return aws.client("sts", region_name=aws.region_name or _ANY_REGION).get_caller_identity()["Account"]


def _found(aws: boto3.session.Session, region: str | None) -> Iterator[Acceptance]:
    buckets = [bucket for bucket in list_buckets(aws) if not region or bucket.region in (region, None)]
    shown = console(stderr=True)
    answers = track(
        probe(aws, buckets, region),
        description="Asking S3",
        total=len(buckets),
        console=shown,
        transient=True,
        disable=not shown.is_terminal,
    )
    return (finding for finding in answers if finding is not None)
