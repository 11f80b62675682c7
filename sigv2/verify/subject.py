"""What is verified: one object of one target bucket, on its way through one stack's pipeline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from botocore.config import Config
from botocore.exceptions import ClientError

from blueprint.names import trail_name
from blueprint.trail_targets import MAX_TRAILS
from sigv2.selector_coverage import covers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import boto3.session
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

    from blueprint.arns import Arns
    from blueprint.checked_settings import Settings
    from sigv2.stack.stack_account import AccountInRegion
    from sigv2.verify.choice import Probed
    from sigv2.verify.round_trip import Answer

USER_AGENT: Final = "s3-sigv2-access-log/verify"
"""What the user agent of the probe ends with, so that whoever meets it in a log knows what it is."""

_CONFIG: Final = Config(user_agent_extra=USER_AGENT)


@dataclass(frozen=True)
class Aws:
    """Clients for the account and Region of the stack; `sigv2` signs with SigV2, all others as usual."""

    s3: S3Client
    sigv2: S3Client
    cloudtrail: CloudTrailClient
    events: EventBridgeClient
    logs: CloudWatchLogsClient
    cloudwatch: CloudWatchClient
    sqs: SQSClient
    kms: KMSClient
    sns: SNSClient

    @classmethod
    def of(cls, session: boto3.session.Session) -> Aws:
        """Make the clients.

        Raises:
            botocore.exceptions.BotoCoreError: there are no credentials, or no Region.
        """
        return cls(
            s3=session.client("s3", config=_CONFIG),
            sigv2=session.client("s3", config=_CONFIG.merge(Config(signature_version="s3"))),
            cloudtrail=session.client("cloudtrail", config=_CONFIG),
            events=session.client("events", config=_CONFIG),
            logs=session.client("logs", config=_CONFIG),
            cloudwatch=session.client("cloudwatch", config=_CONFIG),
            sqs=session.client("sqs", config=_CONFIG),
            kms=session.client("kms", config=_CONFIG),
            sns=session.client("sns", config=_CONFIG),
        )


@dataclass(frozen=True, eq=False)
class Subject:
    """What every link of the chain is asked about; no two are equal, so that each stands for one walk.

    Attributes:
        aws: how to ask.
        arns: where the stack is deployed.
        settings: the stack's.
        probed: the object.
        caller_arn: who asks for it.
        trail_name: the trail that is to see it.
        answer: what S3 answered; None where it was not asked.
        sent_at: when it was; None where it was not.
    """

    aws: Aws
    arns: Arns
    settings: Settings
    probed: Probed
    caller_arn: str
    trail_name: str
    answer: Answer | None = None
    sent_at: datetime | None = None

    @property
    def record(self) -> dict[str, object]:
        """What of CloudTrail's record of the request a selector can look at."""
        return self.record_of(self.probed, reads=True)

    def record_of(self, probed: Probed, *, reads: bool) -> dict[str, object]:
        """The same of a request of this caller for another object.

        Args:
            probed: the object.
            reads: whether it is read, rather than written.
        """
        return {
            "eventCategory": "Data",
            "eventName": "GetObject" if reads else "PutObject",
            "eventSource": "s3.amazonaws.com",
            "eventType": "AwsApiCall",
            "readOnly": reads,
            "userIdentity": {"arn": self.caller_arn},
            "resources": [
                {"type": "AWS::S3::Object", "ARN": self.arns.s3(f"{probed.bucket}/{probed.key}")},
                {"type": "AWS::S3::Bucket", "ARN": self.arns.s3(probed.bucket)},
            ],
        }

    @property
    def rule_name(self) -> str:
        """The rule that lets only SigV2 through."""
        return self.settings.base_name

    @property
    def log_group_arn(self) -> str:
        """ARN of the log group, without `:*`."""
        return self.arns.log_group(self.settings.log_group_name)

    @property
    def restore(self) -> str:
        """The command that brings back what the program has deployed, whatever became of it since."""
        return f"`pulumi up --refresh --stack {self.settings.stack}`"


def locate(place: AccountInRegion, settings: Settings, probed: Probed) -> Subject:
    """Find out which trail is to see the object.

    Args:
        place: the stack's account and Region.
        settings: the stack's.
        probed: the object.

    Raises:
        botocore.exceptions.BotoCoreError: there is no way to AWS.
    """
    subject = Subject(
        aws=Aws.of(place.session),
        arns=place.arns,
        settings=settings,
        probed=probed,
        caller_arn=place.caller_arn,
        trail_name=trail_name(settings.base_name, 1),
    )
    return replace(subject, trail_name=_watching(subject))


def _watching(subject: Subject) -> str:
    """The one of the stack's trails whose selectors cover the object, or else the first that there is."""
    first = None
    for number in range(1, MAX_TRAILS + 1):
        name = trail_name(subject.settings.base_name, number)
        try:
            if covers(selectors_of(subject.aws.cloudtrail, name), subject.record):
                return name
        except subject.aws.cloudtrail.exceptions.TrailNotFoundException:
            continue
        except (ClientError, ValueError):
            # Not to be seen, or not understood: the link that asks for the same says so.
            pass
        first = first or name
    return first or subject.trail_name


def selectors_of(cloudtrail: CloudTrailClient, trail: str) -> list[Mapping[str, object]]:
    """A trail's event selectors, basic or advanced, as `covers` takes them.

    Raises:
        botocore.exceptions.ClientError: there is no such trail, or it may not be asked about.
    """
    answer = cloudtrail.get_event_selectors(TrailName=trail)
    return cast(
        "list[Mapping[str, object]]", [*answer.get("EventSelectors", []), *answer.get("AdvancedEventSelectors", [])]
    )
