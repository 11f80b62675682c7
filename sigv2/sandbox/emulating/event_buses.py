"""Event buses as EventBridge keeps them, where moto's differ: nobody speaks for AWS, and a new policy is the policy.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.events.models import EventBus, EventsBackend

if TYPE_CHECKING:
    from collections.abc import Mapping

_put_events: Final = EventsBackend.put_events
_add_policy: Final = EventBus.add_policy


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


def replace_policy(bus: EventBus, policy: dict[str, Any]) -> None:
    """Puts a policy in the place of what the bus had; moto would add to that, and needs an id for each statement.

    Args:
        bus: whose policy it is.
        policy: the whole document.
    """
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    bus.remove_statements()
    _add_policy(bus, {"Statement": [{"Sid": str(at), **one} for at, one in enumerate(statements)]})


def _is_forged(event: Mapping[str, Any]) -> bool:
    return str(event.get("Source", "")).lower().startswith("aws.")


_REFUSED: Final = {
    "ErrorCode": "NotAuthorizedForSourceException",
    "ErrorMessage": "Not authorized for the source.",
}
