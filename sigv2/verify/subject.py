"""What is verified: one object of one target bucket, on its way through one stack's pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.config import Config

from components.arns import Arns
from components.names import trail_name

if TYPE_CHECKING:
    import boto3.session
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

    from settings import Settings
    from sigv2.verify.choice import Probed
    from sigv2.verify.probe import Answer

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
        )


@dataclass(frozen=True)
class Subject:
    """What every link of the chain is asked about.

    Attributes:
        aws: how to ask.
        arns: where the stack is deployed.
        settings: the stack's.
        probed: the object.
        caller_arn: who asks for it.
        answer: what S3 answered; None where it was not asked.
    """

    aws: Aws
    arns: Arns
    settings: Settings
    probed: Probed
    caller_arn: str
    answer: Answer | None = None

    @property
    def object_arn(self) -> str:
        """ARN of the object that is asked for."""
        return self.arns.s3(f"{self.probed.bucket}/{self.probed.key}")

    @property
    def trail_name(self) -> str:
        """The one trail whose targets the object is among."""
        path = f"{self.probed.bucket}/{self.probed.key}"
        number = next(
            number for number, targets in enumerate(self.settings.trails, start=1) if path.startswith(targets.included)
        )
        return trail_name(self.settings.base_name, number)

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


def locate(session: boto3.session.Session, settings: Settings, probed: Probed) -> Subject:
    """Find out whose account this is, and where.

    Raises:
        botocore.exceptions.BotoCoreError: there are no credentials, no Region, or no way to AWS.
        botocore.exceptions.ClientError: AWS does not accept the credentials.
    """
    caller = session.client("sts", config=_CONFIG).get_caller_identity()
    partition = session.get_partition_for_region(session.region_name)
    return Subject(
        aws=Aws.of(session),
        arns=Arns(partition, caller["Account"], session.region_name),
        settings=settings,
        probed=probed,
        caller_arn=caller["Arn"],
    )
