"""A report as tickets: a text in Markdown for each owner, or for each client, ready to paste into a tracker.

Whoever reads one need not know this project or the report.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from blueprint.queries import FIRST_SEEN, LAST_SEEN, REQUESTS
from blueprint.sentences import counted
from sigv2.report.fixes import Fix
from sigv2.report.fixes.fix import AWS_VERSIONS
from sigv2.report.formats.markdown_format import markdown_sentence, markdown_table, markdown_text
from sigv2.report.formats.ticket_check import how_to_check
from sigv2.report.formats.wording import named_owner, not_all_of_it, owner_notes_of, readable, source_of
from sigv2.report.owners.by_owner import by_owner
from sigv2.report.principals import Identity
from sigv2.report.report_records import Record, signer
from sigv2.report.reports import Report

MARKER: Final = "<!-- Made by s3-sigv2-access-log: `report --format tickets` writes this file anew. -->"
"""The first line of every ticket, which a tracker does not show."""

PREFIX: Final = "sigv2-"
"""What the name of every ticket begins with."""

_COLUMNS: Final = {
    "place": "Bucket",
    "awsRegion": "Region",
    "recipientAccountId": "Account",
    "signed": "How signed",
    "userAgent": "User agent",
    FIRST_SEEN: "First seen (UTC)",
    LAST_SEEN: "Last seen (UTC)",
    REQUESTS: "Requests",
}
_CREDENTIALS: Final = {
    "accessKeyId": "Access key",
    "arn": "ARN",
    "issuer": "Issued by",
    "principalId": "Principal's id",
    "accountId": "Principal's account",
    "ownerFrom": "Owner known from",
}
_WITH_SESSIONS: Final = frozenset({"AssumedRole", "FederatedUser", "IAMUser", "Role", "Root"})
"""Types of identities whose access keys are logged, permanent or not; of others there may be none in the log
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html)."""
_SHOWN: Final = 50
"""Lines of a table: a presigned URL may have been followed by thousands of agents."""
_LONGEST_NAME: Final = 60
_LIKE_HASHED: Final = re.compile(r".*-[0-9a-f]{12}")


@dataclass(frozen=True)
class Ticket:
    """What one owner has to do about SigV2, or what is to be done about one client.

    Attributes:
        file_name: unlike that of any other ticket, and the same in every report.
        text: the whole file.
    """

    file_name: str
    text: str


def tickets_of(report: Report, options: Sequence[str]) -> list[Ticket]:
    """Write a ticket for each owner, where the report tells owners, or else for each fix of each principal.

    Args:
        report: on clients.
        options: what has `report` ask the same log.

    Returns:
        The busiest first, and those of nobody last; none for what there is nothing to be done about.
    """
    to_fix = report.to_fix
    if report.owner_notes is not None:
        return [_of_owner(owner, part, options) for owner, part in by_owner(to_fix)]
    return [
        Ticket(
            _file_name(part.clients[0].lasting_name, f"{who.arn}\0{who.principal_id}\0{key}\0{fix.client}"),
            _text(str(part.records[0]["principal"]), [], part, options),
        )
        for (who, key, fix), part in _tasks(to_fix).items()
    ]


def _of_owner(owner: str, part: Report, options: Sequence[str]) -> Ticket:
    title = owner or "owner unknown"
    named = named_owner(owner, part)
    told = (
        f"Owner: {markdown_text(named)}." if named else "Whose this is, is not known: find out who runs these clients."
    )
    return Ticket(_file_name(title, owner), _text(title, [told, ""], part, options))


def _file_name(words: str, whole: str) -> str:
    """Letters and digits of ASCII, whatever the log says; with a hash where they are not all that there is."""
    slug = re.sub(r"[^a-z0-9]+", "-", words.lower())[:_LONGEST_NAME].strip("-")
    if slug != whole or _LIKE_HASHED.fullmatch(slug):
        digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        slug = f"{slug}-{digest}" if slug else digest
    return f"{PREFIX}{slug}.md"


def _tasks(report: Report) -> dict[tuple[Identity, str, Fix], Report]:
    return report.split(lambda _, client: (client.key.who, client.access_key_id, client.fix))


def _text(title: str, told: Sequence[str], part: Report, options: Sequence[str]) -> str:
    times = [str(record[key]) for record in part.records for key in (FIRST_SEEN, LAST_SEEN) if record[key]]
    seen = f", from {_time(min(times))} to {_time(max(times))} UTC," if times else ""
    lines = [
        MARKER,
        f"# Stop signing S3 requests with Signature Version 2: {markdown_text(title)}",
        "",
        f"{counted(part.requests, 'request')} to Amazon S3{seen} had a signature of Version 2 (SigV2). AWS has "
        f"announced its end (<{AWS_VERSIONS}>), and where a bucket refuses it, such requests fail. Version 4 (SigV4) "
        "takes its place.",
        "",
        *told,
    ]
    tasks = _tasks(part)
    for (_, _, fix), task in tasks.items():
        lines += _task(fix, task)
    lines += ["## How to check", "", *how_to_check([task.records[0] for task in tasks.values()], options)]
    span = " to ".join(f"{time:%Y-%m-%d %H:%M}" for time in (part.period.since, part.period.until))
    doubts = [not_all_of_it(part.doubts)] if part.doubts else []
    read = [f"Read from {source_of(part)}, of {span} UTC.", *doubts, *owner_notes_of(part)]
    return "\n".join([*lines, "---", "", markdown_sentence(" ".join(read)), ""])


def _task(fix: Fix, task: Report) -> Iterator[str]:
    record, who = task.records[0], signer(task.clients[0])
    yield from (f"## {markdown_text(str(record['principal']))}: {markdown_text(str(record['fix']))}", "")
    yield from _credentials(record)
    yield from ("", "### Where", "", *markdown_table(_COLUMNS, task.records[:_SHOWN]), "")
    if len(task.records) > _SHOWN:
        yield from (f"And {counted(len(task.records) - _SHOWN, 'line')} more, which the report has.", "")
    # What it says is this program's own text, in which commands are to be copied.
    yield from ("### How to fix", "", fix.told_to(markdown_text(who)), "", f"Source: <{record['source']}>", "")


def _credentials(record: Record) -> Iterator[str]:
    named = {key: str(record.get(key, "")) for key in _CREDENTIALS}
    if not named["accessKeyId"]:
        has_sessions = record["identityType"] in _WITH_SESSIONS
        named["accessKeyId"] = "temporary ones, others in each session" if has_sessions else "not in the log"
    return (f"- {_CREDENTIALS[key]}: {markdown_text(value)}" for key, value in named.items() if value)


def _time(text: str) -> str:
    return markdown_text(readable(FIRST_SEEN, text))
