"""Asks IAM who owns the roles and users of a report: read-only, once each, and going on without what is denied."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from aws_account.aws_refusals import is_forbidden
from blueprint.sentences import counted
from sigv2.aws import explained
from sigv2.report.owners.by_owner import with_owners
from sigv2.report.owners.iam_identity import IamIdentity, iam_identity
from sigv2.report.owners.owner import UNKNOWN_OWNER, Owner, owner_tag
from sigv2.report.owners.trust_policy import used_by
from sigv2.terminal import waiting_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mypy_boto3_iam import IAMClient

    from sigv2.report.principals import Identity
    from sigv2.report.reports import Report
    from sigv2.stack.stack_account import AccountInRegion

    Answer = TypeVar("Answer")


class _GoneError(Exception):
    """There is no such role or user."""


class OwnerSearch:
    """Knows the accounts whose IAM can be asked, and what it has said so far."""

    def __init__(self, places: Sequence[AccountInRegion], preferred: Sequence[str] = ()) -> None:
        """Take note of whom to ask.

        Args:
            places: an account each, with credentials of it; the one that the report is of first.
            preferred: keys of tags that name an owner, before `OWNER_TAGS`.
        """
        self._iam: dict[str, IAMClient] = {place.account_id: place.session.client("iam") for place in places}
        self._home = places[0].account_id
        self._preferred = preferred
        self._known: dict[IamIdentity, Owner] = {}
        self._unreachable: dict[str, str] = {}
        self._elsewhere: set[str] = set()
        self._untold: defaultdict[str, set[IamIdentity]] = defaultdict(set)

    def told(self, report: Report) -> Report:
        """The report, with who owns each client.

        IAM limits how often it is asked; boto3 waits and asks again.

        Args:
            report: on clients.
        """
        with waiting_for("IAM") as tell:
            owners = [self._owner(client.identity, tell) for client in report.clients]
        return with_owners(report, owners, list(self._notes()))

    def _owner(self, identity: Identity, tell: Callable[[str], object]) -> Owner:
        found = iam_identity(identity)
        account = found.account_id if found else identity.account_id
        if account.isdecimal() and account != self._home and not (found and account in self._iam):
            if found:
                self._elsewhere.add(account)
            return Owner(f"account {account}", "the principal's account")
        if identity.type == "AWSService":
            return Owner(identity.name, "the service that asked")
        if found is None:
            return UNKNOWN_OWNER
        if found not in self._known:
            tell(str(found))
            self._known[found] = self._ask(found)
        return self._known[found]

    def _ask(self, who: IamIdentity) -> Owner:
        try:
            users = used_by(self._trust_policy(who), who.account_id) if who.kind == "role" else ""
            tags = self._tags(who)
        except _GoneError:
            return Owner("deleted", f"there is no {who} any more")
        key = owner_tag(tags, self._preferred)
        if key is None:
            return Owner(f"used by {users}", f"trust policy of {who}") if users else UNKNOWN_OWNER
        return Owner(tags[key].strip(), f"tag {key} of {who}" + (f", used by {users}" if users else ""))

    def _trust_policy(self, role: IamIdentity) -> object:
        # https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
        def get(iam: IAMClient) -> Any:
            return iam.get_role(RoleName=role.name)["Role"].get("AssumeRolePolicyDocument")

        return self._answer(role, "iam:GetRole", get, None)

    def _tags(self, who: IamIdentity) -> Mapping[str, str]:
        # https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html and API_ListUserTags.html
        def listed(iam: IAMClient) -> Mapping[str, str]:
            if who.kind == "role":
                pages: Iterable[Any] = iam.get_paginator("list_role_tags").paginate(RoleName=who.name)
            else:
                pages = iam.get_paginator("list_user_tags").paginate(UserName=who.name)
            return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}

        return self._answer(who, f"iam:List{who.kind.title()}Tags", listed, {})

    def _answer(
        self, who: IamIdentity, permission: str, ask: Callable[[IAMClient], Answer], otherwise: Answer
    ) -> Answer:
        """What IAM says, or else what stands for it where it does not.

        Raises:
            _GoneError: there is no such role or user.
        """
        if reason := self._unreachable.get(who.account_id):
            self._untold[reason].add(who)
            return otherwise
        try:
            return ask(self._iam[who.account_id])
        except ClientError as error:
            if error.response["Error"].get("Code") == "NoSuchEntity":
                raise _GoneError from None
            self._untold[f"{permission} is denied" if is_forbidden(error) else explained(error)].add(who)
        except BotoCoreError as error:
            # Whoever waited for it once need not wait for each.
            self._unreachable[who.account_id] = explained(error)
            self._untold[explained(error)].add(who)
        return otherwise

    def _notes(self) -> Iterator[str]:
        for reason, asked in self._untold.items():
            kinds = " and ".join(
                counted(number, kind) for kind in ("role", "user") if (number := sum(who.kind == kind for who in asked))
            )
            yield f"owners of {kinds} may be missing, as {reason}"
        if self._elsewhere:
            yield (
                f"roles and users of {_accounts(sorted(self._elsewhere))} were not asked about, as these credentials "
                f"are of {_accounts(sorted(self._iam))}"
            )


def _accounts(ids: Sequence[str]) -> str:
    return f"account{'s' if len(ids) > 1 else ''} {', '.join(ids)}"
