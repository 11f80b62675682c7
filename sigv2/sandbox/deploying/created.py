"""What creating a resource in the emulator takes and gives."""

from collections.abc import Callable, Mapping
from typing import Any

from pulumi.runtime import rpc

from sigv2.sandbox.emulating.aws_clients import Clients

Inputs = Mapping[str, Any]
"""A resource's properties as the program registers them: camelCase, numbers as floats."""

Created = tuple[str, dict[str, Any]]
"""A resource's id, and the outputs that it has beside its inputs."""

Create = Callable[[Clients, str, Inputs], Created]
"""Creates a resource of a logical name."""


def plain(value: Any) -> Any:
    """Properties without the wrapping that the SDK gives to secrets, as a provider gets them."""
    if rpc.is_rpc_secret(value):
        return plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def tags_of(inputs: Inputs) -> list[Any]:
    """The tags, as most AWS APIs take them."""
    return [{"Key": key, "Value": value} for key, value in inputs["tags"].items()]
