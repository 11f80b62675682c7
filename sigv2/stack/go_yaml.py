"""YAML as the Pulumi CLI reads it, which is written in Go: 1.2 with remains of 1.1, as gopkg.in/yaml.v3 has it.

PyYAML has 1.1: there `on` is true, `12:30` is 750, and a date is no text.
"""

import json
import math
import re
from datetime import UTC, datetime
from typing import Any, Literal

import yaml

YamlError = yaml.YAMLError
"""What is raised for text that is no YAML."""

_TIMESTAMP = re.compile(
    r"(?P<date>\d{4}-\d{1,2}-\d{1,2})"
    r"(?:(?:[Tt]|(?P<space> ))(?P<time>\d{1,2}:\d{1,2}:\d{1,2})(?P<fraction>\.\d{1,9})?(?P<zone>Z|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|0|[1-9][0-9_]*)", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)


class Timestamp(datetime):
    """A date, or date and time, that nobody put between quotation marks."""


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}  # noqa: RUF012 - so PyYAML keeps them; none of its own is wanted here

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuses a key that is there twice, as Go does, instead of taking the last."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key} is there twice", node.start_mark)
        return super().construct_mapping(node, deep)


def load(text: str) -> Any:
    """The first document of a text: mappings, lists, texts, numbers, booleans, `Timestamp` and None.

    Raises:
        YamlError: it is no YAML.
    """
    try:
        # Not safe_load: it refuses a second document, and Go does not look at it.
        return next(iter(yaml.load_all(text, Loader=_Loader)), None)
    except (ValueError, RecursionError) as error:
        raise YamlError(str(error)) from None


def scalar_text(value: object) -> str:
    """A scalar as the CLI passes it to a program.

    Args:
        value: what `load` made of it.
    """
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if value is None:
        return ""
    plain = _plain(value, "go")
    return plain if isinstance(plain, str) else json.dumps(plain)


def object_text(value: object, dates: Literal["go", "json"] = "go") -> str:
    """A list or mapping as the CLI passes it to a program, which is as JSON.

    Args:
        value: what `load` made of it.
        dates: whether dates are written as Go prints them, so in a stack's file, or as its JSON has them.
    """
    return json.dumps(_plain(value, dates))


def _plain(value: object, dates: Literal["go", "json"]) -> object:
    match value:
        case dict():
            return {scalar_text(key): _plain(inner, dates) for key, inner in value.items()}
        case list():
            return [_plain(inner, dates) for inner in value]
        case Timestamp():
            return _go_date(value) if dates == "go" else value.isoformat().replace("+00:00", "Z")
        case float() if value.is_integer() and abs(value) < 1e21:
            return int(value)
        case bytes():
            return scalar_text(value)
    return value


def _go_date(moment: datetime) -> str:
    fraction = f".{moment.microsecond:06}".rstrip("0") if moment.microsecond else ""
    zone = f"{moment:%z}"
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} {zone} {'UTC' if zone == '+0000' else zone}"


def _construct_integer(_: yaml.SafeLoader, node: yaml.ScalarNode) -> int | float:
    digits = node.value.replace("_", "").lower()
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    octal = re.fullmatch(r"0[0-7]+", digits)
    number = sign * (int(digits, 8) if octal else int(digits, 0))
    # What 64 bits do not hold is a float in Go.
    return number if -(2**63) <= number < 2**64 else float(number)


def _construct_float(_: yaml.SafeLoader, node: yaml.ScalarNode) -> float | str:
    number = float(node.value)
    return number if math.isfinite(number) else str(node.value)


def _construct_timestamp(_: yaml.SafeLoader, node: yaml.ScalarNode) -> Timestamp | str:
    found = _TIMESTAMP.fullmatch(node.value)
    # With a T, Go wants a time zone, and with a space none.
    if not found or (found["time"] and bool(found["space"]) == bool(found["zone"])):
        return str(node.value)
    year, month, day = map(int, found["date"].split("-"))
    hour, minute, second = map(int, (found["time"] or "0:0:0").split(":"))
    microsecond = int(float(found["fraction"] or 0) * 1_000_000)
    zone = UTC if found["zone"] in (None, "Z") else datetime.strptime(found["zone"], "%z").tzinfo
    try:
        return Timestamp(year, month, day, hour, minute, second, microsecond, zone)
    except ValueError:
        return str(node.value)


def _resolve(tag: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"(?:{pattern})\\Z", re.ASCII), list(first))


_resolve("merge", "<<", "<")
_resolve("null", "~|null|Null|NULL|", "~nN\0")
_resolve("bool", "true|True|TRUE|false|False|FALSE", "tTfF")
_resolve("int", _INTEGER.pattern, "-+0123456789")
_resolve("float", _FLOAT.pattern, "-+.0123456789")
_resolve("timestamp", _TIMESTAMP.pattern, "0123456789")
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"\Z"), [""])
_Loader.add_constructor("tag:yaml.org,2002:int", _construct_integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _construct_float)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _construct_timestamp)
