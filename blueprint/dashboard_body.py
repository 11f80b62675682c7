"""What the dashboard shows: whether the pipeline works, whether SigV2 is in use, and by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blueprint.queries import SavedQuery

_WIDTH = 24
_HOW_TO_READ = (
    "**SigV2 requests to the target buckets.** Nobody uses Signature Version 2 any more when *requests over time* "
    "stays at zero *and* the two graphs beside it do, for as long as your slowest client sleeps. "
    "`python -m sigv2 verify` proves that the log is alive, `python -m sigv2 report` tells each client how to be fixed."
)
Metric = list[str | dict[str, str]]
"""Namespace, metric and dimensions, and how to show them."""

_TABLES = ("client", "principal", "access-key", "signature", "source", "prefix", "error")


@dataclass(frozen=True)
class Watched:
    """What the dashboard looks at, by name.

    Attributes:
        region: where the log is.
        rule: the EventBridge rule, called the same in each Region.
        queue: the dead-letter queue, called the same in each Region.
        log_group: the access log.
        queries: the saved queries, as the log group is asked them.
        links: addresses of the saved queries, by their names.
        elsewhere: other Regions with a rule and a queue.
        forwarded_rule: event bus and rule for what comes from other Regions and accounts; None where nothing does.
    """

    region: str
    rule: str
    queue: str
    log_group: str
    queries: Sequence[SavedQuery]
    links: Mapping[str, str]
    elsewhere: Sequence[str] = ()
    forwarded_rule: tuple[str, str] | None = None


def dashboard_body(watched: Watched) -> dict[str, Any]:
    """The dashboard as CloudWatch reads it.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html

    Args:
        watched: what it looks at.
    """
    widgets = [
        _widget("text", 0, 0, _WIDTH, 3, {"markdown": _how_to_read(watched.links)}),
        _metrics(watched, 0, "SigV2 requests over time", "Sum", _of_rules(watched, "MatchedEvents")),
        _metrics(
            watched,
            8,
            "Deliveries failed",
            "Sum",
            [
                metric
                for name in ("FailedInvocations", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq")
                for metric in _of_rules(watched, name)
            ],
        ),
        _metrics(
            watched,
            16,
            "Undelivered requests in the queue",
            "Maximum",
            _everywhere(watched, "AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", watched.queue),
        ),
        # A line is drawn only of what is counted by `bin` itself, bars of the first hundred rows of anything:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
        _query(watched, 9, "day", "bar"),
    ]
    widgets += [_query(watched, 15 + 6 * row, key, "table") for row, key in enumerate(_TABLES)]
    return {"widgets": widgets}


def _of_rules(watched: Watched, metric: str) -> list[Metric]:
    """A metric of each rule. What is forwarded is in the line of its Region, and once more where it arrives."""
    metrics = _everywhere(watched, "AWS/Events", metric, "RuleName", watched.rule)
    if watched.forwarded_rule:
        bus, rule = watched.forwarded_rule
        label = {"label": f"{metric} of what other Regions and accounts forward"}
        metrics.append(["AWS/Events", metric, "EventBusName", bus, "RuleName", rule, label])
    return metrics


def _everywhere(watched: Watched, namespace: str, metric: str, dimension: str, value: str) -> list[Metric]:
    """A metric in each Region; where there is but one, it need not be named."""
    of_home: Metric = [namespace, metric, dimension, value]
    if not watched.elsewhere:
        return [of_home]
    regions = (watched.region, *watched.elsewhere)
    return [[*of_home, {"region": region, "label": f"{metric} in {region}"}] for region in regions]


def _how_to_read(links: Mapping[str, str]) -> str:
    return f"{_HOW_TO_READ}\n\nIn Logs Insights: {' · '.join(f'[{name}]({link})' for name, link in links.items())}"


def _metrics(watched: Watched, x: int, title: str, statistic: str, metrics: list[Metric]) -> dict[str, Any]:
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
    query = next(query for query in watched.queries if query.key == key)
    properties = {
        "region": watched.region,
        "title": query.name,
        "query": f"SOURCE '{watched.log_group}' | {query.text}",
        "view": view,
    }
    return _widget("log", 0, y, _WIDTH, 6, properties)


def _widget(kind: str, x: int, y: int, width: int, height: int, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "x": x, "y": y, "width": width, "height": height, "properties": properties}
