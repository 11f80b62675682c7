"""The whole pipeline: target buckets → trail → rule → log group."""

from dataclasses import dataclass

import pulumi

from components.access_log_group import AccessLogGroup, AccessLogGroupArgs
from components.arns import Arns
from components.console import insights_link
from components.names import trail_bucket_prefix, trail_name
from components.queries import SAVED_QUERIES
from components.s3_data_event_trail import S3DataEventTrail, S3DataEventTrailArgs
from components.saved_queries import SavedQueries, SavedQueriesArgs
from components.selectors import advanced_event_selectors
from components.sigv2_rule import SigV2Rule, SigV2RuleArgs
from components.trail_bucket import TrailBucket, TrailBucketArgs
from settings import LogResourcePolicyScope, Settings


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
        query_links: console addresses of the saved queries, by name.
    """

    log_group_name: pulumi.Output[str]
    rule_name: pulumi.Output[str]
    trail_names: pulumi.Output[list[str]]
    trail_bucket_name: pulumi.Output[str]
    query_links: dict[str, str]

    def __init__(self, name: str, args: SigV2AccessLogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sigv2:logging:SigV2AccessLog", name, None, opts)
        settings, arns = args.settings, args.arns
        base, tags = settings.base_name, settings.tags
        child = pulumi.ResourceOptions(parent=self)
        trail_names = [trail_name(base, n) for n in range(1, len(settings.trails) + 1)]

        trail_bucket = TrailBucket(
            f"{name}-trail-bucket",
            TrailBucketArgs(
                name_prefix=trail_bucket_prefix(base),
                account_id=arns.account_id,
                trail_arns=[arns.trail(trail) for trail in trail_names],
                retain=settings.retain_logs,
                tags=tags,
            ),
            child,
        )
        log_group = AccessLogGroup(
            f"{name}-access-log",
            AccessLogGroupArgs(
                log_group_name=settings.log_group_name,
                retention_days=settings.log_retention_days,
                rule_arn=arns.rule(base),
                account_policy_name=(
                    base if settings.log_resource_policy_scope is LogResourcePolicyScope.ACCOUNT else None
                ),
                adopt=args.adopt_log_group,
                retain=settings.retain_logs,
                tags=tags,
            ),
            child,
        )
        SavedQueries(
            f"{name}-queries",
            SavedQueriesArgs(folder=base, log_group_name=log_group.log_group_name),
            child,
        )
        rule = SigV2Rule(
            f"{name}-sigv2",
            SigV2RuleArgs(
                rule_name=base,
                management_events=settings.include_management_events,
                log_group_arn=log_group.log_group_arn,
                log_group_policy=log_group.policy,
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
                    tags=tags,
                ),
                child,
            )
            for trail, targets in zip(trail_names, settings.trails, strict=True)
        ]

        self.log_group_name = log_group.log_group_name
        self.rule_name = rule.rule_name
        self.trail_names = pulumi.Output.all(*(trail.trail_name for trail in trails))
        self.trail_bucket_name = trail_bucket.bucket_name
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
                "query_links": self.query_links,
            }
        )
