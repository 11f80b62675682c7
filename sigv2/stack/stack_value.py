"""What the command line knows of a stack, and what it says where it does not know enough."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from blueprint.stack_settings import Settings
from settings import read_arguments, read_settings
from sigv2.stack.naming_options import OWN, NamingOptions

_NEEDED = (
    *("targetBuckets", "excludeBuckets", "logGroupName", "includeManagementEvents", "logResourcePolicyScope"),
    *("regions", "acceptFrom", "forwardTo", "existingTrail"),
)
"""The settings that decide what is logged, and where; no command needs the others."""
_SURELY_SET = ("targetBuckets", "logGroupName")
"""Those that an environment which cannot be read is asked about; for all others, their defaults do."""


class StackError(ValueError):
    """The stack cannot be read, or what is known of it is not enough; the message is for the person who named it."""


@dataclass(frozen=True)
class Stack:
    """A stack.

    Attributes:
        project: the project's name.
        name: the stack's name, without that of its organization or project.
        configuration: keys with their namespaces; values as the program gets them, lists and objects as JSON.
        outputs: what the last deployment exported; None where only files were read, which have none.
        unread: keys whose values are encrypted in the files.
        environments: of Pulumi ESC, which only the CLI can read; empty where it did.
        overridable: keys whose values such an environment may replace.
        named_by: the options that name it, and give what is not known of it.
    """

    project: str
    name: str
    configuration: Mapping[str, str]
    outputs: Mapping[str, Any] | None = None
    unread: frozenset[str] = frozenset()
    environments: tuple[str, ...] = ()
    overridable: frozenset[str] = frozenset()
    named_by: NamingOptions = OWN

    @property
    def chooses_profile(self) -> str:
        """The option, or the command, that chooses credentials for its account."""
        return self.named_by.profile or f"`pulumi config set aws:profile PROFILE --stack {self.name}`"

    @property
    def chooses_region(self) -> str:
        """The option, or the command, that says in which Region it is."""
        return self.named_by.region or f"`pulumi config set aws:region REGION --stack {self.name}`"

    @property
    def region(self) -> str:
        """The provider's Region; us-east-1 where the stack names none."""
        return self.configuration.get("aws:region", "us-east-1")

    @property
    def is_deployed(self) -> bool | None:
        """Whether Pulumi has outputs of it; None where it was not asked."""
        return None if self.outputs is None else bool(self.outputs)

    def settings(self) -> Settings:
        """What the program makes of the configuration, less what no command needs and a file cannot tell.

        Raises:
            SettingsError: where a setting is wrong.
            StackError: where a file cannot tell one that is needed.
        """
        self.require(*(f"{self.project}:{key}" for key in _NEEDED if f"{self.project}:{key}" in self.unread))
        self.require(*(f"{self.project}:{key}" for key in _SURELY_SET))
        return read_settings(self._own(), self.project, self.name)

    def log_group_names(self) -> list[str]:
        """The log group that requests are logged to, then those of before; what is deployed wins over the settings.

        Raises:
            SettingsError: where a setting is unknown or no list.
            StackError: where a file cannot tell the name.
        """
        if self.outputs and "logGroupName" in self.outputs:
            return [self.outputs["logGroupName"], *(self.outputs.get("formerLogGroupNames") or [])]
        return [self.configured_log_group_name()]

    def forwards_to(self) -> str | None:
        """The event bus, by its ARN, of another account's stack that logs what is requested here.

        Returns:
            None where a log group of this stack's own takes it; what is deployed wins over the settings.

        Raises:
            SettingsError: where a setting is unknown or no list.
            StackError: where a file cannot tell it.
        """
        if self.outputs:
            return self.outputs.get("forwardsTo") or None
        key = f"{self.project}:forwardTo"
        if key in self.unread:
            self.require(key)
        return str(read_arguments(self._own()).get("forward_to") or "") or None

    def accepts_from(self) -> list[str]:
        """The accounts and organisations whose stacks may forward to this one's log, as the settings say.

        Raises:
            SettingsError: where a setting is unknown or no list.
            StackError: where a file cannot tell it.
        """
        self.require(f"{self.project}:acceptFrom")
        return list(read_arguments(self._own()).get("accept_from") or [])

    def configured_log_group_name(self) -> str:
        """The log group that the settings name, be it deployed or not.

        Raises:
            SettingsError: where a setting is unknown or no list.
            StackError: where a file cannot tell the name.
        """
        self.require(f"{self.project}:logGroupName")
        return str(read_arguments(self._own()).get("log_group_name", Settings.log_group_name))

    def require(self, *keys: str) -> None:
        """See to it that the values of these keys are known, or known not to be set.

        Args:
            keys: with their namespaces.

        Raises:
            StackError: where a file cannot tell one; it names the key, and the option that gives it.
        """
        secret = [key for key in keys if key in self.unread]
        if secret:
            options = self._options(secret)
            or_give = f", or give {_listed(options)} for this once" if options else ""
            raise StackError(
                f"stack {self.name} holds {_listed(map(self._short, secret))} as a secret, which only the Pulumi CLI "
                f"can read: install it and log in{or_give}"
            )
        config = f"{self.named_by.config} KEY=VALUE" if self.named_by.config else None
        by = filter(None, (config, self.named_by.region, self.named_by.profile))
        doubtful = [key for key in keys if self.environments and self._may_be_in_environment(key)]
        if doubtful:
            raise StackError(
                f"stack {self.name} takes settings from the environment {_listed(self.environments)}, which only the "
                f"Pulumi CLI can read, and {_listed(map(self._short, doubtful))} may be there: install it and log in"
                f"{f', or give what it holds with {_listed(by)}' if self._options(doubtful) else ''}"
            )

    def _may_be_in_environment(self, key: str) -> bool:
        return key not in self.configuration or key in self.overridable

    def _options(self, keys: Iterable[str]) -> list[str]:
        """The options that give the values of these keys, each once; none unless there is one for each key."""
        found: dict[str, None] = {}
        for key in keys:
            option, value = self.named_by.config, f"{self._short(key)}=VALUE"
            if key.startswith("aws:"):
                is_region = key == "aws:region"
                option = self.named_by.region if is_region else self.named_by.profile
                value = "REGION" if is_region else "PROFILE"
            if option is None:
                return []
            found[f"{option} {value}"] = None
        return list(found)

    def _short(self, key: str) -> str:
        return key.removeprefix(f"{self.project}:")

    def _own(self) -> dict[str, str]:
        namespace = f"{self.project}:"
        return {k.removeprefix(namespace): v for k, v in self.configuration.items() if k.startswith(namespace)}


def _listed(things: Iterable[str]) -> str:
    *others, last = things
    return f"{', '.join(others)} and {last}" if others else last
