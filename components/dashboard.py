"""The dashboard: whether the pipeline works, whether SigV2 is in use, and by whom."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.queries import saved_query

_WIDTH = 24
_HOW_TO_READ = (
    "**SigV2 requests to the target buckets.** Nobody uses Signature Version 2 any more when *requests over time* "
    "stays at zero *and* the two graphs beside it do, for as long as your slowest client sleeps. "
    "`python -m sigv2 verify` proves that the log is alive, `python -m sigv2 report` tells each client how to be fixed."
)
_TABLES = ("client", "principal", "access-key", "signature", "source", "prefix", "error")


@dataclass(frozen=True)
class Watched:
    """What the dashboard looks at, by name.

    Attributes:
        region: where it all is.
        rule: the EventBridge rule.
        queue: the dead-letter queue.
        log_group: the access log.
    """

    region: str
    rule: str
    queue: str
    log_group: str


def dashboard_body(watched: Watched) -> dict[str, Any]:
    """The dashboard as CloudWatch reads it.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html

    Args:
        watched: what it looks at.
    """

    def rule_metric(name: str) -> list[str]:
        return ["AWS/Events", name, "RuleName", watched.rule]

    widgets = [
        _widget("text", 0, 0, _WIDTH, 2, {"markdown": _HOW_TO_READ}),
        _metrics(watched, 0, "SigV2 requests over time", "Sum", [rule_metric("MatchedEvents")]),
        _metrics(
            watched,
            8,
            "Deliveries failed",
            "Sum",
            [
                rule_metric(name)
                for name in ("FailedInvocations", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq")
            ],
        ),
        _metrics(
            watched,
            16,
            "Undelivered requests in the queue",
            "Maximum",
            [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", watched.queue]],
        ),
        _query(watched, 8, "day", "timeSeries"),
    ]
    widgets += [_query(watched, 14 + 6 * row, key, "table") for row, key in enumerate(_TABLES)]
    return {"widgets": widgets}


def _metrics(watched: Watched, x: int, title: str, statistic: str, metrics: list[list[str]]) -> dict[str, Any]:
    properties = {
        "region": watched.region,
        "title": title,
        "metrics": metrics,
        "stat": statistic,
        "period": 300,
        "view": "timeSeries",
        "stacked": False,
    }
    return _widget("metric", x, 2, 8, 6, properties)


def _query(watched: Watched, y: int, key: str, view: str) -> dict[str, Any]:
    query = saved_query(key)
    properties = {
        "region": watched.region,
        "title": query.name,
        "query": f"SOURCE '{watched.log_group}' | {query.text}",
        "view": view,
    }
    return _widget("log", 0, y, _WIDTH, 6, properties)


def _widget(kind: str, x: int, y: int, width: int, height: int, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "x": x, "y": y, "width": width, "height": height, "properties": properties}


@dataclass(frozen=True)
class DashboardArgs:
    """What a Dashboard is made from.

    Attributes:
        dashboard_name: name of the dashboard.
        region: where everything is.
        rule_name: the rule.
        queue_name: the dead-letter queue.
        log_group_name: the access log.
    """

    dashboard_name: str
    region: str
    rule_name: pulumi.Input[str]
    queue_name: pulumi.Input[str]
    log_group_name: pulumi.Input[str]


class Dashboard(pulumi.ComponentResource):
    """A CloudWatch dashboard with the body above."""

    def __init__(self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:Dashboard", name, None, opts)
        names = pulumi.Output.all(rule=args.rule_name, queue=args.queue_name, log_group=args.log_group_name)
        aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            dashboard_name=args.dashboard_name,
            dashboard_body=pulumi.Output.json_dumps(
                names.apply(lambda named: dashboard_body(Watched(region=args.region, **named)))
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
