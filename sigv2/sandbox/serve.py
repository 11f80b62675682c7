"""`sandbox serve`: stays up for a person's own clients, and shows each SigV2 request as it is logged."""

import contextlib
import os
import time

from rich.markup import escape

from blueprint.sentences import counted
from sigv2.logged_request import Event, client_of, print_request
from sigv2.report.formats.table_format import print_table
from sigv2.sandbox.deploying.create_s3 import make_bucket
from sigv2.sandbox.deploying.provider import deploy
from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.sandbox.instructions import engine_instructions, instructions
from sigv2.sandbox.logged import report_on
from sigv2.sandbox.people import iam_user
from sigv2.signals import heed_signals
from sigv2.stack import Stack
from sigv2.terminal import console, fail, say

_WAKE_SECONDS = 0.2


def serve(stack: Stack | None, *, region: str, port: int, as_json: bool) -> None:
    """Run until Ctrl-C or SIGTERM.

    Args:
        stack: what to deploy first, creating the target buckets that it names; None starts empty, for another
            engine to deploy to.
        region: of the emulator.
        port: on 127.0.0.1; 0 takes any that is free.
        as_json: print each logged event as a line of JSON on standard output, and all else on standard error.
    """
    heed_signals()
    shown = console(stderr=as_json)
    logged: set[str] = set()

    def show(event: Event) -> None:
        # Each trail that records a request has an event of it.
        if event["detail"]["eventID"] not in logged:
            logged.add(event["detail"]["eventID"])
            print_request(event, client_of(event), as_json=as_json)

    with _listening(region, port) as emulator:
        emulator.on_delivered(show)
        credentials = iam_user(emulator.client, "you")
        if stack:
            for bucket in stack.settings().targets.buckets:
                make_bucket(emulator.client("s3"), bucket)
            deploy(stack, emulator.client)
            say(
                f"Deployed stack {stack.name}. Each SigV2 request to a target bucket is shown as it is logged.",
                stderr=as_json,
            )
        else:
            say("Nothing is deployed: point `pulumi up` or Terraform at the endpoint.", stderr=as_json)
        where = emulator.endpoint, region, credentials
        to_paste = instructions(*where) if stack else engine_instructions(*where) + instructions(*where)
        # Whole lines, however narrow the terminal.
        shown.print(escape(to_paste), soft_wrap=True)
        _wait_for_signal()
        emulator.settle()
        for place, log_groups in emulator.deployment().log_group_names().items():
            print_table(report_on(emulator.client.of(*place), log_groups), shown)
    say(f"{counted(len(logged), 'SigV2 request')} logged.", stderr=as_json)


def _listening(region: str, port: int) -> Emulator:
    try:
        return Emulator(region=region, port=port)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        fail(f"port {port} of 127.0.0.1 cannot be listened on ({reason}); choose another with --port")


def _wait_for_signal() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            # The kernel may hand the signal to another thread, and this one heeds it only when it wakes up.
            time.sleep(_WAKE_SECONDS)
