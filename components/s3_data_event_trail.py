"""A trail that logs the S3 data events of its targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.event_selectors import EventSelector, FieldSelector


@dataclass(frozen=True)
class S3DataEventTrailArgs:
    """What an S3DataEventTrail is made from.

    Attributes:
        trail_name: name of the trail, which the bucket policy already knows.
        bucket_name: where log files go.
        bucket_policy: what lets the trail write there; CloudTrail checks it when the trail is created.
        selectors: what the trail logs.
        never_logs: ARNs, or beginnings of ARNs, that a pattern among the targets must not cover.
        secret: whether the targets are secrets in Pulumi's state.
        multi_region: whether it sees targets in every Region, and not only in the stack's own.
        after: trails that must have taken over what this one gives up before it does, and what is to take its events.
        key_arn: the KMS key to encrypt log files with; None leaves it to the bucket.
        tags: for the trail.
    """

    trail_name: str
    bucket_name: pulumi.Input[str]
    bucket_policy: pulumi.Resource
    selectors: Sequence[EventSelector]
    never_logs: Sequence[pulumi.Input[str]]
    secret: bool
    multi_region: bool
    after: Sequence[pulumi.Resource]
    key_arn: pulumi.Input[str] | None
    tags: Mapping[str, str]


class S3DataEventTrail(pulumi.ComponentResource):
    """A trail whose home is this Region, logging, with validation of its log files.

    Attributes:
        trail: what others may have to wait for.
        trail_name: name of the trail.
    """

    trail: aws.cloudtrail.Trail
    trail_name: pulumi.Output[str]

    def __init__(self, name: str, args: S3DataEventTrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:S3DataEventTrail", name, None, opts)
        self.trail = aws.cloudtrail.Trail(
            name,
            name=args.trail_name,
            s3_bucket_name=args.bucket_name,
            enable_logging=True,
            is_multi_region_trail=args.multi_region,
            # CloudTrail takes no multi-Region trail without
            # (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html).
            include_global_service_events=args.multi_region,
            enable_log_file_validation=True,
            advanced_event_selectors=[_selector(args, selector) for selector in args.selectors],
            kms_key_id=args.key_arn,
            tags=args.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.bucket_policy, *args.after],
                aliases=[pulumi.Alias(name=f"{name}-trail")],
                additional_secret_outputs=["advanced_event_selectors"] if args.secret else None,
            ),
        )
        self.trail_name = self.trail.name
        self.register_outputs({"trail_name": self.trail_name})


def _selector(args: S3DataEventTrailArgs, selector: EventSelector) -> aws.cloudtrail.TrailAdvancedEventSelectorArgs:
    fields = [_field(args, condition) for condition in selector.fields]
    return aws.cloudtrail.TrailAdvancedEventSelectorArgs(
        name=selector.name, field_selectors=[condition for condition in fields if condition]
    )


def _field(
    args: S3DataEventTrailArgs, condition: FieldSelector
) -> aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs | None:
    """The condition as the provider takes it; None where it holds for everything."""
    of_targets = condition.field == "resources.ARN"
    starts, not_starts = list(condition.starts_with), [*condition.not_starts_with]
    never: list[pulumi.Input[str]] = [*not_starts, *(args.never_logs if of_targets else ())]
    if of_targets and not starts and not never:
        return None
    concealed = args.secret and of_targets
    return aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(
        field=condition.field,
        equals=list(condition.equals) or None,
        not_equals=list(condition.not_equals) or None,
        starts_withs=(pulumi.Output.secret(starts) if concealed else starts) if starts else None,
        not_starts_withs=(pulumi.Output.secret(never) if concealed else never) if never else None,
    )
