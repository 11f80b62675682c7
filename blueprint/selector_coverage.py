"""A trail's event selectors, and whether they cover a record, by CloudTrail's own rules."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

_Record = Mapping[str, object]
_Resource = Mapping[str, str]
_Selector = Mapping[str, Any]

_SELECT: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "Equals": str.__eq__,
    "StartsWith": str.startswith,
    "EndsWith": str.endswith,
}
_DESELECT: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "NotEquals": str.__eq__,
    "NotStartsWith": str.startswith,
    "NotEndsWith": str.endswith,
}
_FIELDS: Final = frozenset(
    {
        "eventCategory",
        "eventName",
        "eventSource",
        "eventType",
        "readOnly",
        "resources.ARN",
        "resources.type",
        "sessionCredentialFromConsole",
        "userIdentity.arn",
    }
)
READ_ONLY: Final[Mapping[str, frozenset[bool]]] = {
    "All": frozenset({True, False}),
    "ReadOnly": frozenset({True}),
    "WriteOnly": frozenset({False}),
}
"""What a basic selector's ReadWriteType takes of an event's `readOnly`."""


def record_of_request(bucket_arn: str, key: str, caller_arn: str, *, reads: bool) -> dict[str, object]:
    """What of CloudTrail's record of a request for an object a selector can look at.

    Args:
        bucket_arn: of the bucket.
        key: of the object.
        caller_arn: who asks.
        reads: whether it is read, rather than written.
    """
    return {
        "eventCategory": "Data",
        "eventName": "GetObject" if reads else "PutObject",
        "eventSource": "s3.amazonaws.com",
        "eventType": "AwsApiCall",
        "readOnly": reads,
        "userIdentity": {"arn": caller_arn},
        "resources": [
            {"type": "AWS::S3::Object", "ARN": f"{bucket_arn}/{key}"},
            {"type": "AWS::S3::Bucket", "ARN": bucket_arn},
        ],
    }


def covers(selectors: Iterable[Mapping[str, object]], record: _Record) -> bool:
    """Tell whether a trail with these selectors logs this record.

    An event is logged if any one selector matches it
    (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html).

    Args:
        selectors: the `EventSelectors` or the `AdvancedEventSelectors` of GetEventSelectors'
            answer.
        record: a CloudTrail record.

    Returns:
        True if at least one selector matches.

    Raises:
        ValueError: for a field, an operator or a ReadWriteType that CloudTrail does not have:
            guessing what it selects would make an empty log look like a clean one.
    """
    known = list(selectors)
    refuse_unknown(known)
    return any(_selects(selector, record) for selector in known)


def refuse_unknown(selectors: Iterable[Mapping[str, Any]]) -> None:
    """Refuse selectors of which nobody knows what they select.

    Raises:
        ValueError: as `covers` does.
    """
    for selector in selectors:
        if _is_of_other_events(selector):
            continue
        read_write_type = selector.get("ReadWriteType", "All")
        if read_write_type not in READ_ONLY:
            raise ValueError(f"CloudTrail has no ReadWriteType {read_write_type!r}")
        for field in selector.get("FieldSelectors", []):
            if field["Field"] not in _FIELDS:
                raise ValueError(f"CloudTrail's event selectors have no field {field['Field']!r}")
            for operator in field.keys() - {"Field"} - _SELECT.keys() - _DESELECT.keys():
                raise ValueError(f"CloudTrail's event selectors have no operator {operator!r}")


def _is_of_other_events(selector: _Selector) -> bool:
    """Whether it is for network activity, say, which has fields of its own and is no request to a bucket."""
    return any(
        field["Field"] == "eventCategory" and not any(holds(field, category) for category in ("Data", "Management"))
        for field in selector.get("FieldSelectors", [])
    )


def _selects(selector: Mapping[str, object], record: _Record) -> bool:
    if "FieldSelectors" in selector:
        return _selects_advanced(selector, record)
    return _selects_basic(selector, record)


def _selects_basic(selector: _Selector, record: _Record) -> bool:
    """Basic rules: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html.

    A data resource's value is a prefix, down to `arn:aws:s3` for every bucket.
    """
    if record["readOnly"] not in READ_ONLY[selector.get("ReadWriteType", "All")]:
        return False
    if record["eventCategory"] == "Management":
        excluded = selector.get("ExcludeManagementEventSources", [])
        return selector.get("IncludeManagementEvents", True) and (record["eventSource"] not in excluded)
    return any(
        resource["type"] == data_resource.get("Type") and _arn(resource).startswith(prefix)
        for data_resource in selector.get("DataResources", [])
        for prefix in data_resource.get("Values", [])
        for resource in _resources(record)
    )


def _selects_advanced(selector: _Selector, record: _Record) -> bool:
    """Advanced rules: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html.

    All fields must match. Those of `resources` must match one and the same resource: an object's
    type beside its bucket's ARN selects nothing.
    """
    return any(
        all(_matches(field, record, resource) for field in selector["FieldSelectors"])
        for resource in _resources(record) or [{}]
    )


def _matches(field: Mapping[str, Any], record: _Record, resource: _Resource) -> bool:
    return holds(field, _value(field["Field"], record, resource))


def holds(condition: Mapping[str, Any], value: str) -> bool:
    """Tell whether a field selector's operators take a value.

    SELECT operators are OR'd, DESELECT operators AND'd, and both groups AND'd
    (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html).

    Args:
        condition: operands, by operator.
        value: of the field.
    """
    select = [compare(value, wanted) for name, compare in _SELECT.items() for wanted in condition.get(name) or []]
    deselect = [
        compare(value, unwanted) for name, compare in _DESELECT.items() for unwanted in condition.get(name) or []
    ]
    return (any(select) or not select) and not any(deselect)


def _value(field: str, record: _Record, resource: _Resource) -> str:
    """What a field selector compares; "" for what the record does not have."""
    match field:
        case "readOnly":
            return str(record[field]).lower()
        case "resources.type":
            return resource.get("type", "")
        case "resources.ARN":
            return _arn(resource)
        case "userIdentity.arn":
            return str(cast("Mapping[str, object]", record["userIdentity"]).get("arn", ""))
        case _:
            return str(record.get(field, ""))


def _resources(record: _Record) -> list[_Resource]:
    return cast("list[_Resource]", record.get("resources") or [])


def _arn(resource: _Resource) -> str:
    # A listing names the prefix that it lists, not an object.
    return resource.get("ARN") or resource.get("ARNPrefix", "")
