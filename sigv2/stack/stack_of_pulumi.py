"""Reads a stack from Pulumi: its CLI knows secrets, environments, the project's values, and what was deployed."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from pulumi.automation import CommandError, InvalidVersionError, PulumiCommand

from sigv2.stack.stack_files import project_name
from sigv2.stack.stack_value import Stack, StackError

_NO_NEWS: Final = {"PULUMI_SKIP_UPDATE_CHECK": "true"}
_WAYS_OUT: Final = (
    (r"no stack named", "`pulumi stack ls` shows those that there are"),
    (r"PULUMI_ACCESS_TOKEN must be set|must be logged in|not logged in|invalid access token", "run `pulumi login`"),
    (r"passphrase", "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE as for `pulumi up`"),
    (r"unknown flag|unknown command|unknown shorthand", "update the Pulumi CLI"),
    (r"", "`pulumi config --stack {stack} --show-secrets` must work first"),
)
"""What helps, by what the CLI says; the first that is found in it."""


def read(name: str, project_directory: Path) -> Stack:
    """Ask Pulumi for a stack's configuration, with secrets and environments, and for its outputs.

    The stack that the user has selected stays selected.

    Args:
        name: the stack's name, as `pulumi --stack` takes it.
        project_directory: where Pulumi.yaml is.

    Raises:
        StackError: the CLI is too old, or refuses.
    """
    try:
        command = PulumiCommand()
    except InvalidVersionError as error:
        raise StackError(f"the Pulumi CLI does not fit: {_one_line(str(error)).rstrip('.')}") from None
    except (OSError, subprocess.CalledProcessError) as error:
        raise StackError(f"the Pulumi CLI cannot be run ({_one_line(str(error))}): check `pulumi version`") from None

    # Not the Stack of the Automation API: to make one is to select it, for every other command of the user, too.
    def ask(*arguments: str) -> dict[str, Any]:
        asked = [*arguments, "--json", "--show-secrets", "--stack", name]
        answer: dict[str, Any] = json.loads(command.run(asked, os.fspath(project_directory), _NO_NEWS).stdout)
        return answer

    project = project_name(project_directory)
    with ThreadPoolExecutor() as pool:
        configuration, outputs = pool.submit(ask, "config"), pool.submit(ask, "stack", "output")
        try:
            return stack_of(project, name, configuration.result(), outputs.result())
        except CommandError as error:
            raise StackError(refusal(name, str(error))) from None
        except ValueError as error:
            raise StackError(f"the Pulumi CLI answers what is no JSON ({error}): check `pulumi version`") from None


def stack_of(project: str, name: str, configuration: Mapping[str, Any], outputs: Mapping[str, Any]) -> Stack:
    """Make a stack of what the CLI answers.

    Args:
        project: the project's name.
        name: the stack's name, qualified or not.
        configuration: what `pulumi config --json --show-secrets` prints.
        outputs: what `pulumi stack output --json --show-secrets` prints.
    """
    values = {key: str(about.get("value") or "") for key, about in configuration.items()}
    return Stack(project, name.rpartition("/")[2], values, outputs)


def refusal(name: str, said: str) -> str:
    """One sentence of what the CLI says when it fails, and the way out.

    Args:
        name: the stack's.
        said: what it printed, of which the lines that begin with `error:` count.
    """
    # Standard output comes first and may hold values.
    errors = said.rpartition("stderr:")[2]
    reason = _one_line(errors.partition("error:")[2] or errors).rstrip(".")
    way_out = next(way_out for pattern, way_out in _WAYS_OUT if re.search(pattern, reason, re.IGNORECASE))
    return f"Pulumi cannot read stack {name} ({reason}): {way_out.format(stack=name)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
