"""`python -m sigv2 sandbox`: rehearse with real clients and no AWS account."""

from typing import Annotated

import pulumi
import typer
from botocore.exceptions import BotoCoreError, ClientError

from blueprint.settings_errors import SettingsError
from sigv2.aws import explained
from sigv2.options import ConfigOption
from sigv2.sandbox.emulating.aws_clients import is_region
from sigv2.stack import Stack, StackError, read_stack_files
from sigv2.terminal import fail

app = typer.Typer(
    help="An emulated AWS on 127.0.0.1, with the pipeline deployed in it. No AWS account is needed or touched.",
    no_args_is_help=True,
)


@app.command("demo")
def demo(
    *,
    regions: Annotated[bool, typer.Option("--regions", help="Three Regions and a second account instead.")] = False,
) -> None:
    """Deploy the dev stack, send it requests of real S3 clients, and show what was logged.

    Exits with 1 if that is not exactly the SigV2 requests to target buckets.
    """
    from sigv2.sandbox.demo import run_demo  # noqa: PLC0415 - moto is slow to import, and other commands need none
    from sigv2.sandbox.demo_of_regions import run_demo_of_regions  # noqa: PLC0415 - as above

    run = run_demo_of_regions if regions else run_demo
    raise typer.Exit(0 if run(_read("dev", [])) else 1)


@app.command("serve")
def serve_command(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="On 127.0.0.1; 0 takes any that is free.")] = 4566,
    stack: Annotated[str, typer.Option(help="Which Pulumi.STACK.yaml to deploy.")] = "dev",
    config: ConfigOption = None,
    empty: Annotated[bool, typer.Option("--empty", help="Deploy nothing; another engine will.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print each logged event as a line of JSON.")] = False,
) -> None:
    """Stay up for your own S3 clients, and show each SigV2 request as it is logged."""
    from sigv2.sandbox.deploying.provider import UnknownTypeError  # noqa: PLC0415 - as above
    from sigv2.sandbox.serve import serve  # noqa: PLC0415

    chosen = _read(stack, config or [])
    try:
        serve(None if empty else chosen, region=chosen.region, port=port, as_json=as_json)
    except (pulumi.RunError, SettingsError, StackError, UnknownTypeError) as error:
        fail(str(error))
    except (BotoCoreError, ClientError) as error:
        fail(f"the stack cannot be deployed to the sandbox: {explained(error)}")


def _read(stack: str, settings: list[str]) -> Stack:
    try:
        read = read_stack_files(stack, settings)
    except StackError as error:
        fail(str(error))
    if not is_region(read.region):
        fail(f"the stack cannot be deployed to the sandbox: aws:region {read.region!r} is no Region that it knows")
    return read
