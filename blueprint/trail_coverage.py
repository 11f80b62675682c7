"""How much of what a stack watches a trail records, by its event selectors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from blueprint.arns import Arns
from blueprint.request_classes import RequestClasses, Selected
from blueprint.stack_settings import Settings
from blueprint.targets import Target, TargetSet

Selector = Mapping[str, object]
"""An event selector, basic or advanced, as GetEventSelectors gives it."""

_TOLD_APART: Final = {
    "resources.ARN": "key",
    "eventName": "operation",
    "userIdentity.arn": "caller",
    "sessionCredentialFromConsole": "console session",
}


class Recorded(StrEnum):
    """How much of some requests a trail records."""

    ALL = "all"
    PART = "part"
    NONE = "none"


@dataclass(frozen=True)
class Gap:
    """A target that selectors do not cover, or not all of it. As text, what is missing: "writes to uploads".

    Attributes:
        target: what is not covered; None for bucket-level calls, which are management events.
        reads: how much of the requests that read is covered.
        writes: the same of those that write.
        depends_on: what decides whether a request is covered, where a part is.
        request: what of a CloudTrail record a selector can look at, of a request that is not covered.
    """

    target: Target | None
    reads: Recorded
    writes: Recorded
    depends_on: tuple[str, ...]
    request: Mapping[str, object]

    def __str__(self) -> str:
        """What is missing, as the object of a sentence; of text it holds only what the settings name."""
        what = self.target.entry if self.target else "bucket-level calls"
        reads, writes = (
            (f"reads of {what}", f"writes to {what}") if self.target else (f"{what} that read", f"{what} that write")
        )
        partly = f" (depending on {' and '.join(self.depends_on)})" if self.depends_on else ""
        match self.reads, self.writes:
            case Recorded.NONE, Recorded.NONE:
                return what
            case Recorded.PART, Recorded.PART:
                return f"some {f'requests to {what}' if self.target else what}{partly}"
            case Recorded.ALL, missing:
                return f"{_some(missing)}{writes}{partly}"
            case missing, Recorded.ALL:
                return f"{_some(missing)}{reads}{partly}"
            case _:
                return f"{_some(self.reads) or 'all '}{reads} and {_some(self.writes) or 'all '}{writes}{partly}"


def _some(recorded: Recorded) -> str:
    return "some " if recorded is Recorded.PART else ""


def recorded_by(selectors: Sequence[Selector], bucket_arn: str) -> Recorded:
    """How much of the requests for a bucket's objects selectors cover.

    Args:
        selectors: of one trail, or of several that are taken together.
        bucket_arn: of the bucket.

    Raises:
        ValueError: they hold what CloudTrail does not have, so that nobody knows what they select.
    """
    parts = {_recorded(selected) for selected in RequestClasses(selectors, "Data").selected(f"{bucket_arn}/")}
    return parts.pop() if len(parts) == 1 else Recorded.PART


def missed_by_trail(selectors: Sequence[Selector], bucket: str, settings: Settings, arns: Arns) -> tuple[Gap, ...]:
    """What of all that a stack is to watch the selectors of its trails, or of one, do not cover.

    Args:
        selectors: as for `uncovered`.
        bucket: where the trail's log files go.
        settings: the stack's.
        arns: where it is deployed.

    Raises:
        ValueError: as `uncovered` does.
    """
    targets = settings.targets.as_watched_by_trail_of(bucket)
    return uncovered(selectors, targets, arns, management_events=settings.include_management_events)


def uncovered(
    selectors: Sequence[Selector], targets: TargetSet, arns: Arns, *, management_events: bool = False
) -> tuple[Gap, ...]:
    """What of the targets selectors do not cover: they cover it if every request for it, of anybody, is selected.

    A trail that watches a pattern leaves out its own bucket, lest it log that it logs: the caller leaves that out of
    the targets, too.

    Args:
        selectors: of one trail, or of several that are taken together, and may complete each other.
        targets: what is to be watched.
        arns: where the trail is.
        management_events: whether bucket-level calls to S3 are to be watched as well.

    Returns:
        The gaps, in order of the targets; none where everything is covered.

    Raises:
        ValueError: they hold what CloudTrail does not have, so that nobody knows what they select.
    """
    requests = RequestClasses(selectors, "Data")
    excluded = [arns.s3(prefix) for prefix in targets.excluded]
    gaps = [_gap(requests, Target(prefix), arns.s3(prefix), excluded) for prefix in targets.included]
    if management_events:
        gaps.append(_gap(RequestClasses(selectors, "Management"), None))
    return tuple(gap for gap in gaps if gap)


def _gap(
    requests: RequestClasses, target: Target | None, beginning: str = "", excluded: Iterable[str] = ()
) -> Gap | None:
    reads, writes = requests.selected(beginning, excluded)
    request = reads.missing or writes.missing
    if request is None:
        return None
    words = _TOLD_APART if target is None or target.bucket else _TOLD_APART | {"resources.ARN": "bucket and key"}
    depends_on = tuple(dict.fromkeys(words[field] for field in (*reads.apart_by, *writes.apart_by)))
    return Gap(target, _recorded(reads), _recorded(writes), depends_on, request)


def _recorded(selected: Selected) -> Recorded:
    if selected.missing is None:
        return Recorded.ALL
    return Recorded.PART if selected.some else Recorded.NONE
