import re
from pathlib import Path

import pytest

from blueprint import prices
from blueprint.prices import Dollars, month_of_access_logging, month_of_stack, month_of_watching

README = (Path(__file__).parents[3] / "README.md").read_text()
TIMES = "\N{MULTIPLICATION SIGN}"
SECTION = README.partition("## What it costs\n")[2].partition("\n## ")[0]


def price_of(row: str) -> str:
    (found,) = re.findall(rf"^\| {row}[^|]*\| ([^|]*) \|$", SECTION, re.MULTILINE)
    return str(found)


def test_the_readmes_table_has_the_prices_that_costs_are_reckoned_by() -> None:
    assert price_of("CloudTrail data events, 0.10 per 100,000") == f"{prices.DATA_EVENTS:.2f}"
    assert price_of("EventBridge, if it bills them") == f"0 to {prices.OPT_IN_EVENTS:.2f}"
    of_log = rf"CloudWatch Logs, {prices.LOG_PER_GB:.2f} per GB, at about {prices.KB_OF_REQUEST} KB"
    assert price_of(of_log) == f"{prices.LOGGING:.2f} {TIMES} share of SigV2"
    assert price_of("Forwarding") == f"{prices.FORWARDING:.2f} {TIMES} share of SigV2"
    assert price_of("SQS, SNS, four alarms") == f"less than {prices.FIXED_FOR_REGION:.0f} a month for each Region"
    assert f"{prices.ACCESS_LOGGING:.2f} USD per million requests" in SECTION


def test_the_readmes_example_is_what_the_formula_gives() -> None:
    a_day = 50e6 / prices.DAYS_OF_MONTH
    month = month_of_watching(a_day, 0.01)
    assert [month.at_least, month.at_most] == pytest.approx([50.625, 101.125])
    assert "50 million requests a month, one in a hundred of them SigV2" in SECTION
    assert "at most 101 USD" in SECTION
    formula = (
        f"monthly cost = millions of requests {TIMES} ({prices.DATA_EVENTS:.2f} + at most {prices.OPT_IN_EVENTS:.2f} + "
        f"({prices.LOGGING:.2f} + {prices.FORWARDING:.2f} if forwarded) {TIMES} share of SigV2)\n"
    )
    assert formula in SECTION


def test_a_share_that_nobody_knows_may_be_any() -> None:
    assert month_of_watching(1e6, None) == Dollars(30.0, 30 * (1 + 1 + 1.25 + 1))
    assert month_of_watching(1e6, 0.0) == Dollars(30.0, 60.0)
    assert month_of_watching(0, None) == Dollars(0.0, 0.0)


def test_what_a_stack_costs_anyway_is_for_each_region() -> None:
    assert Dollars(1.0, 2.0) + month_of_stack(3) == Dollars(1.0, 5.0)
    assert month_of_access_logging(1e6) == pytest.approx(15)
