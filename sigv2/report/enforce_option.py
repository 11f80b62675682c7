"""`report --enforce`: prints what refuses SigV2, where the log proves that nobody uses it."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from blueprint.arns import Arns
from blueprint.queries import REQUESTS
from blueprint.sentences import counted
from blueprint.settings_errors import SettingsError
from blueprint.sigv2_regions import SIGV2_REGIONS, watched_regions
from blueprint.stack_settings import Settings
from blueprint.targets import Target, TargetError, parse_target
from sigv2.report.enforcement import deny_statement, resource_control_policy
from sigv2.report.formats.table_format import print_table
from sigv2.report.reports import Report
from sigv2.report.verdict import GateVerdict, not_proven, verdict
from sigv2.stack import Stack, StackError
from sigv2.terminal import console, fail, say

_EVERY_BUCKET = "*"


class EnforceAs(StrEnum):
    """What refuses SigV2 in more than one bucket."""

    RCP = "rcp"


class Enforcement(Protocol):
    """Something that is to refuse SigV2."""

    def refuse_unwatched(self, stack: Stack | None) -> None:
        """Look at what the stack watches, before AWS is asked; an empty report proves something only about that.

        Args:
            stack: whose log is read; None where only a log group is named.

        Raises:
            typer.Exit: an empty report would prove nothing.
        """

    def enforce(self, found: Report, arns: Arns, stack: Stack | None) -> None:
        """Print the policy, unless somebody uses SigV2 or the report does not prove that nobody does.

        Args:
            found: a report on clients.
            arns: where the log is.
            stack: as for `refuse_unwatched`.

        Raises:
            typer.Exit: there is no policy; a `GateVerdict` says why.
        """


def asked_to_enforce(entry: str | None, enforce_as: EnforceAs | None) -> Enforcement | None:
    """What `--enforce` and `--as` mean together; None where neither is given.

    Raises:
        typer.Exit: they mean nothing.
    """
    if enforce_as is not None and entry != _EVERY_BUCKET:
        fail(f"--as {enforce_as} is a policy that refuses SigV2 in all buckets, so it goes with --enforce '*' alone")
    if entry is None:
        return None
    if entry != _EVERY_BUCKET:
        return OneBucket(_bucket(entry))
    if enforce_as is None:
        fail(
            "--enforce '*' asks about all buckets, and no bucket's policy is about them: add --as rcp for a resource "
            "control policy of the organization, or name a bucket"
        )
    return Everywhere()


@dataclass(frozen=True)
class OneBucket:
    """A statement for the policy of one bucket."""

    target: Target

    def refuse_unwatched(self, stack: Stack | None) -> None:
        """See `Enforcement`."""
        bucket = self.target
        if stack is None:
            say(
                f"Whether {bucket.bucket} is watched cannot be told from a log group; an empty one proves nothing "
                "then.",
                stderr=True,
            )
            return
        targets = _settings(stack).targets
        watched = any(bucket.prefix.startswith(prefix) for prefix in targets.included)
        left_out = [p for p in targets.excluded if p.startswith(bucket.prefix) or bucket.prefix.startswith(p)]
        if not watched or left_out:
            fail(
                f"stack {stack.name} does not watch all of {bucket.bucket}, so an empty report proves nothing about "
                "it: add the bucket to targetBuckets, take it out of excludeBuckets, run `pulumi up`, and wait"
            )

    def enforce(self, found: Report, arns: Arns, _: Stack | None) -> None:
        """See `Enforcement`."""
        if self.target.partition not in (None, arns.partition):
            fail(f"--enforce: the ARN is of the partition {self.target.partition}, the log group of {arns.partition}")
        name = str(self.target.bucket)
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
            not_proven(f"that nobody reaches {name} with SigV2", doubts)
        say(
            f"No SigV2 request to {name} since {found.period.since:%Y-%m-%d %H:%M} UTC. If `python -m sigv2 "
            "verify` says that the pipeline is alive, add this to the Statement list of the bucket's policy:",
            stderr=True,
        )
        _write(deny_statement(name, arns.partition))


class Everywhere:
    """A resource control policy, which reaches every bucket of the accounts that it is attached to.

    That the stack leaves buckets of its own account unwatched is a reason not to print it, as it is for one bucket.
    What no stack can tell, who else is in the organization and what is watched there, is only said: whoever attaches
    the policy decides which accounts it reaches.
    """

    def refuse_unwatched(self, stack: Stack | None) -> None:
        """See `Enforcement`; what is unwatched is a doubt like others, so only what cannot be read is refused here."""
        if stack:
            _settings(stack)

    def enforce(self, found: Report, arns: Arns, stack: Stack | None) -> None:
        """See `Enforcement`."""
        doubts = [*found.doubts, *_unwatched(stack, arns)]
        judged = verdict(found, doubts)
        if judged is GateVerdict.FOUND:
            print_table(found, console(stderr=True))
            fail(
                "somebody still signs with SigV2, and the policy would refuse it: fix these clients first", code=judged
            )
        if judged is GateVerdict.NOT_PROVEN:
            not_proven("that nobody signs with SigV2", doubts)
        say(
            f"No SigV2 request since {found.period.since:%Y-%m-%d %H:%M} UTC. If `python -m sigv2 verify` says that "
            f"the pipeline is alive, this is the resource control policy. {_reach(stack, arns)}",
            stderr=True,
        )
        _write(resource_control_policy())


def _bucket(entry: str) -> Target:
    try:
        target = parse_target(entry, legacy_names=True)
    except TargetError as error:
        fail(f"--enforce: {entry!r} is no bucket of S3: {error}")
    if not target.is_whole_bucket:
        fail(f"--enforce: {entry!r} is not one whole bucket, and a bucket policy is")
    return target


def _settings(stack: Stack) -> Settings:
    try:
        settings = stack.settings()
        # What is left out may be in an environment, too; nothing else asks for it.
        stack.require(f"{stack.project}:excludeBuckets")
    except (StackError, SettingsError) as error:
        fail(str(error))
    return settings


def _doubts_about(bucket: str, vague: Report) -> Iterator[str]:
    if requests := sum(int(record[REQUESTS]) for record in vague.offenders):
        yield (
            f"of {counted(requests, 'request')} the log does not name every bucket, and {bucket} may be one of them, "
            "so fix these clients first"
        )


def _unwatched(stack: Stack | None, arns: Arns) -> Iterator[str]:
    """What the policy would reach in the stack's own account, and the log does not tell of."""
    if stack is None:
        yield "which buckets are watched cannot be told from a log group"
        return
    settings = _settings(stack)
    if settings.targets.included != ("",) or settings.targets.excluded:
        yield (
            f"the policy reaches every bucket, and stack {stack.name} watches only some of account {arns.account_id}, "
            "so set targetBuckets to '*', leave excludeBuckets out, run `pulumi up`, and wait, or refuse SigV2 in each "
            "bucket with --enforce BUCKET"
        )
    # What is deployed wins over the settings.
    deployed: Sequence[str] = (stack.outputs or {}).get("regions") or ()
    watched = deployed or watched_regions(arns.region, arns.partition, settings.regions, ())
    if missing := sorted(set(SIGV2_REGIONS.get(arns.partition, ())) - set(watched)):
        yield (
            f"the policy reaches every Region, and stack {stack.name} does not watch {', '.join(missing)}, so set "
            "regions to all, run `pulumi up`, and wait"
        )


def _reach(stack: Stack | None, arns: Arns) -> str:
    others = _settings(stack).accept_from if stack else ()
    known = f"attach it to account {arns.account_id}"
    if others:
        known += (
            f", and to those of {', '.join(others)} whose own stacks forward to this log and watch all of their buckets"
        )
    return (
        f"It reaches every bucket of each account that it is attached to, watched or not: {known}. Buckets of the "
        "organization's management account it does not bind; they take the statements of --enforce BUCKET."
    )


def _write(policy: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(policy, indent=2) + "\n")
