"""Where a rule delivers to."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True)
class Destination:
    """Where matching events go.

    Attributes:
        target_id: what tells the target apart from others of its rule.
        arn: of the log group, or of the event bus that logs for this one.
        role_arn: the role through which EventBridge forwards to an event bus; None for a log group.
        admitted_by: what lets them in; until it exists, events would be dropped without a word.
    """

    target_id: str
    arn: pulumi.Input[str]
    role_arn: pulumi.Input[str] | None
    admitted_by: Sequence[pulumi.Resource]
