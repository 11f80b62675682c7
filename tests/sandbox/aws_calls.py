"""Comes between a client and AWS: a call is refused, or its answer is lost."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

Call = Callable[[str, dict[str, Any]], Any]
"""Makes a call with these parameters, and returns its answer."""


def answer_calls(patch: pytest.MonkeyPatch, answer: Callable[[Call, str, dict[str, Any]], Any]) -> None:
    """Have a function answer each call of every boto3 client; it may make the call, or raise what AWS would."""
    make = BaseClient._make_api_call  # type: ignore[attr-defined] # noqa: SLF001

    def answered(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        return answer(partial(make, client), operation, parameters)

    patch.setattr(BaseClient, "_make_api_call", answered)


def denial(operation: str) -> ClientError:
    """What AWS says where the caller lacks the permission."""
    answer: Any = {
        "Error": {"Code": "AccessDeniedException", "Message": "not authorized"},
        "ResponseMetadata": {"HTTPStatusCode": 403, "HTTPHeaders": {}},
    }
    return ClientError(answer, operation)
