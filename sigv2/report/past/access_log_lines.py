"""Reads lines of S3's server access logs, whatever their clients wrote into them.

18 fields in old lines, 27 today, and more may come (https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html).
Three of them are quoted, without any escape, and hold what a client sent: a user agent may look like the end of a line.
So the fields before the first quote are counted from the left, and those after the last one from there: none of these
can hold a blank or a quote of a client's.
"""

import calendar
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from sigv2.report.past.decompression import UnreadableError

START: Final = re.compile(rb"\S+ \S+ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] \S+ \S+ \S+ \S+ ")
"""How a line begins."""

_LEFT: Final = re.compile(
    rb"\S+ (?P<bucket>\S+) \[(?P<time>[^\]]+)\] (?P<address>\S+) (?P<requester>\S+) (?P<id>\S+) (?P<operation>\S+) "
    rb'(?P<key>\S+) (?=-|")',
)
_MIDDLE: Final = re.compile(rb'["-] (?:\d{3}|-) (?P<error>\S+) (?:(?:\d+|-) ){4}')
"""Between the URI, in which a blank makes a request that S3 refuses to read, and the referer."""
_MONTHS: Final = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_NOTHING: Final = b"-"
_LONGEST_LINE: Final = 1 << 20
_SIGNED: Final = b"SigV"
_DIGITS_OF_STATUS: Final = 3
_FROM_START: Final = 20
_BEFORE_SIGNATURE: Final = 2
"""Version id and host id stand between the last quote and the signature."""
_FROM_URI: Final = 8
"""Status, error, two sizes, two times, and a referer and an agent that are not quoted where there are none."""


class BrokenLineError(Exception):
    """A line that is none of an access log's."""


class UntoldError(Exception):
    """A line that does not say how its request was signed: of before 2019, when there was no field for it."""


@dataclass(frozen=True)
class AccessLogLine:
    """A line, or a record of the same in CloudWatch Logs; empty is what it lacks.

    Attributes:
        bucket: which the request was sent to.
        time: as CloudTrail writes times.
        timestamp: the same in milliseconds since 1970.
        address: whence it came.
        requester: canonical id or ARN.
        request_id: S3's own.
        operation: such as `REST.GET.OBJECT`.
        key: of the object, encoded as it is in the log.
        error: S3's code, if it refused.
        agent: what the client called itself.
        signature: `SigV2`, `SigV4`, or nothing.
        method: `AuthHeader` or `QueryString`.
    """

    bucket: str
    time: str
    timestamp: int
    address: str
    requester: str
    request_id: str
    operation: str
    key: str
    error: str
    agent: str
    signature: str
    method: str


class LoggedRequest(NamedTuple):
    """What `request_of` tells: the bucket, the day as `2026-11-26`, the operation, and whether it is for an object."""

    bucket: str
    day: str
    operation: str
    of_object: bool


def whole_lines(pieces: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The lines of a text that comes in pieces, without their line breaks: those that end in a piece, for each.

    Raises:
        UnreadableError: after the lines before it, where there is no line break for too long.
    """
    left = b""
    for piece in pieces:
        lines = (left + piece).split(b"\n")
        left = lines.pop()
        if len(left) > _LONGEST_LINE:
            raise UnreadableError("a line of it is too long")
        yield lines
    if left.strip():
        yield [left]


def signature_of(line: bytes) -> bytes:
    """How a line's request was signed: `SigV2`, `SigV4`, `-`, or what S3 may write in years to come.

    Raises:
        BrokenLineError: it is no line of an access log.
        UntoldError: it does not say.
    """
    last_quote = line.rfind(b'"')
    fields = line[last_quote + 1 :].split()
    return fields[_signature_at(line, last_quote, fields)]


def read_line(line: bytes) -> AccessLogLine:
    """Take a line apart.

    Args:
        line: without its line break.

    Raises:
        BrokenLineError: it is no line of an access log.
        UntoldError: it does not say how its request was signed.
    """
    last_quote = line.rfind(b'"')
    fields = line[last_quote + 1 :].split()
    at = _signature_at(line, last_quote, fields)
    left = _LEFT.match(line)
    if not left:
        raise BrokenLineError
    moment = _seconds(left["time"])
    middle = _MIDDLE.search(line, left.end())
    return AccessLogLine(
        bucket=_text(left["bucket"]),
        time=_written(moment),
        timestamp=moment * 1000,
        address=_text(left["address"]),
        requester=_text(left["requester"]),
        request_id=_text(left["id"]),
        operation=_text(left["operation"]),
        key=_text(left["key"]),
        error=_text(middle["error"]) if middle else "",
        # With any other place of the signature, the last quote is not the agent's.
        agent=_agent(line[middle.end() : last_quote]) if middle and at == _BEFORE_SIGNATURE else "",
        signature=_text(fields[at]),
        method=_text(fields[at + 2]) if len(fields) > at + 2 else "",
    )


def request_of(line: bytes) -> LoggedRequest:
    """What of a line tells where its request went, and how, in a small part of the time that it takes to read it all.

    Raises:
        BrokenLineError: it is no line of an access log.
    """
    found = _LEFT.match(line)
    if not found:
        raise BrokenLineError
    return LoggedRequest(
        _text(found["bucket"]), _day_of(found["time"]), _text(found["operation"]), found["key"] != _NOTHING
    )


def time_of(line: bytes) -> str | None:
    """When a line's request was, as CloudTrail writes times; None if it is no line."""
    found = _LEFT.match(line)
    try:
        return _written(_seconds(found["time"])) if found else None
    except BrokenLineError:
        return None


def _signature_at(line: bytes, last_quote: int, fields: list[bytes]) -> int:
    """At which of the fields after the last quote the signature is."""
    if last_quote < 0:
        # The other line of a copy has nothing of a client's, and so no quote; time and zone are two words.
        at = _FROM_START
    elif len(fields) > _FROM_URI and len(fields[0]) == _DIGITS_OF_STATUS and fields[7] == _NOTHING:
        at = _FROM_URI + _BEFORE_SIGNATURE
    elif fields[:1] == [_NOTHING] and len(fields) > _BEFORE_SIGNATURE + 1 and fields[3].startswith(_SIGNED):
        at = 1 + _BEFORE_SIGNATURE
    else:
        at = _BEFORE_SIGNATURE
    if len(fields) > at and (fields[at] == _NOTHING or fields[at].startswith(_SIGNED)):
        return at
    # Old lines end before it, with the version of the object or even without.
    if len(fields) in (at - 1, at - _BEFORE_SIGNATURE) and START.match(line):
        raise UntoldError
    raise BrokenLineError


def _agent(quoted: bytes) -> str:
    """The agent, from the text of a referer and of it up to its last quote."""
    if quoted.startswith(b'- "'):
        agent = quoted[3:]
    else:
        referer, parted, agent = quoted.partition(b'" "')
        agent = agent if parted else referer[1:]
    return _text(agent)


def _seconds(written: bytes) -> int:
    try:
        day, clock = written.decode("ascii").split(":", 1)
        number, month, year = day.split("/")
        hours, minutes, seconds, zone = int(clock[:2]), int(clock[3:5]), int(clock[6:8]), clock[9:]
        away = (int(zone[1:3]) * 60 + int(zone[3:5])) * (-60 if zone[0] == "-" else 60)
        moment = calendar.timegm((int(year), _MONTHS[month], int(number), hours, minutes, seconds))
    except (ValueError, KeyError, IndexError):
        raise BrokenLineError from None
    return moment - away


@lru_cache(maxsize=1 << 12)
def _day_of(written: bytes) -> str:
    return _written(_seconds(written))[:10]


def _written(moment: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def _text(field: bytes) -> str:
    return "" if field == _NOTHING else field.decode(errors="replace")
