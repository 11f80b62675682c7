"""`python -m sigv2 report`."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from blueprint.queries import SavedQuery
from sigv2.aws import explained
from sigv2.options import (
    INTERRUPTED,
    ConfigOption,
    LogGroupOption,
    LogRegionOption,
    ProfileOption,
    StackOfLogOption,
    none_empty,
    not_empty,
    path_named,
)
from sigv2.period import Period
from sigv2.report.asked_log import AskedLog, named_log
from sigv2.report.client_views import CLIENT_QUERY, CLIENT_VIEWS, QUERY_KEYS, query_of
from sigv2.report.compared_source import comparing
from sigv2.report.enforce_option import EnforceAs, asked_to_enforce
from sigv2.report.formats import ASKED_BESIDE, Format
from sigv2.report.owners.owner_options import OwnersOption, OwnerTagOption
from sigv2.report.owners.owner_search import OwnerSearch
from sigv2.report.past.athena.asking_athena import CreateTableOption, OutputOption, WorkgroupOption, athena_options
from sigv2.report.past.past_sources import PastLogs
from sigv2.report.query_run import QueryError
from sigv2.report.report_output import ReportOutput
from sigv2.report.reports import Report
from sigv2.report.verdict import GateVerdict, not_proven, verdict
from sigv2.stack import StackError
from sigv2.stack.stack_account import enter_without_stack
from sigv2.terminal import fail, say
from sigv2.time_options import CompareOption, SinceOption, TimeOptionError, UntilOption, period_of, span_of

if TYPE_CHECKING:
    from sigv2.report.source import Source

_QUERY_KEYS = ", ".join(QUERY_KEYS)


def report(
    *,
    stack: StackOfLogOption = None,
    config: ConfigOption = None,
    log_group: LogGroupOption = None,
    region: LogRegionOption = None,
    profile: ProfileOption = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            callback=not_empty,
            metavar="WHERE",
            help="Logs that are there already, instead of a stack's: a file or folder of CloudTrail files or server "
            "access logs, s3://BUCKET/PREFIX with such files, athena:DATABASE.TABLE of such files, or logs:LOG-GROUP "
            "with access logs.",
        ),
    ] = None,
    workgroup: WorkgroupOption = None,
    output: OutputOption = None,
    create_table: CreateTableOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    compare: CompareOption = None,
    by: Annotated[str, typer.Option(metavar="QUERY", help=f"What to count by: {_QUERY_KEYS}.")] = CLIENT_QUERY,
    owners: OwnersOption = False,
    owner_tag: OwnerTagOption = None,
    output_format: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.TABLE,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            parser=path_named,
            metavar="PATH",
            help="Where to write it: a file, which is replaced; a folder of tickets.",
        ),
    ] = None,
    fail_if_any: Annotated[
        bool, typer.Option("--fail-if-any", help="Exit with 2 if there was any client, with 3 if none is not proven.")
    ] = False,
    forwarding_stack: Annotated[
        list[str] | None,
        typer.Option(
            callback=none_empty,
            help="A stack that forwards to the log, whose dead-letter queues are asked, too, with the credentials that "
            "its own settings name; repeatable: name every one of an account.",
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
    policy = bool(enforce or enforce_as)
    query, (period, span_before) = _query(by), _times(since, until, compare, by, policy=policy)
    asks_owners = owners or bool(owner_tag)
    written = _written(ReportOutput(output_format, out), query, owners=asks_owners, policy=policy)
    if from_ is not None:
        _refuse_beside_from(stack, config, log_group, enforce, enforce_as, forwarding_stack)
    athena = athena_options(from_, workgroup, output, create_table, compare)
    enforcement = asked_to_enforce(enforce, enforce_as)
    beside = ASKED_BESIDE.get(output_format, ())
    about_clients = [query_of(CLIENT_QUERY)] if fail_if_any and not query.is_of_clients else []
    log = named_log(stack, config or [], log_group) if from_ is None else None
    if enforcement and log:
        enforcement.refuse_unwatched(log.stack)
    try:
        to_prove = fail_if_any or enforcement is not None or output_format is Format.HTML
        asked = log.enter(profile, region, forwarding_stack or [], to_prove=to_prove) if log else None
        source: Source = asked or PastLogs(str(from_), profile, region, athena)
        # Before files are read for hours.
        search = _owner_search(asked, profile, region, owner_tag or ()) if asks_owners else None
        found, *others = comparing(source, span_before).ask([query, *beside, *about_clients], period)
        found = search.told(found) if search else found
    except (QueryError, StackError) as error:
        fail(str(error))
    except (BotoCoreError, ClientError) as error:
        fail(explained(error))
    if asked:
        say(str(asked.place), stderr=True)
    if enforcement and asked:
        enforcement.enforce(found, asked.place.arns, asked.log.stack)
    else:
        written.write(found, source.options, others[: len(beside)])
    if fail_if_any:
        _gate(others[-1] if about_clients else found)
    if found.interrupted:
        raise typer.Exit(INTERRUPTED)


def _written(written: ReportOutput, query: SavedQuery, *, owners: bool, policy: bool) -> ReportOutput:
    others = query.key != CLIENT_QUERY or written != ReportOutput(Format.TABLE, None) or owners
    if policy and others:
        fail("--enforce asks about clients and prints a policy, so it goes without --by, --format, --out and --owners")
    if query.key != CLIENT_QUERY and (owners or written.format is Format.TICKETS):
        fail("--owners and --format tickets are about clients, so they go without --by")
    if written.format is Format.HTML and not query.is_of_clients:
        fail("--format html is about clients, so --by can be session or agent")
    written.refuse_what_cannot_be()
    return written


def _owner_search(asked: AskedLog | None, profile: str | None, region: str | None, tags: Sequence[str]) -> OwnerSearch:
    return OwnerSearch(asked.places if asked else [enter_without_stack(profile, region)], tags)


def _refuse_beside_from(*options: object) -> None:
    if any(options):
        fail(
            "--from says what to read, so it goes without --stack, --config, --log-group, "
            "--forwarding-stack and --enforce"
        )


def _query(key: str) -> SavedQuery:
    try:
        return query_of(key)
    except KeyError:
        fail(f"--by: {key!r} is none of {_QUERY_KEYS}")


def _gate(clients: Report) -> None:
    judged = verdict(clients, clients.doubts)
    if judged is GateVerdict.NOT_PROVEN:
        not_proven("that nobody signs with SigV2", clients.doubts)
    if judged is GateVerdict.FOUND:
        raise typer.Exit(judged)


def _times(
    since: str | None, until: str | None, compare: str | None, by: str, *, policy: bool
) -> tuple[Period, timedelta | None]:
    if policy and (until or compare):
        fail("--enforce asks about the time up to now alone, so it goes without --until and --compare")
    if compare and by not in CLIENT_VIEWS:
        fail(f"--compare tells clients apart, so it goes without --by {by}")
    try:
        return period_of(since, until, datetime.now(UTC)), span_of("--compare", compare) if compare else None
    except TimeOptionError as error:
        fail(str(error))
