"""`python -m sigv2 verify`."""

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from blueprint.checked_settings import LogResourcePolicyScope, Settings
from blueprint.settings_errors import SettingsError
from sigv2.aws import explained
from sigv2.options import DEFAULT_STACK, ConfigOption, ProfileOption, not_empty
from sigv2.stack import Stack, StackError, read_stack
from sigv2.stack.stack_account import enter
from sigv2.terminal import console, fail, harmless, say, table
from sigv2.verify.chain import AFTERMATH, ENTRANCE, SYMPTOMS, Checked, Name, walk
from sigv2.verify.choice import NotWatchedError, Probed, choose
from sigv2.verify.finding import State
from sigv2.verify.redriving.redrive_command import redrive_stack
from sigv2.verify.round_trip import Arrival, send, wait
from sigv2.verify.subject import Subject, locate

ALIVE, BROKEN, CANNOT, UNPROVEN = range(4)
"""The exit codes."""

_TIMEOUT = re.compile(r"(?P<count>\d{1,5}(\.\d+)?)(?P<unit>[smh])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
_COLUMNS = ("", "Link", "Finding", "Fix")


def verify(
    *,
    stack: Annotated[
        str, typer.Option(callback=not_empty, help="Whose pipeline, as `pulumi --stack` takes it.")
    ] = DEFAULT_STACK,
    config: ConfigOption = None,
    bucket: Annotated[
        str | None, typer.Option(help="The target bucket to ask; by default the first that is named exactly.")
    ] = None,
    region: Annotated[
        str | None, typer.Option(callback=not_empty, help="Of the pipeline, instead of the stack's.")
    ] = None,
    profile: ProfileOption = None,
    timeout: Annotated[str, typer.Option(metavar="TIME", help="How long to wait for the event: 90s, 20m, 1h.")] = "20m",
    check_only: Annotated[bool, typer.Option("--check-only", help="Check every link, but send nothing.")] = False,
    redrive: Annotated[
        bool,
        typer.Option(
            "--redrive", help="Bring what waits in the dead-letter queue into the log group, and send nothing."
        ),
    ] = False,
) -> None:
    """Is the pipeline alive? Sends one SigV2-signed request to a target bucket and waits until it is logged.

    If it is not, names the first broken link of the chain, and the fix.

    The request is for a random key, which need not exist.

    Exits with 0 if it is alive, or with --check-only if no link is broken; a warning alone breaks nothing.

    Exits with 1 if a link is broken, or a target bucket is not watched.

    Exits with 2 for wrong usage, or if AWS cannot be asked with these credentials.

    Exits with 3 if no link is known to be broken, but the event did not come in time, a link could not be checked, or
    requests were not delivered and none was sent to see whether that is mended.

    With --redrive it exits with 0 if nothing is left in the queue, 1 if there is no queue or no log group, 2 as above,
    and 3 if something is left, which it says.
    """
    patience = _patience(timeout)
    if redrive and (check_only or bucket is not None):
        fail(
            "--redrive is about the whole queue and checks no link, so it goes without --check-only and --bucket",
            code=CANNOT,
        )
    read, settings = _read(stack, config or [])
    if redrive:
        try:
            place = enter(read, profile=profile, region=region)
            say(str(place), stderr=True)
            raise typer.Exit(redrive_stack(place, settings, patience))
        except StackError as error:
            fail(str(error), code=CANNOT)
        except (BotoCoreError, ClientError) as error:
            fail(f"{explained(error)}; what was not brought into the log group stays in the queue", code=CANNOT)
    try:
        probed = choose(settings, bucket)
    except NotWatchedError as error:
        fail(str(error), code=CANNOT)
    try:
        place = enter(read, profile=profile, region=region)
        subject = locate(place, settings, probed)
        if not check_only:
            sent_at = datetime.now(UTC)
            subject = replace(subject, answer=send(subject.aws.sigv2, probed), sent_at=sent_at)
            arrival = _wait(subject, patience)
            if arrival:
                say(str(place), stderr=True)
                raise typer.Exit(_conclude_alive(arrival, subject))
    except StackError as error:
        fail(str(error), code=CANNOT)
    except (BotoCoreError, ClientError) as error:
        fail(explained(error), code=CANNOT)
    found = list(walk(subject))
    say(str(place), stderr=True)
    _show(found, subject)
    raise typer.Exit(_conclude(found, subject, None if check_only else timeout))


def _patience(text: str) -> timedelta:
    parsed = _TIMEOUT.fullmatch(text)
    if not parsed:
        fail(f"--timeout: {text!r} is no time such as 90s, 20m or 1h", code=CANNOT)
    return timedelta(**{_UNITS[parsed["unit"]]: float(parsed["count"])})


def _read(stack: str, config: list[str]) -> tuple[Stack, Settings]:
    try:
        read = read_stack(stack, config)
        return read, read.settings()
    except (StackError, SettingsError) as error:
        fail(str(error), code=CANNOT)


def _wait(subject: Subject, patience: timedelta) -> Arrival | None:
    if any(checked.finding.state is State.BROKEN for checked in walk(subject, ENTRANCE)):
        return None
    with _progress(subject.probed, patience) as tell:
        return wait(subject.aws.logs, subject.settings.log_group_name, subject.probed, patience, tell=tell)


def _conclude_alive(arrival: Arrival, subject: Subject) -> int:
    """Show the event, say what is wrong all the same, and return the exit code."""
    for line in _pretty(arrival.message).splitlines():
        say(line)
    probed = subject.probed
    say(
        f"Alive: a SigV2 request for {probed.bucket}/{probed.key} was in the log group "
        f"{subject.settings.log_group_name} {_duration(arrival.latency)} after it was sent."
    )
    found = list(walk(subject, AFTERMATH))
    warned = [one for one in found if one.finding.state is State.WARNING]
    if warned:
        say(f"Warnings: {_listed(warned)}.", stderr=True)
    unwatched = [one for one in found if one.link is Name.TARGETS and one.finding.state is State.BROKEN]
    if unwatched:
        say(f"Not all is watched, though: {_listed(unwatched)}.")
        return BROKEN
    return ALIVE


def _show(found: Sequence[Checked], subject: Subject) -> None:
    title = f"From the bucket {subject.probed.bucket} to the log group {subject.settings.log_group_name}"
    rows = [(one.finding.state, one.link, one.finding.says, one.finding.fix) for one in found]
    console().print(table(harmless(title).plain, _COLUMNS, rows))


def _conclude(found: Sequence[Checked], subject: Subject, waited: str | None) -> int:
    """Say the last sentence, and return the exit code."""
    first = next((one for one in found if one.finding.state is State.BROKEN), None)
    if first:
        say(f"The first broken link is the {first.link}: {first.finding.says}. Fix: {first.finding.fix}.")
        return BROKEN
    unknown = [str(one.link) for one in found if one.finding.state is State.UNKNOWN]
    warned = [one for one in found if one.finding.state is State.WARNING]
    not_checked = f"could not be checked: {', '.join(unknown)}"
    warnings = f" Warnings: {_listed(warned)}." if warned else ""
    if waited:
        hint = f"; some links {not_checked}" if unknown else ""
        if subject.settings.log_resource_policy_scope is LogResourcePolicyScope.LOG_GROUP:
            hint += (
                "; that EventBridge honours a policy attached to a log group is not documented: "
                "try `pulumi config set logResourcePolicyScope account`"
            )
        say(
            f"Unproven: no link is known to be broken, but the event did not come within {waited}{hint}.{warnings} "
            "CloudTrail promises no time, and EventBridge delivers on a best-effort basis: run it again with a longer "
            "--timeout."
        )
        return UNPROVEN
    if unknown:
        say(f"Unproven: no link is known to be broken, but these {not_checked}.{warnings}")
        return UNPROVEN
    if any(one.link in SYMPTOMS for one in warned):
        say(
            f"Unproven: no link is broken, but not everything was delivered.{warnings} Whether that is mended, only a "
            "request, without --check-only, proves."
        )
        return UNPROVEN
    say(
        f"{'No link is broken' if warned else 'Every link is as it must be'}; only a request, without --check-only, "
        f"proves that the pipeline is alive.{warnings}"
    )
    return ALIVE


def _listed(warned: Sequence[Checked]) -> str:
    return "; ".join(f"the {one.link}: {one.finding.says} (fix: {one.finding.fix})" for one in warned)


@contextlib.contextmanager
def _progress(probed: Probed, patience: timedelta) -> Iterator[Callable[[timedelta], object]]:
    """Shows how long it has been, on standard error, where a person looks at it."""
    shown = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("of {task.fields[most]}"))
    with Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal) as progress:
        task = progress.add_task(
            f"Waiting until the request to {probed.bucket} is logged",
            total=patience.total_seconds(),
            most=_duration(patience),
        )
        yield lambda elapsed: progress.update(task, completed=elapsed.total_seconds())


def _pretty(message: str) -> str:
    try:
        return json.dumps(json.loads(message), indent=2)
    except (ValueError, RecursionError):
        return message


def _duration(length: timedelta) -> str:
    seconds = length.total_seconds()
    if seconds < 1:
        return "less than a second"
    if seconds < 60:
        return f"{seconds:.1f} seconds"
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds:02} s"
