"""Refuses the S3 calls that moto does not know.

moto passes over a subresource that it does not know: it would take GetObjectRetention for GetObject, and
DeleteBucketMetricsConfiguration for DeleteBucket.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from moto.s3.models import s3_backends
from werkzeug.wrappers import Response

from sigv2.sandbox.observing.deployment import RegionOfAccount
from sigv2.sandbox.observing.s3_errors import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_OF_BUCKET: Final = frozenset(
    {
        *("abac", "accelerate", "acl", "analytics", "cors", "encryption", "intelligent-tiering", "inventory"),
        *("lifecycle", "location", "logging", "metadataAnnotationTable", "metadataConfiguration"),
        *("metadataInventoryTable", "metadataJournalTable", "metadataTable", "metrics", "notification", "object-lock"),
        *("ownershipControls", "policy", "policyStatus", "publicAccessBlock", "replication", "requestPayment"),
        *("session", "tagging", "uploads", "versioning", "versions", "website"),
    }
)
_OF_OBJECT: Final = frozenset(
    {
        *("acl", "annotation", "attributes", "encryption", "legal-hold", "renameObject", "restore", "retention"),
        *("select", "tagging", "torrent", "uploads"),
    }
)
"""The subresources of S3's API (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html)."""

_DELETABLE: Final = frozenset(
    {
        *("cors", "encryption", "lifecycle", "ownershipControls", "policy", "publicAccessBlock", "replication"),
        *("tagging", "website"),
    }
)
_WRITABLE: Final = _DELETABLE | {
    *("accelerate", "acl", "inventory", "logging", "notification", "object-lock", "versioning")
}
_KNOWN_OF_BUCKET: Final[Mapping[str, frozenset[str]]] = {
    "GET": _WRITABLE | {"location", "policyStatus", "uploads", "versions"},
    "PUT": _WRITABLE,
    "DELETE": _DELETABLE,
    "POST": frozenset(),
}
_KNOWN_OF_OBJECT: Final[Mapping[str, frozenset[str]]] = {
    "GET": frozenset({"acl", "attributes", "legal-hold", "tagging"}),
    "PUT": frozenset({"acl", "legal-hold", "retention", "tagging"}),
    "DELETE": frozenset({"tagging"}),
    "POST": frozenset({"restore", "select", "uploads"}),
}
"""Of each method the subresources that moto knows."""

_NO_METRICS: Final = (
    '<ListMetricsConfigurationsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated>'
    "</ListMetricsConfigurationsResult>"
)
"""What S3 answers of a bucket whose request metrics are not on."""


class S3Api:
    """Passes on what moto knows, and answers all else with NotImplemented, as other S3 servers do.

    S3's own status for it is 501, but some clients try whatever is above 500 again for minutes.

    Args:
        inner: moto's S3, which takes path-style requests.
    """

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request whose body is buffered."""
        if _lists_metrics_configurations(environ):
            return Response(_NO_METRICS, content_type="application/xml")(environ, start_response)
        unknown = _unknown(environ)
        response = None if unknown else Response.from_app(self._inner, environ, buffered=True)
        if response is None or response.status_code >= 500:
            what = " ".join((environ["REQUEST_METHOD"], *unknown))
            response = refusal(400, "NotImplemented", f"The emulator does not implement {what}.", "")
        return response(environ, start_response)


def place_of_bucket(bucket: str) -> RegionOfAccount | None:
    """Says whose a bucket is, and in which Region it lies; None where there is none of that name.

    S3 itself knows, and has no API that tells the owner's account to everybody.
    """
    # Other requests may delete it meanwhile.
    partition, account_id = s3_backends.bucket_accounts.get(bucket, ("", ""))
    found = s3_backends[account_id][partition].buckets.get(bucket) if account_id else None
    return RegionOfAccount(account_id, found.region_name) if found else None


def _lists_metrics_configurations(environ: WSGIEnvironment) -> bool:
    """Whether it is answered here: no bucket has any, as none can be put."""
    bucket, _, key = environ.get("PATH_INFO", "").lstrip("/").partition("/")
    asked = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    lists = environ["REQUEST_METHOD"] == "GET" and not key and "metrics" in asked and "id" not in asked
    return lists and place_of_bucket(bucket) is not None


def _unknown(environ: WSGIEnvironment) -> list[str]:
    """The subresources of a request that moto would pass over."""
    _, _, key = environ.get("PATH_INFO", "").lstrip("/").partition("/")
    subresources, known = (_OF_OBJECT, _KNOWN_OF_OBJECT) if key else (_OF_BUCKET, _KNOWN_OF_BUCKET)
    asked = subresources.intersection(parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    return sorted(asked - known.get(environ["REQUEST_METHOD"], asked))
