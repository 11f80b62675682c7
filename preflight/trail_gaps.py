"""What of the targets a trail that is there already does not record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aws_account.account_trails import NEEDED
from blueprint.trail_coverage import missed_by_trail
from preflight.unknown import unknown

if TYPE_CHECKING:
    from aws_account.account_trails import AccountTrail
    from blueprint.trail_coverage import Gap
    from preflight.situation import Situation


def gaps_of(trail: AccountTrail, situation: Situation) -> tuple[Gap, ...] | str:
    """Tell what of the targets a trail's selectors miss, whether or not it is turned on.

    Returns:
        The gaps, none where there is none, or a sentence that warns that nobody knows.
    """
    what = f"whether the trail {situation.told_trail(trail.name)} records the targets"
    if not isinstance(trail.event_selectors, Sequence):
        permission = f"{NEEDED[2]}, in the account of the trail,"
        return unknown(what, trail.event_selectors, permission, is_secret=situation.has_secret_trail)
    try:
        return missed_by_trail(trail.event_selectors, trail.bucket, situation.settings, situation.arns)
    except ValueError as error:
        return f"checkAccount: it is unknown {what}: {error}."
