"""`python -m sigv2 watch`."""

import math
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final

import typer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from blueprint.sentences import counted
from sigv2.aws import explained
from sigv2.logged_request import print_request
from sigv2.options import INTERRUPTED, ConfigOption, LogGroupOption, LogRegionOption, ProfileOption, StackOfLogOption
from sigv2.report.asked_log import named_log
from sigv2.report.query_run import QueryError
from sigv2.signals import heed_signals
from sigv2.stack import StackError
from sigv2.stack.stack_account import AccountInRegion
from sigv2.terminal import fail, say
from sigv2.time_options import TimeOptionError, wait_of
from sigv2.watch.live_tail import LiveTail
from sigv2.watch.log_poller import LogPoller
from sigv2.watch.quiet_clock import QuietClock
from sigv2.watch.watcher import Watcher

_ONE_SESSION: Final = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1})
"""Where Live Tail is not to be had, the log can be polled at once."""


def watch(
    *,
    stack: StackOfLogOption = None,
    config: ConfigOption = None,
    log_group: LogGroupOption = None,
    region: LogRegionOption = None,
    profile: ProfileOption = None,
    until_quiet: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="End when no client's request has arrived for so long: 90s, 30m, 2h."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each logged event as a line of JSON.")] = False,
) -> None:
    """SigV2 requests as they arrive in the log, one line each, until Ctrl-C.

    Shows what arrives from now on, be it a request of some minutes ago: when, who, how signed, with what, which bucket,
    what for, which key, which error.

    Exits with 0 on Ctrl-C, or if it was quiet for as long as --until-quiet says; probes of `discover` and `verify`
    are shown, and break no quiet. Time in which the log could not be seen does not count.

    Exits with 1 if the log cannot be seen, and the reason is given; with 130 if Ctrl-C ended a wait for quiet.
    """
    heed_signals()
    patience = _patience(until_quiet)
    log = named_log(stack, config or [], log_group)
    watcher: Watcher | None = None
    try:
        place = log.enter(profile, region, [], to_prove=False).place
        say(str(place), stderr=True)
        watcher = _watcher(place, log.log_groups, patience, as_json=as_json)
        watcher.run()
    except (QueryError, StackError) as error:
        fail(str(error))
    except (BotoCoreError, ClientError) as error:
        fail(f"the log can be seen no more: {explained(error)}" if watcher and watcher.shown else explained(error))
    except KeyboardInterrupt:
        say(f"{counted(watcher.shown if watcher else 0, 'SigV2 request')} shown.", stderr=True)
        raise typer.Exit(0 if until_quiet is None else INTERRUPTED) from None
    say(
        f"No client's SigV2 request has arrived for {until_quiet}. That proves something only while the pipeline is "
        f"alive: `python -m sigv2 verify` tells. {counted(watcher.shown, 'SigV2 request')} shown.",
        stderr=True,
    )


def _patience(until_quiet: str | None) -> float:
    if until_quiet is None:
        return math.inf
    try:
        return wait_of("--until-quiet", until_quiet).total_seconds()
    except TimeOptionError as error:
        fail(str(error))


def _watcher(place: AccountInRegion, log_groups: Sequence[str], patience: float, *, as_json: bool) -> Watcher:
    return Watcher(
        LogPoller(place.session.client("logs"), log_groups, partial(datetime.now, UTC)),
        LiveTail(
            place.session.client("logs", config=_ONE_SESSION), [place.arns.log_group(name) for name in log_groups]
        ),
        partial(print_request, as_json=as_json),
        partial(say, stderr=True),
        QuietClock(patience, time.monotonic()),
    )
