"""Where the stack is deployed, and the ARNs that follow from it."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True)
class Arns:
    """The provider's partition, account and Region, and the ARNs of what lives there.

    ARNs are computed where a policy has to name a resource before it exists.

    Attributes:
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        account_id: twelve digits.
        region: for example `us-east-1`.
    """

    partition: str
    account_id: str
    region: str

    def s3(self, path: str) -> str:
        """ARN of a bucket, of an object (`bucket/key`), or the beginning of either."""
        return f"arn:{self.partition}:s3:::{path}"

    def trail(self, name: str) -> str:
        """ARN of a trail whose home is this Region."""
        return self._regional("cloudtrail", f"trail/{name}")

    def rule(self, name: str, event_bus_name: str | None = None) -> str:
        """ARN of a rule on the default event bus, or on the one that is named."""
        return self._regional("events", f"rule/{event_bus_name}/{name}" if event_bus_name else f"rule/{name}")

    def event_bus(self, name: str) -> str:
        """ARN of an event bus."""
        return self._regional("events", f"event-bus/{name}")

    def log_group(self, name: str) -> str:
        """ARN of a log group, without the `:*` that some AWS APIs add."""
        return self._regional("logs", f"log-group:{name}")

    def queue(self, name: str) -> str:
        """ARN of an SQS queue."""
        return self._regional("sqs", name)

    def topic(self, name: str) -> str:
        """ARN of an SNS topic."""
        return self._regional("sns", name)

    def alarm(self, name: str) -> str:
        """ARN of a CloudWatch alarm, or a pattern of several."""
        return self._regional("cloudwatch", f"alarm:{name}")

    def role(self, name: str) -> str:
        """ARN of a role, which lies in no Region."""
        return f"arn:{self.partition}:iam::{self.account_id}:role/{name}"

    def in_region(self, region: str) -> Self:
        """The same of another Region."""
        return replace(self, region=region)

    @property
    def account_root(self) -> str:
        """ARN that stands for the whole account in a policy."""
        return account_root(self.partition, self.account_id)

    @property
    def logs_service(self) -> str:
        """CloudWatch Logs as a principal: the only service whose principal names Region and partition."""
        suffix = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        return f"logs.{self.region}.{suffix}"

    def _regional(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"


def account_root(partition: str, account_id: str) -> str:
    """ARN that stands for a whole account in a policy."""
    return f"arn:{partition}:iam::{account_id}:root"
