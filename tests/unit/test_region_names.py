"""What passes for a Region: all that botocore knows, and what AWS may open; no mistyped one."""

import boto3.session
import pytest

from blueprint.region_names import partition_of_name
from blueprint.sigv2_regions import SIGV2_REGIONS

SESSION = boto3.session.Session()


@pytest.mark.parametrize("partition", SESSION.get_available_partitions())
def test_every_region_is_one_of_its_partition(partition: str) -> None:
    regions = SESSION.get_available_regions("s3", partition)
    assert {partition_of_name(region) for region in regions} == {partition}


def test_a_region_to_come_is_one_and_those_that_accept_sigv2_are_where_they_are_said_to_be() -> None:
    assert partition_of_name("nz-northeast-12") == "aws"
    assert {partition_of_name(region): region for region in ("cn-south-1", "us-gov-west-2")} == {
        "aws-cn": "cn-south-1",
        "aws-us-gov": "us-gov-west-2",
    }
    for partition, regions in SIGV2_REGIONS.items():
        assert {partition_of_name(region) for region in regions} == {partition}


@pytest.mark.parametrize(
    "name", ["", "europe", "eu-wst-1", "eu-west", "eu-west-0", "eu-west-1a", "eu-west-1 ", "eur-west-1", "us-gv-west-1"]
)
def test_a_mistyped_name_is_no_region(name: str) -> None:
    assert partition_of_name(name) is None
