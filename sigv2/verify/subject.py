"""What is verified: one object of one target bucket, on its way through one stack's pipeline."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Final

from botocore.config import Config
from botocore.exceptions import ClientError

from blueprint.names import forwarded_rule_name, forwarding_role_name
from blueprint.selector_coverage import record_of_request
from sigv2.bucket_region import region_of_bucket
from sigv2.verify.used_trail import TrailFinder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import boto3.session
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

    from blueprint.arns import Arns
    from blueprint.stack_settings import Settings
    from sigv2.stack.stack_account import AccountInRegion
    from sigv2.verify.choice import Probed
    from sigv2.verify.round_trip import Answer
    from sigv2.verify.watching_trail import WatchingTrail

USER_AGENT: Final = "s3-sigv2-access-log/verify"
"""What the user agent of the probe ends with, so that whoever meets it in a log knows what it is."""

_CONFIG: Final = Config(user_agent_extra=USER_AGENT)


@dataclass(frozen=True)
class Aws:
    """Clients for an account and Region; `sigv2` signs with SigV2, all others as usual."""

    s3: S3Client
    sigv2: S3Client
    events: EventBridgeClient
    logs: CloudWatchLogsClient
    cloudwatch: CloudWatchClient
    sqs: SQSClient
    kms: KMSClient
    sns: SNSClient

    @classmethod
    def of(cls, session: boto3.session.Session, region: str | None = None) -> Aws:
        """Make the clients, for the session's Region or another.

        Raises:
            botocore.exceptions.BotoCoreError: there are no credentials, or no Region.
        """
        return cls(
            s3=session.client("s3", region, config=_CONFIG),
            sigv2=session.client("s3", region, config=_CONFIG.merge(Config(signature_version="s3"))),
            events=session.client("events", region, config=_CONFIG),
            logs=session.client("logs", region, config=_CONFIG),
            cloudwatch=session.client("cloudwatch", region, config=_CONFIG),
            sqs=session.client("sqs", region, config=_CONFIG),
            kms=session.client("kms", region, config=_CONFIG),
            sns=session.client("sns", region, config=_CONFIG),
        )


@dataclass(frozen=True)
class Sender:
    """What puts events on another event bus.

    Attributes:
        rule_arn: the rule that forwards.
        role_arn: the role that it does so by.
        iam: how to ask about the role.
        organizations: how to ask about the account of both.
    """

    rule_arn: str
    role_arn: str
    iam: IAMClient
    organizations: OrganizationsClient


class Hop(Enum):
    """Where on its way an event is, if it does not stay in one Region of one account."""

    BUCKET = "the bucket's Region"
    LOG = "where the log is"


@dataclass(frozen=True, eq=False)
class Subject:
    """What every link of the chain is asked about; no two are equal, so that each stands for one walk.

    The rule is in the stack's home Region, unless the bucket lies in another one or the stack forwards to another
    account: there is a subject for each further hop then.

    Attributes:
        aws: how to ask.
        arns: where the stack is deployed.
        settings: the stack's.
        probed: the object.
        caller_arn: who asks for it.
        trail: the trail that is to see it.
        regions: that the stack watches, home first.
        answer: what S3 answered; None where it was not asked.
        sent_at: when it was; None where it was not.
        forwards_to: the event bus that the rule forwards to; None where it puts events into the log group.
        event_bus: the bus that the rule is on; None for the default one.
        sender: what forwards from here, or to here; None where nothing does.
        hops: what is asked about elsewhere.
        other_queues: how to ask, by Region, about dead-letter queues of the stack that are on no hop.
    """

    aws: Aws
    arns: Arns
    settings: Settings
    probed: Probed
    caller_arn: str
    trail: WatchingTrail
    regions: tuple[str, ...] = ()
    answer: Answer | None = None
    sent_at: datetime | None = None
    forwards_to: str | None = None
    event_bus: str | None = None
    sender: Sender | None = None
    hops: Mapping[Hop, Subject] = field(default_factory=dict)
    other_queues: Mapping[str, SQSClient] = field(default_factory=dict)

    def at(self, hop: Hop | None) -> Subject:
        """The subject of a hop; this one where there is no such hop."""
        return self if hop is None else self.hops.get(hop, self)

    @property
    def sees_log(self) -> bool:
        """Whether the log can be asked: of another account's, only if its stack is named."""
        return Hop.LOG in self.hops or not self.settings.forward_to

    def anew(self) -> Subject:
        """The same for another walk: what several links ask about is asked once for each subject."""
        return replace(self, hops={hop: replace(subject) for hop, subject in self.hops.items()})

    def asked(self, answer: Answer, sent_at: datetime) -> Subject:
        """The same once S3 was asked for the object, and answered."""
        hops = {hop: replace(subject, answer=answer, sent_at=sent_at) for hop, subject in self.hops.items()}
        return replace(self, answer=answer, sent_at=sent_at, hops=hops)

    @property
    def record(self) -> dict[str, object]:
        """What of CloudTrail's record of the request a selector can look at."""
        bucket_arn = self.arns.s3(self.probed.bucket)
        return record_of_request(bucket_arn, self.probed.key, self.caller_arn, reads=True)

    @property
    def rule_name(self) -> str:
        """The rule that lets only SigV2 through."""
        base = self.settings.base_name
        return forwarded_rule_name(base) if self.event_bus else base

    @property
    def rule_arn(self) -> str:
        """ARN of that rule."""
        return self.arns.rule(self.rule_name, self.event_bus)

    @property
    def target_arn(self) -> str:
        """ARN of what the rule delivers to, without `:*`."""
        return self.forwards_to or self.log_group_arn

    @property
    def log_group_arn(self) -> str:
        """ARN of the log group, without `:*`."""
        return self.arns.log_group(self.settings.log_group_name)

    @property
    def restore(self) -> str:
        """The command that brings back what the program has deployed, whatever became of it since."""
        return f"`pulumi up --refresh --stack {self.settings.stack}`"


@dataclass(frozen=True)
class LogElsewhere:
    """The stack that a forwarding stack's requests are logged by.

    Attributes:
        place: its account and home Region.
        settings: its settings.
    """

    place: AccountInRegion
    settings: Settings


def locate(
    place: AccountInRegion,
    settings: Settings,
    probed: Probed,
    regions: Sequence[str] = (),
    hub: LogElsewhere | None = None,
    *,
    existing_trail: str | None = None,
    alone: bool = True,
) -> Subject:
    """Find out which trail is to see the object, and by which hops its event reaches the log.

    Args:
        place: the stack's account and home Region.
        settings: the stack's.
        probed: the object.
        regions: that the stack watches; without any, its home Region alone.
        hub: the stack that is forwarded to, where this one forwards; None where that is not to be seen.
        existing_trail: which trail the stack uses instead of its own, as `existing_trail` gives it.
        alone: whether no object of another Region is asked for as well, whose subject would ask about the queue there.

    Raises:
        StackError: which trail the stack uses cannot be told.
        botocore.exceptions.BotoCoreError: there is no way to AWS.
    """
    finder = TrailFinder(
        place.arns,
        settings,
        regions,
        cloudtrail=lambda region: place.session.client("cloudtrail", region, config=_CONFIG),
        kms=lambda region: place.session.client("kms", region, config=_CONFIG),
    )
    record = record_of_request(place.arns.s3(probed.bucket), probed.key, place.caller_arn, reads=True)
    subject = Subject(
        aws=Aws.of(place.session),
        arns=place.arns,
        settings=settings,
        probed=probed,
        caller_arn=place.caller_arn,
        trail=finder.find(existing_trail, record),
        regions=tuple(regions),
    )
    elsewhere = _other_region_of(subject, place.region, regions) if regions[1:] else None
    if alone:
        passed = {elsewhere or place.region} if settings.forward_to else {elsewhere, place.region}
        others = [region for region in regions if region not in passed]
        sqs = {region: place.session.client("sqs", region, config=_CONFIG) for region in others}
        subject = replace(subject, other_queues=sqs)
    if not elsewhere and not settings.forward_to:
        return subject
    bus = settings.forward_to or place.arns.event_bus(settings.base_name)
    at_bucket = replace(subject, forwards_to=bus)
    if elsewhere:
        at_bucket = replace(at_bucket, aws=Aws.of(place.session, elsewhere), arns=place.arns.in_region(elsewhere))
    sender = Sender(
        rule_arn=at_bucket.rule_arn,
        role_arn=place.arns.role(forwarding_role_name(settings.base_name)),
        iam=place.session.client("iam", config=_CONFIG),
        organizations=place.session.client("organizations", config=_CONFIG),
    )
    hops = {Hop.BUCKET: replace(at_bucket, sender=sender)}
    if hub:
        at_log = replace(subject, aws=Aws.of(hub.place.session), arns=hub.place.arns, settings=hub.settings)
        hops[Hop.LOG] = replace(at_log, event_bus=hub.settings.base_name, sender=sender)
    elif not settings.forward_to:
        hops[Hop.LOG] = replace(subject, event_bus=settings.base_name, sender=sender)
    return replace(subject, hops=hops)


def _other_region_of(subject: Subject, home: str, regions: Sequence[str]) -> str | None:
    """Where the bucket lies, if that is not at home and is watched."""
    try:
        lies_in = region_of_bucket(subject.aws.s3, subject.probed.bucket)
    except ClientError:
        # Not to be seen: the link that asks for the same says so.
        return None
    return lies_in if lies_in in regions and lies_in != home else None
