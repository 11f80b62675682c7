"""A request as the log has it, in one line for people or for programs."""

import re
from collections.abc import Mapping
from typing import Any, Final

from rich.text import Text

from blueprint.queries import saved_query
from sigv2.json_object import json_object
from sigv2.query_engine import LoggedEvent, answer
from sigv2.report.client_folding import ranked_clients
from sigv2.report.client_views import CLIENT_QUERY
from sigv2.report.clients import Client
from sigv2.report.fixes import OWN_PROBE
from sigv2.report.report_records import SIGNED
from sigv2.terminal import console, harmless, harmless_json

Event = Mapping[str, Any]
"""An event as EventBridge logs it."""

_BY_CLIENT: Final = saved_query(CLIENT_QUERY).by_place()
_BETWEEN: Final = "  "
_BLANKS: Final = re.compile(r" {2,}")


def event_of(message: str) -> Event:
    """What a log event tells; of one that is no JSON object, the message alone."""
    event = json_object(message)
    return {"message": message} if event is None else event


def client_of(event: Event) -> Client:
    """Who made the request, told apart as in a report."""
    (client,) = ranked_clients(answer(_BY_CLIENT, [LoggedEvent(0, event)]))
    return client


def is_own_probe(client: Client) -> bool:
    """Whether it was `discover` or `verify`, which count for nobody."""
    return client.fix is OWN_PROBE


def line_of(event: Event, client: Client) -> Text:
    """When, who, how signed, with what, where to, what for, on which object, with which error; what there is of it.

    Args:
        event: the event.
        client: whose it is.
    """
    detail = _object(event.get("detail"))
    parts = (
        detail.get("eventTime"),
        client.principal,
        SIGNED.get(client.method, client.method),
        client.software,
        client.place.text,
        detail.get("eventName"),
        _object(detail.get("requestParameters")).get("key"),
        detail.get("errorCode"),
    )
    # Nobody's text stands for two columns.
    return Text(_BETWEEN).join(harmless(_BLANKS.sub(" ", str(part))) for part in parts if part)


def json_line(event: Event) -> Text:
    """The event as it was logged; no character acts on a terminal."""
    return Text(harmless_json(event))


def print_request(event: Event, client: Client, *, as_json: bool) -> None:
    """Print a request on standard output as one line, however narrow the terminal.

    Args:
        event: the event.
        client: whose it is.
        as_json: for programs.
    """
    console().print(json_line(event) if as_json else line_of(event, client), soft_wrap=True)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
