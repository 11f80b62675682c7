"""What the account says, before anything is registered, of its trails and of what is left of its quotas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blueprint.log_group_places import log_policy_names
from blueprint.names import trail_name
from blueprint.settings_errors import SettingsError
from blueprint.stack_settings import ANY_EXISTING_TRAIL, LogResourcePolicyScope
from blueprint.trail_targets import TooManyTargetsError, TrailTargets, assign_to_trails, trail_names
from preflight.asked_account import NotAskedError, clients_of

if TYPE_CHECKING:
    import pulumi

    from preflight.asked_account import Clients
    from preflight.situation import Situation


@dataclass(frozen=True)
class Survey:
    """What was found.

    Attributes:
        existing_trail_arn: the trail that is used; None where the stack is to have its own.
        trails: what each of its own is to watch.
        remarks: what to tell about it.
        warnings: what to warn of.
    """

    existing_trail_arn: str | None
    trails: tuple[TrailTargets, ...]
    remarks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def survey_account(situation: Situation, options: pulumi.ResourceOptions | None) -> Survey:
    """Ask the account, and decide whose trail sees the targets. This calls AWS, and waits for it.

    Args:
        situation: what is to be deployed where.
        options: of the component.

    Raises:
        SettingsError: what would fail half-way, or log nothing, in one sentence.
    """
    if not situation.settings.check_account:
        return _survey(situation, situation.expected_trail_arn)
    try:
        clients = clients_of(situation.arns, options)
    except NotAskedError as error:
        return _survey(situation, situation.expected_trail_arn, warnings=_not_asked(situation, str(error)))
    return _asked(situation, clients)


def _survey(
    situation: Situation, existing_trail_arn: str | None, remarks: tuple[str, ...] = (), warnings: tuple[str, ...] = ()
) -> Survey:
    trails = () if existing_trail_arn else _own_trails(situation)
    return Survey(existing_trail_arn, trails, remarks, warnings)


def _own_trails(situation: Situation) -> tuple[TrailTargets, ...]:
    settings, watched = situation.settings, situation.last_deployment.trails
    names = trail_names(settings.base_name)
    deployed = {number: watched[name] for number, name in names.items() if name in watched}
    try:
        return assign_to_trails(settings.targets, deployed, management_events=settings.include_management_events)
    except TooManyTargetsError as error:
        raise SettingsError(f"targetBuckets {error}.") from None


def _not_asked(situation: Situation, reason: str) -> tuple[str, ...]:
    if not reason:
        return ()
    so = ""
    if situation.settings.existing_trail == ANY_EXISTING_TRAIL:
        used = situation.expected_trail_arn
        told = situation.told_trail(used or "")
        so = f", and existingTrail auto {f'goes on with {told}' if used else 'has the stack make its own trail'}"
    return (
        f"checkAccount: the account was not asked for its trails and quotas, as {reason}{so}; skip this with `pulumi "
        "config set checkAccount false`.",
    )


def _asked(situation: Situation, clients: Clients) -> Survey:
    # What a program under mocks, or without the check, need not wait for.
    from aws_account.account_trails import AccountTrails  # noqa: PLC0415
    from preflight.account_quotas import check_log_policies, check_rules, check_trails  # noqa: PLC0415
    from preflight.existing_trails import choose_trail  # noqa: PLC0415

    settings, arns, before = situation.settings, situation.arns, situation.last_deployment
    trails = AccountTrails(lambda region: clients("cloudtrail", region))
    chosen = choose_trail(situation, trails)
    survey = _survey(situation, chosen.arn, chosen.remarks, chosen.warnings)
    warnings: list[str] = []
    # What is deployed already has its place.
    names = [trail_name(settings.base_name, trail.number) for trail in survey.trails]
    if set(names) - {*before.trails} or (names and len(situation.regions) > len(before.regions)):
        warnings += check_trails(trails, names, arns, situation.regions)
    account_wide = settings.log_resource_policy_scope is LogResourcePolicyScope.ACCOUNT and not settings.forward_to
    has_policy = settings.log_group_name == before.log_group_name and before.account_wide_log_policies
    if account_wide and not has_policy:
        names_of_policy = log_policy_names(settings.base_name, settings.log_group_name)
        warnings += check_log_policies(clients, arns.region, names_of_policy - before.account_wide_log_policies)
    warnings += check_rules(
        clients, [region for region in situation.regions if region not in before.regions], settings.base_name
    )
    return Survey(survey.existing_trail_arn, survey.trails, survey.remarks, (*survey.warnings, *warnings))
