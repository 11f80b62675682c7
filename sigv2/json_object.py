"""Reads a text that may be a JSON object, and may be anything else."""

import json
from typing import Any


def json_object(text: str) -> dict[str, Any] | None:
    """The object that a text is; None where it is none, or is nested more deeply than it can be read."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
