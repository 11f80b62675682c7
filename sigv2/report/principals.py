"""What a person calls whoever signed a request, from the fields that CloudTrail has for each type of identity.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from sigv2.report.session_names import ANYTHING, made_up

NOT_LOGGED: Final = "unknown"
"""Stands for what a source of events has no field for, as an access log has none for the access key."""

TEMPORARY_KEY: Final = "ASIA"
"""What the key of a session starts with
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes)."""

_ASSUMED_ROLE: Final = re.compile(
    r"(?P<before>arn:[^:]*:sts::[^:]*:assumed-role/(?P<role>[^/]+)/)(?P<session>.+)", re.DOTALL
)
_ROLE_ID: Final = re.compile(r"(?P<before>(?P<role>AROA[A-Z\d]+):)(?P<session>.+)", re.DOTALL)
_PEOPLES_ROLE: Final = "AWSReservedSSO_"
"""What the names of Identity Center's roles begin with: the names of their sessions are those of its users
(https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html)."""

_FUNCTION: Final = re.compile(r"arn:[^:]*:lambda:[^:]*:[^:]*:function:(?P<name>[^:]+).*", re.DOTALL)
_FEDERATED_USER: Final = re.compile(r"arn:[^:]*:sts::[^:]*:federated-user/(?P<user>.+)", re.DOTALL)
_IAM: Final = re.compile(r"arn:[^:]*:iam::[^:]*:(?P<kind>user|role)/(?:.*/)?(?P<name>[^/]+)", re.DOTALL)
_ROOT: Final = re.compile(r"arn:[^:]*:iam::(?P<account>[^:]*):root")
_NOBODY: Final = "anonymous"
_ANONYMOUS: Final = (_NOBODY, "ANONYMOUS_PRINCIPAL")
_KINDS: Final[Mapping[str, str]] = {
    "AWSService": "AWS service",
    "IAMUser": "user",
    "IdentityCenterUser": "Identity Center user",
    "FederatedUser": "federated user",
    "AssumedRole": "role session",
    "Role": "role",
    "Root": "root",
    "SAMLUser": "SAML user",
    "WebIdentityUser": "web identity user",
}
"""What people call the types; one that is not here is called what it is."""


@dataclass(frozen=True)
class Identity:
    """A `userIdentity`, as far as it tells callers apart; empty is what it lacks.

    Attributes:
        arn: the principal's; none where it belongs to another account, or is a service.
        principal_id: AWS's own id of the principal.
        account_id: the principal's account.
        type: CloudTrail's name for the kind of identity.
        user_name: where the type has one.
        issuer: ARN of who issued the session, or the provider that vouches for a web or SAML identity.
        on_behalf_of: the person behind the credentials: a user of Identity Center, or a session's source identity.
        through: the AWS service that made the request for the principal, or the resource that got its credentials.
    """

    arn: str = ""
    principal_id: str = ""
    account_id: str = ""
    type: str = ""
    user_name: str = ""
    issuer: str = ""
    on_behalf_of: str = ""
    through: str = ""

    @property
    def name(self) -> str:
        """As people say it; with whatever else tells it from others of that name."""
        if self._is_nobody:
            return _NOBODY
        name = self._of_arn() if self.arn else self._of_ids()
        if self.type not in ("AssumedRole", "") and (issuer := _last(self.issuer)) and issuer not in name:
            name += f" of {issuer}"
        if self.on_behalf_of and self.on_behalf_of not in name:
            name += f" on behalf of {self.on_behalf_of}"
        # A function's or an instance's sessions are named after it.
        if self.through and _last(self.through) not in name:
            name += f" through {self.through}"
        return name or "unknown"

    @property
    def in_one_word(self) -> "Identity":
        """The same, as it is counted: nobody is one, in whichever of CloudTrail's words."""
        return Identity(account_id=_NOBODY, type=self.type) if self._is_nobody else self

    @property
    def made_up_session(self) -> str | None:
        """The name of its role session, with `*` for what was made up for this one; None where there is no such."""
        session = _ASSUMED_ROLE.fullmatch(self.arn) or _ROLE_ID.fullmatch(self.principal_id)
        if not session or session["role"].startswith(_PEOPLES_ROLE):
            return None
        function = _FUNCTION.fullmatch(self.through)
        return None if function and function["name"] == session["session"] else made_up(session["session"])

    def of_sessions(self, called: str) -> "Identity":
        """The identity that stands for many sessions of its role.

        Args:
            called: what all of their names have in common, with `*` for the rest.
        """
        return replace(
            self,
            arn=_with_session(_ASSUMED_ROLE, self.arn, called),
            principal_id=_with_session(_ROLE_ID, self.principal_id, called),
            through=_of_any(self.through),
        )

    @property
    def _is_nobody(self) -> bool:
        return self.account_id in _ANONYMOUS or self.principal_id in _ANONYMOUS

    def _of_arn(self) -> str:
        if role := _ASSUMED_ROLE.fullmatch(self.arn):
            return f"{role['role']} / {role['session']}"
        if iam := _IAM.fullmatch(self.arn):
            return iam["name"] if iam["kind"] == "user" else f"role {iam['name']}"
        if user := _FEDERATED_USER.fullmatch(self.arn):
            return f"federated user {user['user']}"
        if root := _ROOT.fullmatch(self.arn):
            return f"root of account {root['account']}"
        return self.arn

    def _of_ids(self) -> str:
        own = [self.through] if self.type == "AWSService" else [self.on_behalf_of, self.user_name]
        ids = dict.fromkeys(text for text in (*own, self.principal_id) if text and text != self.account_id)
        # A provider's ids hold the user's name.
        told = " ".join(text for text in ids if not any(text != other and text in other for other in ids))
        account = f"account {self.account_id}" if self.account_id else ""
        if self.type in ("AWSAccount", ""):
            return " / ".join(filter(None, (account, told)))
        named = " ".join(filter(None, (_KINDS.get(self.type, self.type), told)))
        return f"{named} of {account}" if account else named


def _with_session(pattern: re.Pattern[str], text: str, called: str) -> str:
    session = pattern.fullmatch(text)
    return f"{session['before']}{called}" if session else text


def _of_any(through: str) -> str:
    """An instance, a task or a build is another one in each session, a function or a job is not."""
    name = _last(through)
    return f"{through.removesuffix(name)}{ANYTHING}" if through.startswith("arn:") and made_up(name) else through


def _last(arn: str) -> str:
    """The name that an ARN ends with; anything else as it is."""
    return re.split(r"[/:]", arn)[-1] if arn.startswith("arn:") else arn
