"""Since when a log group can prove anything: it holds nothing from before it existed, or beyond its retention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from blueprint.sentences import counted
from sigv2.aws import explained, log_group_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import LogGroupTypeDef

    from sigv2.period import Period


@dataclass(frozen=True)
class Coverage:
    """How much of a time the log groups tell of.

    Attributes:
        since: since when they hold all that was logged; None where that cannot be told.
        doubts: why that is not all of the time that was asked about, and the way out, each without a stop.
        silent: the log groups that hold nothing of that time, as they are younger, or keep nothing that old.
    """

    since: datetime | None
    doubts: tuple[str, ...] = ()
    silent: frozenset[str] = frozenset()

    def reaches(self, moment: datetime) -> bool:
        """Whether they are known to hold all that was logged since then."""
        return self.since is not None and self.since <= moment


UNKNOWN = Coverage(None)
"""Nobody looked."""


def coverage_of(
    logs: CloudWatchLogsClient, log_groups: Sequence[str], period: Period, *, now: datetime | None = None
) -> Coverage:
    """Look up how much of a time log groups tell of that followed each other; who may not ask gets a doubt.

    Where a pipeline's log group was changed, the former one holds what is older.

    Args:
        logs: a client in the log groups' Region.
        log_groups: their names, in any order.
        period: the time that was asked about.
        now: what retention counts back from, whenever that time ends; None for this moment, which is the end of a time
            that ends now.

    Raises:
        botocore.exceptions.BotoCoreError: AWS cannot be asked.
    """
    now = now or (period.until if period.ends_now else datetime.now(UTC))
    described = [_described(logs, name) for name in log_groups]
    unknown = tuple(group for group in described if isinstance(group, str))
    groups = [group for group in described if not isinstance(group, str)]
    if not groups:
        return Coverage(None, unknown)
    doubts = list(unknown)
    oldest = min(groups, key=_created)
    bounds = [period.since, _created(oldest)]
    if _created(oldest) > period.since:
        doubts.append(
            f"{oldest['logGroupName']} exists only since {_created(oldest):%Y-%m-%d %H:%M} UTC, so "
            f"{_way_out(_created(oldest), period, ', or wait')}"
        )
    for group in groups:
        kept_since = _kept_since(group, now)
        if kept_since > max(period.since, _created(group)):
            kept = counted(group["retentionInDays"], "day")
            doubts.append(f"{group['logGroupName']} keeps requests for {kept} only, so {_way_out(kept_since, period)}")
            bounds.append(kept_since)
    silent = frozenset(
        group["logGroupName"] for group in groups if max(_created(group), _kept_since(group, now)) > period.until
    )
    return Coverage(None if unknown else max(bounds), tuple(doubts), silent)


def _way_out(bound: datetime, period: Period, otherwise: str = "") -> str:
    if bound > period.until:
        return "ask about a later time, or read other logs of that time with --from"
    return f"ask about less time with --since{otherwise if period.ends_now else ''}"


def _kept_since(group: LogGroupTypeDef, now: datetime) -> datetime:
    # A group without a retention keeps everything.
    days = group.get("retentionInDays")
    return now.replace(microsecond=0) - timedelta(days=days) if days is not None else _created(group)


def _created(group: LogGroupTypeDef) -> datetime:
    return datetime.fromtimestamp(group["creationTime"] / 1000, UTC)


def _described(logs: CloudWatchLogsClient, name: str) -> LogGroupTypeDef | str:
    """A log group, or why nothing is known about it."""
    unknown = f"since when {name} exists and how long it keeps requests cannot be told"
    try:
        return log_group_named(logs, name) or unknown
    except ClientError as error:
        return f"{unknown}: {explained(error)}"
