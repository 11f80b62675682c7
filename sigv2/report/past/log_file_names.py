"""What the name of a log file tells before anything of it is read: its day, its place, and whether it holds events.

CloudTrail: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html.
Access logs: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html#server-log-keyname-format.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sigv2.period import Period

PUBLICATION_LAG: Final = timedelta(days=1)
"""The day in a name is that of publication: later than that of the events, by less than this."""

_NO_EVENTS: Final = re.compile(r"CloudTrail-(?:Digest|Insight|NetworkActivity|Aggregated)(?=[/_]|\Z)")
_CLOUDTRAIL: Final = re.compile(r"_CloudTrail_[a-z0-9-]+_(\d{4})(\d\d)(\d\d)T\d{4}Z_[^/]*\Z", re.ASCII)
_ACCESS_LOG: Final = re.compile(
    r"(?P<head>.*?)(\d{4})-(\d\d)-(\d\d)-\d\d-\d\d-\d\d-[0-9A-F]{16}\Z", re.ASCII | re.DOTALL
)
_DAYS_FOLDER: Final = re.compile(r"(?:\A|/)(\d{4})/(?:(\d\d)/(?:(\d\d)/)?)?\Z", re.ASCII)
REGION: Final = r"[a-z]{2}(?:-[a-z]+)+-[0-9]"
"""The name of a Region, as a regular expression of Python and Athena, and so are the next ones."""
DAY_FOLDERS: Final = r"[0-9]{4}/[0-9]{2}/[0-9]{2}/"
"""Folders of a year, a month of it, and a day of that."""
PLACE: Final = re.compile(rf"(?:\A|/)([0-9]{{12}})/(?:CloudTrail/)?({REGION})/(?:[^/]+/)?{DAY_FOLDERS}")
"""The account and the Region in the name of a file."""


def holds_no_events(name: str) -> bool:
    """Whether a file, or all of a folder, is a digest or an aggregate of CloudTrail's, or about something else."""
    return _NO_EVENTS.search(name) is not None


def day_of_file(name: str) -> date | None:
    """The day that a log file was published, or that its folder is of; None where the name does not tell."""
    found = _CLOUDTRAIL.search(name) or _ACCESS_LOG.match(name)
    if found:
        return _date(*found.groups()[-3:])
    folder = _DAYS_FOLDER.search(name.rpartition("/")[0] + "/")
    return _date(*folder.groups()) if folder and folder[3] else None


def days_of_folder(name: str) -> tuple[date, date] | None:
    """The first and the last day that a folder is about.

    Args:
        name: with a slash at its end.

    Returns:
        None where the name does not end in a year, a month of it, or a day of that.
    """
    found = _DAYS_FOLDER.search(name)
    if not found:
        return None
    year, month, day = found.groups()
    first = _date(year, month or "01", day or "01")
    if first is None:
        return None
    if day:
        return first, first
    following = first.replace(year=first.year + (not month or month == "12"), month=1 + int(month or 12) % 12)
    return first, following - timedelta(days=1)


def may_be_of(period: Period, first: date | None, last: date | None = None) -> bool:
    """Whether files that were published in these days, None for any, may hold events of a time."""
    if first is None:
        return True
    return (last or first) >= period.since.date() and first <= (period.until + PUBLICATION_LAG).date()


def place_of_file(name: str) -> tuple[str, str] | None:
    """The account and the Region that a file's folders name, where they do."""
    found = PLACE.search(name)
    return (found[1], found[2]) if found else None


def month_to_skip(name: str, period: Period) -> str | None:
    """What the names of a month's access logs begin with that lie in one folder with this one and are too old.

    Args:
        name: of a file.
        period: what time is wanted.

    Returns:
        None where the name is no access log's, or its month not all too old.
    """
    found = _ACCESS_LOG.match(name)
    if not found:
        return None
    month = _date(found[2], found[3], "01")
    if month is None or (month.year, month.month) >= (period.since.year, period.since.month):
        return None
    return f"{found['head']}{found[2]}-{found[3]}-"


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
