"""What sets off an alarm, as a table of data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AlarmedMetric:
    """A metric that is to stay at zero.

    EventBridge publishes most of them only when they are not, so missing data is good news
    (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html).
    """

    key: str
    description: str
    namespace: str
    metric: str
    statistic: str
    dimension: str
    period_seconds: int


ALARMED_METRICS = (
    AlarmedMetric(
        key="delivery-failed",
        description="EventBridge could not deliver SigV2 requests to the log group: run `python -m sigv2 verify`",
        namespace="AWS/Events",
        metric="FailedInvocations",
        statistic="Sum",
        dimension="RuleName",
        period_seconds=300,
    ),
    AlarmedMetric(
        key="undelivered-lost",
        description="SigV2 requests are lost: EventBridge could not even send them to the dead-letter queue",
        namespace="AWS/Events",
        metric="InvocationsFailedToBeSentToDlq",
        statistic="Sum",
        dimension="RuleName",
        period_seconds=300,
    ),
    AlarmedMetric(
        key="undelivered-waiting",
        description="SigV2 requests that could not be logged wait in the dead-letter queue, for 14 days",
        namespace="AWS/SQS",
        metric="ApproximateNumberOfMessagesVisible",
        statistic="Maximum",
        dimension="QueueName",
        period_seconds=300,
    ),
    AlarmedMetric(
        key="sigv2-in-use",
        description="Somebody still signs with Signature Version 2: run `python -m sigv2 report`",
        namespace="AWS/Events",
        metric="MatchedEvents",
        statistic="Sum",
        dimension="RuleName",
        period_seconds=3600,
    ),
)
