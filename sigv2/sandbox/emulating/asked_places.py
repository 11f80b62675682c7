"""Which Region of which account a request to another service than S3 is about, as moto has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.iam.models import get_account_id_from

from sigv2.sandbox.emulating.aws_clients import ACCOUNT_HEADER
from sigv2.sandbox.emulating.routing import scope_of
from sigv2.sandbox.observing.deployment import RegionOfAccount

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_ACCOUNT_VARIABLE = f"HTTP_{ACCOUNT_HEADER.upper().replace('-', '_')}"


def asked_place(environ: WSGIEnvironment) -> RegionOfAccount | None:
    """Returns the place; None where a request has no Signature Version 4."""
    scope = scope_of(environ)
    if scope is None:
        return None
    return RegionOfAccount(environ.get(_ACCOUNT_VARIABLE) or get_account_id_from(scope.access_key_id), scope.region)
