"""Log every S3 request to the target buckets that is signed with Signature Version 2."""

import pulumi

from components import SigV2AccessLog
from settings import read_stack_configuration

access_log = SigV2AccessLog(
    "sigv2",
    read_stack_configuration(),
    # What it was called until it was given a shorter name.
    pulumi.ResourceOptions(aliases=[pulumi.Alias(name="s3-sigv2-access-log")]),
)

pulumi.export("accountId", access_log.account_id)
pulumi.export("region", access_log.region)
pulumi.export("regions", access_log.regions)
pulumi.export("logGroupName", access_log.log_group_name)
pulumi.export("formerLogGroupNames", access_log.former_log_group_names)
pulumi.export("eventBusArn", access_log.event_bus_arn)
pulumi.export("forwardsTo", access_log.forwards_to)
pulumi.export("ruleName", access_log.rule_name)
pulumi.export("trailNames", access_log.trail_names)
pulumi.export("existingTrailArn", access_log.existing_trail_arn)
pulumi.export("trailBucketName", access_log.trail_bucket_name)
pulumi.export("deadLetterQueueUrl", access_log.dead_letter_queue_url)
pulumi.export("alertTopicArn", access_log.alert_topic_arn)
pulumi.export("keyArn", access_log.key_arn)
pulumi.export("dashboardLink", access_log.dashboard_link)
pulumi.export("queryLinks", access_log.query_links)
