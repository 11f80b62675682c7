"""`python -m sigv2 report`."""

import contextlib
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, NoReturn

import typer
from botocore.exceptions import BotoCoreError, ClientError

from blueprint.names import base_name
from blueprint.queries import SAVED_QUERIES, SavedQuery, saved_query
from blueprint.settings_errors import SettingsError
from sigv2.aws import explained
from sigv2.options import DEFAULT_STACK, ConfigOption, ProfileOption, none_empty, not_empty
from sigv2.report.coverage import coverage_of
from sigv2.report.enforce_option import EnforceAs, asked_to_enforce
from sigv2.report.formats import TEXTS, Format, not_all_of_it, print_table
from sigv2.report.past.past_sources import read_past
from sigv2.report.query_run import Period, QueryError
from sigv2.report.reports import CLIENT_QUERY, Report, make_report
from sigv2.report.verdict import GateVerdict, not_proven, verdict
from sigv2.stack import Stack, StackError, read_stack
from sigv2.stack.stack_account import AccountInRegion, enter, enter_without_stack
from sigv2.terminal import console, fail, say, waiting_for
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
    forwarding_stack: Annotated[
        list[str] | None,
        typer.Option(
            callback=none_empty,
            help="A stack that forwards to the log, whose dead-letter queues are asked, too, with the credentials that "
            "its own settings name; repeatable.",
        ),
    ] = None,
    enforce: Annotated[
        str | None,
        typer.Option(
            callback=not_empty,
            metavar="BUCKET",
            help="Print the policy statement that refuses SigV2, if nobody uses it; '*' with --as for all buckets.",
        ),
    ] = None,
    enforce_as: Annotated[
        EnforceAs | None,
        typer.Option("--as", help="What --enforce '*' prints: a resource control policy of the organization."),
    ] = None,
) -> None:
    """Who still signs with SigV2, how to fix each of them, and what refuses SigV2 when nobody is left.

    Exits with 1 if there is no answer; with 2 if --fail-if-any finds a client, or --enforce one of the bucket; with 3
    if they find none and the log proves no such thing, as where --enforce '*' asks about more than is watched. Probes
    of `discover` and `verify` are shown, and count for neither.
    """
    query, period = _query(by), _period(since)
    if from_ is not None:
        _refuse_beside_from(stack, config, log_group, enforce, enforce_as, forwarding_stack)
        _report_past(from_, query, period, profile, region, output_format, gate=fail_if_any)
        return
    if (enforce or enforce_as) and (by != CLIENT_QUERY or output_format is not Format.TABLE):
        fail("--enforce asks about clients and prints a policy, so it goes without --by and --format")
    enforcement = asked_to_enforce(enforce, enforce_as)
    read = None if log_group is not None and stack is None else _stack(stack or DEFAULT_STACK, config or [])
    if read and log_group is None:
        _refuse_without_log(read)
    if enforcement:
        enforcement.refuse_unwatched(read)
    log_groups = _log_groups(read, log_group)
    try:
        place = enter(read, profile=profile, region=region) if read else enter_without_stack(profile, region)
        senders = [_enter_sender(name, read, place) for name in forwarding_stack or []]
        about_clients = [saved_query(CLIENT_QUERY)] if fail_if_any and by != CLIENT_QUERY else []
        found, *others = _ask(place, [query, *about_clients], log_groups, period)
        # Only who asks for a proof is told what a log group alone cannot prove.
        doubts = doubts_about(place, read, senders) if read or fail_if_any or enforcement else ()
    except (QueryError, StackError) as error:
        fail(str(error))
    except (BotoCoreError, ClientError) as error:
        fail(explained(error))
    say(str(place), stderr=True)
    found, *others = (_doubting(report, doubts) for report in (found, *others))
    if enforcement:
        enforcement.enforce(found, place.arns, read)
    else:
        _write(found, output_format)
    if fail_if_any:
        _gate(*others or [found])


def _ask(
    place: AccountInRegion, queries: Sequence[SavedQuery], log_groups: Sequence[str], period: Period
) -> list[Report]:
    logs, home = place.session.client("logs"), (place.region, place.account_id)
    with waiting_for("CloudWatch Logs Insights") as tell:
        found = [make_report(logs, query, log_groups, period, tell, home=home) for query in queries]
        coverage = coverage_of(logs, log_groups, period)
    return [replace(report, coverage=coverage) for report in found]


def _doubting(report: Report, doubts: Sequence[str]) -> Report:
    return replace(report, coverage=replace(report.coverage, doubts=(*report.coverage.doubts, *doubts)))


def _refuse_beside_from(*options: object) -> None:
    if any(options):
        fail(
            "--from says what to read, so it goes without --stack, --config, --log-group, "
            "--forwarding-stack and --enforce"
        )


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


def _refuse_without_log(stack: Stack) -> None:
    try:
        bus = stack.forwards_to()
    except (StackError, SettingsError) as error:
        _fail_or_name_a_log_group(error)
    if bus:
        fail(
            f"stack {stack.name} has no log of its own and forwards its requests to the event bus {bus}, so they are "
            f"in the log of the stack that has this bus, in account {bus.split(':')[4]}: run `report` for that stack"
        )


def _enter_sender(name: str, hub: Stack | None, place: AccountInRegion) -> tuple[AccountInRegion, Stack]:
    """Go where a stack is that forwards to the one reported on, with the credentials of its own settings.

    Raises:
        StackError: it does not forward, or to another.
        botocore.exceptions.BotoCoreError: there is no way to its account.
        botocore.exceptions.ClientError: AWS does not accept the credentials.
    """
    read = _stack(name, [])
    bus = read.forwards_to()
    if hub is None:
        raise StackError("--forwarding-stack is for the log of a stack, so name that with --stack")
    own = (hub.outputs or {}).get("eventBusArn") or place.arns.event_bus(base_name(hub.project, hub.name))
    if bus != own:
        raise StackError(f"--forwarding-stack: stack {name} forwards to {bus or 'no other'}, not to this log")
    return enter(read), read


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


def _gate(clients: Report) -> None:
    judged = verdict(clients, clients.doubts)
    if judged is GateVerdict.NOT_PROVEN:
        not_proven("that nobody signs with SigV2", clients.doubts)
    if judged is GateVerdict.FOUND:
        raise typer.Exit(judged)


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
