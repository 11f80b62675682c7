"""Makes boto3 clients for the emulator: the sandbox's own, and those that speak for an access key.

The sandbox's own requests carry a header with a random secret, so that nothing which a person
sends can pass for them, and they are not recorded.
"""

from __future__ import annotations

import secrets
import threading
from functools import cache
from typing import TYPE_CHECKING, Literal, cast, overload

import boto3.session
import botocore.session
from botocore.config import Config
from moto.core.models import DEFAULT_ACCOUNT_ID

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.client import BaseClient
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

ACCOUNT_HEADER = "x-moto-account-id"
"""The header by which moto takes a request for one of another account than its access key's."""

_HEADER = "x-sigv2-sandbox"
_CONTROL_KEY = "AKIASANDBOXCONTROL00"
_SECRET = secrets.token_hex(16)
_ANY_SECRET = "any-secret-will-do"  # noqa: S105 - the emulator verifies no signature
_NO_RETRY = Config(
    # A retried PutLogEvents would log twice; proxies={} keeps HTTP_PROXY out of loopback.
    retries={"total_max_attempts": 1},
    proxies={},
    read_timeout=120,
    max_pool_connections=50,
    s3={"addressing_style": "path"},
)


_making = threading.Lock()


@cache
def shared_session() -> boto3.session.Session:
    """The session of all clients: it reads each service's model, which takes longest, only once."""
    # A profile of this person that does not exist here must not stop the sandbox.
    own = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    return boto3.session.Session(botocore_session=own)


@cache
def _own_client(service: str, region: str, endpoint: str, account_id: str | None) -> BaseClient:
    """The process's client of a service: making one takes longer than most of what is asked with it."""
    client = _client(service, region, endpoint, _CONTROL_KEY)
    if account_id is not None:

        def speak_for_account(request: AWSPreparedRequest, **_: object) -> None:
            request.headers[ACCOUNT_HEADER] = account_id

        client.meta.events.register("before-send", speak_for_account)
    return client


def _client(service: str, region: str, endpoint: str, access_key_id: str) -> BaseClient:
    client: BaseClient = shared_session().client(  # type: ignore[call-overload]
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=_ANY_SECRET,
        config=_NO_RETRY,
    )
    client.meta.events.register("before-send", _mark)
    return client


def _mark(request: AWSPreparedRequest, **_: object) -> None:
    request.headers[_HEADER] = _SECRET


def is_region(name: str) -> bool:
    """Tells whether there is a Region of this name, in any partition."""
    session = shared_session()
    partitions = session.get_available_partitions()
    return any(name in session.get_available_regions("logs", partition) for partition in partitions)


class Clients:
    """A factory of boto3 clients that talk to one endpoint, each made once.

    Args:
        endpoint: The emulator's URL.
        region: The Region of a client that names none.
        account_id: The account to speak for; None for the emulator's own.
    """

    def __init__(self, endpoint: str, region: str, account_id: str | None = None) -> None:
        self._endpoint = endpoint
        self._region = region
        self._account_id = account_id

    @overload
    def __call__(self, service: Literal["cloudtrail"], region: str | None = None) -> CloudTrailClient: ...
    @overload
    def __call__(self, service: Literal["cloudwatch"], region: str | None = None) -> CloudWatchClient: ...
    @overload
    def __call__(self, service: Literal["events"], region: str | None = None) -> EventBridgeClient: ...
    @overload
    def __call__(self, service: Literal["iam"], region: str | None = None) -> IAMClient: ...
    @overload
    def __call__(self, service: Literal["kms"], region: str | None = None) -> KMSClient: ...
    @overload
    def __call__(self, service: Literal["logs"], region: str | None = None) -> CloudWatchLogsClient: ...
    @overload
    def __call__(self, service: Literal["organizations"], region: str | None = None) -> OrganizationsClient: ...
    @overload
    def __call__(self, service: Literal["s3"], region: str | None = None) -> S3Client: ...
    @overload
    def __call__(self, service: Literal["sns"], region: str | None = None) -> SNSClient: ...
    @overload
    def __call__(self, service: Literal["sqs"], region: str | None = None) -> SQSClient: ...
    @overload
    def __call__(self, service: Literal["sts"], region: str | None = None) -> STSClient: ...

    def __call__(self, service: str, region: str | None = None) -> BaseClient:
        """Returns the sandbox's own client of a service."""
        with _making:
            return _own_client(service, region or self._region, self._endpoint, self._account_id)

    def in_region(self, region: str) -> Clients:
        """Returns a factory of clients for the same account in another Region."""
        return Clients(self._endpoint, region, self._account_id)

    def of(self, account_id: str, region: str) -> Clients:
        """Returns a factory of clients for an account; without a Region, they are in the same one as these."""
        # Those of the emulator's own account are made already.
        own = account_id == DEFAULT_ACCOUNT_ID
        return Clients(self._endpoint, region or self._region, None if own else account_id)

    def sts_of(self, access_key_id: str) -> STSClient:
        """Returns a new STS client that calls with an access key, unrecorded."""
        with _making:
            return cast("STSClient", _client("sts", self._region, self._endpoint, access_key_id))

    def sent(self, environ: WSGIEnvironment) -> bool:
        """Says whether one of these clients sent a request."""
        return secrets.compare_digest(
            environ.get("HTTP_" + _HEADER.upper().replace("-", "_"), "").encode(),
            _SECRET.encode(),
        )
