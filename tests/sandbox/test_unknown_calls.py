"""What the emulator does not know it refuses at once: a client tries a 5xx again for minutes."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import Shape
from botocore.parsers import create_parser
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.sandbox.emulating.services import InTurn

REGION = "us-east-1"
ARN = f"arn:aws:iam::123456789012:saml-provider/{REGION}"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        s3 = running.client("s3")
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="key", Body=b"body")
        yield running


def client(emulator: Emulator, service: str) -> Any:
    """A client that tries again as one does that is not told otherwise."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        region_name=REGION,
        endpoint_url=emulator.endpoint,
        aws_access_key_id="AKIASTRANGER00000000",
        aws_secret_access_key="any secret will do",
        config=Config(s3={"addressing_style": "path"}),
    )


def refusal(emulator: Emulator, service: str, operation: str, **parameters: object) -> tuple[int, str, str, int]:
    """The status, the error's code and message, and how often the client tried again."""
    with pytest.raises(ClientError) as refused:
        getattr(client(emulator, service), operation)(**parameters)
    error, answer = refused.value.response["Error"], refused.value.response["ResponseMetadata"]
    return answer["HTTPStatusCode"], error["Code"], error["Message"], answer["RetryAttempts"]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code", "message"),
    [
        (
            *("cloudtrail", "list_channels", {}, "UnknownOperationException"),
            "The emulator does not know ListChannels of cloudtrail.",
        ),
        (
            *("cloudwatch", "list_metric_streams", {}, "UnknownOperationException"),
            "The emulator does not know ListMetricStreams of monitoring.",
        ),
        (
            *("events", "test_event_pattern", {"EventPattern": "{}", "Event": "{}"}, "UnknownOperationException"),
            "The emulator does not know TestEventPattern of events.",
        ),
        (
            *("iam", "list_saml_provider_tags", {"SAMLProviderArn": ARN}, "InvalidAction"),
            "The emulator does not know ListSAMLProviderTags of iam.",
        ),
        (
            *("lambda", "get_account_settings", {}, "UnknownOperationException"),
            "The emulator does not know GET /2016-08-19/account-settings of lambda.",
        ),
    ],
)
def test_an_operation_that_it_lacks_is_refused_by_name_and_not_tried_again(
    emulator: Emulator, service: str, operation: str, parameters: dict[str, str], code: str, message: str
) -> None:
    assert refusal(emulator, service, operation, **parameters) == (400, code, message, 0)


@pytest.mark.parametrize(
    ("service", "operation", "signed_for"),
    [
        ("health", "describe_events", "health"),  # JSON
        ("docdb-elastic", "list_clusters", "docdb-elastic"),  # REST with JSON
        ("cloudsearch", "describe_domains", "cloudsearch"),  # forms
        ("s3", "list_directory_buckets", "s3express"),  # REST with XML
    ],
)
def test_a_service_that_it_lacks_is_refused_by_name_in_the_services_own_protocol(
    emulator: Emulator, service: str, operation: str, signed_for: str
) -> None:
    assert refusal(emulator, service, operation) == (
        400,
        "UnknownOperationException",
        f"The emulator has no service {signed_for!r}, or cannot tell which the request is for.",
        0,
    )


def test_a_known_call_that_cannot_be_understood_is_refused_with_a_code(emulator: Emulator) -> None:
    parameters = {"KeyId": "none", "GranteePrincipal": "nobody", "Operations": ["Decrypt"]}
    assert refusal(emulator, "kms", "create_grant", **parameters) == (
        *(400, "ValidationException"),
        *("The request is not one that this service understands.", 0),
    )


@pytest.mark.parametrize(
    ("operation", "parameters", "what"),
    [
        ("get_object_retention", {"Bucket": "bucket", "Key": "key"}, "GET retention"),
        ("get_bucket_request_payment", {"Bucket": "bucket"}, "GET requestPayment"),
        ("get_bucket_metrics_configuration", {"Bucket": "bucket", "Id": "id"}, "GET metrics"),
        ("delete_bucket_metrics_configuration", {"Bucket": "bucket", "Id": "id"}, "DELETE metrics"),
        ("delete_bucket_inventory_configuration", {"Bucket": "bucket", "Id": "id"}, "DELETE inventory"),
        ("rename_object", {"Bucket": "bucket", "Key": "new", "RenameSource": "bucket/key"}, "PUT renameObject"),
    ],
)
def test_an_s3_call_that_it_lacks_is_not_taken_for_another(
    emulator: Emulator, operation: str, parameters: dict[str, str], what: str
) -> None:
    assert refusal(emulator, "s3", operation, **parameters) == (
        *(400, "NotImplemented"),
        *(f"The emulator does not implement {what}.", 0),
    )
    assert client(emulator, "s3").get_object(Bucket="bucket", Key="key")["Body"].read() == b"body"


def test_s3s_own_subresources_are_passed_on(emulator: Emulator) -> None:
    s3 = client(emulator, "s3")
    s3.put_bucket_tagging(Bucket="bucket", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert s3.get_bucket_tagging(Bucket="bucket")["TagSet"] == [{"Key": "a", "Value": "b"}]
    s3.delete_bucket_tagging(Bucket="bucket")
    assert refusal(emulator, "s3", "get_bucket_tagging", Bucket="bucket")[:2] == (404, "NoSuchTagSet")


def test_a_bucket_policy_that_it_cannot_evaluate_is_refused_and_not_tried_again(emulator: Emulator) -> None:
    condition = {"NumericLessThan": {"s3:max-keys": "10"}}
    statement = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}
    s3 = client(emulator, "s3")
    s3.create_bucket(Bucket="odd")
    s3.put_bucket_policy(Bucket="odd", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    status, code, _, tried_again = refusal(emulator, "s3", "list_objects_v2", Bucket="odd")
    assert (status, code, tried_again) == (400, "NotImplemented", 0)


def answer(emulator: Emulator, path: str, body: bytes = b"", **headers: str) -> dict[str, Any]:
    """What the emulator answers to a POST, as botocore's parsers take it."""
    connection = HTTPConnection(emulator.endpoint.removeprefix("http://"))
    connection.request("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    taken = {"status_code": response.status, "headers": dict(response.headers), "body": response.read()}
    connection.close()
    return taken


def signed_for(service: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential=AKIA/20260102/{REGION}/{service}/aws4_request, SignedHeaders=host"


FORM = "application/x-www-form-urlencoded"
CBOR_PATH = "/service/GraniteServiceVersion20100801/operation/ListMetricStreams"
NO_SERVICE = "The emulator has no service '', or cannot tell which the request is for."


@pytest.mark.parametrize(
    ("protocol", "path", "body", "headers", "code", "message"),
    [
        (
            *("smithy-rpc-v2-cbor", CBOR_PATH, b"\xa0"),
            {"Authorization": signed_for("monitoring"), "smithy_protocol": "rpc-v2-cbor"},
            *("UnknownOperationException", "The emulator does not know ListMetricStreams of monitoring."),
        ),
        (
            *("ec2", "/", b"Action=Nonsense&Version=2016-11-15"),
            {"Authorization": signed_for("ec2"), "Content_Type": FORM},
            *("InvalidAction", "The emulator does not know Nonsense of ec2."),
        ),
        (
            *("query", "/", b"Action=Nonsense&Version=2010-05-08"),
            {"Authorization": signed_for("iam"), "Content_Type": FORM},
            *("InvalidAction", "The emulator does not know Nonsense of iam."),
        ),
        (
            *("json", "/", b"{}"),
            {"Authorization": signed_for("logs"), "X_Amz_Target": "Logs_20140328.Nonsense"},
            *("UnknownOperationException", "The emulator does not know Nonsense of logs."),
        ),
        (*("json", "/", b"{}"), {"X_Amz_Target": "Nonsense.Nonsense"}, *("UnknownOperationException", NO_SERVICE)),
        (
            *("query", "/", b"Action=Nonsense&Version=2000-01-01", {"Content_Type": FORM}),
            *("UnknownOperationException", NO_SERVICE),
        ),
    ],
)
def test_a_refusal_is_understood_in_each_protocol(
    emulator: Emulator, protocol: str, path: str, body: bytes, headers: dict[str, str], code: str, message: str
) -> None:
    answered = answer(emulator, path, body, **headers)
    error = create_parser(protocol).parse(answered, Shape("Output", {"type": "structure"}))["Error"]
    assert (answered["status_code"], error["Code"], error["Message"]) == (400, code, message)


def test_nothing_that_it_refuses_counts_as_a_failure_of_its_own(emulator: Emulator) -> None:
    refusal(emulator, "cloudtrail", "list_channels")
    emulator.settle()


def test_calls_are_answered_in_turn() -> None:
    inside: list[str] = []

    @Request.application
    def slow(request: Request) -> Response:
        inside.append(request.path)
        time.sleep(0.05)
        together = list(inside)
        inside.remove(request.path)
        return Response(" ".join(together))

    in_turn = InTurn(slow)

    def call(path: str) -> str:
        environ = Request.from_values(path, method="POST").environ
        return b"".join(run_wsgi_app(in_turn, environ)[0]).decode()

    with ThreadPoolExecutor(4) as clients:
        assert list(clients.map(call, ["/a", "/b", "/c", "/d"])) == ["/a", "/b", "/c", "/d"]


def test_a_client_that_waits_for_a_message_keeps_nobody_from_sending_it(emulator: Emulator) -> None:
    sqs = client(emulator, "sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    with ThreadPoolExecutor(1) as waiting:
        received = waiting.submit(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=20)
        time.sleep(0.3)
        sqs.send_message(QueueUrl=url, MessageBody="sent")
        messages = received.result(timeout=10)["Messages"]
    assert [message["Body"] for message in messages] == ["sent"]
