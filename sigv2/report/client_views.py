"""The ways to look at clients, beside the queries that are saved for the console."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from blueprint.queries import SAVED_QUERIES, SavedQuery, saved_query
from sigv2.report.client_folding import ALL_FOLDED, Folding

CLIENT_QUERY: Final = "client"
"""Key of the saved query whose rows are clients, with a fix for each."""

CLIENT_VIEWS: Final[Mapping[str, Folding]] = {
    CLIENT_QUERY: ALL_FOLDED,
    "session": Folding(sessions=False),
    "agent": Folding(agents=False),
}
"""What counts as one client, by the key of what is asked: the same rows, summed up in another way."""

QUERY_KEYS: Final = tuple(dict.fromkeys((*(query.key for query in SAVED_QUERIES), *CLIENT_VIEWS)))
"""Whatever a report can be asked."""


def query_of(key: str) -> SavedQuery:
    """What to ask for a report.

    Raises:
        KeyError: where there is no such query or view.
    """
    return replace(saved_query(CLIENT_QUERY), key=key) if key in CLIENT_VIEWS else saved_query(key)
