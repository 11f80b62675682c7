"""Who to chase: logged events, summed up by the client that sent them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table

from sigv2.terminal import table

Event = Mapping[str, Any]
"""An event as EventBridge logs it."""


def row_of(event: Event) -> tuple[str, str, str, str]:
    """Event name, bucket, key and how it was signed."""
    detail = event["detail"]
    parameters = detail.get("requestParameters") or {}
    return detail["eventName"], parameters.get("bucketName", ""), parameters.get("key", ""), how_signed(event)


def how_signed(event: Event) -> str:
    """Signature version and authentication method."""
    data = event["detail"].get("additionalEventData") or {}
    return f"{data.get('SignatureVersion', '-')} {data.get('AuthenticationMethod', '-')}"


def offenders(events: Iterable[Event]) -> Table:
    """A table of principal, user agent, bucket and how signed, the busiest first."""
    counted = Counter(
        (
            _principal(event["detail"].get("userIdentity") or {}),
            event["detail"].get("userAgent") or "",
            row_of(event)[1],
            how_signed(event),
        )
        for event in events
    )
    rows = [[*client, str(count)] for client, count in counted.most_common()]
    return table("Who to chase", ["Principal", "User agent", "Bucket", "How signed", "Requests"], rows)


def _principal(identity: Mapping[str, Any]) -> str:
    return str(identity.get("arn") or identity.get("principalId") or identity.get("accountId") or "")
