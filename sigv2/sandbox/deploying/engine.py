"""Runs the Pulumi program in the SDK's own runtime, with mocks where the engine would be."""

import asyncio
import contextvars
import os
import runpy
import sys
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime import mocks as pulumi_mocks
from pulumi.runtime import set_all_config, set_mocks
from pulumi.runtime.settings import get_root_resource
from pulumi.runtime.stack import Stack, run_pulumi_func

from sigv2.stack import PROJECT_DIRECTORY


def run_program(
    mocks: pulumi_mocks.Mocks,
    *,
    project: str,
    stack: str,
    configuration: Mapping[str, str],
    monitor: pulumi_mocks.MockMonitor | None = None,
) -> dict[str, Any]:
    """Evaluate the program once, from its first line to the last outstanding output.

    Args:
        mocks: answers each registration and each lookup, as the engine and the provider would.
        project: the Pulumi project's name.
        stack: the Pulumi stack's name.
        configuration: the whole configuration, keys with their namespaces, values as `pulumi config` stores them.
        monitor: sees each registration with its options; by default one that passes the inputs on to `mocks`.

    Returns:
        The stack's outputs.

    Raises:
        pulumi.RunError: where a setting is wrong.
    """

    def run() -> dict[str, Any]:
        # The runtime keeps its state in context variables: in a copy of the context, no run sees another.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            set_mocks(mocks, project=project, stack=stack, monitor=monitor)
            set_all_config(dict(configuration))
            return loop.run_until_complete(_evaluate())
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()
            asyncio.set_event_loop(None)

    return contextvars.copy_context().run(run)


async def _evaluate() -> dict[str, Any]:
    def program() -> None:
        runpy.run_path(os.fspath(PROJECT_DIRECTORY / "__main__.py"), run_name="__main__")

    if os.fspath(PROJECT_DIRECTORY) not in sys.path:
        sys.path.insert(0, os.fspath(PROJECT_DIRECTORY))
    await run_pulumi_func(program)
    stack = get_root_resource()
    if not isinstance(stack, Stack):
        raise TypeError(f"the runtime's root resource is {stack!r}, not a stack")
    return {name: await pulumi.Output.from_input(value).future() for name, value in stack.outputs.items()}
