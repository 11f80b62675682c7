"""The types of a Hive table's columns, and how SQL gets at a field within one.

https://docs.aws.amazon.com/athena/latest/ug/data-types.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TOKEN: Final = re.compile(r"\s*([<>:,]|[^\s<>:,]+(?:\([^)]*\))?)")
_TEXTS: Final = ("string", "varchar", "char")


@dataclass(frozen=True)
class HiveType:
    """A type.

    Attributes:
        name: `struct`, `array`, `map`, or that of a plain value, such as `string`.
        fields: of a struct: the types by name, in lower case.
        inner: of an array: the type of its elements; of a map: that of its values.
    """

    name: str
    fields: Mapping[str, HiveType] = field(default_factory=dict)
    inner: HiveType | None = None

    @property
    def is_text(self) -> bool:
        """Whether it holds texts, which may be JSON."""
        return self.name.partition("(")[0] in _TEXTS


def parsed(written: str) -> HiveType:
    """Parse a type.

    Args:
        written: as Glue gives it, such as `array<struct<arn:string>>`.

    Raises:
        ValueError: it is no type.
    """
    tokens = (found[1] for found in _TOKEN.finditer(written))
    try:
        return _type(tokens)[0]
    except StopIteration:
        raise ValueError(f"{written!r} is no type") from None


def _type(tokens: Iterator[str]) -> tuple[HiveType, str]:
    """A type, and the token after it."""
    name = next(tokens).lower()
    after = next(tokens, "")
    if after != "<":
        return HiveType(name), after
    fields: dict[str, HiveType] = {}
    inner, after = None, ","
    while after == ",":
        if name == "struct":
            key, colon = next(tokens).lower(), next(tokens)
            if colon != ":":
                raise StopIteration
            fields[key], after = _type(tokens)
        else:
            # Of a map, the last is that of the values.
            inner, after = _type(tokens)
    if after != ">":
        raise StopIteration
    return HiveType(name, fields, inner), next(tokens, "")


def sql_of(columns: Mapping[str, HiveType], path: Sequence[str]) -> str | None:
    """What reads a field as a text in the SQL of Athena.

    Args:
        columns: of the table.
        path: the names on the way to the field, as CloudTrail writes them; or numbers, in an array.

    Returns:
        None where the table has no such field.
    """
    name, *steps = path
    at = columns.get(name.lower())
    sql = identifier(name.lower())
    while at is not None and steps:
        if at.is_text:
            # What is no struct is JSON, whose names are as CloudTrail writes them.
            places = "".join(f"[{step}]" if step.isdecimal() else f'["{step}"]' for step in steps)
            return f"json_extract_scalar({sql}, {text(f'${places}')})"
        step = steps.pop(0)
        if at.name == "struct":
            sql, at = f"{sql}.{identifier(step.lower())}", at.fields.get(step.lower())
        else:
            index = str(int(step) + 1) if step.isdecimal() else text(step)
            sql, at = f"element_at({sql}, {index})", at.inner
    if at is None or at.fields or at.inner:
        return None
    return sql if at.is_text else f"CAST({sql} AS varchar)"


def identifier(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"
