"""The CloudWatch Logs Insights queries that read the access log, as a table of data.

Syntax: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import re
from dataclasses import dataclass, replace
from typing import Self

PRINCIPAL = "detail.userIdentity.arn"
PRINCIPAL_ID = "detail.userIdentity.principalId"
PRINCIPAL_ACCOUNT = "detail.userIdentity.accountId"
PRINCIPAL_TYPE = "detail.userIdentity.type"
USER_NAME = "detail.userIdentity.userName"
ACCESS_KEY = "detail.userIdentity.accessKeyId"
INVOKED_BY = "detail.userIdentity.invokedBy"
USER_AGENT = "detail.userAgent"
BUCKET = "detail.requestParameters.bucketName"
OBJECT_KEY = "detail.requestParameters.key"
EVENT_NAME = "detail.eventName"
EVENT_TIME = "detail.eventTime"
ERROR_CODE = "detail.errorCode"
AUTHENTICATION_METHOD = "detail.additionalEventData.AuthenticationMethod"
SOURCE_IP = "detail.sourceIPAddress"
VPC_ENDPOINT = "detail.vpcEndpointId"
REGION = "detail.awsRegion"
ACCOUNT = "detail.recipientAccountId"
EVENT_ID = "detail.eventID"

ISSUER = "issuer"
PERSON = "onBehalfOf"
THROUGH = "through"
OPERATION = "operation"
COPY_SOURCE = "copySource"
RESOURCE_BUCKETS = ("resource0", "resource1", "resource2", "resource3")
"""Made of other fields by the queries that use them."""

DAY = "day"
"""Made of the time of the log event, where a query counts by it."""

REQUESTS = "requests"
FIRST_SEEN = "firstSeen"
LAST_SEEN = "lastSeen"

_DAY_MADE = f"bin(1d) as {DAY}"
_TIME = "eventTime"


@dataclass(frozen=True)
class Extract:
    """A new field, made from part of another.

    Attributes:
        name: of the new field.
        field: where it is taken from.
        pattern: a regular expression for what to take; where it does not match, the event lacks the field.
        before: a regular expression for what stands before it.
    """

    name: str
    field: str
    pattern: str
    before: str = ""

    @property
    def command(self) -> str:
        """The command that makes it."""
        # Only letters, digits, `@` and `.` may stand bare in a field's name (CWL_QuerySyntax-Guidelines.html).
        field = self.field if re.fullmatch(r"[\w@.]+", self.field) else f"`{self.field}`"
        return f"parse {field} /{self.before}(?<{self.name}>{self.pattern})/"


@dataclass(frozen=True)
class FirstOf:
    """A new field, which is the first of some fields that an event has.

    Attributes:
        name: of the new field.
        fields: which.
    """

    name: str
    fields: tuple[str, ...]

    @property
    def command(self) -> str:
        """The command that makes it."""
        return f"fields coalesce({', '.join(self.fields)}) as {self.name}"


@dataclass(frozen=True)
class SavedQuery:
    """One question to the log: how many requests there are for each combination of some fields.

    Where two trails record a request, the log may have it twice, under its one eventID. So what the log has of an
    eventID is made one first, and counted then: `count_distinct` is "just an approximation" where there are many, and
    nothing that counts may follow `dedup`. The second `stats` sees only what the first one defines
    (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html).

    Attributes:
        key: short name, for the command line and resource names.
        name: what the console shows, within the stack's folder.
        by: the fields to count by: paths into the logged event, made fields, or `DAY`.
        only: a field, and the value that it must have; None for any value.
        made: fields to make before counting.
        seen: whether to tell when the first and the last request was, too.
    """

    key: str
    name: str
    by: tuple[str, ...]
    only: tuple[str, str | None] | None = None
    made: tuple[Extract | FirstOf, ...] = ()
    seen: bool = False

    @property
    def text(self) -> str:
        """The query in the language of Logs Insights, a command a line."""
        commands = []
        if self.only:
            field, value = self.only
            commands.append(f"filter ispresent({field})" if value is None else f'filter {field} = "{value}"')
        commands += [made.command for made in self.made]
        told_apart = (*(_DAY_MADE if field == DAY else field for field in self.by), EVENT_ID)
        commands.append(f"stats earliest({EVENT_TIME}) as {_TIME} by {', '.join(told_apart)}")
        counted = f"stats count(*) as {REQUESTS}"
        if self.seen:
            counted += f", sortsFirst({_TIME}) as {FIRST_SEEN}, sortsLast({_TIME}) as {LAST_SEEN}"
        commands.append(f"{counted} by {', '.join(self.by)}")
        commands.append(f"sort {DAY if DAY in self.by else REQUESTS} desc")
        return "\n| ".join(commands)

    @property
    def is_of_clients(self) -> bool:
        """Whether its rows tell callers apart by all that CloudTrail knows of them, so that they sum up to clients."""
        return set(_IDENTITY) <= set(self.by)

    def by_place(self) -> Self:
        """The same question, asked of each Region and account apart; a day, too, then has a row for each of them."""
        return replace(self, by=(*self.by, REGION, ACCOUNT))


_IDENTITY = (
    PRINCIPAL,
    PRINCIPAL_ID,
    PRINCIPAL_ACCOUNT,
    ACCESS_KEY,
    PRINCIPAL_TYPE,
    USER_NAME,
    ISSUER,
    PERSON,
    THROUGH,
)
_IDENTITY_MADE = (
    FirstOf(ISSUER, ("detail.userIdentity.sessionContext.sessionIssuer.arn", "detail.userIdentity.identityProvider")),
    FirstOf(
        PERSON,
        (
            "detail.userIdentity.onBehalfOf.userId",
            "detail.userIdentity.sessionContext.sourceIdentity",
            "detail.userIdentity.credentialId",
        ),
    ),
    FirstOf(
        THROUGH,
        (INVOKED_BY, "detail.userIdentity.inScopeOf.credentialsIssuedTo", "detail.userIdentity.inScopeOf.sourceArn"),
    ),
)
"""What tells callers apart, whichever type CloudTrail gives them; fields that no type has at once share a column
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html)."""

_SEGMENT = r"(?:[^\/%?]|%[013-9A-Fa-f]|%2[^Ff])+"
"""Part of a path that may be URL-encoded, up to the next slash, which may be as well."""

_TOUCHED_MADE = (
    # These alone touch no bucket, or another one that only the copy source names.
    Extract(OPERATION, EVENT_NAME, "ListBuckets|CopyObject|UploadPartCopy", before="^"),
    # The bucket, or an access point's ARN with its name, and never the key, of which there are too many
    # (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html).
    Extract(
        COPY_SOURCE,
        "detail.requestParameters.x-amz-copy-source",
        rf"arn(?::|%3[Aa]){_SEGMENT}(?:\/|%2[Ff]){_SEGMENT}|{_SEGMENT}",
        before=r"^(?:\/|%2[Ff])*",
    ),
    # Where a request comes through an access point, these alone name the bucket
    # (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-monitoring-logging.html).
    *(
        Extract(name, f"detail.resources.{index}.ARN", r"[^\/]+", before="^arn:[^:]*:s3:::")
        for index, name in enumerate(RESOURCE_BUCKETS)
    ),
)

SAVED_QUERIES = (
    SavedQuery(
        key="principal",
        name="Requests by principal, user agent and bucket",
        by=(PRINCIPAL, USER_AGENT, BUCKET),
    ),
    SavedQuery(
        key="client",
        name="Clients, first and last seen",
        by=(
            *_IDENTITY,
            USER_AGENT,
            BUCKET,
            AUTHENTICATION_METHOD,
            OPERATION,
            COPY_SOURCE,
            *RESOURCE_BUCKETS,
        ),
        made=(*_IDENTITY_MADE, *_TOUCHED_MADE),
        seen=True,
    ),
    SavedQuery(
        key="access-key",
        name="Requests by access key of IAM users",
        by=(ACCESS_KEY, USER_NAME, BUCKET),
        only=(PRINCIPAL_TYPE, "IAMUser"),
        seen=True,
    ),
    SavedQuery(
        key="signature",
        name="Requests by how they were signed - header, presigned URL or form",
        by=(AUTHENTICATION_METHOD, EVENT_NAME, BUCKET),
    ),
    SavedQuery(
        key="source",
        name="Requests by source IP address and VPC endpoint",
        by=(SOURCE_IP, VPC_ENDPOINT, BUCKET),
    ),
    SavedQuery(
        key="prefix",
        name="Requests by object-key prefix",
        by=(BUCKET, "keyPrefix"),
        made=(Extract("keyPrefix", OBJECT_KEY, r"^[^\/]+\/"),),
    ),
    SavedQuery(key="day", name="Requests per day", by=(DAY,)),
    SavedQuery(
        key="error",
        name="Requests that S3 refused",
        by=(ERROR_CODE, EVENT_NAME, PRINCIPAL, PRINCIPAL_ID, USER_AGENT, BUCKET),
        only=(ERROR_CODE, None),
    ),
)
"""In the order in which a person asks; the first is the one of the article that this program began with."""

SAVED_QUERIES_BY_PLACE = tuple(query if DAY in query.by else query.by_place() for query in SAVED_QUERIES)
"""The same for a log of several Regions or accounts. A bar is drawn for each row, so days are counted together."""

DAYS_BY_METHOD = SavedQuery(
    key="day-and-signature",
    name="Requests per day, by how they were signed - header, presigned URL or form",
    by=(DAY, AUTHENTICATION_METHOD),
)
"""What a page for a browser draws, and nobody asks by itself."""

REPORT_QUERIES = (*SAVED_QUERIES, DAYS_BY_METHOD)
"""All that a report asks."""


def saved_query(key: str) -> SavedQuery:
    """The saved query of that short name.

    Raises:
        KeyError: where there is none.
    """
    return {query.key: query for query in SAVED_QUERIES}[key]
