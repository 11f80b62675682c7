"""CloudTrail's trails as AWS keeps them, where moto's differ.

A trail's name is taken until the trail is deleted, which an ARN does as well as a name; one kind of event selectors
takes the place of the other
(https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html).
"""

from __future__ import annotations

from typing import Any, Final

from moto.cloudtrail import models
from moto.core.exceptions import JsonRESTError

DEFAULT_SELECTOR: Final[dict[str, object]] = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}
"""What a trail logs until PutEventSelectors says otherwise, and what an event selector is where it says nothing."""

_create_trail: Final = models.CloudTrailBackend.create_trail


class MendedTrail(models.Trail):
    """A trail that has event selectors of one kind, and tells of selectors that are its own."""

    def put_event_selectors(
        self, event_selectors: list[dict[str, Any]] | None, advanced_event_selectors: list[dict[str, Any]] | None
    ) -> None:
        """Replaces the selectors of either kind.

        Raises:
            JsonRESTError: InvalidEventSelectorsException, there are selectors of both kinds, or of none.
        """
        if bool(event_selectors) == bool(advanced_event_selectors):
            message = "Specify either EventSelectors or AdvancedEventSelectors, with at least one selector."
            raise JsonRESTError("InvalidEventSelectorsException", message)
        self.event_selectors = [{**DEFAULT_SELECTOR, **selector} for selector in event_selectors or []]
        self.advanced_event_selectors = advanced_event_selectors or []

    def put_insight_selectors(self, insight_selectors: list[dict[str, str]]) -> None:
        """Replaces the insight selectors."""
        self.insight_selectors = insight_selectors

    def get_insight_selectors(self) -> list[dict[str, str]]:
        """Returns the insight selectors.

        Raises:
            JsonRESTError: InsightNotEnabledException, there are none.
        """
        if not self.insight_selectors:
            raise JsonRESTError("InsightNotEnabledException", f"Insights is not enabled on {self.arn}.")
        return self.insight_selectors

    def description(self, include_region: bool = False) -> dict[str, Any]:
        """Returns the trail as GetTrail tells of it."""
        custom = self.advanced_event_selectors or self.event_selectors not in ([], [DEFAULT_SELECTOR])
        return {
            **super().description(include_region),
            "HasCustomEventSelectors": bool(custom),
            "HasInsightSelectors": bool(self.insight_selectors),
            # UpdateTrail takes the key away with an empty text.
            "KmsKeyId": self.kms_key_id or None,
        }


def create_trail(backend: models.CloudTrailBackend, name: str, *properties: Any) -> models.Trail:
    """Makes a trail.

    Raises:
        JsonRESTError: TrailAlreadyExistsException, there is one of this name.
    """
    if name in backend.trails:
        message = f"Trail {name} already exists for customer: {backend.account_id}"
        raise JsonRESTError("TrailAlreadyExistsException", message)
    return _create_trail(backend, name, *properties)


def delete_trail(backend: models.CloudTrailBackend, name: str) -> None:
    """Deletes a trail, with its tags.

    Args:
        backend: the trails of a Region.
        name: the trail's, or its ARN.

    Raises:
        JsonRESTError: TrailNotFoundException, there is no such trail.
    """
    trail = backend.get_trail(name)
    backend.tagging_service.delete_all_tags_for_resource(trail.arn)
    del backend.trails[trail.trail_name]
