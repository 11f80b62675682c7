"""Many clients at once: nothing is lost, and nothing is logged twice."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from botocore.auth import HmacV1Auth, HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.sandbox.conftest import OTHER, TARGET, Pipeline

REQUESTS = 2000
KINDS = ("header v2", "query v2", "header v4", "query v4", "anonymous")


def signed(kind: str, url: str, who: Credentials) -> requests.PreparedRequest:
    """A GET of the URL, signed as the kind says; botocore's signers alone, as 2,000 clients would take a minute."""
    request = AWSRequest("GET", url)
    signers = {
        "header v2": lambda: HmacV1Auth(who),
        "query v2": lambda: HmacV1QueryAuth(who),
        "header v4": lambda: S3SigV4Auth(who, "s3", "us-east-1"),
        "query v4": lambda: S3SigV4QueryAuth(who, "s3", "us-east-1"),
    }
    if kind in signers:
        signers[kind]().add_auth(request)  # type: ignore[no-untyped-call]
    return requests.Request("GET", request.url, headers=dict(request.headers)).prepare()


@pytest.mark.timeout(110)
def test_two_thousand_requests_at_once_of_every_kind_are_each_logged_once_or_not_at_all(pipeline: Pipeline) -> None:
    who = Credentials(pipeline.user.access_key_id, pipeline.user.secret_access_key)
    sent = [
        (KINDS[number % 5], TARGET if number % 4 else OTHER, f"{KINDS[number % 5].replace(' ', '-')}/{number}")
        for number in range(REQUESTS)
    ]

    own = threading.local()

    def send(request: tuple[str, str, str]) -> int:
        kind, bucket, key = request
        if not hasattr(own, "session"):
            own.session = requests.Session()
        prepared = signed(kind, f"{pipeline.emulator.endpoint}/{bucket}/{key}", who)
        answer: requests.Response = own.session.send(prepared, timeout=60)
        return answer.status_code

    with ThreadPoolExecutor(max_workers=100) as clients:
        answers = Counter(clients.map(send, sent))
    assert answers == {404: REQUESTS}
    expected = sorted(key for kind, bucket, key in sent if kind.endswith("v2") and bucket == TARGET)
    assert len(expected) == 600
    assert pipeline.logged_keys() == expected
