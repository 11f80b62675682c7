"""`verify --redrive` over several Regions: one that AWS refuses keeps no other from being brought home."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from settings import read_settings
from sigv2.stack.stack_account import AccountInRegion
from sigv2.verify.redriving.redrive_command import ALL, NOWHERE, REFUSED, redrive_stack

HOME, DENIED, FAR, GONE = "us-east-1", "eu-west-1", "sa-east-1", "us-west-1"
SETTINGS = read_settings({"targetBuckets": "my-bucket"}, "s3-sigv2-access-log", "dev")
QUEUE = f"{SETTINGS.base_name}-undelivered"
STAYS = "what was not brought into the log group stays in the queue"


class GoneError(ClientError):
    pass


def sqs(region: str) -> Any:
    def get_queue_url(**_: object) -> dict[str, str]:
        if region == DENIED:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "an SCP denies it"}}, "GetQueueUrl")
        if region == FAR:
            raise EndpointConnectionError(endpoint_url="https://sqs")
        if region == GONE:
            raise GoneError({"Error": {"Code": "QueueDoesNotExist"}}, "GetQueueUrl")
        return {"QueueUrl": region}

    return SimpleNamespace(
        get_queue_url=get_queue_url,
        get_queue_attributes=lambda **_: {"Attributes": {}},
        receive_message=lambda **_: {},
        exceptions=SimpleNamespace(QueueDoesNotExist=GoneError),
    )


def logs() -> Any:
    groups = [{"logGroupName": SETTINGS.log_group_name, "retentionInDays": 400}]
    return SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: [{"logGroups": groups}]))


def redriven(*regions: str) -> int:
    def client(service: str, region: str = HOME, **_: object) -> Any:
        return sqs(region) if service == "sqs" else logs()

    session = cast("Any", SimpleNamespace(client=client, get_partition_for_region=lambda _: "aws"))
    place = AccountInRegion(session, "123456789012", "arn:aws:iam::123456789012:user/ann", HOME)
    return redrive_stack(place, SETTINGS, timedelta(seconds=1), regions)


def test_a_region_that_is_refused_is_named_after_all_others_were_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert redriven(HOME, DENIED, FAR, "ap-southeast-1") == REFUSED == 2
    said = capsys.readouterr()
    assert said.out == "".join(
        f"Nothing waits in the dead-letter queue {QUEUE} of {region}.\n" for region in (HOME, "ap-southeast-1")
    )
    assert said.err == (
        f"Error: these credentials may not call GetQueueUrl: an SCP denies it; {STAYS} of {DENIED}\n"
        'Error: AWS cannot be reached (Could not connect to the endpoint URL: "https://sqs"): check the network, the '
        f"Region and AWS_ENDPOINT_URL; {STAYS} of {FAR}\n"
    )


@pytest.mark.parametrize(
    ("regions", "code"),
    [
        ((HOME,), ALL),
        ((HOME, GONE), NOWHERE),
        ((DENIED,), REFUSED),
        ((DENIED, GONE, HOME), REFUSED),
    ],
)
def test_of_several_queues_the_exit_code_is_the_worst(regions: tuple[str, ...], code: int) -> None:
    assert redriven(*regions) == code
