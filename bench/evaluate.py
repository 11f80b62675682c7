"""Time and memory of one evaluation of the program, beside what importing pulumi and pulumi_aws alone takes.

Each case is measured in fresh processes, of which the fastest counts. Lookups are answered at once, as mocks do:
what is measured is the program, not AWS.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
FLOOR = "import pulumi, pulumi_aws"
# pulumi_aws imports a service's module, with all its resources, when the first of them is used.
SERVICES = f"{FLOOR} as a; a.s3.Bucket, a.cloudtrail.Trail, a.cloudwatch.LogGroup, a.sqs.Queue, a.sns.Topic"
WITH_ROLE = f"{SERVICES}, a.iam.Role"
PROGRAM = """
import json, sys
from pulumi.runtime.mocks import Mocks
from sigv2.sandbox.deploying.engine import run_program

LOOKUPS = {
    "pulumi:pulumi:readStackResourceOutputs": {"outputs": {}},
    "aws:index/getPartition:getPartition": {"partition": "aws"},
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": "123456789012"},
    "aws:index/getRegion:getRegion": {"region": "us-east-1"},
    "aws:cloudwatch/getLogGroups:getLogGroups": {"logGroupNames": []},
    "aws:s3/getBucket:getBucket": {"bucketRegion": "us-east-1"},
}
registered = 0

class Answers(Mocks):
    def call(self, args):
        return LOOKUPS[args.token], []

    def new_resource(self, args):
        global registered
        registered += args.custom
        made_up = {"arn": f"arn:aws:x:us-east-1:123456789012:{args.name}", "bucket": args.name, "url": args.name}
        return args.name, made_up | args.inputs

configuration = {f"project:{key}": value for key, value in json.loads(sys.argv[1]).items()}
run_program(Answers(), project="project", stack="dev", configuration=configuration)
print(registered)
"""


def names(count: int) -> str:
    """A target list of so many buckets."""
    return json.dumps([f"example-bucket-{number:04}" for number in range(count)])


CASES: dict[str, dict[str, str]] = {
    **{f"{count:,} target{'s' * (count > 1)}": {"targetBuckets": names(count)} for count in (1, 100, 1000, 2400)},
    "2,400 targets, not looked up": {"targetBuckets": names(2400), "checkTargets": "false"},
    "* with 100 exclusions": {"targetBuckets": "*", "excludeBuckets": names(100)},
    "1 target, 2 Regions": {"targetBuckets": names(1), "regions": "eu-west-1"},
    "1 target, 3 Regions": {"targetBuckets": names(1), "regions": "eu-west-1,us-west-2"},
    "1 target, 8 Regions": {"targetBuckets": names(1), "regions": "all"},
}


def measure(*command: str) -> tuple[float, float, str]:
    """Seconds and peak MiB of the fastest of some runs, and what it printed."""
    best: tuple[float, float, str] | None = None
    for _ in range(ROUNDS):
        started = time.perf_counter()
        with subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            printed = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        if process.returncode:
            sys.exit(f"the program ended with {process.returncode}")
        if best is None or seconds < best[0]:
            best = (seconds, usage.ru_maxrss / 1024, printed.strip() or "-")
    assert best is not None
    return best


def main() -> None:
    """Measure and print the table."""
    floor, services, with_role = (measure("-c", program) for program in (FLOOR, SERVICES, WITH_ROLE))
    results = {
        FLOOR: floor,
        "... and the services that the program uses": services,
        "... and IAM, where it forwards": with_role,
    }
    results |= {case: measure("-c", PROGRAM, json.dumps(settings)) for case, settings in CASES.items()}
    table = Table(title=f"One evaluation of the program, best of {ROUNDS}", title_justify="left")
    for column in ("Case", "Seconds", "Times import", "Times services", "Peak MiB", "Resources"):
        table.add_column(column, justify="left" if column == "Case" else "right", no_wrap=True)
    for case, (seconds, mebibytes, resources) in results.items():
        ratios = (f"{seconds / imported[0]:.2f}" for imported in (floor, services))
        table.add_row(case, f"{seconds:.2f}", *ratios, f"{mebibytes:.0f}", resources)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
