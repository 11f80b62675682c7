"""`python -m sigv2 report`."""

import contextlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, NoReturn

import typer
from botocore.exceptions import BotoCoreError, ClientError

from blueprint.checked_settings import SettingsError
from blueprint.queries import REQUESTS, SAVED_QUERIES, SavedQuery, saved_query
from blueprint.targets import Target, TargetError, parse_target
from sigv2.aws import explained
from sigv2.options import DEFAULT_STACK, ConfigOption, ProfileOption, not_empty
from sigv2.report.coverage import coverage_of
from sigv2.report.enforcement import deny_statement
from sigv2.report.formats import TEXTS, Format, not_all_of_it, print_table
from sigv2.report.past.past_sources import read_past
from sigv2.report.query_run import Period, QueryError
from sigv2.report.reports import CLIENT_QUERY, Report, make_report
from sigv2.report.verdict import GateVerdict, verdict
from sigv2.stack import Stack, StackError, read_stack
from sigv2.stack.stack_account import enter, enter_without_stack
from sigv2.terminal import console, counted, fail, say, waiting_for
from sigv2.undelivered import doubts_about

_SINCE = re.compile(r"(?P<count>[1-9]\d{0,3})(?P<unit>[hdw])", re.ASCII)
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_INTERRUPTED = 130
"""As a shell says it of what Ctrl-C ended."""
_QUERY_KEYS = ", ".join(query.key for query in SAVED_QUERIES)


def report(
    *,
    stack: Annotated[
        str | None,
        typer.Option(
            callback=not_empty, help="Whose log groups, as `pulumi --stack` takes it.", show_default=DEFAULT_STACK
        ),
    ] = None,
    config: ConfigOption = None,
    log_group: Annotated[
        str | None,
        typer.Option(
            callback=not_empty,
            metavar="NAME",
            help="A log group instead of a stack's; with --stack, in the stack's account.",
        ),
    ] = None,
    region: Annotated[
        str | None, typer.Option(callback=not_empty, help="Of the log group, instead of the stack's.")
    ] = None,
    profile: ProfileOption = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            callback=not_empty,
            metavar="WHERE",
            help="Logs that are there already, instead of a stack's: a file or folder of CloudTrail files or server "
            "access logs, s3://BUCKET/PREFIX with such files, or logs:LOG-GROUP with access logs.",
        ),
    ] = None,
    since: Annotated[str, typer.Option(metavar="TIME", help="How far to look back: 12h, 7d, 4w.")] = "7d",
    by: Annotated[str, typer.Option(metavar="QUERY", help=f"What to count by: {_QUERY_KEYS}.")] = CLIENT_QUERY,
    output_format: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.TABLE,
    fail_if_any: Annotated[
        bool, typer.Option("--fail-if-any", help="Exit with 2 if there was any client, with 3 if none is not proven.")
    ] = False,
    enforce: Annotated[
        str | None,
        typer.Option(metavar="BUCKET", help="Print the policy statement that refuses SigV2, if nobody uses it."),
    ] = None,
) -> None:
    """Who still signs with SigV2, how to fix each of them, and what refuses SigV2 when nobody is left.

    Exits with 1 if there is no answer; with 2 if --fail-if-any finds a client, or --enforce one of the bucket; with 3
    if they find none and the log proves no such thing. Probes of `discover` and `verify` are shown, and count for
    neither.
    """
    query, period = _query(by), _period(since)
    if from_ is not None:
        _refuse_beside_from(stack, config, log_group, enforce)
        _report_past(from_, query, period, profile, region, output_format, gate=fail_if_any)
        return
    bucket = _bucket(enforce, by, output_format) if enforce is not None else None
    read = None if log_group is not None and stack is None else _stack(stack or DEFAULT_STACK, config or [])
    if bucket:
        _check_watched(bucket, read)
    log_groups = _log_groups(read, log_group)
    try:
        place = enter(read, profile=profile, region=region) if read else enter_without_stack(profile, region)
        aws = place.session
        logs = aws.client("logs")
        with waiting_for("CloudWatch Logs Insights") as tell:
            found = make_report(logs, query, log_groups, period, tell)
            clients = found
            if fail_if_any and by != CLIENT_QUERY:
                clients = make_report(logs, saved_query(CLIENT_QUERY), log_groups, period, tell)
            coverage = coverage_of(logs, log_groups, period)
            if read or fail_if_any or bucket:
                coverage = replace(coverage, doubts=(*coverage.doubts, *doubts_about(aws, read)))
        found, clients = replace(found, coverage=coverage), replace(clients, coverage=coverage)
        partition = place.arns.partition
    except (QueryError, StackError) as error:
        fail(str(error))
    except (BotoCoreError, ClientError) as error:
        fail(explained(error))
    say(str(place), stderr=True)
    if bucket:
        _enforce(bucket, found, partition)
    else:
        _write(found, output_format)
    if fail_if_any:
        _gate(clients)


def _refuse_beside_from(*options: object) -> None:
    if any(options):
        fail("--from says what to read, so it goes without --stack, --config, --log-group and --enforce")


def _report_past(
    where: str,
    query: SavedQuery,
    period: Period,
    profile: str | None,
    region: str | None,
    output_format: Format,
    *,
    gate: bool,
) -> None:
    about_clients = [saved_query(CLIENT_QUERY)] if gate and query.key != CLIENT_QUERY else []
    try:
        found, *others = read_past(where, [query, *about_clients], period, profile=profile, region=region)
    except QueryError as error:
        fail(str(error))
    except (BotoCoreError, ClientError) as error:
        fail(explained(error))
    _write(found, output_format)
    if gate:
        _gate(*others or [found])
    if found.reading and found.reading.interrupted:
        raise typer.Exit(_INTERRUPTED)


def _query(key: str) -> SavedQuery:
    try:
        return saved_query(key)
    except KeyError:
        fail(f"--by: {key!r} is none of {_QUERY_KEYS}")


def _period(since: str) -> Period:
    parsed = _SINCE.fullmatch(since)
    if not parsed:
        fail(f"--since: {since!r} is no time such as 12h, 7d or 4w")
    return Period.until_now(timedelta(**{_UNITS[parsed["unit"]]: int(parsed["count"])}))


def _stack(name: str, config: list[str]) -> Stack:
    try:
        return read_stack(name, config)
    except StackError as error:
        _fail_or_name_a_log_group(error)


def _log_groups(stack: Stack | None, named: str | None) -> list[str]:
    if stack is None or named is not None:
        return [named or ""]
    try:
        names = stack.log_group_names()
    except (StackError, SettingsError) as error:
        _fail_or_name_a_log_group(error)
    # What is deployed can be read whatever has become of the settings.
    with contextlib.suppress(StackError, SettingsError):
        if names[0] != (now := stack.configured_log_group_name()):
            say(
                f"Stack {stack.name} is deployed with the log group {names[0]}, which is read, though its settings "
                f"name {now} now.",
                stderr=True,
            )
    return names


def _fail_or_name_a_log_group(error: ValueError) -> NoReturn:
    fail(f"{str(error).rstrip('.')}; or name a log group with --log-group")


def _bucket(entry: str, by: str, output_format: Format) -> Target:
    if by != CLIENT_QUERY or output_format is not Format.TABLE:
        fail("--enforce asks about clients and prints a statement, so it goes without --by and --format")
    try:
        target = parse_target(entry, legacy_names=True)
    except TargetError as error:
        fail(f"--enforce: {entry!r} is no bucket of S3: {error}")
    if not target.is_whole_bucket:
        fail(f"--enforce: {entry!r} is not one whole bucket, and a bucket policy is")
    return target


def _check_watched(bucket: Target, stack: Stack | None) -> None:
    """An empty report proves something only about a bucket that is watched."""
    if stack is None:
        say(
            f"Whether {bucket.bucket} is watched cannot be told from a log group; an empty one proves nothing then.",
            stderr=True,
        )
        return
    try:
        targets = stack.settings().targets
        # What is left out may be in an environment, too; nothing else asks for it.
        stack.require(f"{stack.project}:excludeBuckets")
    except (StackError, SettingsError) as error:
        fail(str(error))
    watched = any(bucket.prefix.startswith(prefix) for prefix in targets.included)
    left_out = [p for p in targets.excluded if p.startswith(bucket.prefix) or bucket.prefix.startswith(p)]
    if not watched or left_out:
        fail(
            f"stack {stack.name} does not watch all of {bucket.bucket}, so an empty report proves nothing about it: "
            "add the bucket to targetBuckets, take it out of excludeBuckets, run `pulumi up`, and wait"
        )


def _enforce(bucket: Target, found: Report, partition: str) -> None:
    if bucket.partition not in (None, partition):
        fail(f"--enforce: the ARN is of the partition {bucket.partition}, the log group of {partition}")
    name = str(bucket.bucket)
    of_bucket, vague = found.of_bucket(name), found.vague
    doubts = [*found.doubts, *_doubts_about(name, vague)]
    judged = verdict(of_bucket, doubts)
    if judged is GateVerdict.FOUND:
        print_table(of_bucket, console(stderr=True))
        fail(
            f"{name} still gets SigV2 requests, and the statement would refuse them: fix these clients first",
            code=judged,
        )
    if judged is GateVerdict.NOT_PROVEN:
        if vague.offenders:
            print_table(vague, console(stderr=True))
        _not_proven(f"that nobody reaches {name} with SigV2", doubts)
    say(
        f"No SigV2 request to {name} since {found.period.since:%Y-%m-%d %H:%M} UTC. If `python -m sigv2 "
        "verify` says that the pipeline is alive, add this to the Statement list of the bucket's policy:",
        stderr=True,
    )
    sys.stdout.write(json.dumps(deny_statement(name, partition), indent=2) + "\n")


def _doubts_about(bucket: str, vague: Report) -> Iterator[str]:
    if requests := sum(int(record[REQUESTS]) for record in vague.offenders):
        yield (
            f"of {counted(requests, 'request')} the log does not name every bucket, and {bucket} may be one of them, "
            "so fix these clients first"
        )


def _gate(clients: Report) -> None:
    judged = verdict(clients, clients.doubts)
    if judged is GateVerdict.NOT_PROVEN:
        _not_proven("that nobody signs with SigV2", clients.doubts)
    if judged is GateVerdict.FOUND:
        raise typer.Exit(judged)


def _not_proven(what: str, doubts: Sequence[str]) -> NoReturn:
    fail(f"it is not proven {what}: {'; '.join(doubts)}", code=GateVerdict.NOT_PROVEN)


def _write(found: Report, output_format: Format) -> None:
    if output_format is Format.TABLE:
        print_table(found, console())
        return
    sys.stdout.write(TEXTS[output_format](found))
    if found.coverage.doubts and output_format is Format.CSV:
        say(not_all_of_it(found.coverage.doubts), stderr=True)
    if found.reading:
        say(found.reading.sentence, stderr=True)
    elif not found.complete:
        say(
            "There are more rows than CloudWatch Logs Insights returns; ask for a shorter time with --since.",
            stderr=True,
        )
