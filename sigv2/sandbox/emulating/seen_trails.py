"""Which trails a Region of an account sees, where moto knows of its own account's alone.

A multi-Region trail has a shadow in each other Region of its account. An organisation trail is in every member account
as well, in its home Region or in all
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html). A name means a trail that
is at home in the Region; others are asked about by their ARNs
(https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html), and changed at home alone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from moto.cloudtrail.exceptions import TrailNameTooShort, TrailNotFoundException
from moto.cloudtrail.models import CloudTrailBackend, Trail, cloudtrail_backends
from moto.core.exceptions import JsonRESTError
from moto.organizations.models import organizations_backends

from sigv2.sandbox.observing.deployment import RegionOfAccount

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from moto.cloudtrail.responses import CloudTrailResponse

_SHORTEST_NAME = 3
_READABLE: Final = {"sigv2-sandbox": "readable"}
"""The tag of an organisation trail whose selectors members may read; AWS does not say whether they may."""


def seen_by(backend: CloudTrailBackend) -> list[Trail]:
    """Returns the trails that a Region of an account sees, which are those that count towards its quota."""
    accounts = [backend.account_id]
    if backend.account_id in organizations_backends.master_accounts:
        accounts.append(organizations_backends.master_accounts[backend.account_id][0])
    return [
        trail
        for account in accounts
        for trail in _trails_of(account)
        if (trail.is_multi_region or trail.region_name == backend.region_name)
        and (trail.is_org_trail or account == backend.account_id)
    ]


def described(backend: CloudTrailBackend, wanted: Sequence[str], *, shadows: bool) -> list[Trail]:
    """Returns what DescribeTrails tells of.

    See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html.

    Args:
        backend: the trails of a Region.
        wanted: names, of trails that are at home there, and ARNs; none for all that the Region sees.
        shadows: whether to tell of those that are shadows there.
    """
    seen = [trail for trail in seen_by(backend) if shadows or _is_home(backend, trail)]
    if not wanted:
        return seen
    elsewhere = [trail for trail in _trails_of(backend.account_id) if trail not in seen and not trail.is_multi_region]
    return [trail for trail in (*seen, *elsewhere) if any(_is_named(backend, trail, name) for name in wanted)]


def describe_trails(response: CloudTrailResponse) -> str:
    """Answers DescribeTrails."""
    asked = json.loads(response.body or "{}")
    trails = described(
        response.cloudtrail_backend, asked.get("trailNameList") or [], shadows=asked.get("includeShadowTrails", True)
    )
    return json.dumps({"trailList": [trail.description(include_region=True) for trail in trails]})


def seen_trail(backend: CloudTrailBackend, name_or_arn: str) -> Trail:
    """Returns a trail that a Region sees.

    Args:
        backend: the trails of the Region.
        name_or_arn: the name of a trail that is at home there, or the ARN of any.

    Raises:
        JsonRESTError: there is none, or it is not seen from there.
    """
    if len(name_or_arn) < _SHORTEST_NAME:
        raise TrailNameTooShort(actual_length=len(name_or_arn))
    for trail in seen_by(backend):
        if _is_named(backend, trail, name_or_arn):
            return trail
    place = RegionOfAccount.of_arn(name_or_arn)
    if ":" in name_or_arn and place.account_id != backend.account_id:
        raise _wrong_arn("AccountID", f"with AccountID {backend.account_id}")
    if ":" in name_or_arn and place.region != backend.region_name:
        raise _wrong_arn("Region", f"in region {backend.region_name}")
    raise TrailNotFoundException(backend.account_id, name_or_arn if ":" in name_or_arn else _arn(backend, name_or_arn))


def readable_trail(backend: CloudTrailBackend, name: str) -> Trail:
    """Returns a trail whose selectors the account may read.

    Raises:
        JsonRESTError: there is none, or it is the organisation's, and is not tagged to be read by its members.
    """
    trail = seen_trail(backend, name)
    if trail.account_id != backend.account_id:
        tags = cloudtrail_backends[trail.account_id][trail.region_name].tagging_service
        if not _READABLE.items() <= tags.get_tag_dict_for_resource(trail.arn).items():
            raise _wrong_arn("AccountID", f"with AccountID {backend.account_id}")
    return trail


def status_of(backend: CloudTrailBackend, name: str) -> Any:
    """Returns a trail's status, for GetTrailStatus."""
    return seen_trail(backend, name).status


def event_selectors_of(backend: CloudTrailBackend, trail_name: str) -> tuple[str, list[Any], list[Any]]:
    """Returns a trail's ARN and its selectors of both kinds, for GetEventSelectors."""
    trail = readable_trail(backend, trail_name)
    return trail.arn, *trail.get_event_selectors()


def insight_selectors_of(backend: CloudTrailBackend, trail_name: str) -> tuple[str, list[Any]]:
    """Returns a trail's ARN and its insight selectors, for GetInsightSelectors."""
    trail = readable_trail(backend, trail_name)
    return trail.arn, trail.get_insight_selectors()


def at_home(change: Callable[..., Any]) -> Callable[..., Any]:
    """Has a method of moto's that changes a trail, which its first argument names, refuse to elsewhere than at home."""

    def change_at_home(backend: CloudTrailBackend, *args: Any, **kwargs: Any) -> Any:
        name: str = args[0] if args else kwargs.get("trail_name") or kwargs["name"]
        _refuse_elsewhere(backend, name)
        return change(backend, *args, **kwargs)

    return change_at_home


def _refuse_elsewhere(backend: CloudTrailBackend, name: str) -> None:
    for trail in seen_by(backend):
        if name not in (trail.arn, trail.trail_name) or _is_home(backend, trail):
            continue
        if trail.account_id == backend.account_id:
            message = f"Trail {trail.arn} can only be changed in its home region {trail.region_name}."
            raise JsonRESTError("InvalidHomeRegionException", message)
        if name == trail.arn:
            message = f"Trail {trail.arn} can only be changed by the management account of the organization."
            raise JsonRESTError("NotOrganizationMasterAccountException", message)
    seen_trail(backend, name)


def _trails_of(account_id: str) -> list[Trail]:
    return [trail for home in cloudtrail_backends[account_id].values() for trail in home.trails.values()]


def _is_home(backend: CloudTrailBackend, trail: Trail) -> bool:
    return (trail.account_id, trail.region_name) == (backend.account_id, backend.region_name)


def _is_named(backend: CloudTrailBackend, trail: Trail, name: str) -> bool:
    return name == trail.arn or (name == trail.trail_name and _is_home(backend, trail))


def _arn(backend: CloudTrailBackend, name: str) -> str:
    return f"arn:{backend.partition}:cloudtrail:{backend.region_name}:{backend.account_id}:trail/{name}"


def _wrong_arn(what: str, which: str) -> JsonRESTError:
    """As AWS words it (https://github.com/turbot/steampipe-plugin-aws/issues/577)."""
    return JsonRESTError(
        "CloudTrailARNInvalidException", f"{what} in ARN is wrong, you can only access resources {which}."
    )
