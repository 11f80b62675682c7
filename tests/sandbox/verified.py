"""Runs `python -m sigv2 verify` against the emulator, and reads what it prints."""

from collections.abc import Callable
from dataclasses import dataclass

import typer
from typer.testing import CliRunner, Result

from sigv2.verify.verify_command import verify
from tests.sandbox.conftest import Pipeline

BASE = "s3-sigv2-access-log-dev"
GROUP = "/aws/events/s3-sigv2-access-log"
GROUP_ARN = f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}"
QUEUE = f"{BASE}-undelivered"
RESTORE = "`pulumi up --refresh --stack dev`"


def run(pipeline: Pipeline, *options: str) -> Result:
    """Run the command as a user of the emulated account."""
    app = typer.Typer()
    app.command()(verify)
    return CliRunner().invoke(app, ["--timeout", "0.3s", *options], env=pipeline.environment())


def last_sentence(result: Result) -> str:
    return result.stdout.splitlines()[-1]


def signs(result: Result) -> dict[str, str]:
    """The sign of each link in the table."""
    return {link: sign for sign, link, _ in _rows(result) if sign}


def found(result: Result) -> str:
    """What the table says of all links, whatever lines it is broken into."""
    return " ".join(finding for _, _, finding in _rows(result))


def _rows(result: Result) -> list[list[str]]:
    lines = [line for line in result.stdout.splitlines() if line.startswith("│ ")]
    return [[cell.strip() for cell in line.split("│")[1:4]] for line in lines]


def remove_target(pipeline: Pipeline) -> None:
    pipeline.emulator.client("events").remove_targets(Rule=BASE, Ids=["log-group"])


@dataclass(frozen=True)
class Break:
    """A way to break a link, and what the last sentence must say then.

    Attributes:
        break_it: breaks it.
        says: the link and what is wrong with it.
        fix: what mends it, or part of that.
        options: given to the command; where an event comes nevertheless, the chain is walked without one.
        mend: undoes it, where it leaves no trace.
    """

    break_it: Callable[[Pipeline], object]
    says: str
    fix: str = RESTORE
    options: tuple[str, ...] = ()
    mend: Callable[[Pipeline], object] | None = None


def check(case: Break, pipeline: Pipeline) -> None:
    """Break a link, and run the command: it must name that link and the fix, and exit with 1."""
    case.break_it(pipeline)
    result = run(pipeline, *case.options)
    if case.mend:
        case.mend(pipeline)
    assert last_sentence(result).startswith(f"The first broken link is the {case.says}")
    assert case.fix in last_sentence(result).partition(" Fix: ")[2]
    assert signs(result)[case.says.partition(":")[0]] == "✗"
    assert result.exit_code == 1
    assert not {"\x1b", "\x07"} & set(result.stdout)
