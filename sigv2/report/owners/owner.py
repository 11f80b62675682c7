"""Who owns a principal, as its tags say it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

OWNER_TAGS: Final = (
    *("Owner", "OwnedBy", "OwnerEmail", "Team", "TeamName", "Squad"),
    *("Contact", "ContactEmail", "Maintainer", "Department"),
)
"""Keys of tags that name an owner, the best first; case, and what parts words, make no difference."""

_PARTS_WORDS: Final = str.maketrans("", "", " -_.:/")


@dataclass(frozen=True)
class Owner:
    """Who is to be asked about a client.

    Attributes:
        name: as people know it; empty where that is unknown.
        known_from: what says so, such as `tag Team of role etl`.
    """

    name: str
    known_from: str = ""


UNKNOWN_OWNER: Final = Owner("")
"""Nothing says who."""


def owner_tag(tags: Mapping[str, str], preferred: Sequence[str] = ()) -> str | None:
    """The key of the tag that names an owner; None where none does.

    Args:
        tags: of a role or user, values by key.
        preferred: keys that come before `OWNER_TAGS`.
    """
    keys = {_folded(key): key for key, value in tags.items() if value.strip()}
    return next((keys[wanted] for wanted in map(_folded, (*preferred, *OWNER_TAGS)) if wanted in keys), None)


def _folded(key: str) -> str:
    return key.translate(_PARTS_WORDS).casefold()
