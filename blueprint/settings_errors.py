"""How a wrong setting is refused: in one sentence, for the person who set it."""

import difflib
import json
from typing import NoReturn

from blueprint.arguments import ARGUMENTS

_SHOWN_CHARACTERS = 100

CONCEALED = "[secret]"
"""What stands for a value that is not to be shown, as in the output of the Pulumi CLI."""


class SettingsError(ValueError):
    """A setting is wrong; the message is one sentence with the key, the bad value, the rule and the way out."""


def refuse(key: str, value: object, rule: str, way_out: str, so: str = "set it") -> NoReturn:
    """Refuse a value.

    Args:
        key: as the configuration spells it.
        value: what is wrong; shown as one line of printable characters, cut to a readable length.
        rule: what it breaks, as the rest of a sentence that begins with the value.
        way_out: a command that sets it right.
        so: what the command does.

    Raises:
        SettingsError: always.
    """
    raise SettingsError(f"{key}: {shown(value)} {rule}; {so} with `{way_out}`.")


def refuse_unknown_key(key: str) -> NoReturn:
    """Refuse a key that is no setting; it is a typo.

    Raises:
        SettingsError: always.
    """
    alike = difflib.get_close_matches(key, ARGUMENTS, n=1)
    meant = f" (did you mean {alike[0]}?)" if alike else ""
    raise SettingsError(
        f"{shown(key)} is no setting of this project{meant}; the settings are {', '.join(ARGUMENTS)}: "
        f"remove it with `pulumi config rm {shown(key)}`."
    )


def shown(value: object) -> str:
    """A value as one line of printable characters, cut to a readable length."""
    text = value if isinstance(value, str) else plain(value)
    return repr(text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…")


def plain(value: object) -> str:
    """JSON, in which the type stands for a value that has none."""
    if not isinstance(value, list | tuple | dict | int | float | None):
        return f"a value of type {type(value).__name__}"
    try:
        return json.dumps(value, default=lambda inner: f"a value of type {type(inner).__name__}")
    except (TypeError, ValueError, RecursionError):
        return f"a value of type {type(value).__name__}"
