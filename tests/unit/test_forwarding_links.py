"""What an event bus's policy makes of the account that forwards to it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from blueprint.policy_documents import event_bus_policy
from settings import read_settings
from sigv2.verify import forwarding_links
from sigv2.verify.chain import Link, Name, walk
from sigv2.verify.finding import Finding, State, broken, ok, unknown
from sigv2.verify.subject import Sender, Subject
from tests.unit.test_verify_chain import ARNS, BASE, answering, subject

HUB, SENDER = ARNS.account_id, "210987654321"
BUS = ARNS.event_bus(BASE)
OURS, THEIRS = "o-a1b2c3d4e5", "o-z9y8x7w6v5"


class NotInUseError(ClientError):
    pass


def organizations(answer: object) -> SimpleNamespace:
    return SimpleNamespace(
        **vars(answering(describe_organization=answer)),
        exceptions=SimpleNamespace(AWSOrganizationsNotInUseException=NotInUseError),
    )


def at_log(policy: Mapping[str, object] | None, sender: str = SENDER, **clients: object) -> Subject:
    """The hop at the bus of a stack that accepts one organisation; `clients` are those of the sender's account."""
    accepts = read_settings({"targetBuckets": "my-bucket", "acceptFrom": OURS}, "s3-sigv2-access-log", "dev")
    described = {"Policy": json.dumps(policy)} if policy else {}
    made = subject(events=answering(describe_event_bus=described))
    role = f"arn:aws:iam::{sender}:role/{BASE}-forwarding"
    rule = f"arn:aws:events:{ARNS.region}:{sender}:rule/{BASE}"
    asked = Sender(rule, role, cast("Any", clients.get("iam")), cast("Any", clients.get("organizations")))
    return replace(made, settings=accepts, event_bus=BASE, sender=asked)


def of_bus(policy: Mapping[str, object] | None, sender: str = SENDER, **clients: object) -> Finding:
    (checked,) = walk(at_log(policy, sender, **clients), [Link(Name.BUS_POLICY, forwarding_links.bus_policy)])
    return checked.finding


def of_organization(identity: str) -> SimpleNamespace:
    return organizations({"Organization": {"Id": identity}})


def shut_out(account: str = SENDER) -> Finding:
    return broken(
        f"the policy of the event bus {BASE} does not allow account {account} events:PutEvents",
        "name the account in acceptFrom of stack dev, and restore it with `pulumi up --refresh --stack dev`",
    )


LETS_IN = event_bus_policy(BUS, "aws", [], [OURS])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (of_organization(OURS), ok(f"lets account {SENDER} put events")),
        (of_organization(THEIRS), shut_out()),
        (
            organizations(NotInUseError({"Error": {"Code": "AWSOrganizationsNotInUseException"}}, "")),
            shut_out(),
        ),
        (
            organizations(ClientError({"Error": {"Code": "AccessDeniedException"}}, "DescribeOrganization")),
            unknown("needs organizations:DescribeOrganization"),
        ),
    ],
    ids=["a member", "of another organisation", "in none", "not to be asked"],
)
def test_an_organisation_lets_its_own_accounts_in_and_no_other(asked: SimpleNamespace, found: Finding) -> None:
    assert of_bus(LETS_IN, organizations=asked) == found


@pytest.mark.parametrize(
    "policy", [None, event_bus_policy(BUS, "aws", [], [THEIRS]), event_bus_policy(BUS, "aws", ["333333333333"], [])]
)
def test_where_the_policy_lets_no_accepted_organisation_in_nobody_is_asked_which_one_it_is(
    policy: Mapping[str, object] | None,
) -> None:
    assert of_bus(policy) == shut_out()


def test_an_account_that_is_accepted_by_itself_needs_no_organisation() -> None:
    assert of_bus(event_bus_policy(BUS, "aws", [SENDER], [])) == ok(f"lets account {SENDER} put events")


def test_the_buss_own_account_needs_no_leave_and_a_deny_keeps_it_out() -> None:
    assert of_bus(None, HUB).state is State.OK
    deny = {"Effect": "Deny", "Principal": "*", "Action": "events:*", "Resource": BUS}
    assert of_bus({"Statement": [deny]}, HUB) == broken(
        f"the policy of the event bus {BASE} denies events:PutEvents to its own account",
        "restore it with `pulumi up --refresh --stack dev`",
    )
    puzzling = {**deny, "Condition": {"NumericEquals": {"events:size": "1"}}}
    assert of_bus({"Statement": [puzzling]}, HUB) == unknown(
        f"the policy of the event bus {BASE} holds more than this check understands"
    )


@pytest.mark.parametrize(
    ("rule", "found"),
    [(BASE, ok(f"lets account {SENDER} put events")), ("another", shut_out())],
    ids=["the rule that forwards", "another rule"],
)
def test_a_policy_may_name_the_rule_that_it_lets_in(rule: str, found: Finding) -> None:
    allow = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SENDER}:root"}, "Resource": BUS}
    arn = f"arn:aws:events:{ARNS.region}:{SENDER}:rule/{rule}"
    of_rule = {**allow, "Action": "events:PutEvents", "Condition": {"ArnEquals": {"aws:SourceArn": arn}}}
    assert of_bus({"Statement": [of_rule]}) == found
