import json

import pytest

from sigv2.policy_evaluation import Call, UnsupportedPolicy, is_denied
from sigv2.sandbox.observing.http_request import parse
from sigv2.sandbox.observing.identities import ANONYMOUS
from sigv2.sandbox.observing.operations import operation_of
from sigv2.sandbox.observing.permissions import is_denied_by_bucket
from sigv2.sandbox.observing.signatures import Signature

SESSION = "arn:aws:sts::123456789012:assumed-role/ForSSM/i-00136"
ROLE = "arn:aws:iam::123456789012:role/ForSSM"
IDENTITY = {
    "type": "AssumedRole",
    "arn": SESSION,
    "accountId": "123456789012",
    "sessionContext": {"sessionIssuer": {"arn": ROLE}},
}
STRANGER = {"type": "AWSAccount", "accountId": "999999999999"}
V2 = Signature("SigV2", "QueryString", "AKIA", None)
BUCKET, KEY = "arn:aws:s3:::photos", "arn:aws:s3:::photos/a"


def denied(
    line: str,
    *,
    signature: Signature | None = V2,
    identity: object = IDENTITY,
    headers: dict[str, str] | None = None,
    policy: object = None,
    **elements: object,
) -> bool:
    method, uri = line.split()
    request = parse({"REQUEST_METHOD": method, "REQUEST_URI": uri, "REMOTE_ADDR": "127.0.0.1", **(headers or {})}, b"")
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [BUCKET, KEY], **elements}
    assert isinstance(identity, dict)
    return is_denied_by_bucket(
        json.dumps({"Statement": [statement]}) if policy is None else str(policy),
        request,
        operation_of(request),
        signature,
        identity,
        keys=[request.key] if request.key else [],
        partition="aws",
    )


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("GET /photos/a", "s3:GetObject"),
        ("HEAD /photos/a", "s3:GetObject"),
        ("GET /photos/a?versionId=1", "s3:GetObjectVersion"),
        ("GET /photos/a?versionId=1&tagging", "s3:GetObjectVersionTagging"),
        ("PUT /photos/a?partNumber=1&uploadId=2", "s3:PutObject"),
        ("GET /photos/a?uploadId=2", "s3:ListMultipartUploadParts"),
        ("DELETE /photos/a?uploadId=2", "s3:AbortMultipartUpload"),
        ("GET /photos?list-type=2", "s3:ListBucket"),
        ("HEAD /photos", "s3:ListBucket"),
        ("GET /photos?versions", "s3:ListBucketVersions"),
        ("GET /photos?uploads", "s3:ListBucketMultipartUploads"),
        ("DELETE /photos?lifecycle", "s3:PutLifecycleConfiguration"),
        ("GET /photos?encryption", "s3:GetEncryptionConfiguration"),
        ("DELETE /photos?policy", "s3:DeleteBucketPolicy"),
        ("DELETE /photos", "s3:DeleteBucket"),
    ],
)
def test_an_operation_is_denied_by_the_action_that_iam_has_for_it(line: str, action: str) -> None:
    assert denied(line, Action=action)
    assert not denied(line, Action=f"{action}Not")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("s3:signatureversion", "AWS"),
        ("s3:authType", "REST-QUERY-STRING"),
        ("s3:x-amz-acl", "private"),
        ("s3:prefix", "b"),
        ("aws:SecureTransport", "true"),
        ("aws:PrincipalArn", ROLE),
        ("aws:PrincipalAccount", "123456789012"),
        ("aws:UserAgent", "boto/2"),
    ],
)
def test_a_condition_sees_what_the_request_says(key: str, value: str) -> None:
    headers = {"HTTP_X_AMZ_ACL": "private", "HTTP_USER_AGENT": "boto/2"}
    assert denied("GET /photos?prefix=b", headers=headers, Condition={"StringEquals": {key: value}})
    assert not denied("GET /photos?prefix=b", headers=headers, Condition={"StringNotEquals": {key: value}})


@pytest.mark.parametrize("name", [SESSION, ROLE, "123456789012", "*"])
def test_a_session_is_denied_by_its_own_name_its_roles_and_its_accounts(name: str) -> None:
    assert denied("GET /photos/a", Principal={"AWS": name})
    assert denied("GET /photos/a", Principal={"AWS": name}, identity=STRANGER) == (name == "*")


def test_a_stranger_is_denied_by_account() -> None:
    assert denied("GET /photos/a", Principal={"AWS": "999999999999"}, identity=STRANGER)


def test_nobody_is_denied_only_with_everybody() -> None:
    assert denied("GET /photos/a", signature=None, identity=ANONYMOUS)
    assert not denied("GET /photos/a", signature=None, identity=ANONYMOUS, Principal={"AWS": "123456789012"})
    sigv4_only = {"StringNotEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}
    assert denied("GET /photos/a", signature=None, identity=ANONYMOUS, Condition=sigv4_only)


@pytest.mark.parametrize("policy", ["[]", "no JSON", '{"Statement": 1}', '{"Statement": {"Effect": "deny"}}'])
def test_a_policy_that_is_none_is_unsupported(policy: str) -> None:
    with pytest.raises(UnsupportedPolicy):
        denied("GET /photos/a", policy=policy)


def test_what_is_allowed_is_not_looked_at_and_may_be_unknown() -> None:
    call = Call("AWS", ROLE, "s3:GetObject", KEY)
    assert not is_denied({"Statement": {"Effect": "Allow", "NotAction": "s3:*"}}, call)
