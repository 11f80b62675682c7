"""Reads a stack from Pulumi.yaml and Pulumi.<stack>.yaml, as the Pulumi CLI does where it needs no more.

What the CLI makes of them is read in its source (sdk/go/common/workspace, pkg/workspace/config.go), and tried out.
"""

import re
from pathlib import Path
from typing import Any

from sigv2.stack.config_keys import qualified
from sigv2.stack.go_yaml import Timestamp, YamlError, load, object_text, scalar_text
from sigv2.stack.stack_value import Stack, StackError

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
"""What Pulumi takes for a stack's name, or a project's (sdk/go/common/tokens)."""


def read(name: str, project_directory: Path, *, may_be_missing: bool, option: str = "--stack") -> Stack:
    """Read what the files say of a stack; secrets and environments are named, not read.

    Args:
        name: the stack's name, fully qualified or not.
        project_directory: where Pulumi.yaml is.
        may_be_missing: whether a stack without a file is one, though the project sets no targets.
        option: that names the stack.

    Raises:
        StackError: where a file is missing, is no YAML, or is none that Pulumi takes.
    """
    project, own_project = _project(project_directory)
    name = _unqualified(name, own_project, option)
    declared = project.get("config") or {}
    # What is called stackConfigDir today was called config once.
    folder = str(declared if isinstance(declared, str) else project.get("stackConfigDir") or "")
    of_project = _project_values(declared, own_project) if isinstance(declared, dict) else {}
    file = project_directory / folder / f"Pulumi.{name}.yaml"
    if not file.exists():
        if not may_be_missing and f"{own_project}:targetBuckets" not in of_project:
            raise StackError(
                f"there is no {file.name}; create the stack with `pulumi stack init {name}`, or name another"
            )
        return Stack(own_project, name, of_project)
    content = _mapping(file)
    of_stack = {qualified(str(key), own_project): value for key, value in _section(content, file).items()}
    unread = frozenset(key for key, value in of_stack.items() if _holds_secret(value))
    told = {key: _stack_value(value) for key, value in of_stack.items() if key not in unread}
    environments = _environments(content.get("environment"))
    return Stack(
        own_project,
        name,
        {key: value for key, value in of_project.items() if key not in unread} | told,
        unread=unread,
        environments=environments,
        overridable=frozenset(of_project.keys() - told.keys()) if environments else frozenset(),
    )


def project_name(project_directory: Path) -> str:
    """The name in Pulumi.yaml.

    Raises:
        StackError: where it cannot be read.
    """
    return _project(project_directory)[1]


def _project(directory: Path) -> tuple[dict[Any, Any], str]:
    """What Pulumi.yaml says, and the project's name."""
    project = _mapping(directory / "Pulumi.yaml")
    name = project.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise StackError("Pulumi.yaml cannot be read: its name is none that Pulumi takes, or missing")
    return project, name


def _unqualified(name: str, project: str, option: str) -> str:
    """The stack's own name of `organization/project/stack` and its shorter forms; the CLI names the file after it."""
    *qualifiers, own = name.split("/")
    if len(qualifiers) > 2 or not _NAME.fullmatch(own):
        raise StackError(
            f"{option}: {name[:100]!r} is no name of a stack, which has 1 to 100 letters, digits, hyphens, underscores "
            "and dots"
        )
    if len(qualifiers) == 2 and qualifiers[1] != project:
        raise StackError(f"{option}: {name!r} is a stack of the project {qualifiers[1]}, and this is {project}")
    return own


def _mapping(file: Path) -> dict[Any, Any]:
    try:
        content = load(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, YamlError) as error:
        raise StackError(f"{file.name} cannot be read: {' '.join(str(error).split())}") from None
    if content is not None and not isinstance(content, dict):
        raise StackError(f"{file.name} cannot be read: it is no mapping of keys to values")
    return content or {}


def _section(content: dict[Any, Any], file: Path) -> dict[Any, Any]:
    section = content.get("config")
    if section is not None and not isinstance(section, dict):
        raise StackError(f"{file.name} cannot be read: its config is no mapping of keys to values")
    return section or {}


def _project_values(declared: dict[Any, Any], project: str) -> dict[str, str]:
    """The values that every stack has which sets none of its own.

    A key with a mapping declares its type; a bare value is short for its default, or value.
    """
    values = {}
    for key, about in declared.items():
        value = about.get("default", about.get("value")) if isinstance(about, dict) else about
        if isinstance(value, Timestamp):
            raise StackError(
                f"Pulumi.yaml cannot be read: config {key} is a date, which Pulumi takes only between quotation marks"
            )
        if value is not None:
            values[qualified(str(key), project)] = (
                object_text(value, dates="json") if isinstance(value, dict | list) else scalar_text(value)
            )
    return values


def _stack_value(value: object) -> str:
    return object_text(value) if isinstance(value, dict | list) else scalar_text(value)


def _holds_secret(value: object) -> bool:
    if isinstance(value, list):
        return any(map(_holds_secret, value))
    if isinstance(value, dict):
        # So the CLI stores a secret, wherever in a value it is.
        return (value.keys() == {"secure"} and isinstance(value["secure"], str)) or any(
            map(_holds_secret, value.values())
        )
    return False


def _environments(section: object) -> tuple[str, ...]:
    """Their names, from a list of names, a list of names with options, or a definition in place."""
    if isinstance(section, dict):
        imports = section.get("imports")
        return _environments(imports) or ("in its file",)
    if not isinstance(section, list):
        return ()
    return tuple(str(next(iter(entry), "")) if isinstance(entry, dict) else str(entry) for entry in section)
