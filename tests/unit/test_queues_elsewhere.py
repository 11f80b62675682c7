"""What `verify` says of the dead-letter queues of a stack's other Regions."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from botocore.exceptions import ClientError

from settings import read_settings
from sigv2.verify import queue_links
from sigv2.verify.chain import Link, Name, walk
from sigv2.verify.finding import Finding, ok, unknown, warning
from sigv2.verify.subject import Subject
from tests.unit.test_verify_chain import BASE, answering, subject

QUEUE = f"{BASE}-undelivered"
BUS = "arn:aws:events:us-east-1:210987654321:event-bus/hub"


class GoneError(ClientError):
    pass


def queue(waiting: object) -> Any:
    counts = {"Attributes": {"ApproximateNumberOfMessages": str(waiting)}}
    url = waiting if isinstance(waiting, Exception) else {"QueueUrl": "https://queue"}
    calls = answering(get_queue_url=url, get_queue_attributes=counts)
    return SimpleNamespace(**vars(calls), exceptions=SimpleNamespace(QueueDoesNotExist=GoneError))


def others(**queues: object) -> Subject:
    made = {region.replace("_", "-"): cast("Any", queue(waiting)) for region, waiting in queues.items()}
    return replace(subject(), other_queues=made)


def found(asked: Subject) -> Finding:
    (checked,) = walk(asked, [Link(Name.UNDELIVERED_ELSEWHERE, queue_links.waiting_elsewhere)])
    return checked.finding


def test_nothing_waits_only_where_every_queue_is_empty() -> None:
    assert found(others(eu_west_1=0, sa_east_1=0)) == ok("none in eu-west-1, sa-east-1")
    assert found(others(eu_west_1=0, sa_east_1=1, us_west_1=2)) == warning(
        "1 request waits in the queue of sa-east-1, 2 requests wait in the queue of us-west-1, and not in the log",
        "name a bucket there with --bucket, which tells why; when that is mended, bring them into the log group with "
        "`python -m sigv2 verify --redrive --stack dev`",
    )


def test_of_a_stack_that_forwards_they_come_into_the_log_of_its_hub() -> None:
    forwards = read_settings({"targetBuckets": "my-bucket", "forwardTo": BUS}, "s3-sigv2-access-log", "dev")
    fix = found(replace(others(eu_west_1=1), settings=forwards)).fix
    assert fix.endswith("with `python -m sigv2 verify --redrive --stack dev --hub STACK`")


def test_a_queue_that_is_gone_or_may_not_be_asked_about_is_not_empty() -> None:
    gone = GoneError({"Error": {"Code": "QueueDoesNotExist"}}, "GetQueueUrl")
    assert found(others(eu_west_1=0, sa_east_1=gone)) == warning(
        f"there is no dead-letter queue {QUEUE} in sa-east-1", "restore it with `pulumi up --refresh --stack dev`"
    )
    denied = ClientError({"Error": {"Code": "AccessDenied"}}, "GetQueueUrl")
    assert found(others(eu_west_1=0, sa_east_1=denied)) == unknown("needs sqs:GetQueueUrl")


def test_what_is_wrong_with_one_queue_hides_nothing_of_another() -> None:
    gone = GoneError({"Error": {"Code": "QueueDoesNotExist"}}, "GetQueueUrl")
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "No."}}, "GetQueueUrl")
    assert found(others(ap_northeast_1=denied, eu_west_1=gone, sa_east_1=1, us_west_1=gone)) == warning(
        f"1 request waits in the queue of sa-east-1, and not in the log; there is no dead-letter queue {QUEUE} in "
        "eu-west-1, us-west-1; the queue of ap-northeast-1 cannot be asked: these credentials may not call "
        "GetQueueUrl: No",
        "name a bucket there with --bucket, which tells why; when that is mended, bring them into the log group with "
        "`python -m sigv2 verify --redrive --stack dev`; restore it with `pulumi up --refresh --stack dev`",
    )
