"""Who owns a client, as tags and trust policies say it, and what IAM does not say."""

import json
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from blueprint.queries import (
    BUCKET,
    ISSUER,
    PRINCIPAL,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_TYPE,
    REGION,
    REQUESTS,
    THROUGH,
)
from sigv2.report.owners.by_owner import by_owner
from sigv2.report.owners.iam_identity import IamIdentity, iam_identity
from sigv2.report.owners.owner import OWNER_TAGS, Owner, owner_tag
from sigv2.report.owners.owner_search import OwnerSearch
from sigv2.report.owners.trust_policy import used_by
from sigv2.report.principals import Identity
from sigv2.report.reports import Report
from sigv2.stack.stack_account import AccountInRegion
from tests.unit.owned_clients import ELSEWHERE, HERE, SESSION, STRANGER, USER, owned, report_on_clients

GITHUB = "token.actions.githubusercontent.com"
OIDC = f"arn:aws:iam::{HERE}:oidc-provider"
EKS = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"


def test_of_several_tags_the_best_one_names_the_owner_and_those_that_are_asked_for_come_first() -> None:
    tags = {"Name": "etl", "team": "data", "Owner": " ", "CostCenter": "42", "Contact": "data@example.com"}
    assert owner_tag(tags) == "team"
    assert owner_tag(tags, ["costcenter", "Name"]) == "CostCenter"
    assert owner_tag(tags, ["Product"]) == "team"
    assert owner_tag({"Name": "etl"}) is None


@pytest.mark.parametrize("key", OWNER_TAGS)
def test_a_key_is_the_same_however_it_is_spelt(key: str) -> None:
    words = "".join(f"-{letter}" if letter.isupper() else letter for letter in key).lstrip("-")
    for spelt in (key, key.lower(), key.upper(), words.lower(), words.replace("-", "_"), words.replace("-", ":")):
        assert owner_tag({spelt: "data"}) == spelt


def trust(principal: object, condition: object = None, effect: str = "Allow") -> dict[str, object]:
    statement = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}
    return {"Version": "2012-10-17", "Statement": statement}


def subject(host: str, value: object, operator: str = "StringLike", claim: str = "sub") -> dict[str, object]:
    return trust({"Federated": f"{OIDC}/{host}"}, {operator: {f"{host}:{claim}": value}})


@pytest.mark.parametrize(
    ("policy", "users"),
    [
        (trust({"Service": "lambda.amazonaws.com"}), "lambda.amazonaws.com"),
        (trust({"Service": ["ec2.amazonaws.com", "ssm.amazonaws.com"]}), "ec2.amazonaws.com, ssm.amazonaws.com"),
        (trust({"Service": list("abcde")}), "a, b, c, 2 more"),
        (trust({"Service": "lambda.amazonaws.com"}, effect="Deny"), ""),
        (subject(GITHUB, "repo:acme/shop:*"), f"repository acme/shop of {GITHUB}"),
        (subject(GITHUB, ["repo:acme/shop:*"], "ForAnyValue:StringLike"), f"repository acme/shop of {GITHUB}"),
        (subject(GITHUB, ["repo:acme/a:*", "repo:acme/a:ref:x"], "StringEquals"), f"repository acme/a of {GITHUB}"),
        (subject(GITHUB, "repo:acme@12/shop@345:ref:refs/heads/main"), f"repository acme/shop of {GITHUB}"),
        (subject(GITHUB, "repo:acme/shop:*", "StringNotLike"), GITHUB),
        (subject(GITHUB, "sts.amazonaws.com", claim="aud"), GITHUB),
        (
            subject("gitlab.com", "project_path:acme/shop:ref_type:branch:ref:main"),
            "repository acme/shop of gitlab.com",
        ),
        (subject(EKS, "system:serviceaccount:prod:etl", "StringEquals"), f"service account prod:etl of {EKS}"),
        (subject("app.terraform.io", "organization:acme:*"), "organization:acme:* of app.terraform.io"),
        (trust({"Federated": "cognito-identity.amazonaws.com"}), "cognito-identity.amazonaws.com"),
        (trust({"Federated": f"arn:aws:iam::{HERE}:saml-provider/Okta"}), "SAML provider Okta"),
        (trust({"AWS": f"arn:aws:iam::{ELSEWHERE}:root"}), f"account {ELSEWHERE}"),
        (trust({"AWS": ELSEWHERE}), f"account {ELSEWHERE}"),
        (trust({"AWS": f"arn:aws:iam::{ELSEWHERE}:role/x"}), f"account {ELSEWHERE}"),
        (trust({"AWS": [f"arn:aws:iam::{HERE}:root", HERE]}), ""),
        (trust({"AWS": f"arn:aws:iam::{HERE}:role/ci/deployer"}), "role deployer"),
        (trust({"AWS": f"arn:aws:iam::{HERE}:user/alice"}), "user alice"),
        (trust({"AWS": ["AROADELETED", "*"]}), ""),
        (trust("*"), ""),
        ({}, ""),
        (None, ""),
        ("no policy", ""),
    ],
    ids=lambda case: json.dumps(case)[:70],
)
def test_a_trust_policy_tells_what_uses_the_role(policy: object, users: str) -> None:
    assert used_by(policy, HERE) == users


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["Statement", "Effect", "Principal", "AWS", "Federated", "Condition", "StringLike", ":sub", "x"]
            ),
            inner | st.just("Allow"),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(documents)
def test_whatever_a_trust_policy_is_it_is_read(document: object) -> None:
    assert isinstance(used_by(document, HERE), str)


@pytest.mark.parametrize(
    ("identity", "found"),
    [
        (Identity(arn=f"arn:aws:sts::{HERE}:assumed-role/etl/x", issuer=f"arn:aws:iam::{HERE}:role/a/b/etl"), "etl"),
        (Identity(arn=f"arn:aws:sts::{HERE}:assumed-role/etl/some/session"), "etl"),
        (Identity(arn=f"arn:aws-cn:iam::{HERE}:role/etl"), "etl"),
        (Identity(arn=f"arn:aws:iam::{HERE}:role/aws-service-role/x/AWSServiceRoleForX"), "AWSServiceRoleForX"),
        (Identity(arn=f"arn:aws:iam::{HERE}:root"), None),
        (Identity(arn=f"arn:aws:iam::{HERE}:role/no role's name"), None),
        (Identity(principal_id="AIDAEXAMPLE", account_id=ELSEWHERE), None),
        (Identity(principal_id="x", issuer="accounts.example.com"), None),
    ],
)
def test_a_role_is_found_behind_its_sessions(identity: Identity, found: str | None) -> None:
    assert iam_identity(identity) == (IamIdentity("role", found, HERE) if found else None)


def test_a_federated_user_is_of_the_user_who_issued_it() -> None:
    identity = Identity(arn=f"arn:aws:sts::{HERE}:federated-user/bob", issuer=f"arn:aws:iam::{HERE}:user/x/broker")
    assert iam_identity(identity) == IamIdentity("user", "broker", HERE)


class FakeSession:
    """Has one client, of IAM, which answers as told."""

    def __init__(self) -> None:
        self.iam = boto3.client("iam", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        self.stub = Stubber(self.iam)
        self.stub.activate()

    def client(self, _: str) -> Any:
        return self.iam

    def trusts(self, name: str, policy: object) -> None:
        role = {"Path": "/", "RoleName": name, "RoleId": "AROAEXAMPLEEXAMPLE", "CreateDate": "2026-01-01"}
        role |= {"Arn": f"arn:aws:iam::{HERE}:role/{name}", "AssumeRolePolicyDocument": json.dumps(policy)}
        self.stub.add_response("get_role", {"Role": role}, {"RoleName": name})

    def has_tags(self, kind: str, name: str, **tags: str) -> None:
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        self.stub.add_response(f"list_{kind}_tags", {"Tags": listed}, {f"{kind.title()}Name": name})

    def refuses(self, operation: str, code: str = "AccessDenied", message: str = "not authorized") -> None:
        self.stub.add_client_error(operation, code, message)


@pytest.fixture
def iam() -> FakeSession:
    return FakeSession()


def told(iam: FakeSession, *rows: dict[str, str], preferred: tuple[str, ...] = ()) -> Report:
    place = AccountInRegion(cast("Any", iam), HERE, f"arn:aws:iam::{HERE}:user/me", "us-east-1")
    found = OwnerSearch([place], preferred).told(report_on_clients(*rows))
    iam.stub.assert_no_pending_responses()
    return found


def owners(report: Report) -> list[tuple[str | int, str | int]]:
    return [(record["owner"], record["ownerFrom"]) for record in report.records]


def test_a_role_and_a_user_are_asked_about_once_however_many_clients_they_are(iam: FakeSession) -> None:
    # The stub has one answer to each question, and refuses another.
    iam.trusts("etl", trust({"Service": "lambda.amazonaws.com"}))
    iam.has_tags("role", "etl", Team="data")
    iam.has_tags("user", "nightly-backup", owner="Ops")
    again = SESSION | {BUCKET: "example-reports"}
    other_session = SESSION | {PRINCIPAL: f"arn:aws:sts::{HERE}:assumed-role/etl/other"}
    found = told(iam, SESSION, again, other_session, USER)
    assert owners(found) == [
        *[("data", "tag Team of role etl, used by lambda.amazonaws.com")] * 3,
        ("Ops", "tag owner of user nightly-backup"),
    ]
    assert found.owner_notes == ()


def test_a_role_without_such_a_tag_is_of_what_uses_it_and_a_user_of_nobody(iam: FakeSession) -> None:
    iam.trusts("etl", trust({"Service": "lambda.amazonaws.com"}))
    iam.has_tags("role", "etl", Name="etl")
    iam.has_tags("user", "nightly-backup")
    assert owners(told(iam, SESSION, USER)) == [
        ("used by lambda.amazonaws.com", "trust policy of role etl"),
        ("", ""),
    ]


def test_a_tag_that_is_asked_for_wins(iam: FakeSession) -> None:
    iam.has_tags("user", "nightly-backup", Owner="alice", squad="red")
    assert owners(told(iam, USER, preferred=("Squad",))) == [("red", "tag squad of user nightly-backup")]


def test_who_is_gone_is_said_to_be_deleted(iam: FakeSession) -> None:
    iam.refuses("get_role", "NoSuchEntity", "The role with name etl cannot be found.")
    iam.refuses("list_user_tags", "NoSuchEntity", "The user with name nightly-backup cannot be found.")
    found = told(iam, SESSION, USER)
    assert owners(found) == [
        ("deleted", "there is no role etl any more"),
        ("deleted", "there is no user nightly-backup any more"),
    ]
    assert found.owner_notes == ()


def test_what_is_denied_is_said_once_and_the_rest_is_told(iam: FakeSession) -> None:
    iam.refuses("get_role")
    iam.has_tags("role", "etl", Team="data")
    iam.trusts("web", trust({"Service": "ec2.amazonaws.com"}))
    iam.refuses("list_role_tags")
    iam.refuses("list_user_tags")
    web = SESSION | {ISSUER: f"arn:aws:iam::{HERE}:role/web"}
    found = told(iam, SESSION, web | {REQUESTS: "500"}, USER)
    assert owners(found) == [
        ("data", "tag Team of role etl"),
        ("used by ec2.amazonaws.com", "trust policy of role web"),
        ("", ""),
    ]
    assert found.owner_notes == (
        "owners of 1 role may be missing, as iam:GetRole is denied",
        "owners of 1 role may be missing, as iam:ListRoleTags is denied",
        "owners of 1 user may be missing, as iam:ListUserTags is denied",
    )


def test_what_aws_refuses_otherwise_is_said_as_well(iam: FakeSession) -> None:
    iam.refuses("list_user_tags", "Throttling", "Rate exceeded")
    assert told(iam, USER).owner_notes == (
        "owners of 1 user may be missing, as AWS refused ListUserTags (Throttling): Rate exceeded",
    )


def test_where_there_is_no_way_to_iam_it_is_tried_but_once(iam: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def unreachable(**_: object) -> None:
        tried.append("get_role")
        raise EndpointConnectionError(endpoint_url="https://iam.amazonaws.com/")

    monkeypatch.setattr(iam.iam, "get_role", unreachable)
    found = told(iam, SESSION, USER)
    assert owners(found) == [("", ""), ("", "")]
    (note,) = found.owner_notes or ()
    assert note.startswith("owners of 1 role and 1 user may be missing, as AWS cannot be reached (")
    assert tried == ["get_role"]


def test_principals_of_another_account_are_not_asked_about_and_are_that_accounts(iam: FakeSession) -> None:
    role = f"arn:aws:iam::{ELSEWHERE}:role/etl"
    foreign = SESSION | {ISSUER: role}
    found = told(iam, foreign | {PRINCIPAL_ACCOUNT: ELSEWHERE}, STRANGER)
    assert owners(found) == [(f"account {ELSEWHERE}", "the principal's account")] * 2
    assert found.owner_notes == (
        f"roles and users of account {ELSEWHERE} were not asked about, as these credentials are of account {HERE}",
    )
    assert told(iam, STRANGER).owner_notes == ()


def test_an_account_that_forwards_is_asked_about_its_own_with_its_own_credentials(iam: FakeSession) -> None:
    there = FakeSession()
    there.trusts("etl", trust({"Service": "glue.amazonaws.com"}))
    there.has_tags("role", "etl", Team="data")
    iam.has_tags("user", "nightly-backup", Team="ops")
    role = SESSION | {ISSUER: f"arn:aws:iam::{ELSEWHERE}:role/etl", PRINCIPAL_ACCOUNT: ELSEWHERE}
    places = [
        AccountInRegion(cast("Any", fake), of, "arn", "us-east-1") for fake, of in ((iam, HERE), (there, ELSEWHERE))
    ]
    found = OwnerSearch(places).told(report_on_clients(role, USER, STRANGER))
    assert owners(found) == [
        ("data", "tag Team of role etl, used by glue.amazonaws.com"),
        ("ops", "tag Team of user nightly-backup"),
        (f"account {ELSEWHERE}", "the principal's account"),
    ]
    assert found.owner_notes == ()


def test_a_service_is_its_own_and_who_is_not_in_iam_is_nobodys(iam: FakeSession) -> None:
    service = {PRINCIPAL_TYPE: "AWSService", THROUGH: "replication.s3.amazonaws.com", REQUESTS: "2"}
    anonymous = {PRINCIPAL_TYPE: "AWSAccount", PRINCIPAL_ACCOUNT: "anonymous", REQUESTS: "1"}
    root = {PRINCIPAL_TYPE: "Root", PRINCIPAL: f"arn:aws:iam::{HERE}:root", PRINCIPAL_ACCOUNT: HERE, REQUESTS: "3"}
    assert owners(told(iam, root, service, anonymous)) == [
        ("", ""),
        ("AWS service replication.s3.amazonaws.com", "the service that asked"),
        ("", ""),
    ]


def test_the_work_is_parted_by_owner_the_busiest_first_and_what_is_nobodys_last() -> None:
    rows = [SESSION | {REQUESTS: "1"}, USER, SESSION | {REQUESTS: "40", REGION: "eu-west-1"}, STRANGER]
    report = report_on_clients(*rows, USER | {REQUESTS: "999", PRINCIPAL: f"arn:aws:iam::{HERE}:user/x"})
    parts = by_owner(owned(report, etl=Owner("data"), nightly_backup=Owner("ops"), account=Owner("them")))
    assert [(name, part.requests, len(part.records), len(part.fixes)) for name, part in parts] == [
        ("data", 41, 2, 1),
        ("ops", 30, 1, 1),
        ("them", 2, 1, 1),
        ("", 999, 1, 1),
    ]
