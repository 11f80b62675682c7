"""Draws the charts of a report as SVG, with Vega-Lite, which no browser or network is needed for.

Colours are variables of the page's style sheet, so that one chart serves dark and light. A chart has no roles of its
own: the page gives it a name, and the numbers beside it as a table (https://vega.github.io/vega-lite/docs/).
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import vl_convert

from sigv2.report.formats.page.day_counts import METHODS, DayCount, unknown_spans

_VEGA_LITE: Final = "6.4"
_WIDTH: Final = 640
_HEIGHT: Final = 200
_STEP: Final = 40
_MOST_TICKS: Final = 10
_MOST_STEPS: Final = 5
_MANY_DAYS: Final = 60
"""From here on a day is a few pixels, with no room around it."""
_COLOURS: Final = ("var(--header)", "var(--presigned)", "var(--form)", "var(--other)")
_CONFIG: Final[Mapping[str, Any]] = {
    "background": None,
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "domainColor": "var(--soft)",
        "gridColor": "var(--line)",
        "labelColor": "var(--soft)",
        "labelFontSize": 12,
        "tickColor": "var(--soft)",
        "titleColor": "var(--soft)",
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "legend": {
        "labelColor": "var(--soft)",
        "labelFontSize": 12,
        "orient": "top",
        "symbolType": "square",
        "title": None,
    },
    "bar": {"color": "var(--header)"},
    "line": {"color": "var(--header)", "strokeWidth": 2.5},
    "point": {"color": "var(--header)", "filled": True, "opacity": 1, "size": 40},
    "aria": False,
    "mark": {"aria": False},
    "rect": {"color": "var(--unknown)"},
    "text": {"color": "var(--text)", "fontSize": 12},
}


def requests_per_day(days: Sequence[DayCount], methods: Sequence[str]) -> str:
    """Stacked bars, a colour for each way of signing; days of which not all is known are shaded.

    Args:
        days: one after the other; at least one has requests.
        methods: those of `METHODS` that any day has.
    """
    counted = [
        {"day": _start_of(day.day), "method": method, "order": METHODS.index(method), "requests": number}
        for day in days
        for method, number in day.by_method.items()
    ]
    colours = [_COLOURS[METHODS.index(method)] for method in methods]
    return _over_days(
        days,
        counted,
        {
            **_bar(days),
            "encoding": {
                "x": _day(days),
                "y": _amount("requests", "Requests", max(day.requests for day in days)),
                "color": {"field": "method", "type": "nominal", "scale": {"domain": methods, "range": colours}},
                "order": {"field": "order", "type": "quantitative"},
            },
        },
    )


def means_per_day(days: Sequence[DayCount], means: Mapping[date, float]) -> str:
    """A line, which is broken where a mean is not known.

    Args:
        days: one after the other.
        means: by day; at least one.
    """
    values = [{"noon": _noon_of(day.day), "mean": means.get(day.day)} for day in days]
    mark = {"type": "line", "point": len(days) < _MANY_DAYS, "invalid": "break-paths-show-path-domains"}
    encoding = {"x": _time(days, "noon"), "y": _amount("mean", "Requests a day", max(means.values()))}
    return _over_days(days, values, {"mark": mark, "encoding": encoding})


def clients_by_last_day(days: Sequence[DayCount], clients: Mapping[date, int]) -> str:
    """Bars: how many clients there are that each day was the last one of.

    Args:
        days: one after the other.
        clients: how many, by day; at least one.
    """
    values = [{"day": _start_of(day), "clients": number} for day, number in clients.items()]
    return _over_days(
        days,
        values,
        {**_bar(days), "encoding": {"x": _day(days), "y": _amount("clients", "Clients", max(clients.values()))}},
    )


def ranking(requests: Mapping[str, int]) -> str:
    """Horizontal bars in the order in which they are given, each below its name and number.

    Args:
        requests: how many, by a name that is text of the log: nothing in it is markup to Vega, and one that is long is
            cut off.
    """
    values = [{"name": name, "requests": number} for name, number in requests.items()]
    text = {"type": "text", "baseline": "bottom", "dy": 2}
    in_full, at_end = {"value": 0}, {"value": _WIDTH}
    number = {"field": "requests", "type": "quantitative", "format": ","}
    return _drawn(
        {
            "data": {"values": values},
            "height": {"step": _STEP},
            "encoding": {"y": {"field": "name", "type": "nominal", "sort": None, "axis": None}},
            "layer": [
                {
                    "mark": {"type": "bar", "height": {"band": 0.3}, "yOffset": _STEP * 0.25, "minBandSize": 1},
                    "encoding": {"x": {"field": "requests", "type": "quantitative", "axis": None}},
                },
                {
                    "mark": {**text, "align": "left", "limit": _WIDTH * 0.8},
                    "encoding": {"x": in_full, "text": {"field": "name", "type": "nominal"}},
                },
                {"mark": {**text, "align": "right"}, "encoding": {"x": at_end, "text": number}},
            ],
        }
    )


def _over_days(days: Sequence[DayCount], values: Sequence[Mapping[str, Any]], layer: Mapping[str, Any]) -> str:
    unknown = [{"since": _start_of(first), "until": _end_of(last)} for first, last in unknown_spans(days)]
    shade = {
        "data": {"values": unknown},
        "mark": "rect",
        "encoding": {"x": _time(days, "since"), "x2": {"field": "until"}},
    }
    return _drawn({"layer": [shade, {"data": {"values": values}, **layer}]})


def _day(days: Sequence[DayCount]) -> dict[str, Any]:
    return {**_time(days, "day"), "timeUnit": "utcyearmonthdate"}


def _time(days: Sequence[DayCount], field: str) -> dict[str, Any]:
    domain = [_start_of(days[0].day), _end_of(days[-1].day)]
    ticks = [_noon_of(day.day) for day in days[:: math.ceil(len(days) / _MOST_TICKS)]]
    axis = {"title": None, "grid": False, "format": "%b %-d", "values": ticks, "labelFlush": False}
    return {"field": field, "type": "temporal", "scale": {"type": "utc", "domain": domain}, "axis": axis}


def _bar(days: Sequence[DayCount]) -> dict[str, Any]:
    room = 0 if len(days) > _MANY_DAYS else 2
    return {"mark": {"type": "bar", "binSpacing": room, "stroke": "var(--back)", "strokeWidth": room / 4}}


def _amount(field: str, title: str, most: float) -> dict[str, Any]:
    # There is no half a request.
    axis = {"title": title, "format": ",~r", "tickCount": min(_MOST_STEPS, math.ceil(most))}
    return {"field": field, "type": "quantitative", "scale": {"domainMin": 0}, "axis": axis}


def _start_of(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp() * 1000)


def _noon_of(day: date) -> int:
    return (_start_of(day) + _end_of(day)) // 2


def _end_of(day: date) -> int:
    return _start_of(day + timedelta(days=1))


def _drawn(chart: Mapping[str, Any]) -> str:
    specification = {"width": _WIDTH, "height": _HEIGHT, **chart, "config": _CONFIG}
    # All that a chart shows is in its specification: nothing may be fetched.
    drawn: str = vl_convert.vegalite_to_svg(specification, vl_version=_VEGA_LITE, allowed_base_urls=[])
    return drawn
