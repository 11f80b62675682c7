"""What differs from S3, entry by entry of README's list; whoever mends one has to strike it off."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from sigv2.sandbox.visitors import Credentials
from tests.sandbox.conftest import TARGET, Pipeline
from tests.sandbox.s3_clients import s3_client
from tests.sandbox.test_hostile import SIGV2, exchange, request
from tests.sandbox.test_like_s3 import deny, form, posted, sent, signed
from tests.sandbox.test_two_accounts import EVERY_OBJECT

Test = TypeVar("Test", bound=Callable[..., None])

SHOWN: set[str] = set()


def difference(entry: str) -> Callable[[Test], Test]:
    """Marks a test that shows an entry of the list."""
    SHOWN.add(entry)
    return lambda test: test


@pytest.fixture
def pipeline(deployed: Pipeline) -> Pipeline:
    return deployed


def test_the_list_is_that_of_these_tests() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    _, _, rest = readme.partition("#### What differs from S3\n")
    listing = rest.partition("\nThe command line needs")[0]
    assert re.findall(r"(?m)^- \*\*([^*]+)\*\*", listing) == sorted(SHOWN, key=listing.index)
    assert len(SHOWN) == 16


@difference("Signatures")
def test_any_secret_will_do(pipeline: Pipeline) -> None:
    s3_client(pipeline.emulator, Credentials(pipeline.user.access_key_id, "wrong")).put_object(
        Bucket=TARGET, Key="wrong", Body=b""
    )
    url = pipeline.s3().generate_presigned_url("get_object", Params={"Bucket": TARGET, "Key": "another"})
    path = url.replace("/another?", "/wrong?").removeprefix(pipeline.emulator.endpoint)
    assert exchange(pipeline, request(f"GET {path}")).status == 200


@difference("Access keys")
def test_an_access_key_of_nobody_is_served(pipeline: Pipeline) -> None:
    s3_client(pipeline.emulator, Credentials("AKIANOBODY0000000000", "any")).put_object(
        Bucket=TARGET, Key="nobody", Body=b""
    )
    assert pipeline.logged()[-1]["detail"]["userIdentity"]["accountId"] == "999999999999"


@difference("Permissions")
def test_a_users_own_policy_is_not_asked(pipeline: Pipeline) -> None:
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    pipeline.emulator.client("iam").put_user_policy(
        UserName="nightly-backup", PolicyName="nothing", PolicyDocument=json.dumps(nothing)
    )
    pipeline.s3().put_object(Bucket=TARGET, Key="permitted", Body=b"")


@difference("Policies")
def test_a_deny_that_cannot_be_evaluated_is_answered_with_400(pipeline: Pipeline) -> None:
    deny(pipeline, TARGET, Condition={"DateGreaterThan": {"aws:CurrentTime": "2013-06-30T00:00:00Z"}})
    answer = sent(pipeline, f"GET /{TARGET}/key")
    pipeline.s3("s3v4").delete_bucket_policy(Bucket=TARGET)
    assert (answer.status, answer.code) == (400, "NotImplemented")


@difference("TLS")
def test_loopback_passes_for_tls(pipeline: Pipeline) -> None:
    assert pipeline.emulator.endpoint.startswith("http://")
    deny(pipeline, TARGET, Condition={"Bool": {"aws:SecureTransport": "false"}})
    pipeline.s3().put_object(Bucket=TARGET, Key="in-plain", Body=b"")
    pipeline.s3("s3v4").delete_bucket_policy(Bucket=TARGET)


@difference("Regions")
def test_a_bucket_answers_at_every_regions_endpoint(pipeline: Pipeline) -> None:
    host = f"{TARGET}.s3.eu-central-1.amazonaws.com"
    assert sent(pipeline, "PUT /anywhere", host=host).status == 200
    assert pipeline.logged()[-1]["detail"]["awsRegion"] == "us-east-1"


@difference("Endpoints")
@pytest.mark.parametrize(
    "host",
    [
        f"{TARGET}.s3-website-us-east-1.amazonaws.com",
        "mine-123456789012.s3-accesspoint.us-east-1.amazonaws.com",
        "mine-123456789012.s3-object-lambda.us-east-1.amazonaws.com",
        "mine--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com",
    ],
)
def test_another_endpoint_is_answered_with_400(pipeline: Pipeline, host: str) -> None:
    before = len(pipeline.logged())
    answer = sent(pipeline, "GET /key", host=host)
    assert (answer.status, answer.code) == (400, "NotImplemented")
    assert len(pipeline.logged()) == before


@difference("SigV2")
def test_a_new_bucket_takes_sigv2(pipeline: Pipeline) -> None:
    pipeline.s3().create_bucket(Bucket="new-today")
    pipeline.s3().put_object(Bucket="new-today", Key="key", Body=b"")


@difference("Forms")
def test_the_conditions_of_a_form_are_not_checked_and_no_document_answers_it(pipeline: Pipeline) -> None:
    fields = {**signed(pipeline, "allowed"), "key": "not-allowed", "success_action_status": "201"}
    answer = posted(pipeline, *form(fields))
    assert (answer.status, answer.body) == (201, b"")


@difference("Deletions")
def test_a_deletion_of_many_needs_no_digest(pipeline: Pipeline) -> None:
    body = b"<Delete><Object><Key>a</Key></Object></Delete>"
    assert sent(pipeline, f"POST /{TARGET}?delete", body=body).status == 200


@difference("Versions")
def test_an_id_of_no_version_is_not_invalid_and_suspended_versioning_marks_nothing(pipeline: Pipeline) -> None:
    v4 = pipeline.s3("s3v4")
    assert sent(pipeline, f"GET /{TARGET}/key?versionId=no%20id").code in ("NoSuchVersion", "NoSuchKey")
    v4.create_bucket(Bucket="suspended")
    v4.put_bucket_versioning(Bucket="suspended", VersioningConfiguration={"Status": "Suspended"})
    v4.put_object(Bucket="suspended", Key="key", Body=b"")
    v4.delete_object(Bucket="suspended", Key="key")
    assert "DeleteMarkers" not in v4.list_object_versions(Bucket="suspended")


@difference("KMS keys")
def test_any_id_of_a_kms_key_will_do(pipeline: Pipeline) -> None:
    pipeline.s3("s3v4").put_object(
        Bucket=TARGET, Key="key-of-none", Body=b"", ServerSideEncryption="aws:kms", SSEKMSKeyId="no-such-key"
    )


@difference("Uploads")
def test_an_upload_ends_at_one_gibibyte(pipeline: Pipeline) -> None:
    answer = exchange(pipeline, request(f"PUT /{TARGET}/large", SIGV2, f"Content-Length: {2**30 + 1}"))
    assert (answer.status, answer.code) == (400, "EntityTooLarge")


@difference("Uploads")
def test_an_upload_may_come_in_chunks(pipeline: Pipeline) -> None:
    chunks = request(f"PUT /{TARGET}/chunks", SIGV2, "Transfer-Encoding: chunked", body=b"1\r\na\r\n0\r\n\r\n")
    assert exchange(pipeline, chunks).status == 200


@difference("Trails")
def test_what_aws_does_not_say_of_a_trail_for_an_organisation_goes_one_way(pipeline: Pipeline) -> None:
    organizations = pipeline.emulator.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    organizations.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    member = organizations.create_account(Email="t@example.com", AccountName="t")["CreateAccountStatus"]["AccountId"]
    files = pipeline.outputs["trailBucketName"]
    of_manager = pipeline.emulator.client("cloudtrail")
    of_member = pipeline.emulator.client.of(member, "us-east-1")("cloudtrail")
    with pytest.raises(of_member.exceptions.NotOrganizationMasterAccountException):
        of_member.create_trail(Name="org", S3BucketName=files, IsOrganizationTrail=True)
    arn = of_manager.create_trail(Name="org", S3BucketName=files, IsOrganizationTrail=True)["TrailARN"]
    with pytest.raises(of_member.exceptions.CloudTrailARNInvalidException):
        of_member.get_event_selectors(TrailName=arn)
    of_manager.add_tags(ResourceId=arn, TagsList=[{"Key": "sigv2-sandbox", "Value": "readable"}])
    of_member.get_event_selectors(TrailName=arn)
    # `test_trails` shows the rest.


@difference("Events")
def test_a_second_trail_that_records_a_request_has_an_event_of_its_own(pipeline: Pipeline) -> None:
    cloudtrail, before = pipeline.emulator.client("cloudtrail"), len(pipeline.logged())
    cloudtrail.create_trail(Name="second", S3BucketName=pipeline.outputs["trailBucketName"])
    cloudtrail.put_event_selectors(TrailName="second", AdvancedEventSelectors=EVERY_OBJECT)
    cloudtrail.start_logging(Name="second")
    pipeline.s3().put_object(Bucket=TARGET, Key="recorded-twice", Body=b"")
    one, other = pipeline.logged()[before:]
    assert (one["detail"]["eventID"], one["detail"]) == (other["detail"]["eventID"], other["detail"])
    cloudtrail.delete_trail(Name="second")


@difference("Records")
def test_a_record_comes_at_once_and_tells_nothing_of_tls(pipeline: Pipeline) -> None:
    before = len(pipeline.logged())
    pipeline.s3().put_object(Bucket=TARGET, Key="at-once", Body=b"")
    began = time.monotonic()
    (event,) = pipeline.logged()[before:]
    assert time.monotonic() - began < 30
    assert "tlsDetails" not in event["detail"]
    assert "CipherSuite" not in event["detail"]["additionalEventData"]
