"""The event selectors with which a trail that does not cover the targets would cover them."""

import json
from collections.abc import Sequence

from blueprint.arns import Arns
from blueprint.event_selectors import MANAGEMENT_EVENT_SELECTOR, EventSelector, data_event_selector
from blueprint.targets import TargetSet
from blueprint.trail_coverage import Gap, Selector

_SHOWN_AT_MOST = 10


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


def completing(selectors: Sequence[Selector], gaps: Sequence[Gap], targets: TargetSet, arns: Arns) -> str:
    """Say what a trail's owner has to do so that it covers the targets, and records what it does now.

    PutEventSelectors replaces all selectors that a trail has, and basic ones are no more where advanced ones are set
    (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html).

    Args:
        selectors: what the trail has.
        gaps: as `uncovered` found them.
        targets: what it looked for.
        arns: where the trail is.

    Returns:
        The rest of a sentence that begins with `have its owner`. It shows the first of many targets and exclusions.
    """
    of_data = [gap for gap in gaps if gap.target]
    shown = [*of_data[:_SHOWN_AT_MOST], *(gap for gap in gaps if not gap.target)]
    begun = missing_selectors(shown, TargetSet(targets.included, targets.excluded[:_SHOWN_AT_MOST]), arns)
    added = json.dumps([selector.as_cloudtrail_takes_it() for selector in begun])
    has_basic = any("FieldSelectors" not in selector for selector in selectors)
    first = (
        "write the basic event selectors that it has as advanced ones, as CloudTrail takes none beside these, and add"
        if has_basic
        else "add to the event selectors that it has, which `aws cloudtrail put-event-selectors` replaces,"
    )
    left_out = [
        f"{count:,} more {what}"
        for count, what in (
            (len(of_data) - _SHOWN_AT_MOST, "targets"),
            (len(targets.excluded) - _SHOWN_AT_MOST, "of what excludeBuckets leaves out"),
        )
        if count > 0
    ]
    more = f", with {' and '.join(left_out)}" if left_out else ""
    return f"{first} these: {added}{more}"
