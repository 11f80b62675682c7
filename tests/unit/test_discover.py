from datetime import UTC, datetime
from typing import Any

import boto3.session
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError
from botocore.loaders import Loader

from blueprint.sigv2_regions import SIGV2_REGIONS
from sigv2.discover.sigv2_acceptance import Acceptance, Bucket, Verdict, list_buckets, probe, verdict_on

CREATED = datetime(2015, 6, 1, tzinfo=UTC)
REFUSED = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."


class Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> list[bytes]:
        return [self._content]


class S3:
    """Stands in for AWS: keeps what is sent, and answers in turn."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self._answers = list(answers)
        self.sent: list[AWSPreparedRequest] = []
        self.session = boto3.session.Session("AKIA", "secret", "token", region_name="us-east-1")
        self.session.events.register("before-send.s3", self._answer)  # type: ignore[arg-type] # may return an answer

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        self.sent.append(request)
        status, body = self._answers.pop(0)
        return AWSResponse(request.url, status, HTTPHeaders(), Body(body.encode()))


@pytest.fixture(autouse=True)
def no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)


def refused(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "ListObjects")


@pytest.mark.parametrize(
    ("error", "region", "verdict", "reason"),
    [
        (refused("InvalidRequest", REFUSED), "us-east-1", "refuses", f"S3 says: {REFUSED.partition('.')[0]}"),
        (
            *(refused("InvalidRequest", REFUSED), "eu-central-1", "refuses"),
            "every bucket does in Regions opened after 30 January 2014",
        ),
        (
            *(refused("AccessDenied", "Access Denied"), "us-east-1", "accepts"),
            "S3 took the signature; listing is denied (AccessDenied)",
        ),
        (
            *(refused("InvalidRequest", "Missing a header."), "us-east-1", "unknown"),
            "AWS refused ListObjects (InvalidRequest): Missing a header",
        ),
        (
            *(refused("NoSuchBucket", "The specified bucket does not exist"), "us-east-1", "unknown"),
            "AWS refused ListObjects (NoSuchBucket): The specified bucket does not exist",
        ),
        (
            *(refused("PermanentRedirect", "Go to \x1b[31mred"), "us-east-1", "unknown"),
            r"AWS refused ListObjects (PermanentRedirect): Go to \x1b[31mred",
        ),
        (
            *(refused("SignatureDoesNotMatch", "Check your key"), "us-east-1", "unknown"),
            "AWS does not accept these credentials (SignatureDoesNotMatch: Check your key): renew them, or choose "
            "others with --profile",
        ),
        (
            *(ConnectTimeoutError(endpoint_url="https://old.s3.amazonaws.com"), "us-east-1", "unknown"),
            'AWS cannot be reached (Connect timeout on endpoint URL: "https://old.s3.amazonaws.com"): check the '
            "network, the Region and AWS_ENDPOINT_URL",
        ),
    ],
)
def test_only_what_tells_that_s3_read_the_signature_is_a_verdict(
    error: BotoCoreError | ClientError, region: str, verdict: str, reason: str
) -> None:
    assert verdict_on(error, region) == (verdict, reason)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "old.s3.us-east-1.amazonaws.com"),
        ("eu-west-1", "old.s3.eu-west-1.amazonaws.com"),
        ("eu-central-1", "old.s3.eu-central-1.amazonaws.com"),
        ("us-gov-west-1", "old.s3.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "old.s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_a_bucket_is_asked_at_its_regions_endpoint_with_sigv2_for_none_of_its_objects(region: str, host: str) -> None:
    s3 = S3((200, "<ListBucketResult/>"))
    bucket = Bucket("old", region, CREATED)
    assert list(probe(s3.session, [bucket], None)) == [Acceptance(bucket, Verdict.ACCEPTS, "S3 answered")]
    (request,) = s3.sent
    url, _, query = request.url.partition("?")
    assert (request.method, url) == ("GET", f"https://{host}/")
    assert "max-keys=0" in query.split("&")
    assert str(request.headers["Authorization"]).startswith("b'AWS AKIA:")


DENIED = "<Error><Code>AccessDenied</Code><Message>{}</Message></Error>"
PLAIN = DENIED.format("Access Denied")
NOT_ALLOWED = DENIED.format(
    "User: ann is not authorized to perform: s3:ListBucket because no identity-based policy allows the s3:ListBucket "
    "action"
)
EXPLICIT = DENIED.format(
    "User: ann is not authorized to perform: s3:ListBucket with an explicit deny in a resource-based policy"
)


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([(403, PLAIN), (200, "<ListBucketResult/>")], Verdict.REFUSED_BY_POLICY),
        ([(403, PLAIN), (403, PLAIN)], Verdict.DENIED),
        ([(403, EXPLICIT), (403, EXPLICIT)], Verdict.DENIED),
        ([(403, EXPLICIT), (403, NOT_ALLOWED)], Verdict.REFUSED_BY_POLICY),
        ([(403, NOT_ALLOWED)], Verdict.ACCEPTS),
        ([(403, PLAIN), (404, "<Error><Code>NoSuchBucket</Code></Error>")], Verdict.UNKNOWN),
    ],
)
def test_a_denied_bucket_is_asked_again_with_sigv4_to_tell_who_is_denied(
    answers: list[tuple[int, str]], verdict: Verdict
) -> None:
    s3 = S3(*answers)
    (found,) = probe(s3.session, [Bucket("old", "us-east-1", CREATED)], None)
    assert found is not None
    assert found.verdict is verdict
    signed = [str(request.headers["Authorization"]).startswith("b'AWS AKIA:") for request in s3.sent]
    assert signed == [True, False][: len(answers)]


def test_buckets_are_listed_page_by_page_with_their_regions() -> None:
    page = (
        "<ListAllMyBucketsResult><Buckets><Bucket><Name>{}</Name><CreationDate>2015-06-01T00:00:00Z</CreationDate>"
        "<BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets>{}</ListAllMyBucketsResult>"
    )
    more = "<ContinuationToken>next</ContinuationToken>"
    s3 = S3((200, page.format("a-bucket", more)), (200, page.format("b-bucket", "")))
    assert list_buckets(s3.session) == [
        Bucket("a-bucket", "eu-west-1", CREATED),
        Bucket("b-bucket", "eu-west-1", CREATED),
    ]
    assert ["continuation-token=next" in request.url for request in s3.sent] == [False, True]


def test_a_bucket_of_another_region_is_not_asked() -> None:
    s3 = S3()
    assert list(probe(s3.session, [Bucket("old", "eu-west-1", CREATED)], "us-east-1")) == [None]
    assert s3.sent == []


def test_an_answer_that_is_not_s3s_is_unknown() -> None:
    (finding,) = probe(S3(*[(200, "<html>")] * 3).session, [Bucket("old", "us-east-1", CREATED)], None)
    assert finding is not None
    assert (finding.verdict, finding.reason) == ("unknown", "AWS refused ListObjects (500): Internal Server Error")


def test_a_region_that_nobody_can_have_is_unknown_and_not_the_end() -> None:
    (finding,) = probe(S3().session, [Bucket("old", "no region", CREATED)], None)
    assert finding is not None
    assert finding.verdict is Verdict.UNKNOWN


def test_the_regions_that_know_sigv2_are_those_for_which_botocore_knows_it() -> None:
    # Read anew, as a session changes what it has read.
    data: dict[str, Any] = Loader().load_data("endpoints")
    known = {
        region
        for partition in data["partitions"]
        for region, endpoint in partition["services"].get("s3", {"endpoints": {}})["endpoints"].items()
        if "s3" in endpoint.get("signatureVersions", [])
    }
    # Of GovCloud botocore does not tell the Region of 2011 from that of 2018.
    assert known - {"aws-global", "s3-external-1"} == set(SIGV2_REGIONS["aws"])
