"""What the components of one program are called in AWS: refused where two would be called alike."""

from collections.abc import MutableMapping
from weakref import WeakKeyDictionary

from pulumi.runtime.settings import get_root_resource

from blueprint.instances import Instance
from blueprint.settings_errors import SettingsError
from blueprint.stack_settings import Settings
from preflight.last_deployment import LastDeployment


class _Process:
    """Stands for the program where its stack is not in this process, which then serves one deployment."""


_PROCESS = _Process()
_CLAIMED: MutableMapping[object, dict[tuple[str, ...], Instance]] = WeakKeyDictionary()


def claim_names(settings: Settings, instance: Instance, last_deployment: LastDeployment) -> None:
    """Take the names that a component has in AWS, before anything is made that another has made already.

    Args:
        settings: of the component, with the names that it is to have.
        instance: the component.
        last_deployment: what the stack has already.

    Raises:
        SettingsError: another component of the program, or of the stack as it is deployed, has one of them.
    """
    claimed = _CLAIMED.setdefault(get_root_resource() or _PROCESS, {})
    stack = (settings.project, settings.stack)
    other = claimed.setdefault((*stack, "base name", settings.base_name), instance)
    if other != instance:
        raise SettingsError(
            f"{instance.name!r} and {other.name!r}, another SigV2AccessLog of this stack, would both be called "
            f"{settings.base_name!r} in AWS; give one of them another name in the program."
        )
    if settings.forward_to:
        return
    name = settings.log_group_name
    logs = claimed.setdefault((*stack, "log group", name), instance)
    of_other = logs.name if logs != instance else last_deployment.log_groups_of_others.get(name)
    if of_other is not None:
        raise SettingsError(
            f"logGroupName: {name!r} is what {of_other!r} logs to, another SigV2AccessLog of this stack; give "
            f"{instance.name!r} one of its own, such as {f'{name}-{instance.name}'!r}, or, if that is its former name, "
            "have an alias say so."
        )
