"""Links behind the rule: the log group, who may write to it, and whether EventBridge could."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from blueprint.stack_settings import LogResourcePolicyScope
from sigv2.aws import log_group_named
from sigv2.policy_evaluation import service_call
from sigv2.verify.finding import broken, ok, unknown, warning
from sigv2.verify.policy_check import NOT_UNDERSTOOD, Admitted
from sigv2.verify.subject import Hop

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef
    from mypy_boto3_logs.type_defs import LogGroupTypeDef, ResourcePolicyTypeDef

    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject

_CREATE, _PUT = "logs:CreateLogStream", "logs:PutLogEvents"
_ALLOW_ALL: Final = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}
_LOOK_BACK: Final = timedelta(hours=3)
_METRIC_PERIOD: Final = timedelta(minutes=1)


def log_group(subject: Subject) -> Finding:
    """The log group exists."""
    name = subject.settings.log_group_name
    if not described_log_group(subject):
        return broken(f"there is no log group {name}", f"deploy it with {subject.restore}")
    return ok(name)


@lru_cache(maxsize=len(Hop))
def described_log_group(subject: Subject) -> LogGroupTypeDef | None:
    """What CloudWatch Logs says of the log group, asked once a walk; None where there is none."""
    return log_group_named(subject.aws.logs, subject.settings.log_group_name)


def resource_policy(subject: Subject) -> Finding:
    """CloudWatch Logs lets EventBridge write on behalf of this rule; without that, events are dropped in silence.

    AWS's sample names two principals (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html).
    Deliveries of some failed without the second (https://github.com/hashicorp/terraform-provider-aws/issues/30388), and
    of others do not, so one of the two is a warning. It has no condition on creating streams
    (https://github.com/aws-samples/serverless-patterns/pull/618).
    """
    policies = _policies(subject)
    documents = [json.loads(policy["policyDocument"]) for policy in policies]
    events, delivery = "events.amazonaws.com", "delivery.logs.amazonaws.com"
    by_service = {service: _admitted(subject, documents, service) for service in (events, delivery)}
    if all(admitted.denied for admitted in by_service.values()):
        return _nobody_admitted(subject, policies, events, by_service[events])
    missing = [service for service, admitted in by_service.items() if admitted.denied]
    if missing:
        (service,) = missing
        other = delivery if service == events else events
        if by_service[other].undecided:
            return _beyond(subject, policies, other)
        return warning(
            f"lets {other} write, and not {service} ({' and '.join(by_service[service].denied)}): AWS's own policy "
            "names both, and with one alone deliveries have failed",
            f"let both write with {subject.restore}",
        )
    undecided = next((service for service, admitted in by_service.items() if admitted.undecided), None)
    if undecided:
        return _beyond(subject, policies, undecided)
    stream = _stream(subject)
    if Admitted.of(documents, [service_call(service, _CREATE, stream, None) for service in by_service]).denied:
        return warning(
            f"lets EventBridge call {_CREATE} under a condition on its source, which EventBridge may not name then: "
            "AWS took that condition off its own sample",
            f"take the condition away with {subject.restore}",
        )
    return ok(f"lets {events} and {delivery} write")


def invocations(subject: Subject) -> Finding:
    """The rule's invocations did not fail of late; a failure from before the request says nothing of now."""
    now = datetime.now(UTC)
    answer = subject.aws.cloudwatch.get_metric_statistics(
        Namespace="AWS/Events",
        MetricName="FailedInvocations",
        Dimensions=_dimensions(subject),
        StartTime=now - _LOOK_BACK,
        # The minute that has just begun counts as well.
        EndTime=now + _METRIC_PERIOD,
        Period=int(_METRIC_PERIOD.total_seconds()),
        Statistics=["Sum"],
    )
    failed = [point for point in answer["Datapoints"] if point["Sum"]]
    if not failed:
        return ok("none failed in the last 3 hours")
    count, latest = sum(int(point["Sum"]) for point in failed), max(point["Timestamp"] for point in failed)
    says = f"{count:,} failed in the last 3 hours, the latest at about {latest.astimezone(UTC):%H:%M} UTC"
    why = "the error codes in the dead-letter queue say why"
    if subject.sent_at is None:
        return warning(says, f"{why}; whether that is mended by now, only a request proves: leave out --check-only")
    if latest > subject.sent_at - _METRIC_PERIOD:
        return broken(f"{says}, when this request had been sent", f"{why}, and what to mend")
    return warning(f"{says}, before this request was sent", f"{why}; it is mended, or this request was not tried yet")


def _admitted(subject: Subject, documents: Sequence[Mapping[str, object]], service: str) -> Admitted:
    return Admitted.of(
        documents, [service_call(service, action, _stream(subject), subject.rule_arn) for action in (_CREATE, _PUT)]
    )


def _dimensions(subject: Subject) -> list[DimensionTypeDef]:
    """What tells a rule's metrics apart (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html)."""
    of_bus: list[DimensionTypeDef] = [{"Name": "EventBusName", "Value": subject.event_bus}] if subject.event_bus else []
    return [*of_bus, {"Name": "RuleName", "Value": subject.rule_name}]


def _beyond(subject: Subject, policies: list[ResourcePolicyTypeDef], service: str) -> Finding:
    """Name the policies that the evaluator cannot decide about, be it that they allow or that they deny."""
    names = [
        policy.get("policyName", "a policy")
        for policy in policies
        for document in [json.loads(policy["policyDocument"])]
        if any(_admitted(subject, [*more, document], service).undecided for more in ([], [_ALLOW_ALL]))
    ]
    return unknown(f"{', '.join(names)} {NOT_UNDERSTOOD}")


def _stream(subject: Subject) -> str:
    return f"{subject.log_group_arn}:log-stream:any"


def _nobody_admitted(
    subject: Subject, policies: list[ResourcePolicyTypeDef], service: str, admitted: Admitted
) -> Finding:
    name = subject.settings.base_name
    if subject.settings.log_resource_policy_scope is LogResourcePolicyScope.LOG_GROUP:
        own, exists = "attached to the log group", any("resourceArn" in policy for policy in policies)
    else:
        own, exists = f"named {name}", any(policy.get("policyName") == name for policy in policies)
    if not exists:
        return broken(
            f"the resource policy {own} is missing, so EventBridge may not write to {subject.settings.log_group_name}",
            f"restore it with {subject.restore}",
        )
    return broken(
        f"the resource policy {own} does not allow {service} {' and '.join(admitted.denied)} on behalf of the rule "
        f"{subject.rule_name}",
        f"restore it with {subject.restore}",
    )


def _policies(subject: Subject) -> list[ResourcePolicyTypeDef]:
    paginator = subject.aws.logs.get_paginator("describe_resource_policies")
    account_wide = [policy for page in paginator.paginate() for policy in page["resourcePolicies"]]
    answer = subject.aws.logs.describe_resource_policies(policyScope="RESOURCE", resourceArn=subject.log_group_arn)
    return account_wide + answer["resourcePolicies"]
