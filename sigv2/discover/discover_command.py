"""`python -m sigv2 discover`."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from blueprint.sentences import counted
from sigv2.discover.account_search import AccountNotAsked, AskedAccount, SameAccount, ask_accounts
from sigv2.discover.cost.cost_document import document_of_bucket, document_of_report
from sigv2.discover.cost.cost_option import USUAL_TIME, costing
from sigv2.discover.cost.cost_report import CostReport
from sigv2.discover.cost.cost_text import cost_lines, cost_table
from sigv2.discover.lines_to_paste import BucketsToWatch, lines_to_paste
from sigv2.discover.sigv2_acceptance import MAY_ACCEPT, Acceptance, Verdict
from sigv2.options import INTERRUPTED, none_empty, not_empty
from sigv2.terminal import complain, console, harmless, harmless_json, say, table

Found = tuple[AskedAccount, Acceptance]
"""An account, and what was found of one of its buckets."""

UNKNOWN = 2
"""The exit code that says: of some bucket it is not known whether it accepts SigV2."""

_ORDER = list(Verdict)
_COLUMNS = ("Bucket", "Region", "Created", "SigV2", "Reason")


def discover(
    *,
    region: Annotated[str | None, typer.Option(callback=not_empty, help="Ask only the buckets of this Region.")] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(callback=none_empty, help="Of your AWS configuration; repeatable, for several accounts."),
    ] = None,
    cost: Annotated[
        bool, typer.Option("--cost", help="How many requests each bucket gets, and what watching it would cost.")
    ] = False,
    from_: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            callback=none_empty,
            metavar="WHERE",
            help="Where --cost counts requests to buckets without request metrics: a file or folder of CloudTrail "
            "files or server access logs, or s3://BUCKET/PREFIX with such files; repeatable.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="How far --cost looks back, in whole days: 7d, 4w.", show_default=USUAL_TIME),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, and nothing else, to standard output.")] = False,
) -> None:
    """Which buckets of the account still accept SigV2: lists them, and sends each one harmless request.

    Needs s3:ListAllMyBuckets, and s3:ListBucket or none: S3 tells by how it refuses. The request lists no object of
    the bucket. With --cost it needs s3:GetMetricsConfiguration, cloudwatch:GetMetricData, cloudtrail:DescribeTrails,
    GetTrailStatus and GetEventSelectors, too; what they would tell is unknown without. Exits with 1 if the buckets of
    an account cannot be listed; with 2 if it stays unknown whether one accepts SigV2.
    """
    profiles: list[str | None] = list(profile) if profile else [None]
    with costing(cost=cost, places=from_ or [], since=since, profile=profiles[0]) as asked_cost:
        accounts, not_asked = _ask(profiles, region)
        if not accounts:
            raise typer.Exit(1)
        costs = asked_cost.of(accounts) if asked_cost else None
    found = _in_order(accounts)
    if as_json:
        sys.stdout.write(_as_json(found, not_asked, costs))
    else:
        _show(found, region, with_accounts=len(profiles) > 1)
        first_left_out = len(profiles) > 1 and any(one.profile == profiles[0] for one in not_asked)
        _show_lines(accounts, region, without_hub=profiles[0] if first_left_out else None)
        if costs:
            _show_costs(costs, with_accounts=len(profiles) > 1)
    if costs and costs.read and costs.read.interrupted:
        raise typer.Exit(INTERRUPTED)
    if not_asked:
        raise typer.Exit(1)
    if any(finding.verdict is Verdict.UNKNOWN for _, finding in found):
        raise typer.Exit(UNKNOWN)


def _ask(profiles: Sequence[str | None], region: str | None) -> tuple[list[AskedAccount], list[AccountNotAsked]]:
    accounts: list[AskedAccount] = []
    not_asked: list[AccountNotAsked] = []
    for outcome in ask_accounts(profiles, region):
        match outcome:
            case AskedAccount():
                accounts.append(outcome)
            case SameAccount(again, AskedAccount(first, account_id)):
                say(f"Profile {again} is of account {account_id}, as {first} is, so it is asked once.", stderr=True)
            case AccountNotAsked(which, reason):
                not_asked.append(outcome)
                complain(reason if len(profiles) == 1 else f"profile {which} is left out: {reason}")
    return accounts, not_asked


def _in_order(accounts: Sequence[AskedAccount]) -> list[Found]:
    """What is to do first, then by account, Region and name."""
    found = [(account, finding) for account in accounts for finding in account.found]
    return sorted(
        found,
        key=lambda one: (
            _ORDER.index(one[1].verdict),
            accounts.index(one[0]),
            one[1].bucket.region or "",
            one[1].bucket.name,
        ),
    )


def _show(found: Sequence[Found], region: str | None, *, with_accounts: bool) -> None:
    rows = (
        (
            finding.bucket.name,
            *([account.account_id] if with_accounts else []),
            finding.bucket.region or "-",
            f"{finding.bucket.created:%Y-%m-%d}",
            finding.verdict,
            finding.reason,
        )
        for account, finding in found
    )
    if found:
        columns = (_COLUMNS[0], *(["Account"] if with_accounts else []), *_COLUMNS[1:])
        console().print(table("Which buckets accept SigV2", columns, rows))
    count = Counter(finding.verdict for _, finding in found)
    of_region = f" in {harmless(region).plain}" if region else ""
    typer.echo(f"{counted(len(found), 'bucket')}{of_region}: {_in_words(count)}.")


def _show_costs(costs: CostReport, *, with_accounts: bool) -> None:
    typer.echo()
    if costs.costs:
        console().print(cost_table(costs, with_accounts=with_accounts))
    for line in cost_lines(costs):
        say(line)


def _show_lines(accounts: Sequence[AskedAccount], region: str | None, without_hub: str | None) -> None:
    """Show what to paste; not where the account that is to have the log could not be asked, as no other is chosen."""
    to_watch = [BucketsToWatch(account.account_id, account.profile, _may_accept(account)) for account in accounts]
    if not any(account.regions for account in to_watch):
        return
    if without_hub:
        typer.echo()
        say(
            "There are no lines to paste: the account of the first profile is to have the log, and "
            f"{without_hub} could not be asked. Mend that, or name another profile first."
        )
        return
    typer.echo("\nTo watch those that accept it, or may:\n")
    typer.echo("\n".join(lines_to_paste(to_watch, region)))


def _may_accept(account: AskedAccount) -> dict[str, str]:
    """The Region of each bucket that there is to watch."""
    return {
        finding.bucket.name: finding.bucket.region or "" for finding in account.found if finding.verdict in MAY_ACCEPT
    }


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


def _as_json(found: Sequence[Found], not_asked: Sequence[AccountNotAsked], costs: CostReport | None) -> str:
    of_buckets = {cost.bucket.name: document_of_bucket(cost) for cost in costs.costs} if costs else {}
    document = {
        "buckets": [
            {
                "name": finding.bucket.name,
                "accountId": account.account_id,
                "region": finding.bucket.region,
                "created": finding.bucket.created.isoformat(),
                "verdict": finding.verdict,
                "reason": finding.reason,
                **({"cost": of_buckets.get(finding.bucket.name)} if costs else {}),
            }
            for account, finding in found
        ],
        "notAsked": [{"profile": one.profile, "reason": one.reason} for one in not_asked],
        **({"cost": document_of_report(costs)} if costs else {}),
    }
    return harmless_json(document, indent=2) + "\n"
