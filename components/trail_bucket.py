"""The bucket that trails write their log files to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.policy_documents import trail_bucket_policy

LOG_FILE_EXPIRATION_DAYS = 7
"""The log group is what people read; the files only back it up, and hold every request, not just SigV2."""


@dataclass(frozen=True)
class TrailBucketArgs:
    """What a TrailBucket is made from.

    Attributes:
        name_prefix: what the bucket's name starts with; Pulumi adds random characters, so that a bucket that an
            earlier `pulumi destroy` left behind is never in the way.
        account_id: the account whose log files these are.
        trail_arns: the trails that write here.
        key_arn: the KMS key to encrypt with; None encrypts with a key of S3.
        retain: whether the bucket, its files and what guards both outlive `pulumi destroy`.
        tags: for the bucket.
    """

    name_prefix: str
    account_id: str
    trail_arns: Sequence[str]
    key_arn: pulumi.Input[str] | None
    retain: bool
    tags: Mapping[str, str]


class TrailBucket(pulumi.ComponentResource):
    """A private, encrypted bucket that only CloudTrail writes to and that empties itself.

    Attributes:
        bucket_name: name of the bucket.
        policy: the bucket policy; a trail can only be created after it.
    """

    bucket_name: pulumi.Output[str]
    policy: aws.s3.BucketPolicy

    def __init__(self, name: str, args: TrailBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:TrailBucket", name, None, opts)
        # What guards the bucket and expires its files must stay for as long as the bucket does.
        kept = pulumi.ResourceOptions(parent=self, retain_on_delete=args.retain)
        # Its name here is what its name in AWS starts with, so it is the one resource whose name follows no scheme.
        bucket = aws.s3.Bucket(args.name_prefix, force_destroy=not args.retain, tags=args.tags, opts=kept)
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=kept,
        )
        public_access_block = aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access-block",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=kept,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption", bucket=bucket.bucket, rules=[_encryption(args.key_arn)], opts=kept
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket.bucket,
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="AutoDelete",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=LOG_FILE_EXPIRATION_DAYS),
                )
            ],
            opts=kept,
        )
        self.policy = aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.bucket,
            policy=pulumi.Output.json_dumps(
                bucket.arn.apply(lambda arn: trail_bucket_policy(arn, args.account_id, args.trail_arns))
            ),
            # S3 refuses two changes of a bucket's access at a time (OperationAborted).
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=[public_access_block])),
        )
        self.bucket_name = bucket.bucket
        self.register_outputs({"bucket_name": self.bucket_name})


def _encryption(
    key_arn: pulumi.Input[str] | None,
) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    by_default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="AES256" if key_arn is None else "aws:kms", kms_master_key_id=key_arn
    )
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=by_default,
        # Both as S3 sets them on new buckets: what is left out here, some provider versions see as drift at every `up`
        # (https://github.com/hashicorp/terraform-provider-aws/issues/45157).
        bucket_key_enabled=False,
        blocked_encryption_types=["SSE-C"],
    )
