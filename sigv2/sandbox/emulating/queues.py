"""SQS queues as AWS keeps them, where moto's differ.

A queue is encrypted with a key of KMS or with SQS's own, and setting one resets the other
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html); an attribute that
is not set stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.sqs import models
from moto.sqs.exceptions import SQSException

if TYPE_CHECKING:
    from collections.abc import Mapping


class MendedQueue(models.Queue):
    """A queue whose attributes are set one by one."""

    policy: str | None = None

    def __init__(self, name: str, region: str, account_id: str, **attributes: Any) -> None:
        """Takes moto's arguments."""
        super().__init__(name, region, account_id, **_with_one_encryption(attributes))

    def _set_attributes(self, attributes: dict[str, Any], now: float | None = None) -> None:
        # moto drops the policy with every call that does not set it anew, and keeps an empty one, which AWS deletes.
        policy = attributes.get("Policy", self.policy) or None
        super()._set_attributes({**_with_one_encryption(attributes), "Policy": policy}, now)


def _with_one_encryption(attributes: Mapping[str, Any]) -> dict[str, Any]:
    key = attributes.get("KmsMasterKeyId")
    managed = str(attributes.get("SqsManagedSseEnabled", "")).lower() == "true"
    if key and managed:
        one_type = "You can use one type of server-side encryption (SSE) at one time."
        one_type = "You can use one type of server-side encryption (SSE) at one time."
        raise SQSException("InvalidAttributeName", f"{one_type} You can either enable KMS SSE or SQS SSE.")
    if key:
        return {**attributes, "SqsManagedSseEnabled": "false"}
    return {**attributes, "KmsMasterKeyId": None} if managed else dict(attributes)
