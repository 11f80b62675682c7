"""Turns the buckets that were found into the configuration of a stack for each Region, as lines to paste."""

import json
import re
import shlex
from collections.abc import Iterable
from typing import Final

from blueprint.targets import Target, TargetError, fold, parse_target
from blueprint.trail_targets import TooManyTargetsError, assign_to_trails
from sigv2.terminal import harmless

_OF_A_TRAIL: Final = re.compile(r"s3-sigv2-access-log-.*-trail-[0-9a-f]{7}")
"""Trail buckets of this project's stacks, as `trail_bucket_prefix` and Pulumi name them, unless it was renamed."""


def stack_lines(region: str, names: Iterable[str]) -> list[str]:
    """Lines for a POSIX shell that configure a stack, named like the Region, to watch its buckets.

    Args:
        region: of the buckets.
        names: of the buckets, as S3 lists them.

    Returns:
        Comments and commands; a name that `targetBuckets` does not take is named in a comment and left out.
    """
    targets: dict[str, Target] = {}
    lines = [f"# {harmless(region).plain}"]
    for name in sorted(names):
        if _OF_A_TRAIL.fullmatch(name):
            lines.append(f"# left out is {name}: it holds log files of a trail, and to watch it would log each again")
            continue
        try:
            targets[name] = parse_target(name, legacy_names=True)
        except TargetError as error:
            lines.append(f"# left out is {harmless(name).plain}: {error}")
    if not targets:
        return lines
    # What begins like an option is taken for one; a JSON array is not.
    value = json.dumps(list(targets)) if next(iter(targets)).startswith("-") else ",".join(targets)
    try:
        assign_to_trails(fold(targets.values()))
    except TooManyTargetsError as error:
        lines.append(f"# targetBuckets {error}: cover several names with a pattern such as team-a-*.")
        lines.append("# This covers every bucket, and CloudTrail bills each request to any of them:")
        value = "*"
    lines += [shlex.join(("pulumi", "stack", "select", "--create", region)), _set("aws:region", region)]
    if not all(map(_is_allowed_today, targets)):
        lines.append(_set("legacyBucketNames", "true"))
    return [*lines, _set("targetBuckets", value)]


def _is_allowed_today(name: str) -> bool:
    try:
        parse_target(name)
    except TargetError:
        return False
    return True


def _set(key: str, value: str) -> str:
    return shlex.join(("pulumi", "config", "set", key, value))
