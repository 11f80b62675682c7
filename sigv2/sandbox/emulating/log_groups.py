"""The calls that change the key of a log group, which moto lacks.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException

from sigv2.sandbox.observing.deployed import log_group_name

if TYPE_CHECKING:
    from moto.logs.models import LogGroup
    from moto.logs.responses import LogsResponse


def associate_kms_key(call: LogsResponse) -> str:
    """Encrypts a log group with a key from now on; the call's answer is empty.

    Raises:
        ResourceNotFoundException: there is no such log group.
        InvalidParameterException: the key is not named by its ARN, or the log group not at all.
    """
    key = call._get_param("kmsKeyId")  # noqa: SLF001 - every call of moto's reads its parameters so
    if ":kms:" not in str(key):
        raise InvalidParameterException("kmsKeyId must be the ARN of a KMS key.")
    _log_group(call).kms_key_id = key
    return ""


def disassociate_kms_key(call: LogsResponse) -> str:
    """Encrypts a log group with the key of CloudWatch Logs from now on; answers and raises as `associate_kms_key`."""
    _log_group(call).kms_key_id = None
    return ""


def _log_group(call: LogsResponse) -> LogGroup:
    identifier = call._get_param("logGroupName") or call._get_param("resourceIdentifier")  # noqa: SLF001 - as above
    if not isinstance(identifier, str):
        raise InvalidParameterException("Name a log group, by logGroupName or by resourceIdentifier.")
    group: LogGroup | None = call.logs_backend.groups.get(log_group_name(identifier) or identifier)
    if group is None:
        raise ResourceNotFoundException
    return group
