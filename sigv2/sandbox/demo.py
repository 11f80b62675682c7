"""`sandbox demo`: real requests of real clients, what was logged of them, and who to chase."""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from sigv2.logged_request import Event
from sigv2.report.formats.table_format import print_table
from sigv2.sandbox.demo_page import write_page
from sigv2.sandbox.deploying.create_s3 import make_bucket
from sigv2.sandbox.deploying.provider import deploy
from sigv2.sandbox.emulating.aws_clients import Clients
from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.sandbox.logged import reports_since, row_of
from sigv2.sandbox.people import assumed_role_session, iam_user
from sigv2.sandbox.visitors import Visit, left_out, visits
from sigv2.stack import Stack
from sigv2.terminal import console, table

_COLUMNS = ["Operation", "Bucket", "Key", "Signed"]
_TARGETS = ("example-uploads", "example-reports")
_OTHER = "example-elsewhere"


def run_demo(stack: Stack) -> bool:
    """Deploy a stack, send it what an old bucket gets in a day, and show what came of it.

    Args:
        stack: whose targets include the two buckets of Pulumi.dev.yaml.

    Returns:
        Whether exactly the SigV2 requests to target buckets were logged.
    """
    shown = console()
    with Emulator(region=stack.region) as emulator:
        s3 = emulator.client("s3")
        for bucket in (*_TARGETS, _OTHER):
            make_bucket(s3, bucket)
        outputs = deploy(stack, emulator.client)
        shown.print(f"Deployed stack {stack.name} to an emulated AWS at {emulator.endpoint}")
        deployed = datetime.now(UTC)
        user = iam_user(emulator.client, "nightly-backup")
        role = assumed_role_session(emulator.client, "report-server", "i-0136f1c4e5a8b2d90")
        sent = list(visits(emulator.endpoint, user, role, _TARGETS[0], _OTHER))
        for visit in sent:
            visit.send()
        emulator.settle()
        logged = read_log(emulator.client, outputs["logGroupName"])
        report, days = reports_since(emulator.client, [outputs["logGroupName"]], deployed)
    watched = [visit for visit in sent if visit.how.startswith("SigV2") and visit.bucket in _TARGETS]
    numbers = {_row(visit): str(number) for number, visit in enumerate(sent, start=1)}
    shown.print(
        table(
            "Sent",
            ["#", "Client", *_COLUMNS, "To be logged"],
            [[numbers[_row(v)], v.client, *_row(v), "yes" if v in watched else "-"] for v in sent],
        )
    )
    for client in left_out():
        shown.print(f"Left out: {client}.")
    shown.print(
        table(
            f"Logged in {outputs['logGroupName']}",
            ["#", *_COLUMNS],
            [[numbers.get(row_of(event), "?"), *row_of(event)] for event in logged],
        )
    )
    as_expected = Counter(map(_row, watched)) == Counter(map(row_of, logged))
    verdict = "exactly the SigV2 requests to target buckets" if as_expected else "NOT what SigV2 asked for"
    shown.print(f"{len(sent)} requests sent, {len(logged)} logged: {verdict}.")
    shown.print()
    print_table(report, shown)
    write_page(report, days, shown)
    return as_expected


def read_log(clients: Clients, log_group_name: str) -> list[Event]:
    """All events of a log group, oldest first."""
    pages = clients("logs").get_paginator("filter_log_events").paginate(logGroupName=log_group_name)
    messages: list[Any] = [event for page in pages for event in page["events"]]
    return [json.loads(event["message"]) for event in sorted(messages, key=lambda event: event["timestamp"])]


def _row(visit: Visit) -> tuple[str, str, str, str]:
    return visit.event_name, visit.bucket, visit.key, visit.how
