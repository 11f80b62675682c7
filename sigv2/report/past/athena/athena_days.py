"""Which partitions of a table may hold events of a time, so that Athena scans, and bills, no others.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Final

from sigv2.report.past.athena.hive_types import identifier, sql_of, text
from sigv2.report.past.log_file_names import PUBLICATION_LAG
from sigv2.report.query_run import QueryError

if TYPE_CHECKING:
    from sigv2.period import Period
    from sigv2.report.past.athena.athena_table import AthenaTable

_SORTABLE: Final = re.compile(r"yyyy(?:[^A-Za-z]*MM(?:[^A-Za-z]*dd(?:[^A-Za-z]*HH)?)?)?")
"""Formats whose texts are in the order of time."""
_DIRECTIVES: Final = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H"}
_YEAR_MONTH_DAY: Final = ("year", "month", "day")


def partitions_of(table: AthenaTable, period: Period) -> str | None:
    """A condition on partitions, with the day of publication after the time; None where no partition is of days.

    Raises:
        QueryError: a partition wants its values in each query.
    """
    first = datetime.combine(period.since.astimezone(UTC), time.min)
    last = datetime.combine((period.until + PUBLICATION_LAG).astimezone(UTC), time.max)
    kinds = {key: (table.projection(key, "type") or "").strip().lower() for key in table.partition_keys}
    for key, kind in kinds.items():
        if kind == "injected":
            raise QueryError(
                f"--from: the partition {key} of the table {table.name} is injected, so Athena answers only to who "
                "names its values; --create-table s3://BUCKET/PREFIX makes a table that knows them, under another name"
            )
    for key, kind in kinds.items():
        if table.columns[key].name == "date":
            return f"{identifier(key)} BETWEEN DATE {text(f'{first:%Y-%m-%d}')} AND DATE {text(f'{last:%Y-%m-%d}')}"
        written = (table.projection(key, "format") or "").strip()
        if kind == "date" and _SORTABLE.fullmatch(written):
            for token, directive in _DIRECTIVES.items():
                written = written.replace(token, directive)
            return f"{identifier(key)} BETWEEN {text(first.strftime(written))} AND {text(last.strftime(written))}"
    if set(_YEAR_MONTH_DAY) <= set(table.partition_keys):
        return _of_three(table, first, last)
    return None


def _of_three(table: AthenaTable, first: datetime, last: datetime) -> str:
    year, month, day = (sql_of(table.columns, (key,)) for key in _YEAR_MONTH_DAY)
    years = ", ".join(text(str(number)) for number in range(first.year, last.year + 1))
    # Whether months and days have two digits is up to who made the partitions.
    whole = f"concat({year}, '/', lpad({month}, 2, '0'), '/', lpad({day}, 2, '0'))"
    return f"{year} IN ({years}) AND {whole} BETWEEN {text(f'{first:%Y/%m/%d}')} AND {text(f'{last:%Y/%m/%d}')}"
