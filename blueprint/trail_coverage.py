"""How much of a bucket's requests a trail records, by its event selectors."""

from __future__ import annotations

import itertools
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, cast

from blueprint.selector_coverage import covers, record_of_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    Selector = Mapping[str, object]
    _Requests = Iterator[dict[str, object]]

_ARN: Final = "resources.ARN"
_OBJECT: Final = "AWS::S3::Object"
_ANY: Final = "a-name-that-no-selector-names"


class Recorded(StrEnum):
    """How much of a bucket's requests a trail records."""

    ALL = "all"
    PART = "part"
    NONE = "none"


def recorded_by(selectors: Sequence[Selector], bucket_arn: str) -> Recorded:
    """Try a trail's selectors on requests of every kind that they tell from others.

    Args:
        selectors: as `selectors_of` gives them.
        bucket_arn: of the bucket.

    Raises:
        ValueError: they hold what CloudTrail does not have, so that nobody knows what they select.
    """
    named = (_requests_named(selector, bucket_arn, selectors) for selector in selectors)
    tried = {covers(selectors, record) for record in itertools.chain(_requests(bucket_arn), *named)}
    if tried == {True}:
        return Recorded.ALL
    return Recorded.PART if True in tried else Recorded.NONE


def _requests_named(selector: Selector, bucket_arn: str, selectors: Sequence[Selector]) -> Iterator[dict[str, object]]:
    """Requests that have what a selector names, each with each."""
    named: dict[str, list[str]] = {}
    for field, values in _operands(selector):
        named.setdefault(field, []).extend(values)
    arns = named.get(_ARN, [])
    objects = [arn.removeprefix(f"{bucket_arn}/") for arn in arns if arn.startswith(f"{bucket_arn}/")]
    endings = [arn for arn in arns if not arn.startswith("arn:")]

    def told_apart(field: str, values: Iterable[str], request: Callable[[str], _Requests]) -> list[str]:
        return _told_apart(_conditions(selectors, field), values, request)

    yield from _requests(
        bucket_arn,
        keys=told_apart(_ARN, (*objects, *endings), lambda key: _requests(bucket_arn, keys=[key])),
        names=told_apart("eventName", named.get("eventName", ()), lambda name: _requests(bucket_arn, names=[name])),
        callers=told_apart(
            "userIdentity.arn",
            named.get("userIdentity.arn", ()),
            lambda caller: _requests(bucket_arn, callers=[caller]),
        ),
        of_console=named.get("sessionCredentialFromConsole", ()),
    )


def _told_apart(
    conditions: Sequence[Selector], values: Iterable[str], request: Callable[[str], _Requests]
) -> list[str]:
    """Of values that all conditions on a field take alike one, as hundreds of each field make millions of requests."""
    found: dict[tuple[bool, ...], str] = {}
    for value in dict.fromkeys(values):
        requests = list(request(value))
        found.setdefault(
            tuple(covers([condition], one) for condition in conditions for one in requests),
            value,
        )
    return list(found.values())


def _conditions(selectors: Sequence[Selector], field: str) -> list[Selector]:
    """What each selector has on a field alone."""
    of_object = {"Field": "resources.type", "Equals": [_OBJECT]}
    advanced = [
        {"FieldSelectors": [of_object, one]}
        for selector in selectors
        for one in cast("Iterable[Mapping[str, Any]]", selector.get("FieldSelectors") or ())
        if one["Field"] == field
    ]
    basic = [selector for selector in selectors if field == _ARN and selector.get("DataResources")]
    return [*advanced, *basic]


def _operands(selector: Selector) -> Iterator[tuple[str, list[str]]]:
    for resource in cast("Iterable[Mapping[str, Any]]", selector.get("DataResources") or ()):
        yield _ARN, resource.get("Values", [])
    for field in cast("Iterable[Mapping[str, Any]]", selector.get("FieldSelectors") or ()):
        for operator, values in field.items():
            if operator != "Field":
                yield field["Field"], values


def _requests(
    bucket_arn: str,
    keys: Iterable[str] = (),
    names: Iterable[str] = (),
    callers: Iterable[str] = (),
    of_console: Iterable[str] = (),
) -> Iterator[dict[str, object]]:
    """Requests of no name that a selector could have, and those of these names."""
    for key, name, caller, console, reads in itertools.product(
        (_ANY, *keys), (_ANY, *names), (_ANY, *callers), ("", *of_console), (True, False)
    ):
        record = record_of_request(bucket_arn, key, caller, reads=reads)
        yield {**record, "eventName": name, "sessionCredentialFromConsole": console}
