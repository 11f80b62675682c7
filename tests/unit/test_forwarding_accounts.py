"""Whose dead-letter queues may hold requests that a log lacks, and when all of them were asked."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from sigv2.forwarding_accounts import ForwardingAccounts, forwarding_accounts
from sigv2.stack import Stack
from sigv2.stack.stack_account import AccountInRegion
from sigv2.undelivered import doubts_about

HUB, FIRST, SECOND, THIRD = "111111111111", "222222222222", "333333333333", "444444444444"
ORGANIZATION = "o-a1b2c3d4e5"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "ListAccounts")
REASON = "these credentials may not call ListAccounts: No"


def place(account_id: str, members: Sequence[str] | ClientError = DENIED, organization: str = ORGANIZATION) -> Any:
    """An account without anything in its queues, which is told these members in two pages."""

    def paginate() -> list[dict[str, Any]]:
        if isinstance(members, ClientError):
            raise members
        arns = [f"arn:aws:organizations::{HUB}:account/{organization}/{member}" for member in members]
        return [{"Accounts": [{"Arn": arn} for arn in some]} for some in (arns[:1], arns[1:])]

    clients = {
        "organizations": SimpleNamespace(
            get_paginator=lambda name: {"list_accounts": SimpleNamespace(paginate=paginate)}[name]
        ),
        "sqs": SimpleNamespace(
            get_queue_url=lambda **_: {"QueueUrl": "https://queue"},
            get_queue_attributes=lambda **_: {"Attributes": {}},
        ),
    }
    session = cast("Any", SimpleNamespace(client=lambda service, *_: clients[service]))
    return AccountInRegion(session, account_id, f"arn:aws:iam::{account_id}:user/me", "us-east-1")


def stack(accepted: str = "", **more: Any) -> Stack:
    return Stack("project", "hub", {"project:acceptFrom": accepted}, outputs={"regions": ["us-east-1"]}, **more)


def doubts(accepted: str, hub: Any, *asked: Any) -> list[str]:
    return doubts_about(hub, stack(accepted), [(there, stack()) for there in asked])


def unasked(named: str) -> str:
    return (
        f"whether requests wait in the queues of account {named}, which may forward to this log, cannot be told from "
        "here: name each stack that forwards with --forwarding-stack, and in acceptFrom no account that has none"
    )


def unknown(known_of: str, reason: str = REASON) -> str:
    return (
        f"whether requests wait in the queues of the accounts of {ORGANIZATION}, which may forward to this log, is "
        f"known {known_of}, and which accounts these are cannot be told ({reason}): name those that forward in "
        "acceptFrom instead of the organisation, and each of their stacks with --forwarding-stack"
    )


def test_the_members_of_an_organisation_are_those_that_whoever_may_ask_is_told() -> None:
    told = place(FIRST, [HUB, FIRST, SECOND])
    for places in ([told], [place(HUB), told], [place(HUB, [HUB], "o-another123"), told]):
        assert forwarding_accounts([THIRD, ORGANIZATION, SECOND], places) == ForwardingAccounts(
            (THIRD, HUB, FIRST, SECOND), {}
        )


def test_members_that_nobody_is_told_are_not_known_and_the_first_says_why() -> None:
    another = place(FIRST, [FIRST], "o-another123")
    assert forwarding_accounts([ORGANIZATION], [place(HUB), another]) == ForwardingAccounts((), {ORGANIZATION: REASON})
    assert forwarding_accounts([ORGANIZATION], [another, place(HUB)]) == ForwardingAccounts(
        (), {ORGANIZATION: f"account {FIRST} is in another organisation"}
    )


@pytest.mark.parametrize(
    ("accepted", "hub", "asked", "expected"),
    [
        ("", place(HUB), [], []),
        (f"{FIRST},{SECOND}", place(HUB), [], [unasked(f"{FIRST}, {SECOND}")]),
        (f"{FIRST},{SECOND}", place(HUB), [place(FIRST)], [unasked(SECOND)]),
        (f"{FIRST},{SECOND}", place(HUB), [place(FIRST), place(SECOND)], []),
        (ORGANIZATION, place(HUB), [], [unknown("of none")]),
        (ORGANIZATION, place(HUB), [place(FIRST), place(SECOND)], [unknown(f"of account {FIRST}, {SECOND} alone")]),
        (f"{THIRD},{ORGANIZATION}", place(HUB), [place(FIRST)], [unasked(THIRD), unknown(f"of account {FIRST} alone")]),
        (ORGANIZATION, place(HUB, [HUB, FIRST, SECOND]), [place(FIRST)], [unasked(SECOND)]),
        (ORGANIZATION, place(HUB, [HUB, FIRST]), [place(FIRST)], []),
    ],
)
def test_the_doubt_ends_only_when_every_account_that_may_forward_was_asked(
    accepted: str, hub: Any, asked: list[Any], expected: list[str]
) -> None:
    assert doubts(accepted, hub, *asked) == expected


def test_of_very_many_accounts_the_sentence_keeps_its_way_out() -> None:
    many = [f"{number:012}" for number in range(23)]
    assert doubts(",".join(many), place(HUB)) == [unasked(f"{', '.join(many[:20])} and 3 more accounts")]


def test_an_environment_that_cannot_be_read_may_accept_anybody() -> None:
    hidden = Stack("project", "hub", {}, environments=("shared",))
    (doubt,) = (one for one in doubts_about(place(HUB), hidden) if one.startswith("whether other accounts"))
    assert doubt == (
        "whether other accounts forward to the log cannot be told: stack hub takes settings from the environment "
        "shared, which only the Pulumi CLI can read, and acceptFrom may be there: install it and log in, or give what "
        "it holds with --config KEY=VALUE, --region and --profile"
    )
