"""A report's records: what is told of a client or a row as plain data, and the headings that people read above it."""

from collections.abc import Iterable, Mapping, Sequence

from blueprint.queries import DAY, FIRST_SEEN, LAST_SEEN, REQUESTS, SavedQuery
from sigv2.report.clients import Client, told_apart
from sigv2.report.principals import NOT_LOGGED

Record = Mapping[str, str | int]

PLACE = {"awsRegion": "Region", "recipientAccountId": "Account"}
"""What every record tells, and people read only where there is more than one."""

_SEEN = {FIRST_SEEN: "First seen (UTC)", LAST_SEEN: "Last seen (UTC)"}
CLIENT_HEADINGS = {
    "principal": "Principal",
    "software": "User agent",
    "place": "Bucket",
    **PLACE,
    "signed": "How signed",
    **_SEEN,
    REQUESTS: "Requests",
    "fix": "Fix",
}
_HEADINGS = {
    **PLACE,
    **_SEEN,
    "arn": "Principal",
    "principalId": "Principal's id",
    "accessKeyId": "Access key",
    "userName": "User",
    "userAgent": "User agent",
    "bucketName": "Bucket",
    "keyPrefix": "Key prefix",
    "eventName": "Operation",
    "errorCode": "Error",
    "AuthenticationMethod": "How signed",
    "sourceIPAddress": "Source address",
    "vpcEndpointId": "VPC endpoint",
    "day": "Day (UTC)",
}
SIGNED = {"AuthHeader": "header", "QueryString": "presigned URL", "HtmlForm": "form"}
"""What people call the ways of signing; one that is not here is called what it is."""


def client_records(clients: Sequence[Client]) -> list[Record]:
    """A record for each client, with names that tell them apart."""
    return [_client_record(client, principal) for client, principal in zip(clients, told_apart(clients), strict=True)]


def row_records(query: SavedQuery, rows: Iterable[Mapping[str, str]]) -> list[Record]:
    """A record for each row of a query that is not of clients, the busiest first; a day's at its place in time.

    Args:
        query: what was asked.
        rows: values by field; one that is not there is a field that the counted events lack.
    """
    keys = _keys_of(query)
    records = [{key: row.get(field, "") for field, key in keys.items()} | {REQUESTS: row[REQUESTS]} for row in rows]
    records.sort(key=lambda record: (0 if DAY in query.by else -int(record[REQUESTS]), list(record.values())))
    return [{**record, REQUESTS: int(record[REQUESTS])} for record in records]


def row_headings(query: SavedQuery) -> Mapping[str, str]:
    """What people read above the values of such a record, by key, in order."""
    return {key: _HEADINGS[key] for key in _keys_of(query).values()} | {REQUESTS: "Requests"}


def signer(client: Client) -> str:
    """Whose credentials sign, in words that a fix can use."""
    if client.access_key_id in ("", NOT_LOGGED):
        return client.principal
    return f"access key {client.access_key_id} of {client.principal}"


def _client_record(client: Client, principal: str) -> Record:
    return {
        "principal": principal,
        "arn": client.arn,
        "accountId": client.identity.account_id,
        "accessKeyId": client.access_key_id,
        "userAgent": client.user_agent,
        "bucket": client.place.bucket,
        "awsRegion": client.region,
        "recipientAccountId": client.recipient_account_id,
        "signed": SIGNED.get(client.method, client.method),
        FIRST_SEEN: client.first_seen,
        LAST_SEEN: client.last_seen,
        REQUESTS: client.requests,
        "fix": client.fix.in_short,
        "howToFix": client.fix.told_to(signer(client)),
        "source": client.fix.source,
        "identityType": client.identity.type,
        "principalId": client.principal_id,
        "userName": client.identity.user_name,
        "issuer": client.identity.issuer,
        "onBehalfOf": client.identity.on_behalf_of,
        "through": client.identity.through,
        "accessPoint": client.place.access_point,
        "copySource": client.place.copy_source,
        "place": client.place.text,
        "sessions": client.sessions,
        "software": client.software,
        "userAgents": client.user_agents,
    }


def _keys_of(query: SavedQuery) -> Mapping[str, str]:
    """Keys of a record by the query's fields."""
    keys = {field: "day" if field == DAY else field.rpartition(".")[2] for field in query.by}
    return keys | ({seen: seen for seen in _SEEN} if query.seen else {})
