"""The role or user in IAM that a client's credentials come from."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from sigv2.report.principals import Identity

_NAME: Final = r"(?P<name>[\w+=,.@-]{1,64})"
"""Of a role or user; a path is no part of it
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html)."""
_IN_IAM: Final = re.compile(rf"arn:[^:]+:iam::(?P<account>\d{{12}}):(?P<kind>role|user)/(?:.*/)?{_NAME}", re.ASCII)
_SESSION: Final = re.compile(
    rf"arn:[^:]+:sts::(?P<account>\d{{12}}):assumed-(?P<kind>role)/{_NAME}(?:/.*)?", re.ASCII | re.DOTALL
)


@dataclass(frozen=True)
class IamIdentity:
    """A role or user.

    Attributes:
        kind: which of them.
        name: unlike that of any other of its kind in the account.
        account_id: the account.
    """

    kind: Literal["role", "user"]
    name: str
    account_id: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def iam_identity(identity: Identity) -> IamIdentity | None:
    """Find the role or user whose credentials signed; None for whoever has none, or none that is logged.

    Args:
        identity: a role's session is of the role that issued it, a federated user of the user who did.
    """
    for arn in (identity.issuer, identity.arn):
        if found := _IN_IAM.fullmatch(arn) or _SESSION.fullmatch(arn):
            return IamIdentity("role" if found["kind"] == "role" else "user", found["name"], found["account"])
    return None
