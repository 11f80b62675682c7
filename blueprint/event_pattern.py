"""The EventBridge event pattern: what lets SigV2 through, and nothing else."""

SIGV2_EVENT_PATTERN: dict[str, object] = {
    "source": ["aws.s3"],
    "detail-type": ["AWS API Call via CloudTrail"],
    "detail": {
        "eventSource": ["s3.amazonaws.com"],
        "additionalEventData": {"SignatureVersion": ["SigV2"]},
    },
}
"""CloudTrail's selectors have no field for the signature version, so it is EventBridge that filters
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html)."""
