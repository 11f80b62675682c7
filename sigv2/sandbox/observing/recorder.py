"""Sees every S3 request, has moto serve it, and writes what CloudTrail would record of it.

A WSGI layer. Requests that fail authentication, and redirections, leave no record: see
https://docs.aws.amazon.com/AmazonS3/latest/userguide/logging-with-S3.html. Signatures are not
verified: the sandbox is about how a request is signed, and any secret will do.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError, ParamValidationError
from werkzeug.wrappers import Response

from sigv2.policy_evaluation import UnsupportedPolicy
from sigv2.sandbox.observing.bucket_rules import BucketRules
from sigv2.sandbox.observing.deployment import RegionOfAccount
from sigv2.sandbox.observing.identities import ANONYMOUS, seen_from
from sigv2.sandbox.observing.merits import ENCRYPTION, check_kms, check_merits, decrypts
from sigv2.sandbox.observing.permissions import is_copy_denied_by_source, is_denied_by_bucket
from sigv2.sandbox.observing.records import ResponseFacts, cloudtrail_record, copies_of, deleted_object_record
from sigv2.sandbox.observing.s3_errors import TRIPPED_OVER_REQUEST, Refused, RefusedOnMerits, error_in, refusal
from sigv2.sandbox.observing.translating import from_moto, to_moto
from sigv2.sandbox.observing.understanding import Understood, understand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from sigv2.sandbox.emulating.aws_clients import Clients
    from sigv2.sandbox.observing.bucket_rules import RulesOfBuckets
    from sigv2.sandbox.observing.copies import CopySource
    from sigv2.sandbox.observing.deployed import Changes
    from sigv2.sandbox.observing.identities import Identities, Identity
    from sigv2.sandbox.observing.records import Record

_SIGV2_REFUSED: Final = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
_INTERNAL_ERROR: Final = "We encountered an internal error. Please try again."
_DENIED: Final = (403, "AccessDenied", "Access Denied")
_UNAUTHENTICATED = frozenset(
    {
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)


@dataclass(frozen=True)
class S3Location:
    """Whose S3 this is, and where: of requests that are about no bucket that exists."""

    account_id: str
    region: str
    partition: str
    host: str


class Recorder:
    """Serves S3 and records what it serves.

    Args:
        s3: moto's S3.
        place: Whose S3 it is.
        clients: The sandbox's own, whose requests are not recorded.
        identities: Tells whose an access key is.
        rules: Tells what a bucket's owner has settled.
        changes: Is told of every bucket that may have changed.
        place_of_bucket: Tells a bucket's owner and Region.
        submit: Takes each record.
        failed: Takes what went wrong in the sandbox itself.
    """

    def __init__(
        self,
        s3: WSGIApplication,
        place: S3Location,
        clients: Clients,
        identities: Identities,
        rules: RulesOfBuckets,
        changes: Changes,
        place_of_bucket: Callable[[str], RegionOfAccount | None],
        submit: Callable[[Mapping[str, object]], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._s3 = s3
        self._place = place
        self._clients = clients
        self._identities = identities
        self._rules = rules
        self._changes = changes
        self._place_of_bucket = place_of_bucket
        self._submit = submit
        self._failed = failed

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request whose body is buffered."""
        request_id = secrets.token_hex(8).upper()
        try:
            response = self._answer(environ, request_id)
        except Refused as refused:
            response = refused.response(request_id)
        except Exception as error:  # noqa: BLE001 - it is settle's to raise; the client gets an answer
            self._failed(error)
            response = refusal(500, "InternalError", _INTERNAL_ERROR, request_id)
        if environ["REQUEST_METHOD"].upper() == "HEAD" and response.status_code >= 400:
            response.set_data(b"")
        response.headers["x-amz-request-id"] = request_id
        return response(environ, start_response)

    def _answer(self, environ: WSGIEnvironment, request_id: str) -> Response:
        body = environ["wsgi.input"].read()
        understood = understand(environ, body, datetime.now(UTC))
        if self._clients.sent(environ):
            return self._serve(understood, environ, body)
        rules = self._rules.of(understood.request.bucket) if understood.request.bucket else BucketRules()
        _check_version(understood, rules)
        signature = understood.signature
        identity = self._identities.identity_of(signature.access_key_id) if signature else ANONYMOUS
        # Asked before as well as after: a bucket that is deleted has been somewhere.
        place = self._place_of_bucket(understood.request.bucket or "")
        try:
            self._judge(understood, identity, rules, body)
            response = self._serve(understood, environ, body)
            if decrypts(understood) and response.status_code < 300:
                check_kms(understood, response.headers.get(ENCRYPTION))
        except RefusedOnMerits as refused:
            response = refused.response(request_id)
            if understood.operation.name == "HeadBucket":
                # S3 tells a bucket's Region even to those whom it tells nothing else.
                served = self._serve(understood, environ, body)
                response.headers["x-amz-bucket-region"] = served.headers.get("x-amz-bucket-region", self._place.region)
        response.headers["x-amz-request-id"] = request_id
        try:
            self._record(understood, identity, body, response, place)
        except Exception as error:  # noqa: BLE001 - S3 has answered, and would whatever CloudTrail does
            self._failed(error)
        return response

    def _judge(self, understood: Understood, identity: Identity, rules: BucketRules, body: bytes) -> None:
        """Raises what S3 refuses it with."""
        if self._is_denied(understood, identity, rules.policy):
            raise RefusedOnMerits(*_DENIED)
        check_merits(understood, rules, body)
        source = understood.source()
        if source is None:
            return
        rules_of_source = self._rules.of(source.bucket)
        _check_version(understood, rules_of_source)
        if self._is_denied(understood, identity, rules_of_source.policy, source):
            raise RefusedOnMerits(*_DENIED)
        check_kms(understood, self._encryption_of(source))

    def _is_denied(
        self, understood: Understood, identity: Identity, policy: str | None, source: CopySource | None = None
    ) -> bool:
        """Whether a policy denies the request or, where that is given, reading the source of a copy."""
        if policy is None:
            return False
        request, signature, partition = understood.request, understood.signature, self._place.partition
        try:
            if source is not None:
                return is_copy_denied_by_source(policy, source, request, signature, identity, partition=partition)
            return is_denied_by_bucket(
                policy, request, understood.operation, signature, identity, keys=understood.keys, partition=partition
            )
        except UnsupportedPolicy as unsupported:
            if understood.operation.name.endswith("BucketPolicy"):
                return False  # so that it can be mended
            # Neither to let pass nor to refuse would be what S3 does.
            message = f"The sandbox does not know {unsupported} in this bucket's policy."
            raise Refused(400, "NotImplemented", message) from None

    def _encryption_of(self, source: CopySource) -> str | None:
        head = self._clients("s3").head_object
        try:
            if source.version_id is None:
                return head(Bucket=source.bucket, Key=source.key).get("ServerSideEncryption")
            return head(Bucket=source.bucket, Key=source.key, VersionId=source.version_id).get("ServerSideEncryption")
        except (ClientError, ParamValidationError):
            return None  # there is no such object, which is for S3 to say

    def _serve(self, understood: Understood, environ: WSGIEnvironment, body: bytes) -> Response:
        try:
            for said in to_moto(understood, environ, body, self._place.host):
                response = Response.from_app(self._s3, said, buffered=True)
                if response.status_code != 400:
                    break
            from_moto(understood, response)
        except TRIPPED_OVER_REQUEST:
            raise RefusedOnMerits(400, "InvalidRequest", "The request is not one that S3 understands.") from None
        except NotImplementedError:
            raise Refused(400, "NotImplemented", "The emulator does not implement this.") from None
        finally:
            if understood.operation.category == "Management" and not understood.operation.read_only:
                self._changes.add()
        if not all(_is_latin_1(value) for value in response.headers.values()):
            raise RefusedOnMerits(400, "InvalidArgument", "Header value cannot be represented using ISO-8859-1.")
        return response

    def _record(
        self,
        understood: Understood,
        identity: Identity,
        body: bytes,
        response: Response,
        before: RegionOfAccount | None,
    ) -> None:
        error = error_in(response, "NoSuchKey" if understood.request.key else "NoSuchBucket")
        if response.status_code == 301 or (error and error.code in _UNAUTHENTICATED):
            return
        request = understood.request
        place = self._recording_place(understood, identity, before)
        record = cloudtrail_record(
            request,
            understood.operation,
            understood.signature,
            seen_from(identity, place.account_id),
            response=ResponseFacts(
                status=response.status_code,
                error_code=error.code if error else None,
                error_message=error.message if error else None,
                bytes_in=len(body),
                bytes_out=0 if request.method == "HEAD" else len(response.get_data()),
                request_id=response.headers["x-amz-request-id"],
            ),
            now=datetime.now(UTC),
            account_id=place.account_id,
            region=place.region,
            partition=self._place.partition,
        )
        self._submit_copies(record, identity)
        if understood.operation.name == "DeleteObjects" and error is None:
            for key in understood.keys:
                self._submit_copies(deleted_object_record(record, key), identity)

    def _submit_copies(self, record: Record, identity: Identity) -> None:
        caller = identity["accountId"]
        is_shared = caller != record["recipientAccountId"] and caller in self._changes.account_ids()
        for copy in copies_of(record, identity) if is_shared else [record]:
            self._submit(copy)

    def _recording_place(
        self, understood: Understood, identity: Identity, before: RegionOfAccount | None
    ) -> RegionOfAccount:
        """Where CloudTrail records it: the bucket's owner and Region, or else the caller's account."""
        caller = str(identity["accountId"])
        own = caller if caller in self._changes.account_ids() else self._place.account_id
        found = before or self._place_of_bucket(understood.request.bucket or "")
        # Whose name is taken by another account's bucket has asked nothing of that.
        is_new = understood.operation.name == "CreateBucket" and found is not None and found.account_id != own
        return RegionOfAccount(own, self._place.region) if found is None or is_new else found


def _check_version(understood: Understood, rules: BucketRules) -> None:
    if understood.signature is not None and understood.signature.version == "SigV2" and rules.refuses_sigv2:
        raise Refused(400, "InvalidRequest", _SIGV2_REFUSED)


def _is_latin_1(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
