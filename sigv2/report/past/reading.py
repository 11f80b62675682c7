"""What a report of the past was read from, and what of that could not be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from blueprint.sentences import counted
from sigv2.report.past.access_log_events import NOT_TOLD
from sigv2.report.past.batches import Kind, LookedAt, Unread
from sigv2.report.past.log_file_names import PUBLICATION_LAG
from sigv2.terminal import first_of, harmless

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sigv2.period import Period
    from sigv2.report.past.athena.athena_run import AthenaScan
    from sigv2.report.past.findings import Findings

_UNITS: Final[Mapping[Kind, str]] = {
    Kind.CLOUDTRAIL: "signed request",
    Kind.ACCESS_LOG: "line",
    Kind.LOG_GROUP: "SigV2 record",
    Kind.TRAIL_TABLE: "signed request",
    Kind.ACCESS_LOG_TABLE: "line",
}
_FILES: Final[Mapping[Kind, str]] = {
    Kind.CLOUDTRAIL: "CloudTrail file",
    Kind.ACCESS_LOG: "server access log",
    Kind.LOG_GROUP: "log group",
    Kind.TRAIL_TABLE: "table of CloudTrail files",
    Kind.ACCESS_LOG_TABLE: "table of server access logs",
}
_SHOWN: Final = 5


@dataclass(frozen=True)
class Reading:
    """What was read.

    Attributes:
        where: as it was asked for.
        looked_at: how much, by kind.
        text_bytes: how much text that was.
        passed_over: how many files and folders hold no events by their own account.
        too_old: how many are not of the days asked for.
        unread: what could not be read, the first hundred of it.
        unread_files: how many files could not be read, or not to their end.
        unread_lines: how many lines and records could not be read.
        repeated: how many records were of events that had been counted.
        beyond: how many SigV2 requests are in no record of the report, as there were too many kinds of them.
        forgot: whether some events may have been counted twice, as there were too many to remember.
        interrupted: whether somebody ended the reading before its end.
        scan: what Athena scanned, where it was asked.
        unknown: fields that are asked for and that a table of CloudTrail files does not have.
        about_table: why a table may not know all logs, as further doubts.
    """

    where: str
    looked_at: Mapping[Kind, LookedAt]
    text_bytes: int = 0
    passed_over: int = 0
    too_old: int = 0
    unread: Sequence[Unread] = ()
    unread_files: int = 0
    unread_lines: int = 0
    repeated: int = 0
    beyond: int = 0
    forgot: bool = False
    interrupted: bool = False
    scan: AthenaScan | None = None
    unknown: Sequence[str] = ()
    about_table: Sequence[str] = ()

    @classmethod
    def of(cls, where: str, found: Findings, *, passed_over: int, too_old: int, interrupted: bool) -> Reading:
        """What was read for some findings."""
        return cls(
            where,
            {kind: found.looked_at[kind] for kind in Kind if kind in found.looked_at},
            found.text_bytes,
            found.passed_over + passed_over,
            too_old,
            tuple(found.unread),
            found.unread_files,
            found.unread_lines,
            found.repeated,
            max(tally.beyond for tally in found.tallies),
            found.forgot,
            interrupted,
        )

    def doubts(self, period: Period, now: datetime) -> Iterator[str]:
        """Why what was read does not prove what it lacks, and the way out, each without a stop.

        Args:
            period: the time that was asked about.
            now: when it was read.
        """
        yield from self._doubts_about_any_day()
        if self._has_days and (missing := self._days_missing(period, now)):
            what, others = ("record", "records") if self.scan else ("file", "files")
            yield (
                f"no {what} tells of {counted(len(missing), 'day')} ({first_of(missing)}), so either "
                f"nothing was recorded then, or the {others} are elsewhere"
            )

    def tells_of(self, day: date) -> bool:
        """Whether something tells of a day of UTC, and nothing is in doubt but other days."""
        return f"{day}" in self._days_told and not any(self._doubts_about_any_day())

    def _doubts_about_any_day(self) -> Iterator[str]:
        if self.interrupted:
            yield "it was interrupted, and tells only of what had been read until then, so let it run to its end"
        if self.unread_files or self.unread_lines:
            yield f"{unread_in_words(self.unread_files, self.unread_lines)} could not be read: {self._named()}"
        if self.beyond:
            yield (
                f"{counted(self.beyond, 'SigV2 request')} more are in no line, as there are too many to tell apart, so "
                "ask about less time with --since, or count by less with --by"
            )
        if self.forgot:
            yield "there are so many SigV2 requests that some which two files tell of may be counted twice"
        yield from self.about_table
        if not self._can_lack_days:
            return
        if not self._has_days:
            yield f"there is no log file of that time in {harmless(self.where)}"
            return
        if any(kind.is_of_trails and not looked_at.requests for kind, looked_at in self.looked_at.items()):
            yield "no record tells how a request was signed, so that no trail seems to record data events of S3"
        if untold := sum(looked_at.untold for looked_at in self.looked_at.values()):
            lines = counted(untold, "line")
            yield f"{lines} without the field for how a request was signed, as before 2019, can be SigV2"

    @property
    def _can_lack_days(self) -> bool:
        return Kind.LOG_GROUP not in self.looked_at and not (self.scan and self.interrupted)

    @property
    def _has_days(self) -> bool:
        return self._can_lack_days and any(looked_at.files for looked_at in self.looked_at.values())

    @property
    def _days_told(self) -> set[str]:
        return set[str]().union(*(looked_at.days for looked_at in self.looked_at.values()))

    def _days_missing(self, period: Period, now: datetime) -> list[str]:
        told = self._days_told
        return [day for day in map(str, _days_told_by(period, now)) if day not in told]

    def _named(self) -> str:
        named = [f"{harmless(unread.name)} ({harmless(unread.why)})" for unread in self.unread[:_SHOWN]]
        more = [f"{len(self.unread) - _SHOWN} more, which --format json names"] if len(self.unread) > _SHOWN else []
        return ", ".join(named + more)

    @property
    def sentence(self) -> str:
        """What was read, for people."""
        parts = [_amount(kind, looked_at) for kind, looked_at in self.looked_at.items()]
        read = f"Read {' and '.join(parts) or 'no log file'}."
        if self.passed_over:
            read += f" Passed over {counted(self.passed_over, 'file')} or folders that hold no events."
        if self.repeated:
            read += f" {counted(self.repeated, 'record')} told of requests that another had told of."
        if any(looked_at.files for kind, looked_at in self.looked_at.items() if not kind.is_of_trails):
            read += " Access logs have no access keys and no VPC endpoints: these are unknown."
        if Kind.CLOUDTRAIL in self.looked_at and Kind.ACCESS_LOG in self.looked_at:
            read += " A request that is both in a trail and in an access log is counted as two."
        if self.unknown:
            read += f" The table has no {', '.join(self.unknown)}: these are left out."
        return f"{read} {self.scan.sentence}" if self.scan else read

    @property
    def document(self) -> Mapping[str, Any]:
        """The same as plain data, with every name as it is."""
        return {
            "from": self.where,
            "interrupted": self.interrupted,
            "sources": [
                {
                    "kind": str(kind),
                    "files": looked_at.files,
                    "requests": looked_at.requests,
                    "counted": _UNITS[kind],
                    "untold": looked_at.untold,
                    "firstSeen": looked_at.first,
                    "lastSeen": looked_at.last,
                    "unknown": list(self.unknown if kind.is_of_trails else NOT_TOLD),
                }
                for kind, looked_at in self.looked_at.items()
            ],
            **({"athena": self.scan.document} if self.scan else {}),
            "bytes": self.text_bytes,
            "passedOver": self.passed_over,
            "tooOld": self.too_old,
            "repeated": self.repeated,
            "notCounted": self.beyond,
            "unread": {
                "files": self.unread_files,
                "lines": self.unread_lines,
                "named": [{"name": unread.name, "why": unread.why, "lines": unread.lines} for unread in self.unread],
            },
        }


def _days_told_by(period: Period, now: datetime) -> list[date]:
    """The days of a time that files must tell of by now; those of the last one may be yet to come."""
    is_published = not period.ends_now and period.until <= now - PUBLICATION_LAG
    # The first instant of a day is none of its time.
    end = (period.until - timedelta(microseconds=1)).date() + timedelta(days=1) if is_published else period.until.date()
    days = (end - period.since.date()).days
    return [period.since.date() + timedelta(days=day) for day in range(days)]


def unread_in_words(files: int, lines: int) -> str:
    """Say how many files, and how many lines or records of others, could not be read."""
    counts = ((files, "file"), (lines, "line or record"))
    return " and ".join(
        counted(number, noun).replace("line or records", "lines or records") for number, noun in counts if number
    )


def _amount(kind: Kind, looked_at: LookedAt) -> str:
    told = f"{counted(looked_at.files, _FILES[kind])} with {counted(looked_at.requests, _UNITS[kind])}"
    if not looked_at.first:
        return told
    first, last = (time[:16].replace("T", " ") for time in (looked_at.first, looked_at.last))
    return f"{told} from {first} to {last} UTC"
