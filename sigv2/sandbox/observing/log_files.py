"""Delivers a trail's records as log files to its bucket, if the bucket's policy lets CloudTrail.

Names and contents are those of
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

from __future__ import annotations

import gzip
import json
import secrets
import string
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from sigv2.policy_evaluation import is_allowed, service_call
from sigv2.sandbox.observing.deployed import bucket_policies
from sigv2.sandbox.observing.deployment import RegionOfAccount

if TYPE_CHECKING:
    from sigv2.sandbox.emulating.aws_clients import Clients
    from sigv2.sandbox.observing.deployment import Deployment, Policy, Trail

Record = Mapping[str, object]

_SERVICE = "cloudtrail.amazonaws.com"
_ACL: Final = "bucket-owner-full-control"
_ALPHANUMERIC = string.ascii_letters + string.digits


class LogFiles:
    """Collects records by trail and writes each trail's as one file when flushed.

    Records of a trail whose bucket refuses them are kept for the next flush: CloudTrail goes on
    trying for 30 days.
    """

    def __init__(self, clients: Clients) -> None:
        """Takes the clients to write with."""
        self._clients = clients
        self._pending: dict[tuple[str, RegionOfAccount], list[Record]] = {}
        """By the trail's ARN and the account and Region of the records: a file holds those of one."""
        self._trails: dict[str, Trail] = {}
        self._errors: dict[tuple[RegionOfAccount, str], str] = {}

    def add(self, trail: Trail, record: Record) -> None:
        """Takes a record for a trail's next file."""
        self._trails[trail.arn] = trail
        place = RegionOfAccount(str(record["recipientAccountId"]), str(record["awsRegion"]))
        self._pending.setdefault((trail.arn, place), []).append(record)

    def flush(self, deployment: Deployment) -> None:
        """Writes a file for each trail with records, as far as its bucket lets it.

        Raises:
            UnsupportedPolicy: A bucket's policy is beyond the evaluator.
        """
        current = {trail.arn: trail for trail in deployment.trails}
        # One that was deleted delivers what it has recorded.
        deleted = {self._trails[arn].bucket for arn, _ in self._pending if arn not in current}
        policies = {**bucket_policies(self._clients, sorted(deleted)), **deployment.bucket_policies}
        for (arn, place), records in list(self._pending.items()):
            trail = current.get(arn, self._trails[arn])
            error = self._deliver(trail, place, policies, records)
            if error is None:
                self._errors.pop((RegionOfAccount.of_arn(arn), trail.name), None)
                del self._pending[arn, place]
            else:
                self._errors[RegionOfAccount.of_arn(arn), trail.name] = error

    def error_of(self, place: RegionOfAccount, trail_name: str) -> str | None:
        """Returns S3's error code if the latest delivery of a trail that is at home there failed."""
        return self._errors.get((place, trail_name))

    def _deliver(
        self, trail: Trail, place: RegionOfAccount, policies: Mapping[str, Policy | None], records: list[Record]
    ) -> str | None:
        if trail.bucket not in policies:
            return "NoSuchBucket"
        key = log_file_key(trail, place, datetime.now(UTC))
        if not _may_write(trail, policies[trail.bucket], key):
            return "AccessDenied"
        try:
            self._clients("s3").put_object(
                Bucket=trail.bucket,
                Key=key,
                Body=gzip.compress(json.dumps({"Records": records}).encode()),
                ACL=_ACL,
                ContentType="application/json",
                ContentEncoding="gzip",
            )
        except ClientError as refused:
            return refused.response["Error"]["Code"]
        return None


def log_file_key(trail: Trail, place: RegionOfAccount, now: datetime) -> str:
    """Names a new log file of a trail with records of a Region of an account; every call gives another name.

    Those of an organisation's trail lie in its own folder
    (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html).
    """
    prefix = f"{trail.prefix}/" if trail.prefix else ""
    organization = f"{trail.organization}/" if trail.organization else ""
    account_id, region = place
    unique = "".join(secrets.choice(_ALPHANUMERIC) for _ in range(16))
    return (
        f"{prefix}AWSLogs/{organization}{account_id}/CloudTrail/{region}/{now:%Y/%m/%d}/"
        f"{account_id}_CloudTrail_{region}_{now:%Y%m%dT%H%MZ}_{unique}.json.gz"
    )


def _may_write(trail: Trail, policy: Mapping[str, object] | None, key: str) -> bool:
    if policy is None:
        return False
    bucket_arn = f"arn:{trail.arn.split(':')[1]}:s3:::{trail.bucket}"
    check = service_call(_SERVICE, "s3:GetBucketAcl", bucket_arn, trail.arn)
    write = service_call(_SERVICE, "s3:PutObject", f"{bucket_arn}/{key}", trail.arn)
    write = replace(write, context={**write.context, "s3:x-amz-acl": _ACL})
    return is_allowed(policy, check) and is_allowed(policy, write)
