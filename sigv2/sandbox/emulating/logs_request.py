"""Reads the parameters of a CloudWatch Logs request, refusing as the service does."""

from __future__ import annotations

from collections.abc import Mapping

Document = Mapping[str, object]


class LogsRefused(Exception):  # noqa: N818 - a refusal is an answer
    """The service refuses the request.

    Attributes:
        code: the name of the service's exception.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def text(body: Document, name: str, default: str | None = None) -> str:
    """Returns a parameter that is a string; raises `LogsRefused` for another type."""
    value = body.get(name, default)
    if not isinstance(value, str):
        raise LogsRefused("InvalidParameterException", f"{name} must be a string.")
    return value


def number(body: Document, name: str, default: int | None = None) -> int:
    """Returns a parameter that is a whole number, or a string of one; raises `LogsRefused` for anything else."""
    value = body.get(name, default)
    try:
        return int(str(value))
    except ValueError:
        raise LogsRefused("InvalidParameterException", f"{name} is not valid.") from None


def texts(body: Document, name: str) -> list[str]:
    """Returns a parameter that is a list of strings, empty if missing; raises `LogsRefused` for another type."""
    values = body.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise LogsRefused("InvalidParameterException", f"{name} must be a list of strings.")
    return values
