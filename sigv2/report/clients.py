"""Turns the rows of the `client` query into clients, ranked."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from blueprint.queries import (
    ACCESS_KEY,
    ACCOUNT,
    AUTHENTICATION_METHOD,
    FIRST_SEEN,
    ISSUER,
    LAST_SEEN,
    PERSON,
    PRINCIPAL,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ID,
    PRINCIPAL_TYPE,
    REGION,
    REQUESTS,
    THROUGH,
    USER_AGENT,
    USER_NAME,
)
from sigv2.report.places import Place, place_of
from sigv2.report.principals import NOT_LOGGED, TEMPORARY_KEY, Identity

Row = Mapping[str, str]

_FEATURES = re.compile(r" m/[\w,+-]+(?= |$)", re.ASCII)


@dataclass(frozen=True)
class Client:
    """Somebody who signs with SigV2, in one way, in one place.

    Attributes:
        identity: who it is.
        access_key_id: the permanent key that it signs with; empty for temporary ones, which change by the hour;
            `unknown` where the log has no field for it.
        user_agent: as it sent it, but for the SDKs' list of features; empty where it sent none.
        place: where to.
        region: whose endpoint it asked, which is the bucket's Region; empty where that is not logged.
        recipient_account_id: the account that CloudTrail logged it in; empty where that is not logged.
        method: `AuthHeader`, `QueryString` or `HtmlForm`.
        first_seen: time of its first request, as CloudTrail writes times.
        last_seen: time of its last request.
        requests: how many.
    """

    identity: Identity
    access_key_id: str
    user_agent: str
    place: Place
    region: str
    recipient_account_id: str
    method: str
    first_seen: str
    last_seen: str
    requests: int

    @property
    def principal(self) -> str:
        """Who it is as people say it: role and session, or user and access key."""
        if self.access_key_id == NOT_LOGGED:
            return f"{self.identity.name} (access key unknown)"
        return f"{self.identity.name} ({self.access_key_id})" if self.access_key_id else self.identity.name


def ranked_clients(rows: Iterable[Row]) -> list[Client]:
    """Sum up the rows of each client, the busiest first.

    Args:
        rows: of the `client` query by place; the keys of a role's sessions each have a row of their own there.

    Returns:
        One client for all temporary keys of a principal, agent, bucket and method, in each Region and account apart.
    """
    groups: defaultdict[Client, list[Client]] = defaultdict(list)
    for row in rows:
        client = _client(row)
        groups[replace(client, first_seen="", last_seen="", requests=0)].append(client)
    clients = [_merged(of_group, parts) for of_group, parts in groups.items()]
    return sorted(clients, key=_rank)


def told_apart(clients: Sequence[Client]) -> list[str]:
    """Name each client's principal so that no two principals are named alike.

    Args:
        clients: all that are named in one place.

    Returns:
        What `Client.principal` says and, where it says the same of another one, its ARN or id.
    """
    alike: defaultdict[str, set[Identity]] = defaultdict(set)
    for client in clients:
        alike[client.principal].add(client.identity)
    names = []
    for client in clients:
        others, identity = alike[client.principal], client.identity
        if len({other.arn for other in others}) > 1:
            names.append(f"{client.principal}, {identity.arn or identity.principal_id}")
        elif len({other.principal_id for other in others}) > 1:
            names.append(f"{client.principal}, {identity.principal_id}")
        else:
            names.append(client.principal)
    return names


def _rank(client: Client) -> tuple[int | str, ...]:
    named = (client.principal, client.user_agent, client.place.text, client.method)
    return (-client.requests, *named, client.region, client.recipient_account_id)


def _client(row: Row) -> Client:
    key = row.get(ACCESS_KEY, "")
    return Client(
        identity=Identity(
            arn=row.get(PRINCIPAL, ""),
            principal_id=row.get(PRINCIPAL_ID, ""),
            account_id=row.get(PRINCIPAL_ACCOUNT, ""),
            type=row.get(PRINCIPAL_TYPE, ""),
            user_name=row.get(USER_NAME, ""),
            issuer=row.get(ISSUER, ""),
            on_behalf_of=row.get(PERSON, ""),
            through=row.get(THROUGH, ""),
        ),
        access_key_id="" if key.startswith(TEMPORARY_KEY) else key,
        user_agent=_agent(row.get(USER_AGENT, "")),
        place=place_of(row),
        region=row.get(REGION, ""),
        recipient_account_id=row.get(ACCOUNT, ""),
        method=row.get(AUTHENTICATION_METHOD, ""),
        first_seen=row.get(FIRST_SEEN, ""),
        last_seen=row.get(LAST_SEEN, ""),
        requests=int(row[REQUESTS]),
    )


def _agent(logged: str) -> str:
    # CloudTrail writes the agent of an S3 request in brackets.
    sent = logged.removeprefix("[").removesuffix("]")
    # The SDKs name what a request makes use of, each time in another order.
    return _FEATURES.sub("", sent)


def _merged(of_group: Client, parts: Iterable[Client]) -> Client:
    parts = list(parts)
    return replace(
        of_group,
        first_seen=min((part.first_seen for part in parts if part.first_seen), default=""),
        last_seen=max(part.last_seen for part in parts),
        requests=sum(part.requests for part in parts),
    )
