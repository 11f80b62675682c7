"""Makes each part of the pipeline as the settings ask for it; the order is its caller's."""

from collections.abc import Sequence
from typing import TypeVar

import pulumi

from blueprint.arns import Arns
from blueprint.console_links import query_links
from blueprint.event_selectors import MANAGEMENT_EVENT_SELECTOR, data_event_selector
from blueprint.log_group_places import LogGroupPlace
from blueprint.names import (
    alert_topic_name,
    dead_letter_queue_name,
    forwarded_rule_name,
    forwarding_policy_name,
    forwarding_role_name,
    opaque_suffix,
    trail_bucket_prefix,
    trail_name,
)
from blueprint.policy_documents import key_policy
from blueprint.queries import SAVED_QUERIES, SAVED_QUERIES_BY_PLACE
from blueprint.stack_settings import KmsKey, LogResourcePolicyScope
from blueprint.trail_targets import TrailTargets, trail_names
from components.access_log_bus import AccessLogBus, AccessLogBusArgs
from components.access_log_group import AccessLogGroup, AccessLogGroupArgs
from components.alarms import Alarms, AlarmsArgs
from components.alert_topic import AlertTopic, AlertTopicArgs
from components.dashboard import Dashboard, DashboardArgs
from components.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.destination import Destination
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.forwarding_role import ForwardingRole, ForwardingRoleArgs
from components.regional_forwarder import RegionalForwarder, RegionalForwarderArgs
from components.s3_data_event_trail import S3DataEventTrail, S3DataEventTrailArgs
from components.saved_queries import SavedQueries, SavedQueriesArgs
from components.sigv2_rule import SigV2Rule, SigV2RuleArgs
from components.trail_bucket import TrailBucket, TrailBucketArgs
from preflight.account import Account

_Value = TypeVar("_Value")


class PipelineParts:
    """Makes the parts of one SigV2AccessLog below it.

    Args:
        access_log: what the parts are children of.
        prefix: what their names in the program start with.
        account: what was found there, and what the user says.
    """

    def __init__(
        self,
        access_log: pulumi.ComponentResource,
        prefix: str,
        account: Account,
    ) -> None:
        settings = account.settings
        self._access_log, self._prefix, self._settings = access_log, prefix, settings
        self._arns, self._regions, self._last_deployment = account.arns, account.regions, account.last_deployment
        self._base, self._tags, self._trails = settings.base_name, settings.tags, account.survey.trails
        self.has_bus = not settings.forward_to and bool(account.regions[1:] or settings.accept_from)
        forwarded = self._arns.rule(forwarded_rule_name(self._base), self._base)
        # Of the home Region; both are named by the policies at what they deliver to.
        self._rule_arns = [self._arns.rule(self._base), *([forwarded] if self.has_bus else [])]
        self._alarm_arns = self._arns.alarm(f"{self._base}-*")
        self._trail_arns = [self._arns.trail(trail_name(self._base, trail.number)) for trail in account.survey.trails]
        deployed = account.last_deployment.trails.keys() & trail_names(self._base).values()
        self._former_trail_arns = [self._arns.trail(name) for name in deployed]
        self._queries = SAVED_QUERIES_BY_PLACE if self.has_bus else SAVED_QUERIES
        self.links = query_links(self._arns.partition, self._arns.region, settings.log_group_name, self._queries)

    def concealed(self, argument: str, value: _Value) -> pulumi.Input[_Value]:
        """The value of an argument, as a secret where it is one."""
        return pulumi.Output.secret(value) if argument in self._settings.secret_arguments else value

    def _child(self, *former_names: str) -> pulumi.ResourceOptions:
        """Options of a component below this one, with the names that earlier versions gave it."""
        return pulumi.ResourceOptions(
            parent=self._access_log, aliases=[pulumi.Alias(name=former) for former in former_names]
        )

    def make_key(self, log_groups: list[LogGroupPlace]) -> pulumi.Input[str] | None:
        """The key that everything is encrypted with: the stack's own, one that exists, or each service's."""
        own = self._settings.kms_key is KmsKey.CREATE
        made = None
        # What was encrypted with the stack's own key can be read for as long as the key is there.
        if own or self._last_deployment.has_key:
            policy = key_policy(
                self._arns,
                # What writes log files until the end of this deployment encrypts them.
                trail_arns=sorted({*self._trail_arns, *self._former_trail_arns}),
                log_group_arns=[self._arns.log_group(place.log_group_name) for place in log_groups],
                alarm_arns=self._alarm_arns,
            )
            args = EncryptionKeyArgs(
                alias=self._base, policy=policy, retain=self._settings.retain_logs, tags=self._tags
            )
            made = EncryptionKey(f"{self._prefix}-key", args, self._child(f"{self._prefix}-encryption")).key_arn
        if own:
            return made
        named = self._settings.kms_key
        return None if isinstance(named, KmsKey) else self.concealed("kms_key", named)

    def make_trail_bucket(self, key_arn: pulumi.Input[str] | None) -> TrailBucket:
        """The bucket that the trails write to."""
        args = TrailBucketArgs(
            name_prefix=trail_bucket_prefix(self._base),
            account_id=self._arns.account_id,
            trail_arns=self._trail_arns,
            key_arn=key_arn,
            retain=self._settings.retain_logs,
            tags=self._tags,
        )
        return TrailBucket(f"{self._prefix}-trail-bucket", args, self._child())

    def make_log_group(
        self, place: LogGroupPlace, key_arn: pulumi.Input[str] | None, *, adopt: bool = False
    ) -> AccessLogGroup:
        """The log group of a place; `adopt` takes over one that an earlier `pulumi destroy` left behind."""
        is_logged_to = not self._settings.forward_to and place.log_group_name == self._settings.log_group_name
        account_wide = self._settings.log_resource_policy_scope is LogResourcePolicyScope.ACCOUNT
        args = AccessLogGroupArgs(
            log_group_name=place.log_group_name,
            retention_days=self._settings.log_retention_days,
            rule_arns=self._rule_arns if is_logged_to else [],
            account_policy_name=f"{self._base}{place.suffix}" if account_wide else None,
            key_arn=key_arn,
            adopt=adopt,
            retain=self._settings.retain_logs,
            tags=self._tags,
        )
        options = self._child(f"{self._prefix}-access-log") if not place.suffix else self._child()
        return AccessLogGroup(f"{self._prefix}-log-group{place.suffix}", args, options)

    def make_dead_letter_queue(self, key_arn: pulumi.Input[str] | None) -> DeadLetterQueue:
        """The queue of the rules of the home Region."""
        args = DeadLetterQueueArgs(
            queue_name=dead_letter_queue_name(self._base),
            region=None,
            rule_arns=self._rule_arns,
            key_arn=key_arn,
            tags=self._tags,
        )
        return DeadLetterQueue(f"{self._prefix}-dead-letter-queue", args, self._child(f"{self._prefix}-undelivered"))

    def make_bus(
        self, log_group: AccessLogGroup, queue: DeadLetterQueue, topic_arn: pulumi.Output[str] | None
    ) -> AccessLogBus:
        """The bus for what other Regions and accounts forward."""
        own = [self._arns.account_id] if self._regions[1:] else []
        args = AccessLogBusArgs(
            event_bus_name=self._base,
            partition=self._arns.partition,
            account_ids=self.concealed("accept_from", [*own, *self._settings.accepted_accounts]),
            organization_ids=self.concealed("accept_from", list(self._settings.accepted_organizations)),
            rule_name=forwarded_rule_name(self._base),
            log_group=log_group.destination,
            dead_letter_queue_arn=queue.queue_arn,
            dead_letter_queue_policy=queue.policy,
            topic_arns=self._told(topic_arn),
            secret_topics="alert_topic_arn" in self._settings.secret_arguments,
            tags=self._tags,
        )
        return AccessLogBus(f"{self._prefix}-bus", args, self._child())

    def make_forwarding_role(self, bus_arn: pulumi.Input[str], ready: Sequence[pulumi.Resource]) -> Destination:
        """The role through which rules forward, as their way to a bus.

        Args:
            bus_arn: the bus.
            ready: what must be there before anything is forwarded to it.
        """
        args = ForwardingRoleArgs(
            role_name=forwarding_role_name(self._base),
            policy_name=forwarding_policy_name(self._base, self._settings.forward_to),
            arns=self._arns,
            rule_name=self._base,
            event_bus_arn=bus_arn,
            tags=self._tags,
        )
        role = ForwardingRole(f"{self._prefix}-forwarding-role", args, self._child())
        return Destination("event-bus", bus_arn, role.role_arn, [role.policy, *ready])

    def make_rule(self, destination: Destination, queue: DeadLetterQueue) -> SigV2Rule:
        """The rule of the home Region."""
        args = SigV2RuleArgs(
            rule_name=self._base,
            event_bus_name=None,
            region=None,
            management_events=self._settings.include_management_events,
            destination=destination,
            dead_letter_queue_arn=queue.queue_arn,
            dead_letter_queue_policy=queue.policy,
            tags=self._tags,
        )
        return SigV2Rule(f"{self._prefix}-rule", args, self._child(f"{self._prefix}-sigv2"))

    def make_forwarder(self, region: str, destination: Destination) -> RegionalForwarder:
        """All that a Region other than home needs."""
        arns = self._arns.in_region(region)
        args = RegionalForwarderArgs(
            region=region,
            rule_name=self._base,
            rule_arn=arns.rule(self._base),
            management_events=self._settings.include_management_events,
            destination=destination,
            queue_name=dead_letter_queue_name(self._base),
            alarm_prefix=self._base,
            alert_topic=self._alert_topic(arns, None) if self._settings.alert_emails else None,
            tags=self._tags,
        )
        return RegionalForwarder(f"{self._prefix}-{region}", args, self._child())

    def make_trails(
        self,
        trail_bucket: TrailBucket,
        key_arn: pulumi.Input[str] | None,
        forwarding: Sequence[pulumi.Resource],
    ) -> list[S3DataEventTrail]:
        """The trails, each after those that must have taken over what it gives up.

        Args:
            trail_bucket: where they write to.
            key_arn: what they encrypt with.
            forwarding: what is to take the events of other Regions.
        """
        made: dict[int, S3DataEventTrail] = {}
        waiting = {trail.number: trail for trail in self._trails}
        while waiting:
            ready = next(trail for trail in waiting.values() if trail.after <= made.keys())
            del waiting[ready.number]
            after = [*forwarding, *(made[number].trail for number in sorted(ready.after))]
            # Each further copy of a management event is billed, so one trail has them.
            management_events = self._settings.include_management_events and ready.number == self._trails[0].number
            made[ready.number] = self._make_trail(ready, trail_bucket, key_arn, after, management_events)
        return [made[number] for number in sorted(made)]

    def _make_trail(
        self,
        trail: TrailTargets,
        trail_bucket: TrailBucket,
        key_arn: pulumi.Input[str] | None,
        after: Sequence[pulumi.Resource],
        management_events: bool,
    ) -> S3DataEventTrail:
        name = trail_name(self._base, trail.number)
        own_bucket = pulumi.Output.concat(self._arns.s3(""), trail_bucket.bucket_name, "/")
        args = S3DataEventTrailArgs(
            trail_name=name,
            bucket_name=trail_bucket.bucket_name,
            bucket_policy=trail_bucket.policy,
            selectors=[
                data_event_selector(trail.targets, self._arns),
                *([MANAGEMENT_EVENT_SELECTOR] if management_events else []),
            ],
            never_logs=[own_bucket] if trail.targets.has_pattern else [],
            secret=not self._settings.secret_arguments.isdisjoint({"target_buckets", "exclude_buckets"}),
            multi_region=len(self._regions) > 1,
            after=after,
            key_arn=key_arn,
            tags=self._tags,
        )
        return S3DataEventTrail(f"{self._prefix}-trail-{trail.number}", args, self._child(name))

    def make_alert_topic(self, key_arn: pulumi.Input[str] | None) -> pulumi.Output[str] | None:
        """The topic through which alarms of the home Region reach `alertEmails`; None where nobody asked for one."""
        if not self._settings.alert_emails:
            return None
        args = self._alert_topic(self._arns, key_arn)
        return AlertTopic(f"{self._prefix}-alert-topic", args, self._child(f"{self._prefix}-alerts")).topic_arn

    def _alert_topic(self, arns: Arns, key_arn: pulumi.Input[str] | None) -> AlertTopicArgs:
        return AlertTopicArgs(
            topic_name=alert_topic_name(self._base),
            region=None if arns.region == self._arns.region else arns.region,
            subscribers={opaque_suffix(email, self._base): email for email in self._settings.alert_emails},
            former_names=self._last_deployment.subscriptions,
            account_id=arns.account_id,
            alarm_arns=arns.alarm(f"{self._base}-*"),
            key_arn=key_arn,
            tags=self._tags,
        )

    def _told(self, topic_arn: pulumi.Output[str] | None) -> list[pulumi.Input[str]]:
        """The topics that alarms of the home Region publish to."""
        named = self._settings.alert_topic_arn
        others = [self.concealed("alert_topic_arn", named)] if named else []
        return [*([topic_arn] if topic_arn else []), *others]

    def make_alarms(self, rule: SigV2Rule, queue: DeadLetterQueue, topic_arn: pulumi.Output[str] | None) -> None:
        """The alarms of the home Region."""
        alarms = AlarmsArgs(
            name_prefix=self._base,
            region=None,
            rule_name=rule.rule_name,
            event_bus_name=None,
            queue_name=queue.queue_name,
            topic_arns=self._told(topic_arn),
            secret="alert_topic_arn" in self._settings.secret_arguments,
            tags=self._tags,
        )
        Alarms(f"{self._prefix}-alarm", alarms, self._child())

    def make_what_people_look_at(self, rule: SigV2Rule, queue: DeadLetterQueue, log_group: AccessLogGroup) -> None:
        """Saved queries and dashboard."""
        queries = SavedQueriesArgs(folder=self._base, queries=self._queries, log_group_name=log_group.log_group_name)
        SavedQueries(f"{self._prefix}-queries", queries, self._child())
        dashboard = DashboardArgs(
            dashboard_name=self._base,
            region=self._arns.region,
            rule_name=rule.rule_name,
            queue_name=queue.queue_name,
            log_group_name=log_group.log_group_name,
            queries=self._queries,
            query_links=self.links,
            elsewhere=self._regions[1:],
            forwarded_rule=(self._base, forwarded_rule_name(self._base)) if self.has_bus else None,
        )
        Dashboard(f"{self._prefix}-dashboard", dashboard, self._child(self._prefix))
