"""Reads a stack: from Pulumi where its CLI is, from the files where it is not."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sigv2.stack import stack_files
from sigv2.stack.config_keys import qualified
from sigv2.stack.naming_options import OWN, NamingOptions
from sigv2.stack.stack_value import Stack, StackError

PROJECT_DIRECTORY = Path(__file__).resolve().parents[2]
"""Where Pulumi.yaml and the program's `__main__.py` are."""


def read_stack(
    name: str,
    settings: Sequence[str] = (),
    project_directory: Path = PROJECT_DIRECTORY,
    named_by: NamingOptions = OWN,
) -> Stack:
    """Read a stack with its outputs from Pulumi, or without them from the files where there is no CLI.

    Args:
        name: the stack's name, fully qualified or not.
        settings: `KEY=VALUE`, each as `pulumi config set KEY VALUE` would store it, over what the stack says.
        project_directory: where Pulumi.yaml is.
        named_by: the options that sentences about it may name.

    Raises:
        StackError: where Pulumi or a file refuses, or a setting has no `=`.
    """
    if not has_pulumi():
        return read_stack_files(name, settings, project_directory, named_by)
    from sigv2.stack import stack_of_pulumi  # noqa: PLC0415 - commands that read no stack need not wait for it

    return replace(_with(settings, stack_of_pulumi.read(name, project_directory)), named_by=named_by)


def read_stack_files(
    name: str,
    settings: Sequence[str] = (),
    project_directory: Path = PROJECT_DIRECTORY,
    named_by: NamingOptions = OWN,
) -> Stack:
    """Read a stack from the files alone, as the sandbox does, which deploys it anew.

    Args:
        name: as for `read_stack`; its file may be missing where `settings`, or the project's, say enough.
        settings: as for `read_stack`.
        project_directory: where Pulumi.yaml is.
        named_by: as for `read_stack`.

    Raises:
        StackError: where a file cannot be read or a setting has no `=`.
    """
    read = stack_files.read(name, project_directory, may_be_missing=bool(settings), option=named_by.stack)
    return replace(_with(settings, read), named_by=named_by)


def has_pulumi() -> bool:
    """Whether the Pulumi CLI is on the PATH."""
    return shutil.which("pulumi") is not None


def _with(settings: Sequence[str], stack: Stack) -> Stack:
    given: dict[str, str] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise StackError(f"--config takes KEY=VALUE, not {setting!r}")
        given[qualified(key, stack.project)] = value
    return replace(
        stack,
        configuration={**stack.configuration, **given},
        unread=stack.unread - given.keys(),
        overridable=stack.overridable - given.keys(),
    )
