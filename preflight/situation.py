"""What is to be deployed where, as far as the account's answers depend on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from blueprint.settings_errors import CONCEALED, SettingsError, shown
from blueprint.stack_settings import ANY_EXISTING_TRAIL
from blueprint.trail_targets import trail_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_account.account_trails import AccountTrail, AccountTrails
    from blueprint.arns import Arns
    from blueprint.stack_settings import Settings
    from preflight.last_deployment import LastDeployment


@dataclass(frozen=True)
class Situation:
    """What was found before the account is asked.

    Attributes:
        settings: what the user says.
        arns: where the stack is deployed.
        regions: all that are to be watched, home first.
        bucket_regions: the Region of each target bucket, as far as they were looked up.
        last_deployment: what the engine holds of this stack already.
    """

    settings: Settings
    arns: Arns
    regions: tuple[str, ...]
    bucket_regions: Mapping[str, str]
    last_deployment: LastDeployment

    @cached_property
    def regions_of_targets(self) -> tuple[str, ...]:
        """The Regions that a trail must see: those of the targets, if these can tell, or all that are watched."""
        targets = self.settings.targets
        is_anywhere = targets.has_pattern or self.settings.include_management_events
        if is_anywhere or set(targets.buckets) - {*self.bucket_regions}:
            return self.regions
        return tuple(sorted({self.bucket_regions[bucket] for bucket in targets.buckets}))

    @cached_property
    def own_trail_arns(self) -> frozenset[str]:
        """Those that the stack has or may have, under a former name or by another component of its program too.

        `pulumi up` may delete each of them, so that none can be relied on as one that was there already.
        """
        names = trail_names(self.settings.base_name).values()
        return self.last_deployment.trail_arns.union(map(self.arns.trail, names))

    @property
    def expected_trail_arn(self) -> str | None:
        """The trail that is used, as far as it is known without asking: the last one, for `auto` or under its name.

        Raises:
            SettingsError: it is the stack's own.
        """
        named, before = self.settings.existing_trail, self.last_deployment.existing_trail_arn
        if named is None or named == ANY_EXISTING_TRAIL:
            return before if named else None
        arn = self.arn_of(named)
        return before if before and before.endswith(f"/{named}") else arn

    def arn_of(self, named: str) -> str:
        """What `existingTrail` names, where a name is one of here.

        Raises:
            SettingsError: it is the stack's own.
        """
        arn = named if named.startswith("arn:") else self.arns.trail(named)
        if arn in self.own_trail_arns:
            value = self.settings.told("existing_trail", shown(named))
            raise SettingsError(
                f"existingTrail: {value} is this stack's own trail, which `pulumi up` may delete; have the stack keep "
                "its own with `pulumi config rm existingTrail`, or name one that it did not make."
            )
        return arn

    @property
    def has_secret_trail(self) -> bool:
        """Whether nothing may tell which trail is used."""
        return self.settings.existing_trail is not None and "existing_trail" in self.settings.secret_arguments

    def told_trail(self, text: str) -> str:
        """A text that tells of the trail that is used, or what stands for it where that is secret."""
        return CONCEALED if self.has_secret_trail else text

    def told_targets(self, text: str) -> str:
        """A text that tells of targets and what is left out of them, or what stands for it where either is secret."""
        return self.settings.told("target_buckets", self.settings.told("exclude_buckets", text))

    def unseen_by(self, trail: AccountTrail) -> list[str]:
        """The Regions of the targets that a trail does not see."""
        return [region for region in self.regions_of_targets if not trail.sees(region)]

    def others(self, trails: AccountTrails) -> list[AccountTrail]:
        """The trails of others that see any of the targets, as far as they are told."""
        found: dict[str, AccountTrail] = {}
        for region in self.regions_of_targets:
            described = trails.described_in(region)
            if isinstance(described, list):
                found |= {trail.arn: trail for trail in described if trail.arn not in self.own_trail_arns}
        return list(found.values())
