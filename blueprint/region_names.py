"""What the name of an AWS Region looks like, of those that are there and of those to come."""

import re
from collections.abc import Mapping

_SHAPE = re.compile(r"(?P<area>[a-z-]+)-(?:central|(?:north|south)?(?:east|west)|north|south)-[1-9][0-9]?")
_COUNTRY = re.compile(r"[a-z]{2}")
_APART: Mapping[str, str] = {
    "cn": "aws-cn",
    "us-gov": "aws-us-gov",
    "eusc-de": "aws-eusc",
    "us-iso": "aws-iso",
    "us-isob": "aws-iso-b",
    "eu-isoe": "aws-iso-e",
    "us-isof": "aws-iso-f",
}


def partition_of_name(region: str) -> str | None:
    """The partition that a Region of this name lies in, whether or not there is such a Region.

    https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html

    Returns:
        None where no Region has such a name.
    """
    named = _SHAPE.fullmatch(region)
    if named is None:
        return None
    return _APART.get(named["area"], "aws" if _COUNTRY.fullmatch(named["area"]) else None)
