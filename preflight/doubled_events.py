"""What other trails record of the targets already: CloudTrail bills each copy of a data event.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-manage-costs.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from aws_account.account_trails import NEEDED
from blueprint.prices import DATA_EVENTS
from blueprint.sentences import and_more
from blueprint.stack_settings import ANY_EXISTING_TRAIL
from blueprint.targets import Target
from blueprint.trail_coverage import Recorded
from preflight.trail_gaps import gaps_of
from preflight.unknown import unknown

if TYPE_CHECKING:
    from aws_account.account_trails import AccountTrail, AccountTrails
    from blueprint.trail_coverage import Gap
    from preflight.situation import Situation

_NAMED_AT_MOST = 5
_TWICE = "the targets already, so that CloudTrail would bill them twice"


def doubled_events(situation: Situation, trails: AccountTrails) -> Iterator[str]:
    """Warn of what a trail of the stack's own would record once more.

    Args:
        situation: what is to be deployed where.
        trails: those that there are.

    Yields:
        A sentence for each trail that records any of it, or of which nobody knows.
    """
    for region in situation.regions_of_targets:
        described = trails.described_in(region)
        if not isinstance(described, Sequence):
            yield unknown(f"whether a trail in {region} records {_TWICE}", described, NEEDED[0])
    for trail in situation.others(trails):
        if trail.is_logging is False:
            continue
        gaps = gaps_of(trail, situation)
        if not isinstance(trail.is_logging, bool):
            yield unknown(f"whether the trail {trail.name} records {_TWICE}", trail.is_logging, NEEDED[1])
        elif isinstance(gaps, str):
            yield gaps
        else:
            recorded = list(_recorded(trail, gaps, situation))
            if recorded:
                yield _warning(trail, recorded, gaps, situation)


def _recorded(trail: AccountTrail, gaps: Sequence[Gap], situation: Situation) -> Iterator[str]:
    """What the trail records of the targets that it sees."""
    by_target = {gap.target: gap for gap in gaps}
    sees_all = not situation.unseen_by(trail)
    for target in map(Target, situation.settings.targets.included):
        lies_in = situation.bucket_regions.get(target.bucket or "")
        gap = by_target.get(target)
        if (lies_in and not trail.sees(lies_in)) or (gap and {gap.reads, gap.writes} == {Recorded.NONE}):
            continue
        # A bucket that is not named, or was not looked up, may lie in any of the Regions.
        yield target.entry if not gap and (lies_in or sees_all) else f"a part of {target.entry}"


def _warning(trail: AccountTrail, recorded: Sequence[str], gaps: Sequence[Gap], situation: Situation) -> str:
    named = situation.settings.told("target_buckets", ", ".join(recorded[:_NAMED_AT_MOST]))
    more = and_more(len(recorded), _NAMED_AT_MOST)
    is_at_home = trail.arn == situation.arns.trail(trail.name) and trail.name != ANY_EXISTING_TRAIL
    used = f"`pulumi config set existingTrail {trail.name if is_at_home else trail.arn}` uses it"
    records_all = not gaps and not situation.unseen_by(trail)
    instead = f"{used} instead of a trail of the stack's own"
    return (
        f"existingTrail: the trail {trail.name} records {named}{more} already, and CloudTrail bills each copy, "
        f"{DATA_EVENTS:.2f} USD for a million requests in us-east-1; "
        f"{instead if records_all else f'once it records all of the targets, {instead}'}."
    )
