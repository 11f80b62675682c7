"""Finds the trail that is to see an object: as the stack is deployed, or else as its settings say."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from aws_account.account_trails import AccountTrails, trails_meant
from blueprint.selector_coverage import covers
from blueprint.stack_settings import ANY_EXISTING_TRAIL
from blueprint.trail_coverage import missed_by_trail
from blueprint.trail_targets import trail_names
from sigv2.stack import StackError
from sigv2.verify.watching_trail import WatchingTrail

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_kms import KMSClient

    from aws_account.account_trails import AccountTrail
    from blueprint.arns import Arns
    from blueprint.stack_settings import Settings
    from blueprint.trail_coverage import Selector
    from sigv2.stack import Stack

    Record = Mapping[str, object]


def existing_trail(stack: Stack, settings: Settings) -> str | None:
    """The trail that a stack uses instead of trails of its own.

    Args:
        stack: its outputs say, where there are any.
        settings: they say otherwise.

    Returns:
        Its ARN, its name, or `ANY_EXISTING_TRAIL`; None where the stack has its own.
    """
    if stack.outputs is None:
        return settings.existing_trail
    return stack.outputs.get("existingTrailArn") or None


def changed_since(stack: Stack, settings: Settings) -> str | None:
    """A sentence where the settings name another trail than the stack is deployed with; None where they do not."""
    deployed, configured = existing_trail(stack, settings), settings.existing_trail
    if configured in (ANY_EXISTING_TRAIL, deployed) or (deployed and configured == deployed.rpartition("/")[2]):
        return None
    return (
        f"Stack {stack.name} is deployed with {f'the trail {deployed}' if deployed else 'trails of its own'}, and that "
        f"is what this is about; its settings have it {f'use {configured}' if configured else 'make its own'} from the "
        f"next `pulumi up --stack {stack.name}` on."
    )


class TrailFinder:
    """Finds the trail that is to see an object.

    Args:
        arns: the stack's account and home Region.
        settings: the stack's.
        regions: that the stack watches, home first.
        cloudtrail: a client of CloudTrail, by Region.
        kms: a client of KMS, by Region.
    """

    def __init__(
        self,
        arns: Arns,
        settings: Settings,
        regions: Sequence[str],
        cloudtrail: Callable[[str], CloudTrailClient],
        kms: Callable[[str], KMSClient],
    ) -> None:
        self._arns = arns
        self._settings = settings
        self._regions = regions or (arns.region,)
        self._cloudtrail = cache(cloudtrail)
        self._kms = cache(kms)
        self._trails = AccountTrails(self._cloudtrail)

    def find(self, existing: str | None, record: Record) -> WatchingTrail:
        """Find it.

        Args:
            existing: as `existing_trail` gives it.
            record: of the request that it is to see.

        Raises:
            StackError: there are several of that name; or any will do, and none can be told to be the one.
            botocore.exceptions.BotoCoreError: CloudTrail cannot be asked.
        """
        if existing == ANY_EXISTING_TRAIL:
            return self._own(record) or self._any(record)
        if existing is None:
            return self._own(record) or self._own_trails[0]
        return self._trail(existing if existing.startswith("arn:") else self._arn_of(existing), is_joined=True)

    @property
    def _own_trails(self) -> list[WatchingTrail]:
        """Those that the stack may have."""
        return [self._trail(self._arns.trail(name)) for name in trail_names(self._settings.base_name).values()]

    def _trail(self, arn: str, *, is_joined: bool = False) -> WatchingTrail:
        home = arn.split(":")[3]
        return WatchingTrail(arn, self._cloudtrail(home), self._kms(home), is_joined)

    def _own(self, record: Record) -> WatchingTrail | None:
        """The one of the stack's own whose selectors cover the request, or else the first that there is."""
        first = None
        for trail in self._own_trails:
            try:
                if covers(trail.selectors, record):
                    return trail
            except trail.cloudtrail.exceptions.TrailNotFoundException:
                continue
            except (ClientError, ValueError):
                # Not to be seen, or not understood: the link that asks for the same says so.
                pass
            first = first or trail
        return first

    def _seen_in(self, region: str) -> Sequence[AccountTrail]:
        described = self._trails.described_in(region)
        return described if isinstance(described, Sequence) else ()

    def _arn_of(self, name: str) -> str:
        """A trail of here, or else one that another Region, or the organization, calls so."""
        here = self._arns.trail(name)
        meant = [trail.arn for trail in trails_meant(name, here, self._seen_in(self._arns.region))]
        if meant[1:]:
            raise StackError(
                f"stack {self._settings.stack}: existingTrail {name} is the name of several trails "
                f"({', '.join(meant)}): give the ARN of one with --config existingTrail=ARN"
            )
        return meant[0] if meant else here

    def _any(self, record: Record) -> WatchingTrail:
        """One that records the request; of several the one whose owner is nearest."""
        seen = (trail for region in self._regions for trail in self._seen_in(region))
        covering = [trail for trail in seen if _records(trail, record)]
        if not covering:
            raise StackError(
                f"stack {self._settings.stack}: existingTrail is auto, and which trail that is cannot be told without "
                "the stack's outputs: it has none of its own, and none that can be seen records its targets; name it "
                "with --config existingTrail=NAME"
            )
        return self._trail(min(covering, key=self._remoteness).arn, is_joined=True)

    def _remoteness(self, trail: AccountTrail) -> tuple[bool, bool, str]:
        watches_all = all(map(trail.sees, self._regions)) and not missed_by_trail(
            _selectors(trail), trail.bucket, self._settings, self._arns
        )
        return not watches_all, trail.is_organization_trail, trail.arn


def _records(trail: AccountTrail, record: Record) -> bool:
    try:
        return covers(_selectors(trail), record)
    except ValueError:
        return False


def _selectors(trail: AccountTrail) -> Sequence[Selector]:
    """Those of what it logs, as far as it is told."""
    selectors = trail.effective_selectors
    return selectors if isinstance(selectors, Sequence) else ()
