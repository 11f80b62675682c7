"""The whole pipeline: target buckets → trail → rule → log group, and what watches over it."""

from dataclasses import dataclass

import pulumi

from components.access_log_group import AccessLogGroup, AccessLogGroupArgs
from components.alarms import Alarms, AlarmsArgs
from components.alert_topic import AlertTopic, AlertTopicArgs
from components.arns import Arns
from components.console import dashboard_link, insights_link
from components.dashboard import Dashboard, DashboardArgs
from components.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.names import trail_bucket_prefix, trail_name
from components.policies import key_policy
from components.queries import SAVED_QUERIES
from components.s3_data_event_trail import S3DataEventTrail, S3DataEventTrailArgs
from components.saved_queries import SavedQueries, SavedQueriesArgs
from components.selectors import advanced_event_selectors
from components.sigv2_rule import SigV2Rule, SigV2RuleArgs
from components.trail_bucket import TrailBucket, TrailBucketArgs
from settings import KmsKey, LogResourcePolicyScope, Settings


@dataclass(frozen=True)
class SigV2AccessLogArgs:
    """What a SigV2AccessLog is made from.

    Attributes:
        settings: what the stack's configuration says.
        arns: where the stack is deployed.
        adopt_log_group: whether the log group is there already, left behind by this very stack.
    """

    settings: Settings
    arns: Arns
    adopt_log_group: bool = False


class SigV2AccessLog(pulumi.ComponentResource):
    """Logs every S3 request to the target buckets that is signed with Signature Version 2.

    Attributes:
        log_group_name: where they are logged.
        rule_name: the EventBridge rule that picks them out.
        trail_names: the trails that see every request to the target buckets.
        trail_bucket_name: where the trails' log files are.
        dead_letter_queue_url: where those are that could not be logged.
        alert_topic_arn: the topic that alarms publish to; None where nobody asked for one.
        key_arn: the KMS key that all of it is encrypted with; None where each service uses its own.
        dashboard_link: console address of the dashboard.
        query_links: console addresses of the saved queries, by name.
    """

    log_group_name: pulumi.Output[str]
    rule_name: pulumi.Output[str]
    trail_names: pulumi.Output[list[str]]
    trail_bucket_name: pulumi.Output[str]
    dead_letter_queue_url: pulumi.Output[str]
    alert_topic_arn: pulumi.Input[str] | None
    key_arn: pulumi.Input[str] | None
    dashboard_link: str
    query_links: dict[str, str]

    def __init__(self, name: str, args: SigV2AccessLogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:SigV2AccessLog", name, None, opts)
        settings, arns = args.settings, args.arns
        base, tags = settings.base_name, settings.tags
        rule_arn, alarm_arns = arns.rule(base), arns.alarm(f"{base}-*")
        trail_names = [trail_name(base, number) for number in range(1, len(settings.trails) + 1)]
        child = pulumi.ResourceOptions(parent=self)

        self.key_arn = self._key_arn(name, args, trail_names)
        trail_bucket = TrailBucket(
            f"{name}-trail-bucket",
            TrailBucketArgs(
                name_prefix=trail_bucket_prefix(base),
                account_id=arns.account_id,
                trail_arns=[arns.trail(trail) for trail in trail_names],
                key_arn=self.key_arn,
                retain=settings.retain_logs,
                tags=tags,
            ),
            child,
        )
        account_wide = settings.log_resource_policy_scope is LogResourcePolicyScope.ACCOUNT
        log_group = AccessLogGroup(
            f"{name}-access-log",
            AccessLogGroupArgs(
                log_group_name=settings.log_group_name,
                retention_days=settings.log_retention_days,
                rule_arn=rule_arn,
                account_policy_name=base if account_wide else None,
                key_arn=self.key_arn,
                adopt=args.adopt_log_group,
                retain=settings.retain_logs,
                tags=tags,
            ),
            child,
        )
        queue = DeadLetterQueue(
            f"{name}-undelivered",
            DeadLetterQueueArgs(queue_name=f"{base}-undelivered", rule_arn=rule_arn, key_arn=self.key_arn, tags=tags),
            child,
        )
        rule = SigV2Rule(
            f"{name}-sigv2",
            SigV2RuleArgs(
                rule_name=base,
                management_events=settings.include_management_events,
                log_group_arn=log_group.log_group_arn,
                log_group_policy=log_group.policy,
                dead_letter_queue_arn=queue.queue_arn,
                dead_letter_queue_policy=queue.policy,
                tags=tags,
            ),
            child,
        )
        trails = [
            S3DataEventTrail(
                trail,
                S3DataEventTrailArgs(
                    trail_name=trail,
                    bucket_name=trail_bucket.bucket_name,
                    bucket_policy=trail_bucket.policy,
                    advanced_event_selectors=advanced_event_selectors(
                        targets,
                        arns,
                        trail_bucket.bucket_name,
                        # Each further copy of a management event is billed, so one trail has them.
                        management_events=settings.include_management_events and trail == trail_names[0],
                    ),
                    key_arn=self.key_arn,
                    tags=tags,
                ),
                child,
            )
            for trail, targets in zip(trail_names, settings.trails, strict=True)
        ]

        self.alert_topic_arn = None
        if settings.alert_emails:
            topic_args = AlertTopicArgs(
                topic_name=f"{base}-alerts",
                emails=settings.alert_emails,
                account_id=arns.account_id,
                alarm_arns=alarm_arns,
                key_arn=self.key_arn,
                tags=tags,
            )
            self.alert_topic_arn = AlertTopic(f"{name}-alerts", topic_args, child).topic_arn
        Alarms(
            f"{name}-alarm",
            AlarmsArgs(
                name_prefix=base,
                rule_name=rule.rule_name,
                queue_name=queue.queue_name,
                topic_arns=[arn for arn in (self.alert_topic_arn, settings.alert_topic_arn) if arn is not None],
                tags=tags,
            ),
            child,
        )
        SavedQueries(f"{name}-queries", SavedQueriesArgs(folder=base, log_group_name=log_group.log_group_name), child)
        Dashboard(
            name,
            DashboardArgs(
                dashboard_name=base,
                region=arns.region,
                rule_name=rule.rule_name,
                queue_name=queue.queue_name,
                log_group_name=log_group.log_group_name,
            ),
            child,
        )

        self.log_group_name = log_group.log_group_name
        self.rule_name = rule.rule_name
        self.trail_names = pulumi.Output.all(*(trail.trail_name for trail in trails))
        self.trail_bucket_name = trail_bucket.bucket_name
        self.dead_letter_queue_url = queue.queue_url
        self.dashboard_link = dashboard_link(arns.partition, arns.region, base)
        self.query_links = {
            query.name: insights_link(arns.partition, arns.region, settings.log_group_name, query.text)
            for query in SAVED_QUERIES
        }
        self.register_outputs(
            {
                "log_group_name": self.log_group_name,
                "rule_name": self.rule_name,
                "trail_names": self.trail_names,
                "trail_bucket_name": self.trail_bucket_name,
                "dead_letter_queue_url": self.dead_letter_queue_url,
                "alert_topic_arn": self.alert_topic_arn,
                "key_arn": self.key_arn,
                "dashboard_link": self.dashboard_link,
                "query_links": self.query_links,
            }
        )

    def _key_arn(self, name: str, args: SigV2AccessLogArgs, trail_names: list[str]) -> pulumi.Input[str] | None:
        """The key that everything is encrypted with: the stack's own, one that exists, or each service's."""
        settings, arns = args.settings, args.arns
        if settings.kms_key is KmsKey.AWS:
            return None
        if settings.kms_key is not KmsKey.CREATE:
            return settings.kms_key
        policy = key_policy(
            arns,
            trail_arns=[arns.trail(trail) for trail in trail_names],
            log_group_arn=arns.log_group(settings.log_group_name),
            rule_arn=arns.rule(settings.base_name),
            alarm_arns=arns.alarm(f"{settings.base_name}-*"),
        )
        key_args = EncryptionKeyArgs(
            alias=settings.base_name, policy=policy, retain=settings.retain_logs, tags=settings.tags
        )
        return EncryptionKey(f"{name}-encryption", key_args, pulumi.ResourceOptions(parent=self)).key_arn
