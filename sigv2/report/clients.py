"""Clients as people name them: who signs with SigV2, in which way and where to."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from blueprint.sentences import counted
from sigv2.report.fixes import Fix
from sigv2.report.places import Place
from sigv2.report.principals import NOT_LOGGED, Identity


class ClientKey(NamedTuple):
    """What a client is known by in any report, whatever its sessions, versions and requests there.

    Attributes:
        who: its identity; of sessions whose names were made up, their role.
        access_key_id: as of `Client`, and so are those below but for one.
        software: the names of what its agents name, or the whole agent where agents are told apart.
        fix:
        place:
        region:
        recipient_account_id:
        method:
    """

    who: Identity
    access_key_id: str
    software: tuple[str, ...] | str
    fix: Fix
    place: Place
    region: str
    recipient_account_id: str
    method: str


@dataclass(frozen=True)
class Client:
    """Somebody who signs with SigV2, in one way, in one place.

    Attributes:
        key: what it is known by in any report.
        identity: who it is; of many sessions, with `*` for what their names do not have in common.
        access_key_id: the permanent key that it signs with; empty for temporary ones, which change by the hour;
            `unknown` where the log has no field for it.
        user_agent: as it sent it, but for the SDKs' list of features; empty where it sent none; the software, where
            it sent several.
        software: what its agents name, with the span of versions; an agent that nothing is known of is told whole.
        fix: what is to be done, which is the same for whatever it sent.
        place: where to.
        region: whose endpoint it asked, which is the bucket's Region; empty where that is not logged.
        recipient_account_id: the account that CloudTrail logged it in; empty where that is not logged.
        method: `AuthHeader`, `QueryString` or `HtmlForm`.
        first_seen: time of its first request, as CloudTrail writes times.
        last_seen: time of its last request.
        requests: how many.
        sessions: how many sessions of the role it is; 1 for whoever has none.
        user_agents: how many it sent.
    """

    key: ClientKey
    identity: Identity
    access_key_id: str
    user_agent: str
    software: str
    fix: Fix
    place: Place
    region: str
    recipient_account_id: str
    method: str
    first_seen: str
    last_seen: str
    requests: int
    sessions: int = 1
    user_agents: int = 1

    @property
    def principal(self) -> str:
        """Who it is as people say it: role and session, or user and access key."""
        return f"{self.name}{self.of_how_many}"

    @property
    def name(self) -> str:
        """The same, without how many sessions it is."""
        if self.access_key_id == NOT_LOGGED:
            return f"{self.identity.name} (access key unknown)"
        return f"{self.identity.name} ({self.access_key_id})" if self.access_key_id else self.identity.name

    @property
    def lasting_name(self) -> str:
        """Its name in any report, however many sessions are in that."""
        return replace(self, identity=self.key.who).name

    @property
    def of_how_many(self) -> str:
        """How many sessions it is, to stand behind its name; nothing for one."""
        return f" ({counted(self.sessions, 'session')})" if self.sessions > 1 else ""

    @property
    def arn(self) -> str:
        """Whose credentials sign: of many sessions their role's, where it is logged."""
        return self.identity.issuer if self.sessions > 1 and self.identity.issuer else self.identity.arn

    @property
    def principal_id(self) -> str:
        """AWS's own id for that."""
        return self.identity.principal_id.partition(":")[0] if self.sessions > 1 else self.identity.principal_id


def told_apart(clients: Sequence[Client]) -> list[str]:
    """Name each client's principal so that no two principals are named alike.

    Args:
        clients: all that are named in one place.

    Returns:
        What `Client.principal` says and, where it says the same of another one, its ARN or id.
    """
    alike: defaultdict[str, set[Identity]] = defaultdict(set)
    for client in clients:
        alike[client.name].add(client.identity)
    names = []
    for client in clients:
        others, identity = alike[client.name], client.identity
        if len({other.arn for other in others}) > 1:
            names.append(f"{client.name}, {identity.arn or identity.principal_id}{client.of_how_many}")
        elif len({other.principal_id for other in others}) > 1:
            names.append(f"{client.name}, {identity.principal_id}{client.of_how_many}")
        else:
            names.append(client.principal)
    return names
