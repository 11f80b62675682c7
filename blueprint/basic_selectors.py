"""Basic event selectors, written as advanced ones that select the same.

A trail has the ones or the others: what is set of one kind overwrites the other
(https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html).
"""

from collections.abc import Iterator, Mapping
from typing import Any


def as_advanced(selector: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Write an event selector as advanced event selectors.

    Args:
        selector: a basic event selector, as GetEventSelectors gives it, or an advanced one, which stays what it is.

    Returns:
        One for management events and one for each of its data resources, as far as it has them
        (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html).
    """
    if "FieldSelectors" in selector:
        return [dict(selector)]
    return [{"FieldSelectors": fields} for fields in _of_basic(selector)]


def _of_basic(selector: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
    reads = {"ReadOnly": "true", "WriteOnly": "false"}.get(selector.get("ReadWriteType", "All"))
    read_only = [{"Field": "readOnly", "Equals": [reads]}] if reads else []
    if selector.get("IncludeManagementEvents", True):
        excluded = selector.get("ExcludeManagementEventSources") or []
        sources = [{"Field": "eventSource", "NotEquals": list(excluded)}] if excluded else []
        yield [{"Field": "eventCategory", "Equals": ["Management"]}, *sources, *read_only]
    for resource in selector.get("DataResources") or ():
        if resource.get("Values"):
            yield [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": [resource["Type"]]},
                {"Field": "resources.ARN", "StartsWith": list(resource["Values"])},
                *read_only,
            ]
