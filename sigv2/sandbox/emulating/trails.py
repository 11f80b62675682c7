"""CloudTrail's trails as AWS keeps them, where moto's differ.

A Region takes five trails; a trail's name is taken until the trail is deleted, which an ARN does as well as a name; one
kind of event selectors takes the place of the other
(https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html).
"""

from __future__ import annotations

from typing import Any, Final

from moto.cloudtrail import models
from moto.core.exceptions import JsonRESTError
from moto.organizations.models import organizations_backends

from sigv2.sandbox.emulating.seen_trails import seen_by
from sigv2.sandbox.emulating.selector_rules import DEFAULT_SELECTOR, check_selectors

_MOST_TRAILS: Final = 5
_SERVICE: Final = "cloudtrail.amazonaws.com"

_create_trail: Final = models.CloudTrailBackend.create_trail
_update_trail: Final = models.CloudTrailBackend.update_trail


class MendedTrail(models.Trail):
    """A trail that has event selectors of one kind, and tells of selectors that are its own."""

    def put_event_selectors(
        self, event_selectors: list[dict[str, Any]] | None, advanced_event_selectors: list[dict[str, Any]] | None
    ) -> None:
        """Replaces the selectors of either kind.

        Raises:
            JsonRESTError: InvalidEventSelectorsException, CloudTrail does not take them.
        """
        check_selectors(event_selectors or [], advanced_event_selectors or [])
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


def create_trail(
    backend: models.CloudTrailBackend,
    name: str,
    bucket_name: str,
    s3_key_prefix: str,
    sns_topic_name: str,
    is_global: Any,
    is_multi_region: Any,
    log_validation: Any,
    is_org_trail: Any,
    *others: Any,
) -> models.Trail:
    """Makes a trail; the arguments are those of moto.

    Raises:
        JsonRESTError: TrailAlreadyExistsException, there is one of this name; MaximumNumberOfTrailsExceededException, a
            Region that would see it sees five; or the account may not make a trail for an organisation.
    """
    if name in backend.trails:
        message = f"Trail {name} already exists for customer: {backend.account_id}"
        raise JsonRESTError("TrailAlreadyExistsException", message)
    if is_org_trail:
        _check_organization(backend)
    _check_quota(backend, is_multi_region=is_multi_region)
    return _create_trail(
        backend,
        name,
        bucket_name,
        s3_key_prefix,
        sns_topic_name,
        is_global,
        is_multi_region,
        log_validation,
        is_org_trail,
        *others,
    )


def update_trail(backend: models.CloudTrailBackend, **properties: Any) -> models.Trail:
    """Changes a trail. That a Region sees five is no reason to refuse it: UpdateTrail has no error for that.

    Raises:
        JsonRESTError: there is no such trail, or the account may not make it one for an organisation.
    """
    if properties["is_organization_trail"]:
        _check_organization(backend)
    return _update_trail(backend, **properties)


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


def _check_quota(backend: models.CloudTrailBackend, *, is_multi_region: bool) -> None:
    """A Region takes five trails, of which a multi-Region one is one in each.

    See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html.
    """
    others = models.cloudtrail_backends[backend.account_id].values() if is_multi_region else ()
    for region in (backend, *others):
        seen = len(seen_by(region))
        if seen >= _MOST_TRAILS:
            message = f"User: {backend.account_id} already has {seen} trails in {region.region_name}."
            raise JsonRESTError("MaximumNumberOfTrailsExceededException", message)


def _check_organization(backend: models.CloudTrailBackend) -> None:
    """An organisation's trail is made by its management account, and where CloudTrail is trusted.

    See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-an-organizational-trail-prepare.html.
    """
    if backend.account_id in organizations_backends.master_accounts:
        message = f"{backend.account_id} is not the management account of its organization."
        raise JsonRESTError("NotOrganizationMasterAccountException", message)
    organizations = organizations_backends[backend.account_id][backend.partition]
    if organizations.org is None:
        message = f"{backend.account_id} is not in an organization."
        raise JsonRESTError("OrganizationsNotInUseException", message)
    if organizations.org.feature_set != "ALL":
        message = "All features of the organization must be enabled."
        raise JsonRESTError("OrganizationNotInAllFeaturesModeException", message)
    if _SERVICE not in {service["ServicePrincipal"] for service in organizations.services}:
        message = f"Trusted access of {_SERVICE} to the organization is not enabled."
        raise JsonRESTError("CloudTrailAccessNotEnabledException", message)
