"""Resource policies, as pure functions from ARNs to documents; each names who may do what, to what, on whose behalf."""

from collections.abc import Sequence
from typing import Any

from blueprint.arns import Arns, account_root

PolicyDocument = dict[str, Any]
"""A policy document, ready for `json.dumps`."""

_VERSION = "2012-10-17"
_CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}
_LOG_WRITERS = {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]}


def trail_bucket_policy(bucket_arn: str, account_id: str, trail_arns: Sequence[str]) -> PolicyDocument:
    """Let these trails write their log files, and nobody come without TLS.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html

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
        _deny_plain_http("s3:*", [bucket_arn, f"{bucket_arn}/*"]),
    )


def log_group_policy(log_group_arn: str, rule_arns: Sequence[str]) -> PolicyDocument:
    """Let these rules write to this log group; without it EventBridge delivers nothing and says nothing.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    Creating a stream carries no condition: AWS took it off its own sample, as EventBridge names the rule when it puts
    events only, and a stream that cannot be created loses everything in silence
    (https://github.com/aws-samples/serverless-patterns/pull/618).

    Args:
        log_group_arn: the log group's ARN, without `:*`.
        rule_arns: the rules that deliver to it.
    """
    return _document(
        {
            "Sid": "EventBridgeCreatesStreams",
            "Effect": "Allow",
            "Principal": _LOG_WRITERS,
            "Action": "logs:CreateLogStream",
            "Resource": f"{log_group_arn}:*",
        },
        {
            "Sid": "EventBridgePutsEvents",
            "Effect": "Allow",
            "Principal": _LOG_WRITERS,
            "Action": "logs:PutLogEvents",
            "Resource": f"{log_group_arn}:*:*",
            "Condition": {"ArnEquals": {"aws:SourceArn": _one_or_many(rule_arns)}},
        },
    )


def dead_letter_queue_policy(queue_arn: str, rule_arns: Sequence[str]) -> PolicyDocument:
    """Let these rules send what they could not deliver.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html

    Args:
        queue_arn: the dead-letter queue's ARN.
        rule_arns: the rules whose events it takes.
    """
    return _document(
        {
            "Sid": "EventBridgeSendsUndelivered",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": _one_or_many(rule_arns)}},
        },
        _deny_plain_http("sqs:*", queue_arn),
    )


def forwarding_role_trust_policy(arns: Arns, rule_name: str) -> PolicyDocument:
    """Let EventBridge take on the role, for this account's rules of this name in whichever Region.

    It names no Region, so that it need not change, and settle anew, when the stack watches one more: until a change
    has reached every corner of IAM, what is forwarded would end in the dead-letter queue.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html

    Args:
        arns: where the stack is deployed.
        rule_name: the name of the rules that forward.
    """
    any_region = f"arn:{arns.partition}:events:*:{arns.account_id}:rule/{rule_name}"
    return _document(
        {
            "Sid": "EventBridgeForwards",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": arns.account_id},
                "ArnLike": {"aws:SourceArn": any_region},
            },
        }
    )


def forwarding_role_policy(event_bus_arn: str) -> PolicyDocument:
    """Let the role put events on this bus, and nothing else.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html

    Args:
        event_bus_arn: the bus that is forwarded to.
    """
    return _document(
        {
            "Sid": "PutEventsOnTheLogsBus",
            "Effect": "Allow",
            "Action": "events:PutEvents",
            "Resource": event_bus_arn,
        }
    )


def event_bus_policy(
    event_bus_arn: str, partition: str, account_ids: Sequence[str], organization_ids: Sequence[str]
) -> PolicyDocument:
    """Let these accounts, and all accounts of these organisations, put events on the bus.

    Nobody can forge an event of AWS thereby: PutEvents takes no source that begins with `aws.`, and the rule on the
    bus lets nothing else through.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html

    Args:
        event_bus_arn: the bus.
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        account_ids: whose rules forward here; the bus's own account is one where other Regions do.
        organization_ids: of AWS Organizations, such as `o-a1b2c3d4e5`.
    """
    put = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": event_bus_arn}
    statements = []
    if account_ids:
        roots = _one_or_many([account_root(partition, account_id) for account_id in account_ids])
        statements.append({"Sid": "AccountsForward", "Principal": {"AWS": roots}, **put})
    if organization_ids:
        statements.append(
            {
                "Sid": "OrganizationsForward",
                "Principal": "*",
                **put,
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": _one_or_many(organization_ids)}},
            }
        )
    return _document(*statements)


def alert_topic_policy(topic_arn: str, account_id: str, alarm_arns: str) -> PolicyDocument:
    """Let this stack's alarms publish, and nothing else.

    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html

    Args:
        topic_arn: the topic's ARN.
        account_id: the account whose alarms these are.
        alarm_arns: a pattern that the alarms' ARNs match.
    """
    return _document(
        {
            "Sid": "AlarmsPublish",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {
                "ArnLike": {"aws:SourceArn": alarm_arns},
                "StringEquals": {"aws:SourceAccount": account_id},
            },
        },
        _deny_plain_http("sns:Publish", topic_arn),
    )


def key_policy(
    arns: Arns, *, trail_arns: Sequence[str], log_group_arns: Sequence[str], alarm_arns: str
) -> PolicyDocument:
    """Let each service of the pipeline use the key for what it does here, and the account manage it.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
    What CloudWatch names as its source when it uses a key is not documented, so `IfExists`. For EventBridge AWS rules
    conditions out (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html).

    Args:
        arns: where the stack is deployed.
        trail_arns: the trails whose log files are encrypted.
        log_group_arns: the log groups that are encrypted, without `:*`.
        alarm_arns: a pattern of the alarms that publish to the encrypted topic.
    """
    any_trail = f"arn:{arns.partition}:cloudtrail:*:{arns.account_id}:trail/*"
    # A condition without a value would never hold, and KMS takes none.
    of_trails = _trails_encrypt(trail_arns, any_trail) if trail_arns else []
    of_log_groups = [_log_groups_encrypt(arns.logs_service, log_group_arns)] if log_group_arns else []
    from_alarms = {
        "ArnLikeIfExists": {"aws:SourceArn": alarm_arns},
        "StringEqualsIfExists": {"aws:SourceAccount": arns.account_id},
    }
    return _document(
        _key_statement("AccountManages", {"AWS": arns.account_root}, "kms:*"),
        *of_trails,
        *of_log_groups,
        _key_statement(
            "EventBridgeSendsToQueue",
            {"Service": "events.amazonaws.com"},
            ["kms:Decrypt", "kms:GenerateDataKey"],
        ),
        _key_statement(
            "AlarmsPublishToTopic",
            {"Service": "cloudwatch.amazonaws.com"},
            ["kms:Decrypt", "kms:GenerateDataKey*"],
            from_alarms,
        ),
    )


def _trails_encrypt(trail_arns: Sequence[str], any_trail: str) -> list[dict[str, Any]]:
    by_trails = {"StringEquals": {"aws:SourceArn": _one_or_many(trail_arns)}}
    encrypting = {**by_trails, "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": any_trail}}
    return [
        _key_statement("CloudTrailEncrypts", _CLOUDTRAIL, "kms:GenerateDataKey*", encrypting),
        _key_statement("CloudTrailDescribes", _CLOUDTRAIL, "kms:DescribeKey", by_trails),
    ]


def _log_groups_encrypt(service: str, log_group_arns: Sequence[str]) -> dict[str, Any]:
    return _key_statement(
        "LogGroupEncrypts",
        {"Service": service},
        ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": _one_or_many(log_group_arns)}},
    )


def _key_statement(
    sid: str, principal: dict[str, str], action: str | list[str], condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A key policy's resource is the key that it is attached to, which it can only call `*`."""
    statement = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return statement | ({"Condition": condition} if condition else {})


def _deny_plain_http(action: str, resource: str | list[str]) -> dict[str, Any]:
    """Service calls carry no `aws:SecureTransport`, and a Deny on it could block them, so it is for people only.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
    """
    return {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}},
    }


def _document(*statements: dict[str, Any]) -> PolicyDocument:
    return {"Version": _VERSION, "Statement": list(statements)}


def _one_or_many(values: Sequence[str]) -> str | list[str]:
    """AWS writes a single value as a string when it reads a policy back; so does this, or every plan would differ."""
    return values[0] if len(values) == 1 else list(values)
