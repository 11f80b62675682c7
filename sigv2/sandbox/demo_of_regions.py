"""`sandbox demo --regions`: buckets of three Regions and of a second account, and one log for all of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sigv2.logged_request import Event
from sigv2.report.formats.table_format import print_table
from sigv2.sandbox.demo import read_log
from sigv2.sandbox.demo_page import write_page
from sigv2.sandbox.deploying.create_s3 import make_bucket
from sigv2.sandbox.deploying.provider import deploy
from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.sandbox.logged import reports_since, row_of
from sigv2.sandbox.people import iam_user
from sigv2.sandbox.visitors import Visit, each_way_of_signing
from sigv2.stack import Stack
from sigv2.terminal import console, table

SECOND_ACCOUNT = "210987654321"
_OF_HUB = {"example-logs-use1": "us-east-1", "example-media-euw1": "eu-west-1", "example-site-apne1": "ap-northeast-1"}
_OF_SECOND_ACCOUNT = {"example-team-euw1": "eu-west-1", "example-team-usw2": "us-west-2"}
_COLUMNS = ("Account", "Region", "Operation", "Bucket", "Key", "Signed")

_Row = tuple[str, str, str, str, str, str]


@dataclass(frozen=True)
class _Sent:
    """A visit, and where its bucket is."""

    account_id: str
    region: str
    visit: Visit

    @property
    def row(self) -> _Row:
        visit = self.visit
        return self.account_id, self.region, visit.event_name, visit.bucket, visit.key, visit.how


def run_demo_of_regions(stack: Stack) -> bool:
    """Deploy a stack that watches three Regions and one that forwards to it, and show what comes of each request.

    Args:
        stack: whose settings both take, but for which buckets they watch.

    Returns:
        Whether exactly the SigV2 requests were logged, each once.
    """
    shown = console()
    with Emulator(region=stack.region) as emulator:
        second = emulator.client.of(SECOND_ACCOUNT, stack.region)
        for clients, buckets in ((emulator.client, _OF_HUB), (second, _OF_SECOND_ACCOUNT)):
            for bucket, region in buckets.items():
                make_bucket(clients.in_region(region)("s3"), bucket)
        hub = _with(stack, stack.name, targetBuckets=",".join(_OF_HUB), acceptFrom=SECOND_ACCOUNT)
        outputs = deploy(hub, emulator.client)
        shown.print(f"Deployed stack {hub.name} to account {emulator.account_id}: {', '.join(outputs['regions'])}")
        spoke = _with(stack, "team", targetBuckets=",".join(_OF_SECOND_ACCOUNT), forwardTo=outputs["eventBusArn"])
        regions = deploy(spoke, second)["regions"]
        shown.print(f"Deployed stack {spoke.name} to account {SECOND_ACCOUNT}: {', '.join(regions)}")
        deployed = datetime.now(UTC)
        sent = list(_visits(emulator))
        for one in sent:
            one.visit.send()
        emulator.settle()
        logged = [_row_of(event) for event in read_log(emulator.client, outputs["logGroupName"])]
        report, days = reports_since(emulator.client, [outputs["logGroupName"]], deployed)
    wanted = [one.row for one in sent if one.visit.how.startswith("SigV2")]
    numbers = {one.row: str(number) for number, one in enumerate(sent, start=1)}
    rows = [[numbers[one.row], one.visit.client, *one.row, "yes" if one.row in wanted else "-"] for one in sent]
    shown.print(table("Sent", ["#", "Client", *_COLUMNS, "To be logged"], rows))
    title = f"Logged in {outputs['logGroupName']} of account {emulator.account_id} in {stack.region}"
    shown.print(table(title, ["#", *_COLUMNS], [[numbers.get(row, "?"), *row] for row in logged]))
    as_expected = Counter(wanted) == Counter(logged)
    verdict = "exactly the SigV2 requests, each once" if as_expected else "NOT what SigV2 asked for"
    shown.print(f"{len(sent)} requests sent, {len(logged)} logged: {verdict}.")
    shown.print()
    print_table(report, shown)
    write_page(report, days, shown)
    return as_expected


def _with(stack: Stack, name: str, **settings: str) -> Stack:
    own = {f"{stack.project}:{key}": value for key, value in settings.items()}
    return replace(stack, name=name, configuration={**stack.configuration, **own})


def _visits(emulator: Emulator) -> Iterator[_Sent]:
    for account_id, buckets in ((emulator.account_id, _OF_HUB), (SECOND_ACCOUNT, _OF_SECOND_ACCOUNT)):
        user = iam_user(emulator.client.of(account_id, emulator.region), "nightly-backup")
        for bucket, region in buckets.items():
            for visit in each_way_of_signing(emulator.endpoint, user, bucket, region):
                yield _Sent(account_id, region, visit)


def _row_of(event: Event) -> _Row:
    return event["account"], event["region"], *row_of(event)
