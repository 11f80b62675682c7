"""Links into the AWS console, in the encoding that its pages read from the address."""

from collections.abc import Iterable
from urllib.parse import quote

from blueprint.queries import SavedQuery

_CONSOLE = {
    "aws": "https://{region}.console.aws.amazon.com",
    "aws-cn": "https://{region}.console.amazonaws.cn",
    "aws-us-gov": "https://{region}.console.amazonaws-us-gov.com",
}
_UNESCAPED_BY_JAVASCRIPT = "@*_+-./"
_UNESCAPED_IN_COMPONENT = "-_.!~*'()"


def insights_link(partition: str, region: str, log_group_name: str, query: str, *, days: int = 7) -> str:
    """Address of a Logs Insights page with a query filled in, ready to run.

    The encoding is the console's own and not documented: an object is `~(key~value…)`, a string `'` and the text
    with `*` for `%`; the whole is escaped twice, with `$` for `%`.

    Args:
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        region: where the log group is.
        log_group_name: what to search.
        query: the text of the query.
        days: how far back to search from now.
    """
    detail = (
        f"~(end~0~start~-{days * 86400}~timeType~'RELATIVE~unit~'seconds"
        f"~editorString~{_string(query)}~isLiveTail~false~source~(~{_string(log_group_name)}))"
    )
    address = f"?queryDetail={_javascript_escape(detail)}"
    encoded = quote(address, safe=_UNESCAPED_IN_COMPONENT).replace("%", "$")
    return f"{_cloudwatch(partition, region)}#logsV2:logs-insights{encoded}"


def query_links(partition: str, region: str, log_group_name: str, queries: Iterable[SavedQuery]) -> dict[str, str]:
    """Addresses of saved queries, by their names.

    Args:
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        region: where the log group is.
        log_group_name: what to search.
        queries: which.
    """
    return {query.name: insights_link(partition, region, log_group_name, query.text) for query in queries}


def listed(links: dict[str, str]) -> str:
    """Links as one text, of which `pulumi up` shows no more than the first three lines.

    Args:
        links: addresses by name.
    """
    hint = (
        "One link for each saved query, ready to run:\n"
        "`pulumi stack output queryLinks` prints them,\n"
        "and the dashboard has them, too."
    )
    return "\n\n".join((hint, *(f"{name}\n{address}" for name, address in links.items())))


def dashboard_link(partition: str, region: str, dashboard_name: str) -> str:
    """Address of a CloudWatch dashboard.

    Args:
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        region: of the metrics that it shows.
        dashboard_name: its name.
    """
    return f"{_cloudwatch(partition, region)}#dashboards/dashboard/{quote(dashboard_name)}"


def _cloudwatch(partition: str, region: str) -> str:
    return f"{_CONSOLE[partition].format(region=region)}/cloudwatch/home?region={region}"


def _string(text: str) -> str:
    return "'" + quote(text, safe="").replace("~", "%7e").replace("%", "*")


def _javascript_escape(text: str) -> str:
    # Python's quote leaves a tilde alone, JavaScript's escape does not.
    return quote(text, safe=_UNESCAPED_BY_JAVASCRIPT).replace("~", "%7E")
