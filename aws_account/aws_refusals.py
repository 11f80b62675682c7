"""What AWS, or the way to it, answers instead."""

from botocore.exceptions import BotoCoreError, ClientError

Refusal = BotoCoreError | ClientError
"""AWS refused, or could not be reached."""


def is_forbidden(refusal: Refusal) -> bool:
    """Whether it is a permission that the caller lacks; services, and KMS behind them, spell that in their own ways."""
    code = (refusal.response["Error"].get("Code") or "") if isinstance(refusal, ClientError) else ""
    return "AccessDenied" in code or code in ("AuthorizationError", "UnauthorizedOperation")
