"""How to check that a client is fixed, in commands to paste."""

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from sigv2.report.formats.markdown_format import markdown_text
from sigv2.report.principals import NOT_LOGGED
from sigv2.report.report_records import Record
from sigv2.terminal import harmless

_SESSION_OF_ROLE: Final = re.compile(r"(?P<role>arn:[^:]+:sts::\d+:assumed-role/[^/]+/).+", re.DOTALL)
_SESSION_OF_ID: Final = re.compile(r"(?P<role>AROA[A-Z0-9]+:).+", re.DOTALL)
_HARMLESS_CELL: Final = re.compile(r'"\w[\w+=.@:/-]*"?', re.ASCII)
"""What is neither markup, nor anything to a shell between quotes, nor written otherwise in CSV."""


def how_to_check(records: Sequence[Record], options: Sequence[str]) -> Iterator[str]:
    """Lines of Markdown: a rehearsal before the fix is brought out, and a search that finds nothing after it.

    Args:
        records: one of each principal.
        options: what has `report` ask the same log.
    """
    yield (
        "Before: in a checkout of s3-sigv2-access-log, start the sandbox, and point the client at the endpoint, with "
        "the keys, that it prints. It shows each request that is signed with SigV2, and none once this is fixed:"
    )
    yield from ("", "    python -m sigv2 sandbox serve", "")
    # A folder may be named so that no shell takes its name from a page.
    can_ask = all(harmless(option).plain == option for option in options)
    searched = {
        str(record["principal"]): next(filter(_HARMLESS_CELL.fullmatch, _cells(record) if can_ask else ()), None)
        for record in records
    }
    if found := [shlex.quote(cell) for cell in dict.fromkeys(searched.values()) if cell]:
        report = shlex.join(["python", "-m", "sigv2", "report", *options, "--since", "1d", "--format", "csv"])
        yield (
            "After: a day later this prints nothing. For a client that asks less often, wait longer, with a longer "
            "--since:"
        )
        yield from ("", f"    {report} | grep -F {' '.join(f'-e {cell}' for cell in found)}", "")
    if others := [markdown_text(principal) for principal, cell in searched.items() if not cell]:
        yield from (f"Look in a later report for {', '.join(others)}: no line should be left.", "")
    if "--from" in options:
        yield from ("No line proves something only if what is read has logs of that day.", "")
    elif "--stack" in options:
        yield from ("No line proves something only while the pipeline is alive, which this tells:", "")
        yield from (f"    {shlex.join(['python', '-m', 'sigv2', 'verify', *options])}", "")
    else:
        yield from ("No line proves something only while the pipeline that writes this log group is alive.", "")


def _cells(record: Record) -> Iterator[str]:
    """How cells of the report's CSV begin, or what they are, that tell this principal from others; the best first.

    A session's name may be another one tomorrow, so that its role is looked for.
    """
    arn, principal_id = str(record["arn"]), str(record["principalId"])
    if record["accessKeyId"] != NOT_LOGGED:
        yield f'"{record["accessKeyId"]}"'
    if session := _SESSION_OF_ROLE.fullmatch(arn):
        yield f'"{session["role"]}'
    yield f'"{arn}"'
    if session := _SESSION_OF_ID.fullmatch(principal_id):
        yield f'"{session["role"]}'
    yield from (f'"{text}"' for text in (principal_id, record["through"], record["onBehalfOf"]))
