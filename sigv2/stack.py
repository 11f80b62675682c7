"""Reads a stack as the Pulumi CLI does: Pulumi.yaml, Pulumi.<stack>.yaml, and what `pulumi config set` adds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from blueprint.checked_settings import Settings
from settings import read_settings

PROJECT_DIRECTORY = Path(__file__).resolve().parents[1]
"""Where Pulumi.yaml and the program's `__main__.py` are."""


class StackError(ValueError):
    """The stack cannot be read; the message is for the person who named it."""


@dataclass(frozen=True)
class Stack:
    """What the CLI passes to the program.

    Attributes:
        project: the project's name.
        name: the stack's name.
        configuration: keys with their namespaces; values as stored, lists and objects as JSON.
    """

    project: str
    name: str
    configuration: Mapping[str, str]

    @property
    def region(self) -> str:
        """The provider's Region; us-east-1 where the stack names none."""
        return self.configuration.get("aws:region", "us-east-1")

    def settings(self) -> Settings:
        """What the program makes of the configuration.

        Raises:
            SettingsError: where a setting is wrong.
        """
        namespace = f"{self.project}:"
        own = {k.removeprefix(namespace): v for k, v in self.configuration.items() if k.startswith(namespace)}
        return read_settings(own, self.project, self.name)


def read_stack(name: str, settings: Sequence[str] = (), project_directory: Path = PROJECT_DIRECTORY) -> Stack:
    """Read a stack's configuration.

    Args:
        name: the stack's name, fully qualified or not; its file may be missing where `settings` say enough.
        settings: `KEY=VALUE`, each as `pulumi config set KEY VALUE` would store it, over what the file says.
        project_directory: where Pulumi.yaml is.

    Raises:
        StackError: where a file cannot be read or a setting has no `=`.
    """
    # The CLI takes `organization/project/stack` as well, and names the file after the stack alone.
    name = name.rpartition("/")[2]
    project = _read_yaml(project_directory / "Pulumi.yaml")
    namespace = f"{project['name']}:"
    declared = project.get("config", {})
    configuration = {
        namespace + key: _stored(about["default"]) for key, about in declared.items() if "default" in about
    }
    file = project_directory / f"Pulumi.{name}.yaml"
    if file.exists():
        of_stack = _read_yaml(file).get("config") or {}
        configuration |= {_qualified(key, namespace): _stored(value) for key, value in of_stack.items()}
    elif not settings:
        raise StackError(f"there is no {file.name}; create the stack with `pulumi stack init {name}`, or name another")
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise StackError(f"--config takes KEY=VALUE, not {setting!r}")
        configuration[_qualified(key, namespace)] = value
    return Stack(project["name"], name, configuration)


def _read_yaml(file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise StackError(f"{file.name} cannot be read: {error}") from None
    return content if isinstance(content, dict) else {}


def _qualified(key: str, namespace: str) -> str:
    return key if ":" in key else namespace + key


def _stored(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
