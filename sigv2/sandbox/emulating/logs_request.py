"""Reads the parameters of a CloudWatch Logs request, refusing as the service does."""

from __future__ import annotations

from collections.abc import Mapping

Document = Mapping[str, object]


class Refused(Exception):  # noqa: N818 - a refusal is an answer
    """The service refuses the request.

    Attributes:
        code: the name of the service's exception.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def text(body: Document, name: str, default: str | None = None) -> str:
    """Returns a parameter that is a string; raises `Refused` for another type."""
    value = body.get(name, default)
    if not isinstance(value, str):
        raise Refused("InvalidParameterException", f"{name} must be a string.")
    return value


def number(body: Document, name: str, default: int | None = None) -> int:
    """Returns a parameter that is a whole number, or a string of one; raises `Refused` for anything else."""
    value = body.get(name, default)
    try:
        return int(str(value))
    except ValueError:
        raise Refused("InvalidParameterException", f"{name} is not valid.") from None


def texts(body: Document, name: str) -> list[str]:
    """Returns a parameter that is a list of strings, empty where it is missing; raises `Refused` for another type."""
    values = body.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise Refused("InvalidParameterException", f"{name} must be a list of strings.")
    return values
