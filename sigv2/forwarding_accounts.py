"""The accounts that may forward to a log: those that its stack names, and the members of its organisations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sigv2.aws import explained

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sigv2.stack.stack_account import AccountInRegion


@dataclass(frozen=True)
class ForwardingAccounts:
    """Whose stacks may forward to a log.

    Attributes:
        account_ids: of all that are known, each once.
        unknown: why the members of an organisation are not known, by its id.
    """

    account_ids: tuple[str, ...]
    unknown: dict[str, str]


def forwarding_accounts(accepted: Iterable[str], places: Sequence[AccountInRegion]) -> ForwardingAccounts:
    """Find out which accounts `acceptFrom` means.

    Only an organisation's management account, and an account that administers a service there, is told its members
    (https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html).

    Args:
        accepted: ids of accounts and organisations.
        places: accounts that may be asked for the members of an organisation, first the one that has the log; each
            caller needs `organizations:ListAccounts`.
    """
    account_ids: dict[str, None] = {}
    unknown = {}
    for one in accepted:
        if one.isdigit():
            account_ids[one] = None
            continue
        members, reason = _members(one, places)
        account_ids |= dict.fromkeys(members)
        if reason:
            unknown[one] = reason
    return ForwardingAccounts(tuple(account_ids), unknown)


def _members(organization: str, places: Sequence[AccountInRegion]) -> tuple[list[str], str]:
    """The members of an organisation, or why they are not known: as the first says that is asked."""
    reasons = []
    for place in places:
        try:
            pages = place.session.client("organizations").get_paginator("list_accounts").paginate()
            # Suspended ones are members, too: what they could not deliver before is theirs still.
            arns = [account["Arn"] for page in pages for account in page["Accounts"]]
        except (BotoCoreError, ClientError) as error:
            reasons.append(explained(error))
            continue
        members = [arn.rpartition("/")[2] for arn in arns if arn.rpartition(":")[2].split("/")[1:2] == [organization]]
        if members:
            return members, ""
        reasons.append(f"account {place.account_id} is in another organisation")
    return [], reasons[0]
