"""Advanced event selectors: what a trail compares to decide whether it logs an event."""

from dataclasses import dataclass
from typing import Any

from blueprint.arns import Arns
from blueprint.targets import TargetSet
from blueprint.trail_targets import NOISY_SOURCES


@dataclass(frozen=True)
class FieldSelector:
    """A condition on one field of an event; any of the positive values must hold, and none of the negative ones.

    Attributes:
        field: for example `resources.ARN`.
        equals: values, one of which the field's is.
        not_equals: values, none of which it is.
        starts_with: beginnings, one of which it has.
        not_starts_with: beginnings, none of which it has.
    """

    field: str
    equals: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    not_starts_with: tuple[str, ...] = ()

    @property
    def operands(self) -> dict[str, list[str]]:
        """The values, by the operator as CloudTrail spells it."""
        by_operator = {
            "Equals": self.equals,
            "NotEquals": self.not_equals,
            "StartsWith": self.starts_with,
            "NotStartsWith": self.not_starts_with,
        }
        return {operator: list(values) for operator, values in by_operator.items() if values}


@dataclass(frozen=True)
class EventSelector:
    """One advanced event selector: all of its conditions must hold.

    Attributes:
        name: what the console shows.
        fields: the conditions.
    """

    name: str
    fields: tuple[FieldSelector, ...]

    def as_cloudtrail_takes_it(self) -> dict[str, Any]:
        """The same as PutEventSelectors takes it, where a field of which any value will do has no condition."""
        conditions = [{"Field": field.field, **field.operands} for field in self.fields if field.operands]
        return {"Name": self.name, "FieldSelectors": conditions}


def data_event_selector(targets: TargetSet, arns: Arns) -> EventSelector:
    """Select every S3 data event of a trail's targets, read and write, and nothing else.

    The trail bucket is not left out here, as its name is not known before it exists. Where a pattern could cover it,
    it must be: each delivery of a log file would be an event of its own
    (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html).

    Args:
        targets: what the trail watches.
        arns: where the stack is deployed.
    """
    path = FieldSelector(
        "resources.ARN",
        starts_with=tuple(arns.s3(prefix) for prefix in targets.included if prefix),
        not_starts_with=tuple(arns.s3(prefix) for prefix in targets.excluded),
    )
    return EventSelector(
        "S3 data events of the target buckets",
        (
            FieldSelector("eventCategory", equals=("Data",)),
            FieldSelector("resources.type", equals=("AWS::S3::Object",)),
            path,
        ),
    )


MANAGEMENT_EVENT_SELECTOR = EventSelector(
    "Management events",
    (
        FieldSelector("eventCategory", equals=("Management",)),
        FieldSelector("eventSource", not_equals=NOISY_SOURCES),
    ),
)
"""Select the management events, which alone tell of calls such as ListBuckets. A trail cannot narrow these to S3; the
two sources that it can leave out are left out."""
