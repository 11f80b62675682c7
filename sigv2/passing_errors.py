"""Which errors of AWS pass by themselves, so that it is worth asking again."""

from typing import Final

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

BUSY: Final = ("LimitExceededException", "ServiceUnavailableException", "ThrottlingException")
"""What CloudWatch Logs answers whom it cannot serve right now."""
_ON_THE_WAY: Final = (exceptions.HTTPClientError, exceptions.ConnectionError)
_SERVERS_FAULT: Final = 500


def is_passing(error: BotoCoreError | ClientError) -> bool:
    """Whether AWS is busy or broken, or the way to it is, rather than refusing."""
    if not isinstance(error, ClientError):
        return isinstance(error, _ON_THE_WAY)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response["Error"].get("Code") in BUSY or status >= _SERVERS_FAULT
