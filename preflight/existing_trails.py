"""Which trail that is there already the stack uses, if any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_account.account_trails import NEEDED, trails_meant
from blueprint.selector_completion import completing
from blueprint.sentences import and_more
from blueprint.settings_errors import SettingsError, shown
from blueprint.stack_settings import ANY_EXISTING_TRAIL
from preflight.doubled_events import doubled_events
from preflight.trail_gaps import gaps_of
from preflight.unknown import unknown

if TYPE_CHECKING:
    from aws_account.account_trails import AccountTrail, AccountTrails
    from preflight.situation import Situation

_NAMED_AT_MOST = 10


@dataclass(frozen=True)
class ChosenTrail:
    """Whose trail sees the targets.

    Attributes:
        arn: the one that is there already; None where the stack is to have its own.
        remarks: what to tell about it.
        warnings: what to warn of.
    """

    arn: str | None
    remarks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def choose_trail(situation: Situation, trails: AccountTrails) -> ChosenTrail:
    """Choose as `existingTrail` says.

    Args:
        situation: what is to be deployed where.
        trails: those that there are.

    Raises:
        SettingsError: the trail that it names is not there, is the stack's own, or does not record all of the targets.
    """
    named = situation.settings.existing_trail
    if named == ANY_EXISTING_TRAIL:
        return _any(situation, trails)
    if named is None:
        return ChosenTrail(None, warnings=tuple(doubled_events(situation, trails)))
    return _named(named, situation, trails)


def _named(named: str, situation: Situation, trails: AccountTrails) -> ChosenTrail:
    arn, value = situation.arn_of(named), situation.settings.told("existing_trail", shown(named))
    home = arn.split(":")[3]
    described = trails.described_in(home)
    if not isinstance(described, Sequence):
        what = "whether the trail is there and records the targets"
        warning = unknown(what, described, NEEDED[0], is_secret=situation.has_secret_trail)
        return ChosenTrail(situation.expected_trail_arn, warnings=(warning,))
    others = [trail for trail in described if trail.arn not in situation.own_trail_arns]
    meant = trails_meant(named, arn, others)
    if not meant:
        there = ", ".join(sorted({trail.name for trail in others}))
        another = f"name one of these ({there}) with `pulumi config set existingTrail NAME`, or " if there else ""
        raise SettingsError(
            f"existingTrail: {value} is no trail that {home} of account {situation.arns.account_id} sees; {another}"
            "have the stack make its own with `pulumi config rm existingTrail`."
        )
    if len(meant) > 1:
        arns = situation.told_trail(", ".join(trail.arn for trail in meant))
        raise SettingsError(
            f"existingTrail: {value} is the name of several trails ({arns}); "
            "give the ARN of one with `pulumi config set existingTrail ARN`."
        )
    return ChosenTrail(meant[0].arn, warnings=tuple(_refuse_what_it_misses(meant[0], situation)))


def _refuse_what_it_misses(trail: AccountTrail, situation: Situation) -> Iterator[str]:
    name = situation.told_trail(trail.name)
    if isinstance(trail.is_logging, bool):
        if not trail.is_logging:
            raise SettingsError(
                f"existingTrail: {name} is turned off, and nothing would be logged; turn it on with `aws cloudtrail "
                f"start-logging --region {trail.home_region} --name {situation.told_trail(trail.arn)}`."
            )
    else:
        permission = f"{NEEDED[1]}, in the account of the trail,"
        what = f"whether the trail {name} is logging"
        yield unknown(what, trail.is_logging, permission, is_secret=situation.has_secret_trail)
    unseen = situation.unseen_by(trail)
    if unseen:
        raise SettingsError(
            f"existingTrail: {name} is a trail of {trail.home_region} alone, and targets lie in "
            f"{', '.join(unseen)}; name a multi-Region trail with `pulumi config set existingTrail NAME`, or have the "
            "stack make its own with `pulumi config rm existingTrail`."
        )
    gaps, selectors = gaps_of(trail, situation), trail.event_selectors
    if isinstance(gaps, str):
        yield gaps
    elif gaps and isinstance(selectors, Sequence):
        named = situation.settings.told("target_buckets", ", ".join(map(str, gaps[:_NAMED_AT_MOST])))
        more = and_more(len(gaps), _NAMED_AT_MOST)
        completion = situation.told_targets(completing(selectors, gaps, situation.settings.targets, situation.arns))
        raise SettingsError(
            f"existingTrail: {name} does not record {named}{more}; have its owner {completion}; "
            "or have the stack make its own trail with `pulumi config rm existingTrail`."
        )


def _any(situation: Situation, trails: AccountTrails) -> ChosenTrail:
    others = situation.others(trails)
    before = situation.last_deployment.existing_trail_arn
    doubt = _doubt_about(before, others, situation, trails) if before else None
    if doubt:
        goes_on = f"existingTrail: auto goes on with the trail {situation.told_trail(before or '')}."
        return ChosenTrail(before, (goes_on,), (doubt,))
    covering = [trail for trail in others if _records_all(trail, situation)]
    if not covering:
        made = "existingTrail: auto found no trail that records all of the targets, so the stack has its own."
        return ChosenTrail(None, (made,), tuple(doubled_events(situation, trails)))
    # The one that is used stays; then whose owner is nearest.
    chosen = min(covering, key=lambda trail: (trail.arn != before, trail.is_organization_trail, trail.arn))
    remark = f"existingTrail: auto uses the trail {situation.told_trail(chosen.arn)}, which records all of the targets."
    return ChosenTrail(chosen.arn, (remark,))


def _doubt_about(used: str, others: Sequence[AccountTrail], situation: Situation, trails: AccountTrails) -> str | None:
    """Why nobody knows whether the trail that is used still records the targets; None where somebody does."""
    what = f"whether the trail {situation.told_trail(used)} still records the targets"
    is_secret = situation.has_secret_trail
    for trail in others:
        if trail.arn == used:
            if trail.is_logging is False or situation.unseen_by(trail):
                return None
            if not isinstance(trail.is_logging, bool):
                permission = f"{NEEDED[1]}, in the account of the trail,"
                return unknown(what, trail.is_logging, permission, is_secret=is_secret)
            gaps = gaps_of(trail, situation)
            return gaps if isinstance(gaps, str) else None
    refusals = (trails.described_in(region) for region in situation.regions_of_targets)
    refused = next((refusal for refusal in refusals if not isinstance(refusal, Sequence)), None)
    return unknown(what, refused, NEEDED[0], is_secret=is_secret) if refused else None


def _records_all(trail: AccountTrail, situation: Situation) -> bool:
    return trail.is_logging is True and not situation.unseen_by(trail) and gaps_of(trail, situation) == ()
