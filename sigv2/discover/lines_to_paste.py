"""Turns the buckets that were found into the configuration of stacks that log to one place, as lines to paste."""

import json
import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from blueprint.sentences import counted
from blueprint.sigv2_regions import partition_of
from blueprint.targets import TargetError, fold, parse_target
from blueprint.trail_targets import TooManyTargetsError, assign_to_trails
from sigv2.terminal import harmless

_OF_A_TRAIL: Final = re.compile(r"s3-sigv2-access-log-.*-trail-[0-9a-f]{7}")
"""Trail buckets of this project's stacks, as `trail_bucket_prefix` and Pulumi name them, unless it was renamed."""

_JOINED: Final = "aws"
"""The partition whose Regions forward to each other
(https://aws.amazon.com/blogs/compute/expanding-cross-region-event-routing-with-amazon-eventbridge/)."""


@dataclass(frozen=True)
class BucketsToWatch:
    """What there is to watch in an account.

    Attributes:
        account_id: twelve digits.
        profile: of the AWS configuration, whose credentials are the account's; None for those of the environment.
        regions: the Region of each bucket, by the bucket's name as S3 lists it.
    """

    account_id: str
    profile: str | None
    regions: Mapping[str, str]

    @property
    def home(self) -> str:
        """The Region with most buckets; of several, the first by name."""
        count = Counter(self.regions.values())
        return min(count, key=lambda region: (-count[region], region))

    def __str__(self) -> str:
        count = Counter(self.regions.values())
        buckets = ", ".join(f"{counted(count[region], 'bucket')} in {region}" for region in sorted(count))
        return f"account {self.account_id}{f', profile {self.profile}' if self.profile else ''}: {buckets}"


def lines_to_paste(accounts: Sequence[BucketsToWatch], only_region: str | None = None) -> list[str]:
    """Lines for a POSIX shell that configure a stack for each account, whose requests all come to the first one's log.

    Where Regions cannot forward to each other, in China and GovCloud, there is a stack for each Region; and so there
    is for a bucket in a Region that accepts SigV2 against what AWS says, as a stack elsewhere would refuse it.

    Args:
        accounts: each once, the one that is to have the log first; where it has nothing to watch, the next one has it.
        only_region: the Region that the buckets were looked for in; None where it was all.

    Returns:
        Comments and commands; a name that `targetBuckets` does not take is named in a comment and left out.
    """
    lines = []
    watchable = []
    for account in accounts:
        comments, regions = _without_what_is_no_target(account.regions)
        lines += comments
        watchable.append(replace(account, regions=regions))
    for region, group in _groups(watchable).items():
        if group[1:] and group[0].account_id != accounts[0].account_id:
            lines.append(f"# account {accounts[0].account_id} has nothing to watch here, so another has the log")
        lines += _lines_of_group(group, region or only_region)
    return lines


def holds_trail_files(bucket: str) -> bool:
    """Whether a bucket is one of this project's trails, by its name: to watch it would log each log file again."""
    return _OF_A_TRAIL.fullmatch(bucket) is not None


def _without_what_is_no_target(regions: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    comments, kept = [], {}
    for name in sorted(regions):
        if holds_trail_files(name):
            comments.append(
                f"# left out is {name}: it holds log files of a trail, and to watch it would log each again"
            )
            continue
        try:
            parse_target(name, legacy_names=True)
        except TargetError as error:
            comments.append(f"# left out is {harmless(name).plain}: {error}")
            continue
        kept[name] = regions[name]
    return comments, kept


def _groups(accounts: Sequence[BucketsToWatch]) -> dict[str | None, list[BucketsToWatch]]:
    """What can have one log, by its Region where that is the only one, and else by None."""
    of_region = {
        region: None if partition_of(region) == _JOINED else region
        for account in accounts
        for region in account.regions.values()
    }
    groups: dict[str | None, list[BucketsToWatch]] = {}
    for key in sorted({*of_region.values()}, key=lambda key: key or ""):
        for account in accounts:
            regions = {name: region for name, region in account.regions.items() if of_region[region] == key}
            if regions:
                groups.setdefault(key, []).append(replace(account, regions=regions))
    return groups


def _lines_of_group(group: Sequence[BucketsToWatch], region: str | None) -> list[str]:
    hub, *others = group
    name = _stack_name(hub, region)
    if not others:
        return [_comment(str(hub)), *_stack_lines(hub, name), "pulumi up"]
    lines = [
        _comment(f"{hub}; with the log of all accounts"),
        *_stack_lines(hub, name),
        _set("acceptFrom", ",".join(other.account_id for other in others)),
        "pulumi up",
    ]
    # Only what is there has an output.
    event_bus = f'"$(pulumi stack output eventBusArn --stack {shlex.quote(name)})"'
    for other in others:
        lines += [
            _comment(f"{other}; forwards to the log of account {hub.account_id}"),
            *_stack_lines(other, _stack_name(other, region)),
            f"pulumi config set forwardTo {event_bus}",
            "pulumi up",
        ]
    return lines


def _stack_name(account: BucketsToWatch, region: str | None) -> str:
    """One that another account, or another search, does not take, so that pasting changes no other stack."""
    return f"account-{account.account_id}{f'-{region}' if region else ''}"


def _stack_lines(account: BucketsToWatch, name: str) -> list[str]:
    targets = {bucket: parse_target(bucket, legacy_names=True) for bucket in sorted(account.regions)}
    # What begins like an option is taken for one; a JSON array is not.
    value = json.dumps(list(targets)) if next(iter(targets)).startswith("-") else ",".join(targets)
    regions = []
    lines = []
    try:
        assign_to_trails(fold(targets.values()))
    except TooManyTargetsError as error:
        lines += [
            f"# targetBuckets {error}: cover several names with a pattern such as team-a-*.",
            "# This covers every bucket, and CloudTrail bills each request to any of them:",
        ]
        # No bucket is looked up then, so nothing tells of its Region.
        value, regions = "*", sorted({*account.regions.values()} - {account.home})
    lines += [shlex.join(("pulumi", "stack", "select", "--create", name)), _set("aws:region", account.home)]
    if account.profile:
        lines.append(_set("aws:profile", account.profile))
    if not all(map(_is_allowed_today, targets)):
        lines.append(_set("legacyBucketNames", "true"))
    lines.append(_set("targetBuckets", value))
    if regions:
        lines.append(_set("regions", ",".join(regions)))
    return lines


def _is_allowed_today(name: str) -> bool:
    try:
        parse_target(name)
    except TargetError:
        return False
    return True


def _comment(text: str) -> str:
    return f"# {harmless(text).plain}"


def _set(key: str, value: str) -> str:
    return shlex.join(("pulumi", "config", "set", key, value))
