"""The whole pipeline: target buckets → trail → rule → log group, and what watches over it."""

from collections.abc import Mapping, Sequence
from inspect import isawaitable
from typing import TypeVar

import pulumi

from blueprint.arguments import SigV2AccessLogArgs, config_key
from blueprint.checked_settings import KmsKey, LogResourcePolicyScope, check
from blueprint.console_links import dashboard_link, listed, query_links
from blueprint.event_selectors import MANAGEMENT_EVENT_SELECTOR, data_event_selector
from blueprint.log_group_places import LogGroupPlace, place_log_groups
from blueprint.names import alert_topic_name, dead_letter_queue_name, opaque_suffix, trail_bucket_prefix, trail_name
from blueprint.policy_documents import key_policy
from blueprint.refusals import SettingsError
from blueprint.trail_targets import MAX_TRAILS, TooManyTargetsError, TrailTargets, assign_to_trails
from components.access_log_group import AccessLogGroup, AccessLogGroupArgs
from components.alarms import Alarms, AlarmsArgs
from components.alert_topic import AlertTopic, AlertTopicArgs
from components.dashboard import Dashboard, DashboardArgs
from components.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.s3_data_event_trail import S3DataEventTrail, S3DataEventTrailArgs
from components.saved_queries import SavedQueries, SavedQueriesArgs
from components.sigv2_rule import SigV2Rule, SigV2RuleArgs
from components.trail_bucket import TrailBucket, TrailBucketArgs
from preflight.account import look_up

_Value = TypeVar("_Value")


class SigV2AccessLog(pulumi.ComponentResource):
    """Logs every S3 request to the target buckets that is signed with Signature Version 2.

    Arguments are checked, and what they name is looked up, before anything is registered; a wrong one raises
    `pulumi.RunError` with one sentence.
    """

    account_id: pulumi.Output[str]
    """The account that all of it lies in."""

    region: pulumi.Output[str]
    """The Region that all of it lies in."""

    log_group_name: pulumi.Output[str]
    """Where SigV2 requests are logged."""

    former_log_group_names: pulumi.Output[list[str]]
    """Where they were logged before `log_group_name` was changed, as far as the stack still has these."""

    rule_name: pulumi.Output[str]
    """The EventBridge rule that picks them out."""

    trail_names: pulumi.Output[list[str]]
    """The trails that see every request to the target buckets."""

    trail_bucket_name: pulumi.Output[str]
    """Where the trails' log files are."""

    dead_letter_queue_url: pulumi.Output[str]
    """Where those are that could not be logged."""

    alert_topic_arn: pulumi.Output[str | None]
    """The topic that alarms publish to; null where nobody asked for one."""

    key_arn: pulumi.Output[str | None]
    """The KMS key that all of it is encrypted with; null where each service uses its own."""

    dashboard_link: pulumi.Output[str]
    """Console address of the dashboard."""

    query_links: pulumi.Output[str]
    """Console addresses of the saved queries, each below its name."""

    def __init__(self, name: str, args: SigV2AccessLogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        try:
            _refuse_outputs(args)
            self._settings = check(args, pulumi.get_project(), pulumi.get_stack())
            account = look_up(self._settings, opts)
            self._arns, self._last_deployment = account.arns, account.last_deployment
            trails = self._assigned_trails()
        except SettingsError as error:
            raise pulumi.RunError(str(error)) from None
        except TooManyTargetsError as error:
            raise pulumi.RunError(f"targetBuckets {error}.") from None
        super().__init__("sigv2:logging:SigV2AccessLog", name, None, opts)
        self._prefix = name
        self._base, self._tags = self._settings.base_name, self._settings.tags
        self._rule_arn = self._arns.rule(self._base)
        self._alarm_arns = self._arns.alarm(f"{self._base}-*")
        self._trail_arns = [self._arns.trail(trail_name(self._base, trail.number)) for trail in trails]
        self._links = query_links(self._arns.partition, self._arns.region, self._settings.log_group_name)

        place, former = place_log_groups(self._settings.log_group_name, self._log_groups_by_suffix())
        key_arn = self._make_key([place, *former])
        trail_bucket = self._make_trail_bucket(key_arn)
        log_group = self._make_log_group(place, key_arn, adopt=account.adopts_log_group)
        kept = [self._make_log_group(of_before, key_arn) for of_before in former if self._is_kept(of_before)]
        queue = self._make_dead_letter_queue(key_arn)
        rule = self._make_rule(log_group, queue)
        made = self._make_trails(trails, trail_bucket, key_arn)
        topic_arn = self._make_alert_topic(key_arn)
        self._make_what_people_look_at(rule, queue, log_group, topic_arn)

        self.account_id = pulumi.Output.from_input(self._arns.account_id)
        self.region = pulumi.Output.from_input(self._arns.region)
        self.log_group_name = log_group.log_group_name
        self.former_log_group_names = pulumi.Output.all(*(group.log_group_name for group in kept))
        self.rule_name = rule.rule_name
        self.trail_names = pulumi.Output.all(*(trail.trail_name for trail in made))
        self.trail_bucket_name = trail_bucket.bucket_name
        self.dead_letter_queue_url = queue.queue_url
        self.alert_topic_arn = pulumi.Output.from_input(topic_arn)
        self.key_arn = pulumi.Output.from_input(key_arn)
        self.dashboard_link = pulumi.Output.from_input(
            dashboard_link(self._arns.partition, self._arns.region, self._base)
        )
        self.query_links = pulumi.Output.from_input(listed(self._links))
        self.register_outputs(
            {
                "account_id": self.account_id,
                "region": self.region,
                "log_group_name": self.log_group_name,
                "former_log_group_names": self.former_log_group_names,
                "rule_name": self.rule_name,
                "trail_names": self.trail_names,
                "trail_bucket_name": self.trail_bucket_name,
                "dead_letter_queue_url": self.dead_letter_queue_url,
                "alert_topic_arn": self.alert_topic_arn,
                "key_arn": self.key_arn,
                "dashboard_link": self.dashboard_link,
                "query_links": self.query_links,
                # For the next deployment, which need not look these up again.
                "bucket_regions": self._concealed("target_buckets", account.bucket_regions),
            }
        )

    def _assigned_trails(self) -> tuple[TrailTargets, ...]:
        names = {trail_name(self._settings.base_name, number): number for number in range(1, MAX_TRAILS + 1)}
        watched = self._last_deployment.trails
        deployed = {number: watched[name] for name, number in names.items() if name in watched}
        return assign_to_trails(
            self._settings.targets, deployed, management_events=self._settings.include_management_events
        )

    def _is_kept(self, former: LogGroupPlace) -> bool:
        """Whether a log group of before stays: unless logs are not retained, and it is now that its name changes."""
        return self._settings.retain_logs or former.log_group_name != self._last_deployment.log_group_name

    def _log_groups_by_suffix(self) -> dict[str, str]:
        """The deployed log groups by what their resources' names end with; an earlier version had but one."""
        own = f"{self._prefix}-log-group"
        return {
            resource.removeprefix(own) if resource.startswith(own) else "": log_group_name
            for resource, log_group_name in self._last_deployment.log_groups.items()
        }

    def _concealed(self, argument: str, value: _Value) -> pulumi.Input[_Value]:
        """The value of an argument, as a secret where it is one."""
        return pulumi.Output.secret(value) if argument in self._settings.secret_arguments else value

    def _child(self, *former_names: str) -> pulumi.ResourceOptions:
        """Options of a component below this one, with the names that earlier versions gave it."""
        return pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(name=former) for former in former_names])

    def _make_key(self, log_groups: list[LogGroupPlace]) -> pulumi.Input[str] | None:
        """The key that everything is encrypted with: the stack's own, one that exists, or each service's."""
        own = self._settings.kms_key is KmsKey.CREATE
        made = None
        # What was encrypted with the stack's own key can be read for as long as the key is there.
        if own or self._last_deployment.has_key:
            policy = key_policy(
                self._arns,
                trail_arns=self._trail_arns,
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
        return None if isinstance(named, KmsKey) else self._concealed("kms_key", named)

    def _make_trail_bucket(self, key_arn: pulumi.Input[str] | None) -> TrailBucket:
        args = TrailBucketArgs(
            name_prefix=trail_bucket_prefix(self._base),
            account_id=self._arns.account_id,
            trail_arns=self._trail_arns,
            key_arn=key_arn,
            retain=self._settings.retain_logs,
            tags=self._tags,
        )
        return TrailBucket(f"{self._prefix}-trail-bucket", args, self._child())

    def _make_log_group(
        self, place: LogGroupPlace, key_arn: pulumi.Input[str] | None, *, adopt: bool = False
    ) -> AccessLogGroup:
        is_logged_to = place.log_group_name == self._settings.log_group_name
        account_wide = self._settings.log_resource_policy_scope is LogResourcePolicyScope.ACCOUNT
        args = AccessLogGroupArgs(
            log_group_name=place.log_group_name,
            retention_days=self._settings.log_retention_days,
            rule_arn=self._rule_arn if is_logged_to else None,
            account_policy_name=f"{self._base}{place.suffix}" if account_wide else None,
            key_arn=key_arn,
            adopt=adopt,
            retain=self._settings.retain_logs,
            tags=self._tags,
        )
        options = self._child(f"{self._prefix}-access-log") if not place.suffix else self._child()
        return AccessLogGroup(f"{self._prefix}-log-group{place.suffix}", args, options)

    def _make_dead_letter_queue(self, key_arn: pulumi.Input[str] | None) -> DeadLetterQueue:
        args = DeadLetterQueueArgs(
            queue_name=dead_letter_queue_name(self._base), rule_arn=self._rule_arn, key_arn=key_arn, tags=self._tags
        )
        return DeadLetterQueue(f"{self._prefix}-dead-letter-queue", args, self._child(f"{self._prefix}-undelivered"))

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
        return SigV2Rule(f"{self._prefix}-rule", args, self._child(f"{self._prefix}-sigv2"))

    def _make_trails(
        self, trails: tuple[TrailTargets, ...], trail_bucket: TrailBucket, key_arn: pulumi.Input[str] | None
    ) -> list[S3DataEventTrail]:
        made: dict[int, S3DataEventTrail] = {}
        waiting = {trail.number: trail for trail in trails}
        while waiting:
            ready = next(trail for trail in waiting.values() if trail.after <= made.keys())
            del waiting[ready.number]
            after = [made[number].trail for number in sorted(ready.after)]
            # Each further copy of a management event is billed, so one trail has them.
            management_events = self._settings.include_management_events and ready.number == trails[0].number
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
            after=after,
            key_arn=key_arn,
            tags=self._tags,
        )
        return S3DataEventTrail(f"{self._prefix}-trail-{trail.number}", args, self._child(name))

    def _make_alert_topic(self, key_arn: pulumi.Input[str] | None) -> pulumi.Output[str] | None:
        if not self._settings.alert_emails:
            return None
        args = AlertTopicArgs(
            topic_name=alert_topic_name(self._base),
            subscribers={opaque_suffix(email, self._base): email for email in self._settings.alert_emails},
            former_names=self._last_deployment.subscriptions,
            account_id=self._arns.account_id,
            alarm_arns=self._alarm_arns,
            key_arn=key_arn,
            tags=self._tags,
        )
        return AlertTopic(f"{self._prefix}-alert-topic", args, self._child(f"{self._prefix}-alerts")).topic_arn

    def _make_what_people_look_at(
        self,
        rule: SigV2Rule,
        queue: DeadLetterQueue,
        log_group: AccessLogGroup,
        topic_arn: pulumi.Output[str] | None,
    ) -> None:
        named = self._settings.alert_topic_arn
        others = [self._concealed("alert_topic_arn", named)] if named else []
        alarms = AlarmsArgs(
            name_prefix=self._base,
            rule_name=rule.rule_name,
            queue_name=queue.queue_name,
            topic_arns=[*([topic_arn] if topic_arn else []), *others],
            secret="alert_topic_arn" in self._settings.secret_arguments,
            tags=self._tags,
        )
        Alarms(f"{self._prefix}-alarm", alarms, self._child())
        queries = SavedQueriesArgs(folder=self._base, log_group_name=log_group.log_group_name)
        SavedQueries(f"{self._prefix}-queries", queries, self._child())
        dashboard = DashboardArgs(
            dashboard_name=self._base,
            region=self._arns.region,
            rule_name=rule.rule_name,
            queue_name=queue.queue_name,
            log_group_name=log_group.log_group_name,
            query_links=self._links,
        )
        Dashboard(f"{self._prefix}-dashboard", dashboard, self._child(self._prefix))


def _refuse_outputs(args: object) -> None:
    """Refuse what is known only once something is made, as a bucket's name that a program passes on."""
    for name, value in args.items() if isinstance(args, Mapping) else ():
        for inner in value if isinstance(value, list | tuple) else [value]:
            if isinstance(inner, pulumi.Output) or isawaitable(inner):
                raise SettingsError(
                    f"{config_key(str(name))}: an output is known only once something is made, and this is needed "
                    "before; give a plain value, such as the name that the bucket is made with."
                )
