"""S3 clients of people's, which ask the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from sigv2.sandbox.visitors import BOTO2

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from sigv2.sandbox.emulating.emulator import Emulator
    from sigv2.sandbox.visitors import Credentials


def s3_client(
    emulator: Emulator,
    who: Credentials,
    signature_version: str | None = "s3",
    region: str = "us-east-1",
    **configured: Any,
) -> S3Client:
    """A boto3 client of anybody's, whatever proxy this machine has; without a version, boto3 takes the one it will."""
    return boto3.client(
        "s3",
        endpoint_url=emulator.endpoint,
        region_name=region,
        aws_access_key_id=who.access_key_id,
        aws_secret_access_key=who.secret_access_key,
        aws_session_token=who.session_token,
        config=Config(signature_version=signature_version, proxies={}, **configured),
    )


def boto2(emulator: Emulator, user: Credentials) -> Any:
    """A connection of boto 2.49; the test is skipped where that cannot be imported."""
    if missing := BOTO2.missing():
        pytest.skip(f"{BOTO2.name} {missing}")
    from boto.s3.connection import OrdinaryCallingFormat, S3Connection  # noqa: PLC0415 - not installed everywhere

    host, port = emulator.endpoint.removeprefix("http://").split(":")
    return S3Connection(
        user.access_key_id,
        user.secret_access_key,
        is_secure=False,
        host=host,
        port=int(port),
        calling_format=OrdinaryCallingFormat(),
    )
