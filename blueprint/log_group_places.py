"""Log groups of the same stack under several names: the one that is logged to, and those of before."""

from collections.abc import Mapping
from dataclasses import dataclass

from blueprint.names import short_digest


@dataclass(frozen=True)
class LogGroupPlace:
    """A log group's place in the program.

    Attributes:
        suffix: what its resource's name ends with; empty for the stack's first log group.
        log_group_name: its name in AWS.
    """

    suffix: str
    log_group_name: str


def log_policy_names(base_name: str, log_group_name: str) -> frozenset[str]:
    """What the account-wide policy of a log group can be called, wherever its place is.

    Args:
        base_name: what names in AWS start with.
        log_group_name: the log group's name in AWS.
    """
    return frozenset({base_name, f"{base_name}{_further(log_group_name)}"})


def _further(log_group_name: str) -> str:
    return f"-{short_digest(log_group_name)}"


def place_log_groups(
    wanted: str | None, deployed: Mapping[str, str]
) -> tuple[LogGroupPlace | None, tuple[LogGroupPlace, ...]]:
    """Give a log group of a new name a place of its own, so that it is there, and fed, before the old one goes.

    Args:
        wanted: name of the log group that is to be logged to; None where the stack logs elsewhere.
        deployed: names of the stack's log groups in AWS, by their suffix in the program.

    Returns:
        The place of the wanted one, and the others that there are.
    """
    if wanted is None:
        return None, tuple(LogGroupPlace(suffix, name) for suffix, name in sorted(deployed.items()))
    suffix = next((suffix for suffix, name in deployed.items() if name == wanted), None)
    if suffix is None:
        suffix = _further(wanted) if "" in deployed else ""
    former = tuple(LogGroupPlace(other, name) for other, name in sorted(deployed.items()) if other != suffix)
    return LogGroupPlace(suffix, wanted), former
