"""Whatever touches a bucket counts for it, and what may have touched it leaves its proof open."""

from typing import Any

import pytest

from blueprint.queries import saved_query
from sigv2.query_engine import LoggedEvent, answer
from sigv2.report.places import Place, place_of

ACCESS_POINT = "arn:aws:s3:us-east-1:123456789012:accesspoint/my-point"
COPY = "x-amz-copy-source"


def place(name: str = "GetObject", resources: list[str] | None = None, **parameters: str) -> Place:
    """Of a record with these ARNs of resources, and these request parameters; without any they were too large."""
    detail: dict[str, Any] = {"eventName": name, "resources": [{"ARN": arn} for arn in resources or []]}
    given = {COPY if key == "source" else key: value for key, value in parameters.items()}
    detail["requestParameters"] = given or None
    (row,) = answer(saved_query("client"), [LoggedEvent(0, {"detail": detail})])
    return place_of(row)


def arns(bucket: str) -> list[str]:
    return [f"arn:aws:s3:::{bucket}/dir/key", f"arn:aws:s3:::{bucket}"]


def test_a_request_touches_the_bucket_that_it_was_sent_to() -> None:
    assert place(bucketName="example-uploads", resources=arns("example-uploads")) == Place("example-uploads")
    assert place(bucketName="example-uploads") == Place("example-uploads")
    assert not Place("example-uploads").touches("example-upload")


@pytest.mark.parametrize(
    "source",
    [
        "example-reports/key",
        "/example-reports/dir/key?versionId=null",
        "example-reports%2Fdir%2Fkey",
        "%2Fexample-reports%2fdir/key%3FversionId=3",
        "%65xample-reports/key",
        "arn:aws:s3:::example-reports/key",
    ],
)
@pytest.mark.parametrize("name", ["CopyObject", "UploadPartCopy"])
def test_a_copy_touches_the_bucket_that_it_reads(name: str, source: str) -> None:
    copied = place(name, bucketName="example-elsewhere", source=source, resources=arns("example-elsewhere"))
    assert copied == Place("example-elsewhere", copy_source="example-reports")
    assert copied.touches("example-reports")
    assert copied.touches("example-elsewhere")
    assert copied.text == "example-elsewhere, copied from example-reports"


def test_a_copy_within_a_bucket_touches_that_one() -> None:
    copied = place(
        "CopyObject", bucketName="example-uploads", source="example-uploads/a", resources=arns("example-uploads")
    )
    assert (copied.bucket, copied.others, copied.vague) == ("example-uploads", (), False)


@pytest.mark.parametrize("logged", ["my-point-1a2b3c-s3alias", ACCESS_POINT, "my-point-123456789012"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_request_through_an_access_point_touches_the_bucket_behind_it(logged: str, order: int) -> None:
    resources = [*arns("example-uploads"), ACCESS_POINT][::order]
    through = place(bucketName=logged, resources=resources)
    assert through == Place("example-uploads", access_point=logged)
    assert through.touches("example-uploads")
    assert through.text == f"example-uploads, through {logged}"


@pytest.mark.parametrize("logged", ["my-point-1a2b3c-s3alias", ACCESS_POINT, "mfzwi23gnjvgw.mrap"])
def test_an_access_point_whose_bucket_is_not_logged_may_stand_for_any(logged: str) -> None:
    assert place(bucketName=logged, resources=[ACCESS_POINT]) == Place(logged, vague=True)
    assert place(bucketName=logged).vague


@pytest.mark.parametrize(
    "source",
    [
        f"{ACCESS_POINT}/object/key",
        "arn%3Aaws%3As3%3Aus-east-1%3A123456789012%3Aaccesspoint%2Fmy-point%2Fobject%2Fkey",
        "my-point-1a2b3c-s3alias/key",
    ],
)
def test_a_copy_from_an_access_point_may_have_read_any_bucket_unless_one_is_logged(source: str) -> None:
    elsewhere = arns("example-elsewhere")
    assert place("CopyObject", bucketName="example-elsewhere", source=source, resources=elsewhere).vague
    both = place(
        "CopyObject", bucketName="example-elsewhere", source=source, resources=elsewhere + arns("example-reports")
    )
    assert not both.vague
    assert both.touches("example-reports")


def test_where_the_parameters_were_too_large_the_resources_tell() -> None:
    assert place(resources=arns("example-uploads")) == Place("example-uploads")
    assert place("PutObject") == Place("", vague=True)


def test_where_the_parameters_were_too_large_a_copy_may_have_read_any_bucket() -> None:
    assert place("CopyObject", resources=arns("example-elsewhere")) == Place("example-elsewhere", vague=True)
    both = place("UploadPartCopy", resources=arns("example-elsewhere") + arns("example-reports"))
    assert both.touches("example-reports")
    assert not both.vague


def test_a_list_of_all_buckets_touches_none() -> None:
    assert place("ListBuckets", Host="s3.amazonaws.com") == Place("")


def test_every_request_of_a_deletion_of_many_objects_touches_its_bucket() -> None:
    assert place("DeleteObjects", bucketName="example-uploads", delete="").touches("example-uploads")
    assert place("DeleteObject", bucketName="example-uploads", key="a").touches("example-uploads")


def test_old_names_with_capitals_are_found_in_either_case() -> None:
    assert place(bucketName="My_Old.Bucket").touches("My_Old.Bucket")
    assert place(bucketName="Example-Uploads").touches("example-uploads")
    assert place("CopyObject", bucketName="b-b", source="Example-Uploads/key").touches("example-uploads")
