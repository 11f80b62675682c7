"""What a deployed stack watches decides whether it can vouch for all buckets."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import typer

from blueprint.arns import Arns
from blueprint.queries import saved_query
from blueprint.sigv2_regions import SIGV2_REGIONS
from sigv2.period import Period
from sigv2.report.coverage import Coverage
from sigv2.report.enforce_option import EnforceAs, asked_to_enforce
from sigv2.report.enforcement import resource_control_policy
from sigv2.report.reports import Report
from sigv2.report.verdict import GateVerdict
from sigv2.stack import Stack

PERIOD = Period(datetime(2026, 11, 13, 8, tzinfo=UTC), datetime(2026, 11, 20, 8, tzinfo=UTC))
NOBODY = Report(saved_query("client"), ["/a"], PERIOD, True, [], {}, coverage=Coverage(PERIOD.since))
ALL = list(SIGV2_REGIONS["aws"])
HOME = Arns("aws", "123456789012", "us-east-1")


def stack(outputs: dict[str, Any] | None, **settings: str) -> Stack:
    return Stack("project", "prod", {f"project:{key}": value for key, value in settings.items()}, outputs)


@pytest.mark.parametrize(
    ("watching", "arns"),
    [
        (stack({"regions": ALL}, targetBuckets="*"), HOME),
        (stack({}, targetBuckets="*", regions="all"), HOME),
        (stack(None, targetBuckets="*", regions=",".join(region for region in ALL if region != "us-east-1")), HOME),
        (stack(None, targetBuckets="*"), Arns("aws-us-gov", "123456789012", "us-gov-west-1")),
    ],
)
def test_a_stack_that_watches_all_of_its_account_vouches_for_it(
    watching: Stack, arns: Arns, capsys: pytest.CaptureFixture[str]
) -> None:
    everywhere = asked_to_enforce("*", EnforceAs.RCP)
    assert everywhere
    everywhere.refuse_unwatched(watching)
    everywhere.enforce(NOBODY, arns, watching)
    written = capsys.readouterr()
    assert json.loads(written.out) == resource_control_policy()
    assert written.err.startswith("No SigV2 request since 2026-11-13 08:00 UTC. ")
    assert "attach it to account 123456789012." in written.err


@pytest.mark.parametrize(
    ("watching", "doubt"),
    [
        (stack({"regions": ALL[1:]}, targetBuckets="*", regions="all"), f"stack prod does not watch {ALL[0]}, so"),
        (stack({"regions": ALL}, targetBuckets="a-bucket"), "stack prod watches only some of account 123456789012"),
        (None, "which buckets are watched cannot be told from a log group"),
    ],
)
def test_what_is_deployed_decides_and_one_that_leaves_something_out_vouches_for_nothing(
    watching: Stack | None, doubt: str, capsys: pytest.CaptureFixture[str]
) -> None:
    everywhere = asked_to_enforce("*", EnforceAs.RCP)
    assert everywhere
    with pytest.raises(typer.Exit) as ended:
        everywhere.enforce(NOBODY, HOME, watching)
    written = capsys.readouterr()
    assert (ended.value.exit_code, written.out) == (GateVerdict.NOT_PROVEN, "")
    assert doubt in written.err
