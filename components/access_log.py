"""The whole pipeline: target buckets → trail → rule → log group, and what watches over it."""

from collections.abc import Mapping
from inspect import isawaitable

import pulumi

from blueprint.arguments import SigV2AccessLogArgs, config_key
from blueprint.checked_settings import check
from blueprint.console_links import dashboard_link, listed
from blueprint.instances import FORMER_TYPE, TYPE
from blueprint.log_group_places import LogGroupPlace, place_log_groups
from blueprint.settings_errors import SettingsError
from blueprint.stack_settings import Settings
from components.pipeline_parts import PipelineParts
from preflight.account import Account, look_up
from preflight.claimed_names import claim_names


class SigV2AccessLog(pulumi.ComponentResource):
    """Logs every S3 request to the target buckets that is signed with Signature Version 2."""

    account_id: pulumi.Output[str]
    """The account that all of it lies in."""

    region: pulumi.Output[str]
    """The Region that the log lies in, and all but what forwards to it."""

    regions: pulumi.Output[list[str]]
    """The Regions that are watched, that one first."""

    log_group_name: pulumi.Output[str | None]
    """Where SigV2 requests are logged; null where they are forwarded to another account."""

    former_log_group_names: pulumi.Output[list[str]]
    """Where they were logged before under other names, as far as the stack still has these."""

    event_bus_arn: pulumi.Output[str | None]
    """The event bus that other Regions, and accepted accounts, forward to; null where nobody does."""

    forwards_to: pulumi.Output[str | None]
    """The event bus of another account that they are forwarded to; null where they are logged here."""

    rule_name: pulumi.Output[str]
    """The EventBridge rule that picks them out, called the same in every Region."""

    trail_names: pulumi.Output[list[str]]
    """The stack's own trails, which see every request to the target buckets; none where it uses one that was there."""

    existing_trail_arn: pulumi.Output[str | None]
    """The trail that was there already and sees them; null where the stack has its own."""

    trail_bucket_name: pulumi.Output[str | None]
    """Where the log files of its own trails are; null where it has none."""

    dead_letter_queue_url: pulumi.Output[str]
    """Where those are that could not be logged."""

    alert_topic_arn: pulumi.Output[str | None]
    """The topic that alarms publish to; null where nobody asked for one."""

    key_arn: pulumi.Output[str | None]
    """The KMS key that all of it is encrypted with; null where each service uses its own."""

    dashboard_link: pulumi.Output[str | None]
    """Console address of the dashboard; null where there is no log to look at."""

    query_links: pulumi.Output[str | None]
    """Console addresses of the saved queries, each below its name; null where there is no log to ask."""

    def __init__(self, name: str, args: SigV2AccessLogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Check the arguments, look up what they name, and only then register anything.

        Args:
            name: in the program; names in AWS are made of it, unless it is `sigv2`, and of project and stack.
            args: the settings.
            opts: of Pulumi; a provider of aws among them is used for all of it, look-ups included.

        Raises:
            pulumi.RunError: an argument is wrong; one sentence says which, and the way out.
        """
        try:
            _refuse_outputs(args)
            settings = check(args, pulumi.get_project(), pulumi.get_stack(), name)
            account = look_up(settings, name, opts)
            settings = account.settings
            claim_names(settings, account.instance, account.last_deployment)
        except SettingsError as error:
            raise pulumi.RunError(str(error)) from None
        super().__init__(TYPE, name, None, _known_by_former_type(opts))
        for remark in account.survey.remarks:
            pulumi.log.info(remark, self)
        for warning in account.survey.warnings:
            pulumi.log.warn(warning, self)
        parts = PipelineParts(self, name, account)

        place, former = place_log_groups(
            None if settings.forward_to else settings.log_group_name, _log_groups_by_suffix(account)
        )
        key_arn = parts.make_key([*([place] if place else []), *former])
        trail_bucket = parts.make_trail_bucket(key_arn) if account.survey.trails else None
        kept = [parts.make_log_group(one, key_arn) for one in former if _is_kept(one, settings, account)]
        queue = parts.make_dead_letter_queue(key_arn)
        topic_arn = parts.make_alert_topic(key_arn)
        log_group, bus = None, None
        if place:
            log_group = parts.make_log_group(place, key_arn, adopt=account.adopts_log_group)
            bus = parts.make_bus(log_group, queue, topic_arn) if parts.has_bus else None
            at_home = elsewhere = log_group.destination
            if bus and account.regions[1:]:
                elsewhere = parts.make_forwarding_role(bus.event_bus_arn, bus.ready)
        else:
            at_home = elsewhere = parts.make_forwarding_role(
                parts.concealed("forward_to", settings.forward_to or ""), []
            )
        rule = parts.make_rule(at_home, queue)
        forwarders = [parts.make_forwarder(region, elsewhere) for region in account.regions[1:]]
        taking_over = [forwarder.delivery for forwarder in forwarders]
        made = parts.make_trails(trail_bucket, key_arn, taking_over) if trail_bucket else []
        parts.make_alarms(rule, queue, topic_arn)
        if log_group:
            parts.make_what_people_look_at(rule, queue, log_group)

        self.account_id = pulumi.Output.from_input(account.arns.account_id)
        self.region = pulumi.Output.from_input(account.arns.region)
        self.regions = pulumi.Output.from_input(list(account.regions))
        self.log_group_name = pulumi.Output.from_input(log_group.log_group_name if log_group else None)
        self.former_log_group_names = pulumi.Output.all(*(group.log_group_name for group in kept))
        self.event_bus_arn = pulumi.Output.from_input(bus.event_bus_arn if bus else None)
        self.forwards_to = pulumi.Output.from_input(parts.concealed("forward_to", settings.forward_to))
        self.rule_name = rule.rule_name
        self.trail_names = pulumi.Output.all(*(trail.trail_name for trail in made))
        self.existing_trail_arn = pulumi.Output.from_input(
            parts.concealed("existing_trail", account.survey.existing_trail_arn)
        )
        self.trail_bucket_name = pulumi.Output.from_input(trail_bucket.bucket_name if trail_bucket else None)
        self.dead_letter_queue_url = queue.queue_url
        self.alert_topic_arn = pulumi.Output.from_input(topic_arn)
        self.key_arn = pulumi.Output.from_input(key_arn)
        self.dashboard_link = pulumi.Output.from_input(
            dashboard_link(account.arns.partition, account.arns.region, settings.base_name) if log_group else None
        )
        self.query_links = pulumi.Output.from_input(listed(parts.links) if log_group else None)
        self.register_outputs(
            {
                "account_id": self.account_id,
                "region": self.region,
                "regions": self.regions,
                "log_group_name": self.log_group_name,
                "former_log_group_names": self.former_log_group_names,
                "event_bus_arn": self.event_bus_arn,
                "forwards_to": self.forwards_to,
                "rule_name": self.rule_name,
                "trail_names": self.trail_names,
                "existing_trail_arn": self.existing_trail_arn,
                "trail_bucket_name": self.trail_bucket_name,
                "dead_letter_queue_url": self.dead_letter_queue_url,
                "alert_topic_arn": self.alert_topic_arn,
                "key_arn": self.key_arn,
                "dashboard_link": self.dashboard_link,
                "query_links": self.query_links,
                # For the next deployment, which need not look these up again.
                "bucket_regions": parts.concealed("target_buckets", account.bucket_regions),
            }
        )


def _known_by_former_type(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """The options with each name of the component under its former type, too."""
    given = [alias for alias in (opts and opts.aliases) or () if isinstance(alias, pulumi.Alias)]
    former = [
        pulumi.Alias(one.name, FORMER_TYPE, one.parent, one.stack, one.project)
        for one in (pulumi.Alias(), *given)
        if not isinstance(one.type_, str)
    ]
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=[*former]))


def _is_kept(former: LogGroupPlace, settings: Settings, account: Account) -> bool:
    """Whether a log group of before stays: unless logs are not retained, and it is now that its name changes."""
    return settings.retain_logs or former.log_group_name != account.last_deployment.log_group_name


def _log_groups_by_suffix(account: Account) -> dict[str, str]:
    """The deployed log groups by what their resources' names end with; an earlier version had but one."""
    own = tuple(f"{name}-log-group" for name in account.instance.names)
    return {
        next((resource.removeprefix(one) for one in own if resource.startswith(one)), ""): log_group_name
        for resource, log_group_name in account.last_deployment.log_groups.items()
    }


def _refuse_outputs(args: object) -> None:
    """Refuse what is known only once something is made, as a bucket's name that a program passes on."""
    for name, value in args.items() if isinstance(args, Mapping) else ():
        for inner in value if isinstance(value, list | tuple) else [value]:
            if isinstance(inner, pulumi.Output) or isawaitable(inner):
                raise SettingsError(
                    f"{config_key(str(name))}: an output is known only once something is made, and this is needed "
                    "before; give a plain value, such as the name that the bucket is made with, and name the argument "
                    "among the secret ones where it is one."
                )
