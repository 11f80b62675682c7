"""Log every S3 request to the target buckets that is signed with Signature Version 2."""

import pulumi

import preflight
from components.access_log import SigV2AccessLog, SigV2AccessLogArgs
from components.arns import Arns
from settings import read_stack_configuration

settings = read_stack_configuration()
arns = Arns.of_provider()
found = preflight.check(settings, arns)

access_log = SigV2AccessLog(
    "s3-sigv2-access-log",
    SigV2AccessLogArgs(settings=settings, arns=arns, adopt_log_group=found.log_group_is_ours),
)

pulumi.export("logGroupName", access_log.log_group_name)
pulumi.export("ruleName", access_log.rule_name)
pulumi.export("trailNames", access_log.trail_names)
pulumi.export("trailBucketName", access_log.trail_bucket_name)
pulumi.export("deadLetterQueueUrl", access_log.dead_letter_queue_url)
pulumi.export("alertTopicArn", access_log.alert_topic_arn)
pulumi.export("keyArn", access_log.key_arn)
pulumi.export("dashboardLink", access_log.dashboard_link)
pulumi.export("queryLinks", access_log.query_links)
