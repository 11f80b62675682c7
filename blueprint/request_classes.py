"""The requests to S3, in classes that the selectors of a trail do not tell apart, and which of them none selects."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any, Final, Literal, NamedTuple

from blueprint.basic_selectors import as_advanced
from blueprint.selector_coverage import holds, record_of_request, refuse_unknown
from blueprint.value_classes import OBJECT_ARN, Condition, FieldValues

Category = Literal["Data", "Management"]

_Values = tuple[tuple[int, str], ...]
"""Of each field a value, and the bits of the selectors whose condition it meets."""

_ARN: Final = "resources.ARN"
_FIXED: Final = {"eventSource": "s3.amazonaws.com", "eventType": "AwsApiCall"}
_FIXED_OF: Final[Mapping[Category, Mapping[str, str]]] = {
    "Data": _FIXED | {"eventCategory": "Data", "resources.type": "AWS::S3::Object"},
    "Management": _FIXED | {"eventCategory": "Management", "resources.type": "", _ARN: ""},
}
_FROM_CONSOLE: Final = "sessionCredentialFromConsole"


class Selected(NamedTuple):
    """How far selectors select the requests that somebody asks about.

    Attributes:
        some: whether they select any.
        missing: what of a CloudTrail record a selector can look at, of a request that none of them selects; None where
            they select all.
        apart_by: the fields for which the one of them that is nearest to that request does not select it; none where
            they select all, or nothing.
    """

    some: bool
    missing: dict[str, object] | None
    apart_by: tuple[str, ...]


class RequestClasses:
    """Requests to S3, as a trail's selectors see them.

    The fields are looked at one after the other, the ARN first, and what is remembered is not their values but which
    selectors are left. Any operation may read or write: which of them does, selectors do not say.

    An object's record names its bucket as a second resource. No selector that CloudTrail has can mean that one: the
    type of a data event's resource is required, and that of a bucket is none of its types.

    Args:
        selectors: event selectors, basic or advanced.
        category: of the events: `Data` for requests for objects.

    Raises:
        ValueError: they hold what CloudTrail does not have, so that nobody knows what they select.
    """

    def __init__(self, selectors: Sequence[Mapping[str, object]], category: Category) -> None:
        refuse_unknown(selectors)
        self._category = category
        fixed = _FIXED_OF[category]
        conditions = [_by_field(advanced) for selector in selectors for advanced in as_advanced(selector)]
        able = [one for one in conditions if all(holds(one.get(field, {}), value) for field, value in fixed.items())]
        self._everybody = (1 << len(able)) - 1

        def of(field: str) -> dict[int, Condition]:
            return {number: one[field] for number, one in enumerate(able) if field in one and field not in fixed}

        def taking(field: str, value: str) -> int:
            refusing = (1 << number for number, condition in of(field).items() if not holds(condition, value))
            return self._everybody & ~reduce(or_, refusing, 0)

        self._by_read_only = {reads: taking("readOnly", str(reads).lower()) for reads in (True, False)}
        self._arns = FieldValues(of(_ARN), self._everybody, OBJECT_ARN)
        self._others = {
            _FROM_CONSOLE: {taking(_FROM_CONSOLE, value): value for value in ("true", "")},
            "eventName": FieldValues(of("eventName"), self._everybody).classes(),
            "userIdentity.arn": FieldValues(of("userIdentity.arn"), self._everybody).classes(),
        }
        self._able = reduce(and_, (reduce(or_, classes) for classes in self._others.values()))
        self._refusals: dict[tuple[int, ...], _Values | None] = {}

    def selected(self, beginning: str, excluded: Iterable[str] = ()) -> tuple[Selected, Selected]:
        """Tell how far requests for some objects are selected.

        Args:
            beginning: of the objects' ARNs; any for management events.
            excluded: beginnings of ARNs that are not asked about.

        Returns:
            How far those that read are, and those that write.
        """
        arns = {self._everybody: ""} if self._category == "Management" else self._arns.classes(beginning, excluded)
        return self._selected(arns, reads=True), self._selected(arns, reads=False)

    def _selected(self, arns: Mapping[int, str], *, reads: bool) -> Selected:
        reading = self._by_read_only[reads]
        some = reduce(or_, arns, 0) & reading & self._able
        for met, arn in arns.items():
            others = self._refused(met & reading, tuple(self._others.values()))
            if others is not None:
                values = dict(zip((_ARN, *self._others), ((met, arn), *others), strict=True))
                return Selected(bool(some), self._record(values, reads), _nearest(some, values))
        return Selected(True, None, ())

    def _refused(self, left: int, fields: Sequence[Mapping[int, str]]) -> _Values | None:
        """Of each field a value, which together none of the selectors that are left takes; None if there is no such."""
        if not fields:
            return None if left else ()
        known = (left, len(fields))
        if known not in self._refusals:
            self._refusals[known] = None
            for met, value in fields[0].items():
                others = self._refused(left & met, fields[1:])
                if others is not None:
                    self._refusals[known] = ((met, value), *others)
                    break
        return self._refusals[known]

    def _record(self, values: Mapping[str, tuple[int, str]], reads: bool) -> dict[str, object]:
        arn, console, name, caller = (value for _, value in values.values())
        bucket_arn, _, key = arn.partition("/")
        record = record_of_request(bucket_arn, key, caller, reads=reads) | {"eventName": name, _FROM_CONSOLE: console}
        return record | ({"eventCategory": "Management", "resources": []} if self._category == "Management" else {})


def _by_field(selector: Mapping[str, Any]) -> dict[str, Condition]:
    fields: dict[str, Condition] = {}
    for condition in selector["FieldSelectors"]:
        if condition["Field"] in fields:
            raise ValueError(f"CloudTrail does not tell what a selector means that names {condition['Field']!r} twice")
        fields[condition["Field"]] = condition
    return fields


def _nearest(selectors: int, values: Mapping[str, tuple[int, str]]) -> tuple[str, ...]:
    """The fields for which that one of the selectors does not take the values that takes most of them."""
    apart = (
        tuple(field for field, (met, _) in values.items() if not met >> number & 1)
        for number in range(selectors.bit_length())
        if selectors >> number & 1
    )
    return min(apart, key=len, default=())
