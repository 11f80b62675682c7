"""What it costs to watch requests: prices of us-east-1 in USD, and what a number of requests makes of them.

https://aws.amazon.com/cloudtrail/pricing/, https://aws.amazon.com/eventbridge/pricing/ and
https://aws.amazon.com/cloudwatch/pricing/; README.md, "What it costs", has them, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DATA_EVENTS: Final = 1.00
"""CloudTrail, for a million data events: 0.10 for 100,000."""
OPT_IN_EVENTS: Final = 1.00
"""EventBridge, for a million opt-in events; AWS does not say whether CloudTrail's data events are such."""
LOG_PER_GB: Final = 0.50
"""CloudWatch Logs, for taking them in."""
KB_OF_REQUEST: Final = 2.5
"""What a SigV2 request takes in the log, about."""
LOGGING: Final = LOG_PER_GB * KB_OF_REQUEST
"""CloudWatch Logs, for a million SigV2 requests, each of some KB."""
FORWARDING: Final = 1.00
"""EventBridge, for a million SigV2 requests that are forwarded from another Region or account."""
FIXED_FOR_REGION: Final = 1.00
"""Queue, topic and alarms of a Region cost less in a month."""
ACCESS_LOGGING: Final = 0.50
"""CloudWatch Logs, for a million access log records of about 1 KB, as vended logs."""
DAYS_OF_MONTH: Final = 30
_MILLION: Final = 1_000_000

FORMULA: Final = (
    f"millions of requests in {DAYS_OF_MONTH} days * ({DATA_EVENTS:.2f} CloudTrail + 0 to {OPT_IN_EVENTS:.2f} "
    f"EventBridge + share of SigV2 * ({LOGGING:.2f} log + 0 to {FORWARDING:.2f} forwarding)), and at most "
    f"{FIXED_FOR_REGION:.2f} for each Region"
)
"""How a month is reckoned, for people."""


@dataclass(frozen=True)
class Dollars:
    """An amount that is known to lie between two.

    Attributes:
        at_least: in USD.
        at_most: in USD.
    """

    at_least: float
    at_most: float

    def __add__(self, other: Dollars) -> Dollars:
        return Dollars(self.at_least + other.at_least, self.at_most + other.at_most)


def month_of_watching(requests_per_day: float, sigv2_share: float | None) -> Dollars:
    """What CloudTrail, EventBridge and CloudWatch Logs bill for so many requests, without what a stack costs anyway.

    Args:
        requests_per_day: of any signature, as CloudTrail bills each.
        sigv2_share: how many of them are SigV2, from 0 to 1; None where nobody knows.
    """
    millions = requests_per_day * DAYS_OF_MONTH / _MILLION
    fewest, most = (0.0, 1.0) if sigv2_share is None else (sigv2_share, sigv2_share)
    return Dollars(
        millions * (DATA_EVENTS + LOGGING * fewest),
        millions * (DATA_EVENTS + OPT_IN_EVENTS + (LOGGING + FORWARDING) * most),
    )


def month_of_stack(regions: int) -> Dollars:
    """What a stack costs that watches so many Regions, though nobody requests anything."""
    return Dollars(0.0, FIXED_FOR_REGION * regions)


def month_of_data_events(requests_per_day: float) -> float:
    """What CloudTrail bills for one copy of so many requests, in USD."""
    return requests_per_day * DAYS_OF_MONTH / _MILLION * DATA_EVENTS


def month_of_access_logging(requests_per_day: float) -> float:
    """What access logs of so many requests in CloudWatch Logs cost, about, in USD."""
    return requests_per_day * DAYS_OF_MONTH / _MILLION * ACCESS_LOGGING
