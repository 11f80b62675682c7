"""Which event selectors CloudTrail takes, and which it refuses.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from moto.core.exceptions import JsonRESTError

Selector = Mapping[str, Any]

DEFAULT_SELECTOR: Final[dict[str, object]] = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}
"""What a trail logs until PutEventSelectors says otherwise, and what an event selector is where it says nothing."""

_MOST_SELECTORS: Final = 5
_MOST_DATA_RESOURCES: Final = 250
_MOST_VALUES: Final = 500
_BASIC_TYPES: Final = ("AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table")
_ALL_RESOURCES: Final = re.compile(r"arn:[^:]+:(s3|s3:::|lambda|dynamodb)")
_WILDCARD_BUCKET: Final = re.compile(r"arn:[^:]+:s3:::[^/]*\*")
_CATEGORIES: Final = ("Management", "Data", "NetworkActivity")
_EQUALS_ALONE: Final = ("eventCategory", "readOnly", "resources.type")
_OPERATORS: Final = ("Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")


def check_selectors(basic: Sequence[Selector], advanced: Sequence[Selector]) -> None:
    """Refuse what PutEventSelectors refuses.

    Args:
        basic: event selectors.
        advanced: advanced event selectors.

    Raises:
        JsonRESTError: InvalidEventSelectorsException, with what is wrong.
    """
    if bool(basic) == bool(advanced):
        raise _invalid("Specify either EventSelectors or AdvancedEventSelectors, with at least one selector.")
    if len(basic) > _MOST_SELECTORS:
        raise _invalid(f"A trail can have up to {_MOST_SELECTORS} event selectors.")
    for selector in basic:
        _check_basic(selector)
    named = [value for selector in basic for value in _values(selector) if not _ALL_RESOURCES.fullmatch(value)]
    if len(named) > _MOST_DATA_RESOURCES:
        raise _invalid(f"A trail is limited to {_MOST_DATA_RESOURCES} data resources.")
    for selector in advanced:
        _check_advanced(selector)
    values = sum(
        len(field.get(name) or [])
        for selector in advanced
        for field in selector["FieldSelectors"]
        for name in _OPERATORS
    )
    if values > _MOST_VALUES:
        raise _invalid(
            f"A trail is limited to {_MOST_VALUES} values for all conditions of its advanced event selectors."
        )


def _check_basic(selector: Selector) -> None:
    read_write_type = selector.get("ReadWriteType", "All")
    if read_write_type not in ("All", "ReadOnly", "WriteOnly"):
        raise _invalid(f"Value {read_write_type} for ReadWriteType is invalid.")
    for resource in selector.get("DataResources") or []:
        if resource.get("Type") not in _BASIC_TYPES:
            raise _invalid(f"Value {resource.get('Type')} for DataResources.Type is invalid.")
    for value in _values(selector):
        if not value.startswith("arn:") or _WILDCARD_BUCKET.match(value):
            raise _invalid(f"Value {value} for DataResources.Values is invalid.")


def _check_advanced(selector: Selector) -> None:
    fields = selector.get("FieldSelectors") or []
    by_name = {field.get("Field"): field for field in fields}
    for name, field in by_name.items():
        used = field.keys() - {"Field"}
        if not used or any(not field[operator] for operator in used):
            raise _invalid(f"The field {name} has no value to compare with.")
        if not used <= {*_OPERATORS[: 1 if name in _EQUALS_ALONE else None]}:
            raise _invalid(f"The field {name} does not take {', '.join(sorted(used - {'Equals'}))}.")
    category = by_name.get("eventCategory", {}).get("Equals", [])
    if len(category) != 1 or category[0] not in _CATEGORIES:
        raise _invalid(f"An advanced event selector takes eventCategory, equal to one of {', '.join(_CATEGORIES)}.")
    if category == ["Data"] and "resources.type" not in by_name:
        raise _invalid("An advanced event selector of data events takes resources.type.")


def _values(selector: Selector) -> list[str]:
    return [value for resource in selector.get("DataResources") or [] for value in resource.get("Values") or []]


def _invalid(message: str) -> JsonRESTError:
    return JsonRESTError("InvalidEventSelectorsException", message)
