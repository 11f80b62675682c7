"""What of moto is put right while an emulator runs, in moto's own classes."""

from __future__ import annotations

import contextlib
from typing import Final
from unittest import mock

import moto.cloudtrail.models
import moto.core.base_backend
import moto.core.utils
import moto.sqs.models
from moto.cloudtrail.models import CloudTrailBackend
from moto.cloudtrail.responses import CloudTrailResponse
from moto.events.models import EventBus, EventsBackend
from moto.events.responses import EventsHandler
from moto.iam.access_control import PermissionResult
from moto.logs.responses import LogsResponse
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from sigv2.sandbox.emulating import event_buses, log_groups, queues, seen_trails, trails
from sigv2.sandbox.emulating.aws_clients import shared_session
from sigv2.sandbox.emulating.seen_trails import at_home


def _lets_bucket_policies_be(*_: object, **__: object) -> PermissionResult:
    # moto would apply a bucket policy's statements to everybody, whatever their conditions and principals: the TLS-only
    # statement alone would shut the trail bucket. The recorder knows better.
    return PermissionResult.NEUTRAL


def _finds_all_headers_valid(*_: object, **__: object) -> bool:
    # moto takes `response-content-type` in a presigned URL for a header that is missing, and the signature for wrong.
    return False


def _is_not_there(*_: object) -> None:
    # moto answers with nothing, as though that were the answer.
    raise NotImplementedError


_CHANGES_OF_TRAILS: Final = ("start_logging", "stop_logging", "put_event_selectors", "put_insight_selectors")
_MENDS: Final[tuple[tuple[object, str, object], ...]] = (
    # moto's would be of this person's profile, which need not be there.
    (moto.core.utils, "Session", shared_session),
    (moto.core.base_backend, "Session", shared_session),
    (FakeBucket, "get_permission", _lets_bucket_policies_be),
    (S3Response, "_invalid_headers", _finds_all_headers_valid),
    (moto.cloudtrail.models, "Trail", trails.MendedTrail),
    (CloudTrailResponse, "describe_trails", seen_trails.describe_trails),
    (CloudTrailBackend, "list_trails", seen_trails.seen_by),
    (CloudTrailBackend, "get_trail", seen_trails.seen_trail),
    (CloudTrailBackend, "get_trail_status", seen_trails.status_of),
    (CloudTrailBackend, "get_event_selectors", seen_trails.event_selectors_of),
    (CloudTrailBackend, "get_insight_selectors", seen_trails.insight_selectors_of),
    (CloudTrailBackend, "create_trail", trails.create_trail),
    (CloudTrailBackend, "update_trail", at_home(trails.update_trail)),
    (CloudTrailBackend, "delete_trail", at_home(trails.delete_trail)),
    *((CloudTrailBackend, name, at_home(getattr(CloudTrailBackend, name))) for name in _CHANGES_OF_TRAILS),
    (moto.sqs.models, "Queue", queues.MendedQueue),
    (EventBus, "add_policy", event_buses.replace_policy),
    (EventsBackend, "put_events", event_buses.put_events),
    (EventsHandler, "test_event_pattern", _is_not_there),
    (EventsHandler, "generate_presigned_url", _is_not_there),
    (LogsResponse, "associate_kms_key", log_groups.associate_kms_key),
    (LogsResponse, "disassociate_kms_key", log_groups.disassociate_kms_key),
)


def mend_moto() -> contextlib.ExitStack:
    """Puts moto right until what this returns is closed."""
    with contextlib.ExitStack() as mends:
        for holder, name, mended in _MENDS:
            mends.enter_context(mock.patch.object(holder, name, mended, create=not hasattr(holder, name)))
        return mends.pop_all()
