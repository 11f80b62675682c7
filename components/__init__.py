"""Pulumi components; `SigV2AccessLog` is the one that programs make."""

from blueprint.arguments import SigV2AccessLogArgs
from components.access_log import SigV2AccessLog

__all__ = ["SigV2AccessLog", "SigV2AccessLogArgs"]
