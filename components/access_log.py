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
        self._prefix, self._settings, self._arns = name, args.settings, args.arns
        self._base, self._tags = args.settings.base_name, args.settings.tags
        self._rule_arn = args.arns.rule(self._base)
        self._alarm_arns = args.arns.alarm(f"{self._base}-*")
        self._trail_names = [trail_name(self._base, number) for number in range(1, len(args.settings.trails) + 1)]
        self._trail_arns = [args.arns.trail(trail) for trail in self._trail_names]
        self._child = pulumi.ResourceOptions(parent=self)

        self.key_arn = self._make_key()
        trail_bucket = self._make_trail_bucket()
        log_group = self._make_log_group(adopt=args.adopt_log_group)
        queue = self._make_dead_letter_queue()
        rule = self._make_rule(log_group, queue)
        trails = self._make_trails(trail_bucket)
        self.alert_topic_arn = self._make_alert_topic()
        self._make_what_people_look_at(rule, queue, log_group)

        self.log_group_name = log_group.log_group_name
        self.rule_name = rule.rule_name
        self.trail_names = pulumi.Output.all(*(trail.trail_name for trail in trails))
        self.trail_bucket_name = trail_bucket.bucket_name
        self.dead_letter_queue_url = queue.queue_url
        self.dashboard_link = dashboard_link(self._arns.partition, self._arns.region, self._base)
        self.query_links = {
            query.name: insights_link(
                self._arns.partition, self._arns.region, self._settings.log_group_name, query.text
            )
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

    def _make_key(self) -> pulumi.Input[str] | None:
        """The key that everything is encrypted with: the stack's own, one that exists, or each service's."""
        if self._settings.kms_key is KmsKey.AWS:
            return None
        if self._settings.kms_key is not KmsKey.CREATE:
            return self._settings.kms_key
        policy = key_policy(
            self._arns,
            trail_arns=self._trail_arns,
            log_group_arn=self._arns.log_group(self._settings.log_group_name),
            rule_arn=self._rule_arn,
            alarm_arns=self._alarm_arns,
        )
        args = EncryptionKeyArgs(alias=self._base, policy=policy, retain=self._settings.retain_logs, tags=self._tags)
        return EncryptionKey(f"{self._prefix}-encryption", args, self._child).key_arn

    def _make_trail_bucket(self) -> TrailBucket:
        args = TrailBucketArgs(
            name_prefix=trail_bucket_prefix(self._base),
            account_id=self._arns.account_id,
            trail_arns=self._trail_arns,
            key_arn=self.key_arn,
            retain=self._settings.retain_logs,
            tags=self._tags,
        )
        return TrailBucket(f"{self._prefix}-trail-bucket", args, self._child)

    def _make_log_group(self, *, adopt: bool) -> AccessLogGroup:
        account_wide = self._settings.log_resource_policy_scope is LogResourcePolicyScope.ACCOUNT
        args = AccessLogGroupArgs(
            log_group_name=self._settings.log_group_name,
            retention_days=self._settings.log_retention_days,
            rule_arn=self._rule_arn,
            account_policy_name=self._base if account_wide else None,
            key_arn=self.key_arn,
            adopt=adopt,
            retain=self._settings.retain_logs,
            tags=self._tags,
        )
        return AccessLogGroup(f"{self._prefix}-access-log", args, self._child)

    def _make_dead_letter_queue(self) -> DeadLetterQueue:
        args = DeadLetterQueueArgs(
            queue_name=f"{self._base}-undelivered",
            rule_arn=self._rule_arn,
            key_arn=self.key_arn,
            tags=self._tags,
        )
        return DeadLetterQueue(f"{self._prefix}-undelivered", args, self._child)

    def _make_rule(self, log_group: AccessLogGroup, queue: DeadLetterQueue) -> SigV2Rule:
        args = SigV2RuleArgs(
            rule_name=self._base,
            management_events=self._settings.include_management_events,
            log_group_arn=log_group.log_group_arn,
            log_group_policy=log_group.policy,
            dead_letter_queue_arn=queue.queue_arn,
            dead_letter_queue_policy=queue.policy,
            tags=self._tags,
        )
        return SigV2Rule(f"{self._prefix}-sigv2", args, self._child)

    def _make_trails(self, trail_bucket: TrailBucket) -> list[S3DataEventTrail]:
        trails = []
        for name, targets in zip(self._trail_names, self._settings.trails, strict=True):
            # Each further copy of a management event is billed, so one trail has them.
            management_events = self._settings.include_management_events and name == self._trail_names[0]
            args = S3DataEventTrailArgs(
                trail_name=name,
                bucket_name=trail_bucket.bucket_name,
                bucket_policy=trail_bucket.policy,
                advanced_event_selectors=advanced_event_selectors(
                    targets, self._arns, trail_bucket.bucket_name, management_events=management_events
                ),
                key_arn=self.key_arn,
                tags=self._tags,
            )
            trails.append(S3DataEventTrail(name, args, self._child))
        return trails

    def _make_alert_topic(self) -> pulumi.Output[str] | None:
        if not self._settings.alert_emails:
            return None
        args = AlertTopicArgs(
            topic_name=f"{self._base}-alerts",
            emails=self._settings.alert_emails,
            account_id=self._arns.account_id,
            alarm_arns=self._alarm_arns,
            key_arn=self.key_arn,
            tags=self._tags,
        )
        return AlertTopic(f"{self._prefix}-alerts", args, self._child).topic_arn

    def _make_what_people_look_at(self, rule: SigV2Rule, queue: DeadLetterQueue, log_group: AccessLogGroup) -> None:
        topic_arns = [arn for arn in (self.alert_topic_arn, self._settings.alert_topic_arn) if arn is not None]
        alarms = AlarmsArgs(
            name_prefix=self._base,
            rule_name=rule.rule_name,
            queue_name=queue.queue_name,
            topic_arns=topic_arns,
            tags=self._tags,
        )
        Alarms(f"{self._prefix}-alarm", alarms, self._child)
        queries = SavedQueriesArgs(folder=self._base, log_group_name=log_group.log_group_name)
        SavedQueries(f"{self._prefix}-queries", queries, self._child)
        dashboard = DashboardArgs(
            dashboard_name=self._base,
            region=self._arns.region,
            rule_name=rule.rule_name,
            queue_name=queue.queue_name,
            log_group_name=log_group.log_group_name,
        )
        Dashboard(self._prefix, dashboard, self._child)
