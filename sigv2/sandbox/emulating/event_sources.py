"""PutEvents as EventBridge keeps it: nobody speaks for AWS.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.events.models import EventsBackend

if TYPE_CHECKING:
    from collections.abc import Mapping

_put_events: Final = EventsBackend.put_events


def put_events(backend: EventsBackend, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Puts events on their buses, but for those that claim a source of AWS.

    Args:
        backend: the buses of a Region.
        events: as PutEvents takes them.

    Returns:
        What became of each, in their order.
    """
    if not any(map(_is_forged, events)):
        return _put_events(backend, events)
    return [_REFUSED if _is_forged(event) else _put_events(backend, [event])[0] for event in events]


def _is_forged(event: Mapping[str, Any]) -> bool:
    return str(event.get("Source", "")).lower().startswith("aws.")


_REFUSED: Final = {
    "ErrorCode": "NotAuthorizedForSourceException",
    "ErrorMessage": "Not authorized for the source.",
}
