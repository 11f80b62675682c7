"""Whatever stands where a time should, a request is taken or refused."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sigv2.sandbox.observing.http_request import S3Request
from sigv2.sandbox.observing.s3_errors import Refused
from sigv2.sandbox.observing.signatures import Method, Signature, Version
from sigv2.sandbox.observing.times import check_time

NOW = datetime(2019, 6, 30, 10, 20, 3, tzinfo=UTC)
TEXTS = st.text() | st.lists(
    st.sampled_from(
        ["Sun, ", "30 ", "Jun ", "2019 ", "10:20:03 ", "GMT", "-0000", "+9999", "2019", "T", "Z", "-", "99"]
    )
).map("".join)


def refusal(
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    method: Method = "AuthHeader",
    version: Version = "SigV2",
) -> str | None:
    """The code that a request is refused with at 10:20:03, None if it is taken."""
    request = S3Request("GET", "", "photos", "key", query or {}, headers or {}, form or {}, "", 0, virtual_hosted=False)
    try:
        check_time(request, Signature(version, method, "AKIA", None), NOW)
    except Refused as refused:
        return refused.code
    return None


@pytest.mark.parametrize(
    "date",
    [
        "Sun, 30 Jun 2019 10:20:03 GMT",
        "Sun, 30 Jun 2019 10:20:03 +0000",
        "Sun, 30 Jun 2019 12:20:03 +0200",
        "Sunday, 30-Jun-19 10:20:03 GMT",
        "Sun Jun 30 10:20:03 2019",
        "20190630T102003Z",
        "Sun, 30 Jun 2019 10:34:59 GMT",
        "Sun, 30 Jun 2019 10:05:04 GMT",
    ],
)
def test_a_date_in_any_form_of_http_is_read(date: str) -> None:
    assert refusal({"date": date}) is None


@given(date=TEXTS)
@example(date="Sun, 30 Jun 2019 10:20:03 +9999")
@example(date="Mon, 01 Jan 0001 00:00:00 +1400")
def test_whatever_stands_for_a_date_is_taken_or_refused(date: str) -> None:
    assert refusal({"x-amz-date": date}) in (None, "AccessDenied", "RequestTimeTooSkewed")


@given(date=TEXTS, seconds=TEXTS)
def test_whatever_stands_for_a_period_is_taken_or_refused(date: str, seconds: str) -> None:
    query = {"X-Amz-Date": date, "X-Amz-Expires": seconds}
    code = refusal(query=query, method="QueryString", version="SigV4")
    assert code in (None, "AccessDenied", "AuthorizationQueryParametersError")


@given(policy=TEXTS | st.binary().map(lambda raw: base64.b64encode(raw).decode()))
@example(policy=base64.b64encode(b'{"expiration": "9999-12-31T23:59:59+14:00"}').decode())
@example(policy=base64.b64encode(b"[" * 100_000).decode())
def test_whatever_stands_for_a_policy_is_taken_or_refused(policy: str) -> None:
    assert refusal(form={"policy": policy}, method="HtmlForm") in (None, "AccessDenied", "InvalidPolicyDocument")


@pytest.mark.parametrize(("minutes", "code"), [(1, None), (-1, "AccessDenied")])
def test_a_policy_holds_until_it_expires(minutes: int, code: str | None) -> None:
    expiration = (NOW + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    policy = base64.b64encode(f'{{"expiration": "{expiration}", "conditions": []}}'.encode()).decode()
    assert refusal(form={"policy": policy}, method="HtmlForm") == code
