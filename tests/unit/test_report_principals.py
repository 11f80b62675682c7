"""Whoever CloudTrail tells apart, the report tells apart; the elements are those of CloudTrail's pages."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.queries import saved_query
from sigv2.query_engine import LoggedEvent, answer
from sigv2.report.client_folding import ranked_clients
from sigv2.report.clients import Client, told_apart
from sigv2.report.principals import Identity

ACCOUNT = {"accountId": "777777777777"}
ROLE_SESSION = {
    "type": "AssumedRole",
    "principalId": "AROAEXAMPLE:session",
    "arn": "arn:aws:sts::123456789012:assumed-role/app/session",
    "accountId": "123456789012",
    "accessKeyId": "ASIAEXAMPLE",
    "sessionContext": {
        "sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::123456789012:role/team/app", "userName": "app"}
    },
}
BROKER = {"sessionIssuer": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/broker", "userName": "broker"}}
LAMBDA = {
    "issuerType": "AWS::Lambda::Function",
    "credentialsIssuedTo": "arn:aws:lambda:us-east-1:123456789012:function:session",
}

CASES: list[tuple[dict[str, Any], str]] = [
    ({"type": "AWSAccount", "principalId": "AIDAONE", **ACCOUNT}, "account 777777777777 / AIDAONE"),
    ({"type": "AWSAccount", "principalId": "AROATWO:job", **ACCOUNT}, "account 777777777777 / AROATWO:job"),
    ({"type": "AWSAccount", "principalId": "777777777777", **ACCOUNT}, "account 777777777777"),
    ({"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}, "anonymous"),
    ({"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}, "anonymous"),
    ({"type": "AWSService", "invokedBy": "replication.s3.amazonaws.com"}, "AWS service replication.s3.amazonaws.com"),
    (
        {"type": "AWSService", "principalId": "config.amazonaws.com", "invokedBy": "config.amazonaws.com"},
        "AWS service config.amazonaws.com",
    ),
    ({"type": "AWSService", "invokedBy": "AWS Internal"}, "AWS service AWS Internal"),
    (
        {
            "type": "IdentityCenterUser",
            **ACCOUNT,
            "onBehalfOf": {"userId": "1111-2222", "identityStoreArn": "arn:aws:identitystore::1:identitystore/d-0"},
            "credentialId": "token",
        },
        "Identity Center user 1111-2222 of account 777777777777",
    ),
    (
        {"type": "IdentityCenterUser", **ACCOUNT, "credentialId": "token"},
        "Identity Center user token of account 777777777777",
    ),
    (
        {
            "type": "FederatedUser",
            "principalId": "123456789012:bob",
            "arn": "arn:aws:sts::123456789012:federated-user/bob",
            "accountId": "123456789012",
            "accessKeyId": "ASIAEXAMPLE",
            "sessionContext": BROKER,
        },
        "federated user bob of broker",
    ),
    (
        {
            "type": "WebIdentityUser",
            "principalId": "accounts.example.com:app-id:user-id",
            "userName": "user-id",
            "identityProvider": "accounts.example.com",
        },
        "web identity user accounts.example.com:app-id:user-id",
    ),
    (
        {"type": "SAMLUser", "principalId": "hash:alice", "userName": "alice", "identityProvider": "SampleProvider"},
        "SAML user hash:alice of SampleProvider",
    ),
    (
        {"type": "Root", "arn": "arn:aws:iam::123456789012:root", "userName": "alias", "accessKeyId": "AKIAROOT"},
        "root of account 123456789012 (AKIAROOT)",
    ),
    ({"type": "Root", "principalId": "777777777777", **ACCOUNT}, "root of account 777777777777"),
    ({"type": "IAMUser", "arn": "arn:aws:iam::1:user/a/b/alice", "accessKeyId": "AKIAALICE"}, "alice (AKIAALICE)"),
    ({"type": "IAMUser", "userName": "alice", "principalId": "AIDAEXAMPLE"}, "user alice AIDAEXAMPLE"),
    ({"type": "Role", "arn": "arn:aws:iam::123456789012:role/team/app"}, "role app"),
    ({"type": "Directory", "principalId": "d-1234", **ACCOUNT}, "Directory d-1234 of account 777777777777"),
    (
        {"type": "Unknown", **ACCOUNT, "invokedBy": "cloudtrail.amazonaws.com"},
        "Unknown of account 777777777777 through cloudtrail.amazonaws.com",
    ),
    ({"type": "SomethingNew", "principalId": "X-1", **ACCOUNT}, "SomethingNew X-1 of account 777777777777"),
    ({"principalId": "X-1"}, "X-1"),
    ({}, "unknown"),
    (ROLE_SESSION, "app / session"),
    (ROLE_SESSION | {"invokedBy": "athena.amazonaws.com"}, "app / session through athena.amazonaws.com"),
    (ROLE_SESSION | {"onBehalfOf": {"userId": "1111-2222"}}, "app / session on behalf of 1111-2222"),
    (
        ROLE_SESSION | {"sessionContext": ROLE_SESSION["sessionContext"] | {"sourceIdentity": "alice"}},  # type: ignore[operator]
        "app / session on behalf of alice",
    ),
    (ROLE_SESSION | {"inScopeOf": LAMBDA}, "app / session"),
    (
        ROLE_SESSION | {"inScopeOf": {"sourceArn": "arn:aws:glue:us-east-1:1:job/nightly", "sourceAccount": "1"}},
        "app / session through arn:aws:glue:us-east-1:1:job/nightly",
    ),
]


def clients_of(*identities: dict[str, Any]) -> list[Client]:
    """What the `client` query and the report make of a request by each."""
    events = [
        LoggedEvent(index, {"detail": {"userIdentity": identity, "requestParameters": {"bucketName": "example"}}})
        for index, identity in enumerate(identities)
    ]
    return ranked_clients(answer(saved_query("client"), events))


@pytest.mark.parametrize(("identity", "name"), CASES, ids=lambda case: json.dumps(case)[:60])
def test_each_type_of_identity_is_called_what_tells_it_apart(identity: dict[str, Any], name: str) -> None:
    (client,) = clients_of(identity)
    assert client.principal == name


def test_no_two_identities_are_one_client_but_nobody_is_in_either_of_its_words() -> None:
    names = [client.principal for client in clients_of(*(identity for identity, _ in CASES))]
    assert sorted([*names, "anonymous"]) == sorted(name for _, name in CASES)


def test_two_of_one_name_are_told_apart_by_their_arn_or_else_their_id() -> None:
    elsewhere = {"arn": "arn:aws:sts::999999999999:assumed-role/app/session", "accountId": "999999999999"}
    again = {"principalId": "AROAAGAIN:session"}
    of_two_accounts = clients_of(ROLE_SESSION, ROLE_SESSION | elsewhere, {"principalId": "X-1"})
    assert sorted(told_apart(of_two_accounts)) == [
        "X-1",
        "app / session, arn:aws:sts::123456789012:assumed-role/app/session",
        "app / session, arn:aws:sts::999999999999:assumed-role/app/session",
    ]
    assert sorted(told_apart(clients_of(ROLE_SESSION, ROLE_SESSION | again))) == [
        "app / session, AROAAGAIN:session",
        "app / session, AROAEXAMPLE:session",
    ]
    assert told_apart(clients_of(ROLE_SESSION, ROLE_SESSION | {"inScopeOf": LAMBDA})) == ["app / session"] * 2


fields = ["arn", "principal_id", "account_id", "type", "user_name", "issuer", "on_behalf_of", "through"]
texts = st.sampled_from(["", "one", "two", "arn:aws:iam::123456789012:user/alice", "AWSService", "AWSAccount"])


@given(st.fixed_dictionaries(dict.fromkeys(fields, texts)))
def test_whoever_has_any_field_is_not_unknown(values: dict[str, str]) -> None:
    identity = Identity(**values)
    assert (identity.name == "unknown") == (not any(values.values()))
    assert identity.name.strip() == identity.name


@given(st.lists(st.sampled_from("xy"), min_size=2, max_size=2, unique=True), st.sampled_from(fields))
def test_what_tells_two_apart_is_seen(differing: list[str], field: str) -> None:
    of_a_type = {"type": "Directory"} | {field: ""}
    names = [Identity(**(of_a_type | {field: f"arn:a:b:::{text}/{text}"})).name for text in differing]
    assert len(set(names)) == 2
