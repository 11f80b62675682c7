"""A trail that logs the S3 data events of its targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True)
class S3DataEventTrailArgs:
    """What an S3DataEventTrail is made from.

    Attributes:
        trail_name: name of the trail, which the bucket policy already knows.
        bucket_name: where log files go.
        bucket_policy: what lets the trail write there; CloudTrail checks it when the trail is created.
        advanced_event_selectors: what the trail logs.
        key_arn: the KMS key to encrypt log files with; None leaves it to the bucket.
        tags: for the trail.
    """

    trail_name: str
    bucket_name: pulumi.Input[str]
    bucket_policy: pulumi.Resource
    advanced_event_selectors: Sequence[aws.cloudtrail.TrailAdvancedEventSelectorArgs]
    key_arn: pulumi.Input[str] | None
    tags: Mapping[str, str]


class S3DataEventTrail(pulumi.ComponentResource):
    """A trail of this Region, logging, with validation of its log files.

    Attributes:
        trail_name: name of the trail.
    """

    trail_name: pulumi.Output[str]

    def __init__(self, name: str, args: S3DataEventTrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:S3DataEventTrail", name, None, opts)
        trail = aws.cloudtrail.Trail(
            f"{name}-trail",
            name=args.trail_name,
            s3_bucket_name=args.bucket_name,
            enable_logging=True,
            is_multi_region_trail=False,
            include_global_service_events=False,
            enable_log_file_validation=True,
            advanced_event_selectors=args.advanced_event_selectors,
            kms_key_id=args.key_arn,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.bucket_policy]),
        )
        self.trail_name = trail.name
        self.register_outputs({"trail_name": self.trail_name})
