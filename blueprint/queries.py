"""The CloudWatch Logs Insights queries that read the access log, as a table of data.

Syntax: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from dataclasses import dataclass

PRINCIPAL = "detail.userIdentity.arn"
PRINCIPAL_ID = "detail.userIdentity.principalId"
PRINCIPAL_ACCOUNT = "detail.userIdentity.accountId"
PRINCIPAL_TYPE = "detail.userIdentity.type"
USER_NAME = "detail.userIdentity.userName"
ACCESS_KEY = "detail.userIdentity.accessKeyId"
USER_AGENT = "detail.userAgent"
BUCKET = "detail.requestParameters.bucketName"
OBJECT_KEY = "detail.requestParameters.key"
EVENT_NAME = "detail.eventName"
EVENT_TIME = "detail.eventTime"
ERROR_CODE = "detail.errorCode"
AUTHENTICATION_METHOD = "detail.additionalEventData.AuthenticationMethod"
SOURCE_IP = "detail.sourceIPAddress"
VPC_ENDPOINT = "detail.vpcEndpointId"
DAY = "bin(1d)"

REQUESTS = "requests"
FIRST_SEEN = "firstSeen"
LAST_SEEN = "lastSeen"


@dataclass(frozen=True)
class Extract:
    """A new field, made from part of another.

    Attributes:
        name: of the new field.
        field: where it is taken from.
        pattern: a regular expression for what to take; where it does not match, the event lacks the field.
    """

    name: str
    field: str
    pattern: str


@dataclass(frozen=True)
class SavedQuery:
    """One question to the log: how many requests there are for each combination of some fields.

    Attributes:
        key: short name, for the command line and resource names.
        name: what the console shows, within the stack's folder.
        by: the fields to count by: paths into the logged event, an extracted field, or `DAY`.
        only: a field, and the value that it must have; None for any value.
        extract: a field to make before counting.
        seen: whether to tell when the first and the last request was, too.
    """

    key: str
    name: str
    by: tuple[str, ...]
    only: tuple[str, str | None] | None = None
    extract: Extract | None = None
    seen: bool = False

    @property
    def text(self) -> str:
        """The query in the language of Logs Insights, a command a line."""
        commands = []
        if self.only:
            field, value = self.only
            commands.append(f"filter ispresent({field})" if value is None else f'filter {field} = "{value}"')
        if self.extract:
            commands.append(f"parse {self.extract.field} /(?<{self.extract.name}>{self.extract.pattern})/")
        counted = f"stats count(*) as {REQUESTS}"
        if self.seen:
            counted += f", earliest({EVENT_TIME}) as {FIRST_SEEN}, latest({EVENT_TIME}) as {LAST_SEEN}"
        commands.append(f"{counted} by {', '.join(self.by)}")
        if DAY not in self.by:
            commands.append(f"sort {REQUESTS} desc")
        return "\n| ".join(commands)


SAVED_QUERIES = (
    SavedQuery(
        key="principal",
        name="Requests by principal, user agent and bucket",
        by=(PRINCIPAL, USER_AGENT, BUCKET),
    ),
    SavedQuery(
        key="client",
        name="Clients, first and last seen",
        by=(PRINCIPAL, PRINCIPAL_ID, PRINCIPAL_ACCOUNT, ACCESS_KEY, USER_AGENT, BUCKET, AUTHENTICATION_METHOD),
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
        extract=Extract("keyPrefix", OBJECT_KEY, r"^[^\/]+\/"),
    ),
    SavedQuery(key="day", name="Requests per day", by=(DAY,)),
    SavedQuery(
        key="error",
        name="Requests that S3 refused",
        by=(ERROR_CODE, EVENT_NAME, PRINCIPAL, USER_AGENT, BUCKET),
        only=(ERROR_CODE, None),
    ),
)
"""In the order in which a person asks; the first is the one of the article that this program began with."""


def saved_query(key: str) -> SavedQuery:
    """The saved query of that short name.

    Raises:
        KeyError: where there is none.
    """
    return {query.key: query for query in SAVED_QUERIES}[key]
