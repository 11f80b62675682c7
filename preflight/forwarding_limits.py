"""What can be forwarded where: refused before anything is made, as AWS would refuse it later or drop it in silence."""

from collections.abc import Sequence

from blueprint.arns import Arns
from blueprint.settings_errors import SettingsError
from blueprint.sigv2_regions import ALL_REGIONS, partition_of
from blueprint.stack_settings import Settings


def refuse_wrong_hub(settings: Settings, arns: Arns) -> None:
    """Refuse to forward, or to be forwarded to, where that cannot work.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html

    Raises:
        SettingsError: the account accepts itself, or forwards to itself or into another partition.
    """
    if arns.account_id in settings.accept_from:
        own_id = settings.told("accept_from", arns.account_id)
        raise SettingsError(
            f"acceptFrom: {own_id} is the account of this very stack, whose buckets targetBuckets names; "
            "leave it out with `pulumi config set acceptFrom ACCOUNT,ACCOUNT`."
        )
    if settings.forward_to is None:
        return
    _, partition, _, _, account_id, name = settings.forward_to.split(":", 5)
    bus = settings.told("forward_to", settings.forward_to)
    if partition != arns.partition:
        raise SettingsError(
            f"forwardTo: {bus!r} lies in the partition {partition!r}, and nothing is forwarded there "
            f"from {arns.partition!r}; name an event bus of this partition with `pulumi config set forwardTo ARN`."
        )
    if account_id == arns.account_id:
        own = "this stack's own event bus" if name == f"event-bus/{settings.base_name}" else "this very account"
        raise SettingsError(
            f"forwardTo: {bus!r} is {own}, and only other accounts have to forward; log here with "
            "`pulumi config rm forwardTo`, or name the buckets in the targetBuckets of the stack that has this bus."
        )


def refuse_unreachable_regions(regions: Sequence[str], settings: Settings, arns: Arns) -> None:
    """Refuse Regions whose events cannot come home.

    Only Regions of the commercial partition can forward to each other
    (https://aws.amazon.com/blogs/compute/expanding-cross-region-event-routing-with-amazon-eventbridge/).

    Args:
        regions: that are to be watched, home first.
        settings: what the user says.
        arns: where the stack is deployed.

    Raises:
        SettingsError: a Region is of another partition, or of one in which Regions cannot forward.
    """
    foreign = [
        region for region in settings.regions if region != ALL_REGIONS and partition_of(region) != arns.partition
    ]
    if foreign:
        raise SettingsError(
            f"regions: {foreign[0]} does not lie in the partition {arns.partition!r}, where the stack is deployed; "
            "name Regions that do with `pulumi config set regions REGION,REGION`."
        )
    bus_region = settings.forward_to.split(":")[3] if settings.forward_to else arns.region
    elsewhere = [region for region in regions if region != bus_region]
    if arns.partition != "aws" and elsewhere:
        raise SettingsError(
            f"{_key_of(elsewhere[0], settings, arns)}: {elsewhere[0]} cannot forward to {bus_region}, as EventBridge "
            f"does not forward between Regions of the partition {arns.partition!r}; deploy a stack in each Region, and "
            "name the buckets of its own Region in each."
        )


def _key_of(region: str, settings: Settings, arns: Arns) -> str:
    """The setting through which a Region came to be watched, or has to forward."""
    if region == arns.region:
        return "forwardTo"
    return "regions" if {region, ALL_REGIONS} & set(settings.regions) else "targetBuckets"
