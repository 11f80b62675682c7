"""`python -m sigv2 verify`."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from blueprint.settings_errors import SettingsError
from blueprint.stack_settings import Settings
from sigv2.aws import explained
from sigv2.options import DEFAULT_STACK, ConfigOption, ProfileOption, not_empty
from sigv2.stack import Stack, StackError, read_stack
from sigv2.stack.naming_options import HUB, OWN, NamingOptions
from sigv2.stack.stack_account import enter, enter_beside
from sigv2.stack.stack_regions import regions_of_stack
from sigv2.terminal import console, fail, say
from sigv2.time_options import TimeOptionError, wait_of
from sigv2.verify.choice import NotWatchedError, choose, one_of_each_region
from sigv2.verify.conclusions import ALIVE, BROKEN, CANNOT, UNPROVEN, conclude, duration
from sigv2.verify.proof import Proof, prove
from sigv2.verify.redriving.redrive_command import redrive_stack
from sigv2.verify.subject import LogElsewhere, Subject, locate
from sigv2.verify.used_trail import changed_since, existing_trail

_WORST = (ALIVE, UNPROVEN, BROKEN)
"""The exit codes of several proofs: of these, the one that comes last."""


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
    everything: Annotated[
        bool, typer.Option("--all", help="Ask one bucket of each Region that the settings name, all at once.")
    ] = False,
    hub: Annotated[
        str | None,
        typer.Option(callback=not_empty, help="The stack that this one forwards to, whose log is to be asked."),
    ] = None,
    hub_profile: Annotated[
        str | None,
        typer.Option(callback=not_empty, help="Of your AWS configuration, for the account of --hub."),
    ] = None,
    redrive: Annotated[
        bool,
        typer.Option(
            "--redrive", help="Bring what waits in the dead-letter queue into the log group, and send nothing."
        ),
    ] = False,
) -> None:
    """Is the pipeline alive? Sends one SigV2-signed request to a target bucket and waits until it is logged.

    If it is not, names the first broken link of the chain, and the fix.

    A stack that forwards to another account is verified as far as the event bus there, and with --hub up to the log.

    The request is for a random key, which need not exist.

    Exits with 0 if it is alive, or with --check-only if no link is broken; a warning alone breaks nothing.

    Exits with 1 if a link is broken, or a target bucket is not watched.

    Exits with 2 for wrong usage, or if AWS cannot be asked with these credentials.

    Exits with 3 if no link is known to be broken, but the event did not come in time, a link could not be checked,
    requests were not delivered and none was sent to see whether that is mended, or --all finds a Region of which no
    bucket is named.

    With --redrive it exits with 0 if nothing is left in the queue, 1 if there is no queue or no log group, 2 as above,
    and 3 if something is left, which it says. A Region in which AWS refuses keeps no other from being asked.
    """
    patience = _patience(timeout)
    if redrive and (check_only or bucket is not None):
        fail(
            "--redrive is about the whole queue and checks no link, so it goes without --check-only and --bucket",
            code=CANNOT,
        )
    if everything and (redrive or bucket is not None):
        fail("--all is about every Region, so it goes without --redrive and --bucket", code=CANNOT)
    if hub_profile and not hub:
        fail("--hub-profile is for the account of the stack that --hub names, so it goes with --hub", code=CANNOT)
    read, settings = _read(stack, config or [])
    try:
        chosen = [] if everything or redrive else [choose(settings, bucket)]
        place = enter(read, profile=profile, region=region)
        logged_by = _hub(settings, hub, hub_profile)
        regions = regions_of_stack(read, place)
        if redrive:
            say(str(place), stderr=True)
            raise typer.Exit(redrive_stack(place, settings, patience, regions, logged_by))
        of_regions = one_of_each_region(settings, place, regions) if everything else {}
        # With --all, each asks about the queue of its own Region; of one without a bucket nothing is proven anyway.
        used = existing_trail(read, settings)
        subjects = [
            locate(place, settings, probed, regions, logged_by, existing_trail=used, alone=not everything)
            for probed in (*chosen, *of_regions.values())
        ]
        proofs = _prove(subjects, None if check_only else patience)
    except (NotWatchedError, StackError) as error:
        fail(str(error), code=CANNOT)
    except (BotoCoreError, ClientError) as error:
        fail(explained(error), code=CANNOT)
    say(str(place), stderr=True)
    if changed := changed_since(read, settings):
        say(changed, stderr=True)
    codes = [conclude(proof, None if check_only else timeout) for proof in proofs]
    if everything:
        to_be_asked = _to_be_asked(settings, regions)
        codes += _conclude_unasked(settings, [region for region in to_be_asked if region not in of_regions])
    raise typer.Exit(max(codes, key=_WORST.index))


def _patience(text: str) -> timedelta:
    try:
        return wait_of("--timeout", text)
    except TimeOptionError as error:
        fail(str(error), code=CANNOT)


def _read(stack: str, config: list[str], named_by: NamingOptions = OWN) -> tuple[Stack, Settings]:
    try:
        read = read_stack(stack, config, named_by=named_by)
        return read, read.settings()
    except StackError as error:
        fail(str(error), code=CANNOT)
    except SettingsError as error:
        fail(str(error) if named_by is OWN else f"stack {stack}: {error}", code=CANNOT)


def _hub(settings: Settings, name: str | None, profile: str | None) -> LogElsewhere | None:
    """The stack that is forwarded to, if it is named.

    Raises:
        StackError: it is not the one that is forwarded to, or this stack forwards to none; or AWS does not accept the
            credentials.
    """
    if name is None:
        return None
    if settings.forward_to is None:
        raise StackError(f"stack {settings.stack} forwards to no other, so leave out --hub")
    read, of_hub = _read(name, [], HUB)
    place = enter_beside(read, profile=profile)
    bus = place.arns.event_bus(of_hub.base_name)
    if bus != settings.forward_to:
        raise StackError(f"stack {settings.stack} forwards to {settings.forward_to}, and the bus of {name} is {bus}")
    return LogElsewhere(place, of_hub)


def _prove(subjects: Sequence[Subject], patience: timedelta | None) -> list[Proof]:
    """Prove all at once, as each may wait for its event."""
    with _progress(subjects, patience) as tell, ThreadPoolExecutor(max_workers=len(subjects)) as pool:
        return list(pool.map(lambda subject: prove(subject, patience, tell), subjects))


def _conclude_unasked(settings: Settings, regions: Sequence[str]) -> list[int]:
    """Say of which accounts and Regions nothing is known: the former are others' to ask, the latter have no name."""
    if settings.accept_from:
        say(
            f"Nothing was asked of what {', '.join(settings.accept_from)} may forward here: `python -m sigv2 verify "
            f"--all --stack STACK --hub {settings.stack}` asks, for each stack there."
        )
    if regions:
        say(
            f"Unproven: no target bucket is named exactly in {', '.join(regions)}: name one that the stack watches "
            "there with --bucket."
        )
    return [UNPROVEN] if regions else []


def _to_be_asked(settings: Settings, regions: Sequence[str]) -> Sequence[str]:
    """The Regions of which something must be asked: not home, where no bucket need lie and no pattern covers one."""
    return regions if settings.targets.has_pattern else regions[1:]


@contextlib.contextmanager
def _progress(subjects: Sequence[Subject], patience: timedelta | None) -> Iterator[Callable[[timedelta], object]]:
    """Shows how long it has been, on standard error, where a person looks at it."""
    shown = console(stderr=True)
    buckets = ", ".join(subject.probed.bucket for subject in subjects)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("of {task.fields[most]}"))
    with Progress(*columns, console=shown, transient=True, disable=not (patience and shown.is_terminal)) as progress:
        task = progress.add_task(
            f"Waiting until the request to {buckets} is logged",
            total=patience.total_seconds() if patience else None,
            most=duration(patience) if patience else "",
        )
        yield lambda elapsed: progress.update(task, completed=elapsed.total_seconds())
