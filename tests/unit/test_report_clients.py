import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.queries import (
    ACCESS_KEY,
    ACCOUNT,
    AUTHENTICATION_METHOD,
    BUCKET,
    COPY_SOURCE,
    FIRST_SEEN,
    ISSUER,
    LAST_SEEN,
    OPERATION,
    PERSON,
    PRINCIPAL,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ID,
    PRINCIPAL_TYPE,
    REGION,
    REQUESTS,
    RESOURCE_BUCKETS,
    THROUGH,
    USER_AGENT,
    USER_NAME,
    saved_query,
)
from sigv2.report.client_folding import ranked_clients
from sigv2.report.clients import Client
from sigv2.report.fixes import fix_for
from sigv2.report.places import Place
from sigv2.report.principals import Identity

ROLE = "arn:aws:sts::123456789012:assumed-role/report-server/i-0136f1c4e5a8b2d90"


FIELDS = {
    "arn": PRINCIPAL,
    "principal_id": PRINCIPAL_ID,
    "account": PRINCIPAL_ACCOUNT,
    "key": ACCESS_KEY,
    "type": PRINCIPAL_TYPE,
    "user_name": USER_NAME,
    "issuer": ISSUER,
    "person": PERSON,
    "through": THROUGH,
    "agent": USER_AGENT,
    "bucket": BUCKET,
    "region": REGION,
    "recipient": ACCOUNT,
    "method": AUTHENTICATION_METHOD,
    "operation": OPERATION,
    "source": COPY_SOURCE,
    **dict(zip(("r0", "r1", "r2", "r3"), RESOURCE_BUCKETS, strict=True)),
    "first": FIRST_SEEN,
    "last": LAST_SEEN,
    "requests": REQUESTS,
}


def row(**changed: str) -> dict[str, str]:
    values = {
        "arn": ROLE,
        "principal_id": "AROAEXAMPLE:i-0136f1c4e5a8b2d90",
        "account": "123456789012",
        "key": "ASIAEXAMPLE1",
        "agent": "[Boto/2.49.0 Python/2.7.18 Linux/4.14]",
        "bucket": "example-uploads",
        "region": "us-east-1",
        "recipient": "123456789012",
        "method": "AuthHeader",
        "first": "2026-11-20T08:14:07Z",
        "last": "2026-11-20T09:00:00Z",
        "requests": "3",
    }
    return {FIELDS[name]: value for name, value in (values | changed).items()}


def test_a_row_of_the_client_query_has_what_a_client_is_made_from() -> None:
    query = saved_query("client").by_place()
    assert set(row(**dict.fromkeys(FIELDS, "x"))) == {*query.by, FIRST_SEEN, LAST_SEEN, REQUESTS}


@pytest.mark.parametrize(
    ("identity", "principal"),
    [
        ({}, "report-server / i-0136f1c4e5a8b2d90"),
        (
            {"arn": "arn:aws-cn:iam::123456789012:user/backup/nightly-backup", "key": "AKIAEXAMPLE"},
            "nightly-backup (AKIAEXAMPLE)",
        ),
        ({"arn": "arn:aws:iam::123456789012:user/nightly-backup", "key": "ASIAEXAMPLE"}, "nightly-backup"),
        ({"arn": "arn:aws:iam::123456789012:root", "key": ""}, "root of account 123456789012"),
        ({"arn": "arn:aws:sts::123456789012:federated-user/alice"}, "federated user alice"),
        (
            {"arn": "", "principal_id": "AIDAEXAMPLE", "account": "999999999999", "key": "AKIAOTHER"},
            "account 999999999999 / AIDAEXAMPLE (AKIAOTHER)",
        ),
        (
            {"arn": "", "principal_id": "AROAEXAMPLE:i-0999", "account": "999999999999"},
            "account 999999999999 / AROAEXAMPLE:i-0999",
        ),
        ({"arn": "arn:aws:iam::123456789012:something/new", "key": ""}, "arn:aws:iam::123456789012:something/new"),
        ({"arn": "", "principal_id": "AROAEXAMPLE", "account": "", "key": ""}, "AROAEXAMPLE"),
        ({"arn": "", "principal_id": "", "account": "", "key": ""}, "unknown"),
    ],
)
def test_a_principal_is_named_as_people_name_it(identity: dict[str, str], principal: str) -> None:
    (client,) = ranked_clients([row(**identity)])
    assert client.principal == principal


def test_the_temporary_keys_of_a_session_are_one_client() -> None:
    rows = [
        row(key="ASIAEXAMPLE1", requests="3", first="2026-11-20T08:14:07Z", last="2026-11-20T09:00:00Z"),
        row(key="ASIAEXAMPLE2", requests="4", first="2026-11-19T23:00:00Z", last="2026-11-19T23:30:00Z"),
        row(key="ASIAEXAMPLE3", requests="1", first="2026-11-20T10:00:00Z", last="2026-11-21T10:00:00Z"),
    ]
    (client,) = ranked_clients(rows)
    assert client == (
        Client(
            key=client.key,
            identity=Identity(ROLE, "AROAEXAMPLE:i-0136f1c4e5a8b2d90", "123456789012"),
            access_key_id="",
            user_agent="Boto/2.49.0 Python/2.7.18 Linux/4.14",
            software="Boto/2.49.0",
            fix=fix_for("Boto/2.49.0", "AuthHeader"),
            place=Place("example-uploads"),
            region="us-east-1",
            recipient_account_id="123456789012",
            method="AuthHeader",
            first_seen="2026-11-19T23:00:00Z",
            last_seen="2026-11-21T10:00:00Z",
            requests=8,
        )
    )


@pytest.mark.parametrize(
    "other",
    [
        {"arn": ROLE.replace("i-0136f1c4e5a8b2d90", "alice")},
        {"arn": ROLE.replace("report-server", "report-reader")},
        {"principal_id": "AIDAEXAMPLE"},
        {"account": "999999999999"},
        {"type": "IAMUser"},
        {"user_name": "alice"},
        {"issuer": "arn:aws:iam::123456789012:role/other"},
        {"person": "alice"},
        {"through": "athena.amazonaws.com"},
        {"bucket": "b"},
        {"region": "eu-west-1"},
        {"recipient": "999999999999"},
        {"source": "b"},
        {"agent": "[x]"},
        {"method": "HtmlForm"},
        {"key": "AKIAEXAMPLE"},
    ],
)
def test_whoever_differs_is_another_client(other: dict[str, str]) -> None:
    assert len(ranked_clients([row(), row(**other)])) == 2


def test_the_features_that_an_sdk_lists_in_any_order_make_no_other_client() -> None:
    rows = [
        row(agent=f"[Boto3/1.44.5 ua/2.1 {features}cfg/retry-mode#standard]") for features in ("m/N,E,b ", "m/b,N ", "")
    ]
    assert [client.user_agent for client in ranked_clients(rows)] == ["Boto3/1.44.5 ua/2.1 cfg/retry-mode#standard"]


def test_the_busiest_client_comes_first() -> None:
    rows = [row(bucket="a", requests="1"), row(bucket="c", requests="20"), row(bucket="b", requests="20")]
    assert [client.place.bucket for client in ranked_clients(rows)] == ["b", "c", "a"]


def test_fields_that_an_event_lacks_are_empty() -> None:
    (client,) = ranked_clients([{REQUESTS: "2"}])
    assert (client.principal, client.user_agent, client.first_seen, client.requests) == ("unknown", "", "", 2)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["ASIA1", "ASIA2", "AKIA1"]), st.integers(1, 9))))
def test_no_request_is_lost_in_merging(counted: list[tuple[str, str, int]]) -> None:
    clients = ranked_clients(row(bucket=b, key=key, requests=str(requests)) for b, key, requests in counted)
    assert sum(client.requests for client in clients) == sum(requests for _, _, requests in counted)
    assert len(clients) == len({(b, key.startswith("ASIA") or key) for b, key, _ in counted})
