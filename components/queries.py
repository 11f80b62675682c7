"""The CloudWatch Logs Insights queries that read the access log, as a table of data.

Syntax: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import re
from dataclasses import dataclass

PRINCIPAL = "detail.userIdentity.arn"
USER_AGENT = "detail.userAgent"
BUCKET = "detail.requestParameters.bucketName"


@dataclass(frozen=True)
class SavedQuery:
    """One question to the log: how many requests, for each combination of some fields.

    Attributes:
        name: what the console shows, within the stack's folder.
        by: the fields to count by, as paths into the logged event.
    """

    name: str
    by: tuple[str, ...]

    @property
    def slug(self) -> str:
        """The name in lower case with hyphens, for resource names and links."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower())

    @property
    def text(self) -> str:
        """The query in the language of Logs Insights, a command a line."""
        return f"stats count(*) as requests by {', '.join(self.by)}\n| sort requests desc"


SAVED_QUERIES = (SavedQuery(name="Requests by principal, user agent and bucket", by=(PRINCIPAL, USER_AGENT, BUCKET)),)
"""In the order in which a person asks; the first is the one of the article that this program began with."""
