"""`python -m sigv2 discover`."""

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.progress import track

from sigv2.aws import explained, session
from sigv2.discover.lines_to_paste import stack_lines
from sigv2.discover.sigv2_acceptance import MAY_ACCEPT, Acceptance, Verdict, list_buckets, probe
from sigv2.options import ProfileOption, not_empty
from sigv2.terminal import console, counted, fail, harmless, table

UNKNOWN = 2
"""The exit code that says: of some bucket it is not known whether it accepts SigV2."""

_ORDER = list(Verdict)
_COLUMNS = ("Bucket", "Region", "Created", "SigV2", "Reason")


def discover(
    *,
    region: Annotated[str | None, typer.Option(callback=not_empty, help="Ask only the buckets of this Region.")] = None,
    profile: ProfileOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, and nothing else, to standard output.")] = False,
) -> None:
    """Which of the account's buckets still accept SigV2: lists them, and sends each one harmless request.

    Needs s3:ListAllMyBuckets, and s3:ListBucket or none: S3 tells by how it refuses. The request lists no object of
    the bucket. Exits with 1 if the buckets cannot be listed; with 2 if it stays unknown whether one accepts SigV2.
    """
    try:
        found = _ask(region, profile)
    except (BotoCoreError, ClientError) as error:
        fail(explained(error))
    if as_json:
        sys.stdout.write(_as_json(found))
    else:
        _show(found, region)
    if any(finding.verdict is Verdict.UNKNOWN for finding in found):
        raise typer.Exit(UNKNOWN)


def _ask(region: str | None, profile: str | None) -> list[Acceptance]:
    aws = session(profile, region)
    buckets = [bucket for bucket in list_buckets(aws) if not region or bucket.region in (region, None)]
    shown = console(stderr=True)
    answers = track(
        probe(aws, buckets, region),
        description="Asking S3",
        total=len(buckets),
        console=shown,
        transient=True,
        disable=not shown.is_terminal,
    )
    return sorted(
        (finding for finding in answers if finding is not None),
        key=lambda one: (_ORDER.index(one.verdict), one.bucket.region or "", one.bucket.name),
    )


def _show(found: Sequence[Acceptance], region: str | None) -> None:
    rows = (
        (
            finding.bucket.name,
            finding.bucket.region or "-",
            f"{finding.bucket.created:%Y-%m-%d}",
            finding.verdict,
            finding.reason,
        )
        for finding in found
    )
    if found:
        console().print(table("Which buckets accept SigV2", _COLUMNS, rows))
    count = Counter(finding.verdict for finding in found)
    of_region = f" in {harmless(region).plain}" if region else ""
    typer.echo(f"{counted(len(found), 'bucket')}{of_region}: {_in_words(count)}.")
    accepting: dict[str, list[str]] = {}
    for finding in found:
        if finding.verdict in MAY_ACCEPT:
            accepting.setdefault(finding.bucket.region or "", []).append(finding.bucket.name)
    if accepting:
        typer.echo("\nTo watch those that accept it, or may, one stack for each Region:")
    for region, names in accepting.items():
        typer.echo("\n" + "\n".join(stack_lines(region, names)))


def _in_words(count: Mapping[Verdict, int]) -> str:
    """How many there are of each verdict; of the rarer ones only if there are any."""
    words = {
        Verdict.ACCEPTS: "accept SigV2",
        Verdict.REFUSES: "refuse it",
        Verdict.REFUSED_BY_POLICY: "refuse it by policy",
        Verdict.DENIED: "denied either way",
        Verdict.UNKNOWN: "unknown",
    }
    rarer = (Verdict.REFUSED_BY_POLICY, Verdict.DENIED)
    return ", ".join(
        f"{count[verdict]:,} {text}" for verdict, text in words.items() if count[verdict] or verdict not in rarer
    )


def _as_json(found: Sequence[Acceptance]) -> str:
    document = {
        "buckets": [
            {
                "name": finding.bucket.name,
                "region": finding.bucket.region,
                "created": finding.bucket.created.isoformat(),
                "verdict": finding.verdict,
                "reason": finding.reason,
            }
            for finding in found
        ]
    }
    return json.dumps(document, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f") + "\n"
