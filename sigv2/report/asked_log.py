"""The log that a report is on: a stack's, or a log group of its own."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NoReturn

from blueprint.names import base_name
from blueprint.queries import SavedQuery
from blueprint.settings_errors import SettingsError
from sigv2.options import DEFAULT_STACK
from sigv2.period import Period
from sigv2.report.coverage import coverage_of
from sigv2.report.reports import Report, make_report
from sigv2.stack import Stack, StackError, read_stack
from sigv2.stack.naming_options import FORWARDING
from sigv2.stack.stack_account import AccountInRegion, enter, enter_beside, enter_without_stack
from sigv2.terminal import fail, say, waiting_for
from sigv2.undelivered import doubts_about


@dataclass(frozen=True)
class NamedLog:
    """A log by its name, before AWS is asked.

    Attributes:
        stack: whose it is; None where only a log group is named.
        log_groups: in which log groups it is, the present one first.
        of_stack: the name by which the stack alone tells which log groups these are; None where options do.
    """

    stack: Stack | None
    log_groups: Sequence[str]
    of_stack: str | None = None

    def enter(
        self, profile: str | None, region: str | None, forwarding: Sequence[str], *, to_prove: bool
    ) -> "AskedLog":
        """Go where it is.

        Args:
            profile: of the user's AWS configuration, instead of what the stack names.
            region: instead of the stack's.
            forwarding: names of stacks that forward to it, whose dead-letter queues are asked, too.
            to_prove: whether what a log group alone cannot prove is to be said, though no stack is named.

        Raises:
            StackError: the credentials are of another account, or one of these stacks forwards elsewhere or cannot be
                asked.
            botocore.exceptions.BotoCoreError: there is no way to AWS.
            botocore.exceptions.ClientError: AWS does not accept the credentials.
        """
        stack = self.stack
        place = enter(stack, profile=profile, region=region) if stack else enter_without_stack(profile, region)
        senders = [_enter_sender(name, stack, place) for name in dict.fromkeys(forwarding)]
        return AskedLog(self, place, senders, tells_doubts=to_prove or stack is not None)


@dataclass(frozen=True)
class AskedLog:
    """A log that can be asked.

    Attributes:
        log: which.
        place: where it is.
        senders: stacks that forward to it, and where they are.
        tells_doubts: whether a report says why what the log lacks may be somewhere else.
    """

    log: NamedLog
    place: AccountInRegion
    senders: Sequence[tuple[AccountInRegion, Stack]]
    tells_doubts: bool

    @property
    def options(self) -> Sequence[str]:
        """See `Source`; settings of the command line may be secret, and are none of them."""
        if self.log.of_stack:
            return ["--stack", self.log.of_stack]
        return ["--log-group", self.log.log_groups[0], "--region", self.place.region]

    @property
    def places(self) -> Sequence[AccountInRegion]:
        """Accounts that there are credentials of: its own, and those of stacks that forward to it."""
        return [self.place, *(place for place, _ in self.senders)]

    def ask(self, queries: Sequence[SavedQuery], period: Period) -> list[Report]:
        """See `Source`.

        Raises:
            QueryError: and what else `run_query` raises.
        """
        logs, home = self.place.session.client("logs"), (self.place.region, self.place.account_id)
        with waiting_for("CloudWatch Logs Insights") as tell:
            coverage = coverage_of(logs, self.log.log_groups, period)
            # Insights refuses to look where nothing can be.
            telling = [name for name in self.log.log_groups if name not in coverage.silent]
            found = [make_report(logs, query, telling, period, tell, home=home) for query in queries]
        coverage = replace(coverage, doubts=(*coverage.doubts, *self._doubts))
        return [replace(report, coverage=coverage, log_groups=self.log.log_groups) for report in found]

    @cached_property
    def _doubts(self) -> Sequence[str]:
        """Of now, whatever time is asked about: queues and organizations are asked once."""
        return doubts_about(self.place, self.log.stack, self.senders) if self.tells_doubts else ()


def named_log(stack: str | None, config: Sequence[str], log_group: str | None) -> NamedLog:
    """Find out which log is meant, by the options of a command.

    Args:
        stack: a stack's name, None for the default one unless a log group is named.
        config: settings to take over the stack's.
        log_group: a log group instead of the stack's.

    Raises:
        typer.Exit: the stack cannot be read, or has no log.
    """
    read = None if log_group is not None and stack is None else _stack(stack or DEFAULT_STACK, config)
    if read and log_group is None:
        _refuse_without_log(read)
    of_stack = None if log_group is not None or config else stack or DEFAULT_STACK
    return NamedLog(read, _log_groups(read, log_group), of_stack)


def _stack(name: str, config: Sequence[str]) -> Stack:
    try:
        return read_stack(name, list(config))
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
            f"in the log of the stack that has this bus, in account {bus.split(':')[4]}: run it for that stack"
        )


def _enter_sender(name: str, hub: Stack | None, place: AccountInRegion) -> tuple[AccountInRegion, Stack]:
    """Go where a stack is that forwards to the one reported on, with the credentials of its own settings.

    Raises:
        StackError: it cannot be read, does not forward, or to another; or AWS does not accept its credentials.
    """
    read = read_stack(name, named_by=FORWARDING)
    try:
        bus = read.forwards_to()
    except SettingsError as error:
        raise StackError(f"stack {name}: {error}") from None
    if hub is None:
        raise StackError("--forwarding-stack is for the log of a stack, so name that with --stack")
    own = (hub.outputs or {}).get("eventBusArn") or place.arns.event_bus(base_name(hub.project, hub.name))
    if bus != own:
        raise StackError(f"--forwarding-stack: stack {name} forwards to {bus or 'no other'}, not to this log")
    return enter_beside(read), read


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
