"""A trail's event selectors, as CloudTrail has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_cloudtrail import CloudTrailClient


def selectors_of(cloudtrail: CloudTrailClient, trail: str) -> list[Mapping[str, object]]:
    """A trail's event selectors, basic or advanced, as `blueprint.selector_coverage.covers` takes them.

    Raises:
        botocore.exceptions.ClientError: there is no such trail, or it may not be asked about.
    """
    answer = cloudtrail.get_event_selectors(TrailName=trail)
    return cast(
        "list[Mapping[str, object]]", [*answer.get("EventSelectors", []), *answer.get("AdvancedEventSelectors", [])]
    )
