"""Resource policies, as pure functions from ARNs to documents; each names who may do what, to what, on whose behalf."""

from collections.abc import Sequence
from typing import Any

PolicyDocument = dict[str, Any]
"""A policy document, ready for `json.dumps`."""

_VERSION = "2012-10-17"
_CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}
_LOG_WRITERS = {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]}


def trail_bucket_policy(bucket_arn: str, account_id: str, trail_arns: Sequence[str]) -> PolicyDocument:
    """Let these trails write their log files, and nobody come without TLS.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    Service calls carry no `aws:SecureTransport`, and a Deny on it could block them, so it applies to people only:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html

    Args:
        bucket_arn: the trail bucket's ARN.
        account_id: the account whose log files these are.
        trail_arns: the trails that deliver here.
    """
    trails = _one_or_many(trail_arns)
    return _document(
        {
            "Sid": "AWSCloudTrailAclCheck",
            "Effect": "Allow",
            "Principal": _CLOUDTRAIL,
            "Action": "s3:GetBucketAcl",
            "Resource": bucket_arn,
            "Condition": {"StringEquals": {"aws:SourceArn": trails}},
        },
        {
            "Sid": "AWSCloudTrailWrite",
            "Effect": "Allow",
            "Principal": _CLOUDTRAIL,
            "Action": "s3:PutObject",
            "Resource": f"{bucket_arn}/AWSLogs/{account_id}/*",
            "Condition": {
                "StringEquals": {
                    "s3:x-amz-acl": "bucket-owner-full-control",
                    "aws:SourceArn": trails,
                }
            },
        },
        {
            "Sid": "DenyPlainHttp",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket_arn, f"{bucket_arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}},
        },
    )


def log_group_policy(log_group_arn: str, rule_arn: str) -> PolicyDocument:
    """Let this rule write to this log group; without it EventBridge delivers nothing and says nothing.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    That EventBridge names the rule when it creates a stream is not documented. `IfExists` holds either way: a
    call that names another rule is refused, a call that names none is not lost.

    Args:
        log_group_arn: the log group's ARN, without `:*`.
        rule_arn: the rule that delivers to it.
    """
    return _document(
        {
            "Sid": "EventBridgeCreatesStreams",
            "Effect": "Allow",
            "Principal": _LOG_WRITERS,
            "Action": "logs:CreateLogStream",
            "Resource": f"{log_group_arn}:*",
            "Condition": {"ArnEqualsIfExists": {"aws:SourceArn": rule_arn}},
        },
        {
            "Sid": "EventBridgePutsEvents",
            "Effect": "Allow",
            "Principal": _LOG_WRITERS,
            "Action": "logs:PutLogEvents",
            "Resource": f"{log_group_arn}:*:*",
            "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
        },
    )


def _document(*statements: dict[str, Any]) -> PolicyDocument:
    return {"Version": _VERSION, "Statement": list(statements)}


def _one_or_many(values: Sequence[str]) -> str | list[str]:
    """AWS writes a single value as a string when it reads a policy back; so does this, or every plan would differ."""
    return values[0] if len(values) == 1 else list(values)
