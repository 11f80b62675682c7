"""The event selectors with which a trail that does not cover the targets would cover them."""

from collections.abc import Sequence
from typing import Any

from blueprint.arns import Arns
from blueprint.basic_selectors import as_advanced
from blueprint.event_selectors import MANAGEMENT_EVENT_SELECTOR, EventSelector, data_event_selector
from blueprint.targets import TargetSet
from blueprint.trail_coverage import Gap, Selector


def missing_selectors(gaps: Sequence[Gap], targets: TargetSet, arns: Arns) -> tuple[EventSelector, ...]:
    """The selectors that close gaps: of a target of which a part is covered, they cover all.

    Args:
        gaps: as `uncovered` found them.
        targets: what it looked for.
        arns: where the trail is.

    Returns:
        One for data events and one for management events, as far as there are gaps of each.
    """
    included = tuple(gap.target.prefix for gap in gaps if gap.target)
    excluded = tuple(prefix for prefix in targets.excluded if prefix.startswith(included))
    return (
        *((data_event_selector(TargetSet(included, excluded), arns),) if included else ()),
        *((MANAGEMENT_EVENT_SELECTOR,) if any(gap.target is None for gap in gaps) else ()),
    )


def completed_selectors(
    selectors: Sequence[Selector], gaps: Sequence[Gap], targets: TargetSet, arns: Arns
) -> list[dict[str, Any]]:
    """All that a trail is to have, so that it records what it does now and covers the targets too.

    PutEventSelectors replaces all selectors that a trail has, and basic ones are no more where advanced ones are set
    (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html): it has to be given these
    as a whole.

    Args:
        selectors: what the trail has.
        gaps: as `uncovered` found them.
        targets: what it looked for.
        arns: where the trail is.

    Returns:
        What `aws cloudtrail put-event-selectors --advanced-event-selectors` takes as JSON.
    """
    kept = [advanced for selector in selectors for advanced in as_advanced(selector)]
    return [*kept, *(selector.as_cloudtrail_takes_it() for selector in missing_selectors(gaps, targets, arns))]
