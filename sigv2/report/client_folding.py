"""Makes clients of rows: which rows of the `client` query tell of one, however the log tells them apart."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

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
from sigv2.report.clients import Client, ClientKey
from sigv2.report.fixes import UNKNOWN, fix_for
from sigv2.report.places import place_of
from sigv2.report.principals import TEMPORARY_KEY, Identity
from sigv2.report.session_names import ANYTHING
from sigv2.report.software import names_of, software_of

Row = Mapping[str, str]

_FEATURES = re.compile(r" m/[\w,+-]+(?= |$)", re.ASCII)


@dataclass(frozen=True)
class Folding:
    """What is one client, though the log tells it apart.

    Attributes:
        sessions: whether sessions of a role are, whose names were made up for each.
        agents: whether user agents are that name the same software, in whatever version and on whatever machine.
    """

    sessions: bool = True
    agents: bool = True


ALL_FOLDED: Final = Folding()


def ranked_clients(rows: Iterable[Row], folding: Folding = ALL_FOLDED) -> list[Client]:
    """Sum up the rows of each client, the busiest first.

    Args:
        rows: of the `client` query by place; the keys of a role's sessions each have a row of their own there.
        folding: what is one client.

    Returns:
        One client for all temporary keys and made-up sessions of a principal, for all versions of a piece of software,
        a bucket and a method, in each Region and account apart.
    """
    groups: defaultdict[ClientKey, list[Client]] = defaultdict(list)
    for row in rows:
        client = _client(row, folding)
        groups[client.key].append(client)
    return sorted((_merged(parts, folding) for parts in groups.values()), key=_rank)


def _rank(client: Client) -> tuple[int | str, ...]:
    named = (client.principal, client.user_agent, client.place.text, client.method)
    return (-client.requests, *named, client.region, client.recipient_account_id)


def _client(row: Row, folding: Folding) -> Client:
    """What one row tells of; rows of one key are one client."""
    identity = Identity(
        arn=row.get(PRINCIPAL, ""),
        principal_id=row.get(PRINCIPAL_ID, ""),
        account_id=row.get(PRINCIPAL_ACCOUNT, ""),
        type=row.get(PRINCIPAL_TYPE, ""),
        user_name=row.get(USER_NAME, ""),
        issuer=row.get(ISSUER, ""),
        on_behalf_of=row.get(PERSON, ""),
        through=row.get(THROUGH, ""),
    ).in_one_word
    logged_key, agent = row.get(ACCESS_KEY, ""), _agent(row.get(USER_AGENT, ""))
    access_key_id = "" if logged_key.startswith(TEMPORARY_KEY) else logged_key
    method, place = row.get(AUTHENTICATION_METHOD, ""), place_of(row)
    region, account, fix = row.get(REGION, ""), row.get(ACCOUNT, ""), fix_for(agent, method)
    who = _role(identity) if folding.sessions else identity
    what = names_of(agent) if folding.agents else agent
    return Client(
        key=ClientKey(who, access_key_id, what, fix, place, region, account, method),
        identity=identity,
        access_key_id=access_key_id,
        user_agent=agent,
        software=agent,
        fix=fix,
        place=place,
        region=region,
        recipient_account_id=account,
        method=method,
        first_seen=row.get(FIRST_SEEN, ""),
        last_seen=row.get(LAST_SEEN, ""),
        requests=int(row[REQUESTS]),
    )


def _agent(logged: str) -> str:
    # CloudTrail writes the agent of an S3 request in brackets.
    sent = logged.removeprefix("[").removesuffix("]")
    # The SDKs name what a request makes use of, each time in another order.
    return _FEATURES.sub("", sent)


def _role(identity: Identity) -> Identity:
    made_up = identity.made_up_session
    if made_up is None:
        return identity
    # What stands before or behind an @ is somebody's name, with whatever was made up beside it.
    return identity.of_sessions(made_up if "@" in made_up else ANYTHING)


def _merged(parts: Sequence[Client], folding: Folding) -> Client:
    identities = {part.identity for part in parts}
    agents = {part.user_agent for part in parts}
    one = parts[0]
    told_whole = len(agents) == 1 and (one.fix is UNKNOWN or not folding.agents)
    software = one.user_agent if told_whole else software_of(agents)
    return replace(
        one,
        identity=one.identity if len(identities) == 1 else _of_all(identities),
        user_agent=one.user_agent if len(agents) == 1 else software,
        software=software,
        first_seen=min((part.first_seen for part in parts if part.first_seen), default=""),
        last_seen=max(part.last_seen for part in parts),
        requests=sum(part.requests for part in parts),
        sessions=len({(identity.arn, identity.principal_id) for identity in identities}),
        user_agents=len(agents),
    )


def _of_all(identities: Iterable[Identity]) -> Identity:
    """What sessions of one role have in common."""
    called = {str(identity.made_up_session) for identity in identities}
    return next(iter(identities)).of_sessions(called.pop() if len(called) == 1 else ANYTHING)
