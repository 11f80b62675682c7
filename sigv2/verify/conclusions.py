"""What a proof says to a person, and the exit code that it gives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from blueprint.stack_settings import LogResourcePolicyScope
from sigv2.terminal import console, harmless, say, table
from sigv2.verify.chain import SYMPTOMS, Checked, Name
from sigv2.verify.finding import State
from sigv2.verify.subject import Hop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from sigv2.verify.proof import Proof
    from sigv2.verify.round_trip import Arrival
    from sigv2.verify.subject import Subject

ALIVE, BROKEN, CANNOT, UNPROVEN = range(4)
"""The exit codes."""

_COLUMNS: Final = ("", "Link", "Finding", "Fix")


def conclude(proof: Proof, waited: str | None) -> int:
    """Say what was found out.

    Args:
        proof: what came of the request, or of the walk alone.
        waited: how long the event was waited for; None where no request was sent.

    Returns:
        The exit code.
    """
    if proof.arrival:
        return _conclude_alive(proof.arrival, proof.subject, proof.found)
    _show(proof.found, proof.subject)
    return _conclude(proof.found, proof.subject, waited)


def _end(subject: Subject) -> str:
    """Where what is verified ends."""
    if subject.sees_log:
        return f"the log group {subject.at(Hop.LOG).settings.log_group_name}"
    return f"the event bus {subject.settings.forward_to}"


def _conclude_at_bus(subject: Subject, sent: bool, unknown: Sequence[str], warnings: str) -> int:
    """Say that what lies behind another account's bus was not seen."""
    bus = subject.settings.forward_to or ""
    links = f"No link is known to be broken, and these could not be checked: {', '.join(unknown)}" if unknown else ""
    say(
        f"{'Unproven: ' if sent else ''}{links or 'Every link is as it must be'} as far as the event bus {bus}, where "
        f"this ends.{warnings} Whether what arrives there is logged, the stack in account {bus.split(':')[4]} tells: "
        "name it with --hub."
    )
    return UNPROVEN if sent or unknown else ALIVE


def _conclude_alive(arrival: Arrival, subject: Subject, found: Sequence[Checked]) -> int:
    """Show the event, say what is wrong all the same, and return the exit code."""
    for line in _pretty(arrival.message).splitlines():
        say(line)
    probed = subject.probed
    say(
        f"Alive: a SigV2 request for {probed.bucket}/{probed.key} was in the log group "
        f"{subject.at(Hop.LOG).settings.log_group_name} {duration(arrival.latency)} after it was sent."
    )
    warned = [one for one in found if one.finding.state is State.WARNING]
    if warned:
        say(f"Warnings: {_listed(warned)}.", stderr=True)
    coverage = [one for one in found if one.link is Name.TARGETS]
    if any(one.finding.state is State.BROKEN for one in coverage):
        say(f"Not all is watched, though: {_listed(coverage)}.")
        return BROKEN
    if any(one.finding.state is State.UNKNOWN for one in coverage):
        says = "; ".join(f"the {one.link}: {one.finding.says}" for one in coverage)
        say(f"Whether all is watched could not be checked, though: {says}.")
        return UNPROVEN
    return ALIVE


def _show(found: Sequence[Checked], subject: Subject) -> None:
    title = f"From the bucket {subject.probed.bucket} to {_end(subject)}"
    rows = [(one.finding.state, one.link, one.finding.says, one.finding.fix) for one in found]
    console().print(table(harmless(title).plain, _COLUMNS, rows))


def _conclude(found: Sequence[Checked], subject: Subject, waited: str | None) -> int:
    """Say the last sentence, and return the exit code."""
    broken = [one for one in found if one.finding.state is State.BROKEN]
    if broken:
        first = next((one for one in broken if one.link not in SYMPTOMS), broken[0])
        say(f"The first broken link is the {first.link}: {first.finding.says}. Fix: {first.finding.fix}.")
        return BROKEN
    unknown = [str(one.link) for one in found if one.finding.state is State.UNKNOWN]
    warned = [one for one in found if one.finding.state is State.WARNING]
    not_checked = f"could not be checked: {', '.join(unknown)}"
    warnings = f" Warnings: {_listed(warned)}." if warned else ""
    if not subject.sees_log and (waited or not (unknown or warned)):
        return _conclude_at_bus(subject, waited is not None, unknown, warnings)
    if waited:
        hint = f"; some links {not_checked}" if unknown else ""
        if subject.at(Hop.LOG).settings.log_resource_policy_scope is LogResourcePolicyScope.LOG_GROUP:
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


def _pretty(message: str) -> str:
    try:
        return json.dumps(json.loads(message), indent=2)
    except (ValueError, RecursionError):
        return message


def duration(length: timedelta) -> str:
    """A length of time, in words."""
    seconds = length.total_seconds()
    if seconds < 1:
        return "less than a second"
    if seconds < 60:
        return f"{seconds:.1f} seconds"
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds:02} s"
