"""What the dashboard shows: whether the pipeline works, whether SigV2 is in use, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blueprint.queries import saved_query

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
        links: addresses of the saved queries, by their names.
    """

    region: str
    rule: str
    queue: str
    log_group: str
    links: Mapping[str, str]


def dashboard_body(watched: Watched) -> dict[str, Any]:
    """The dashboard as CloudWatch reads it.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html

    Args:
        watched: what it looks at.
    """

    def rule_metric(name: str) -> list[str]:
        return ["AWS/Events", name, "RuleName", watched.rule]

    widgets = [
        _widget("text", 0, 0, _WIDTH, 3, {"markdown": _how_to_read(watched.links)}),
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
        _query(watched, 9, "day", "timeSeries"),
    ]
    widgets += [_query(watched, 15 + 6 * row, key, "table") for row, key in enumerate(_TABLES)]
    return {"widgets": widgets}


def _how_to_read(links: Mapping[str, str]) -> str:
    return f"{_HOW_TO_READ}\n\nIn Logs Insights: {' · '.join(f'[{name}]({link})' for name, link in links.items())}"


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
    return _widget("metric", x, 3, 8, 6, properties)


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
