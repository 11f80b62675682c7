from typing import Any

import pytest

from sigv2.discover.cost.bucket_coverage import recorded_by

BUCKET = "arn:aws:s3:::uploads"


def basic(*values: str, read_write_type: str = "All", kind: str = "AWS::S3::Object") -> dict[str, Any]:
    resources = [{"Type": kind, "Values": list(values)}] if values else []
    return {"ReadWriteType": read_write_type, "IncludeManagementEvents": True, "DataResources": resources}


def advanced(*, kind: str = "AWS::S3::Object", **fields: dict[str, list[str]]) -> dict[str, Any]:
    names = {"arn": "resources.ARN", "caller": "userIdentity.arn"}
    of_all = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": [kind]},
    ]
    return {"FieldSelectors": [*of_all, *({"Field": names.get(name, name), **how} for name, how in fields.items())]}


@pytest.mark.parametrize(
    ("selectors", "recorded"),
    [
        ([], "none"),
        ([basic()], "none"),
        ([basic("arn:aws:s3")], "all"),
        ([basic("arn:aws:s3:::uploads/")], "all"),
        ([basic("arn:aws:s3:::uploads/photos/")], "part"),
        ([basic("arn:aws:s3:::uploads-old/")], "none"),
        ([basic("arn:aws:lambda", kind="AWS::Lambda::Function")], "none"),
        ([basic("arn:aws:s3:::uploads/", read_write_type="ReadOnly")], "part"),
        (
            [
                basic("arn:aws:s3:::uploads/", read_write_type="ReadOnly"),
                basic("arn:aws:s3:::", read_write_type="WriteOnly"),
            ],
            "all",
        ),
        ([advanced()], "all"),
        ([advanced(kind="AWS::DynamoDB::Table")], "none"),
        ([advanced(arn={"StartsWith": ["arn:aws:s3:::other/", "arn:aws:s3:::uploads/"]})], "all"),
        ([advanced(arn={"StartsWith": ["arn:aws:s3:::uploads/a/"]})], "part"),
        ([advanced(arn={"Equals": ["arn:aws:s3:::uploads/one"]})], "part"),
        ([advanced(arn={"EndsWith": [".jpg"]})], "part"),
        ([advanced(arn={"NotStartsWith": ["arn:aws:s3:::uploads/tmp/"]})], "part"),
        ([advanced(arn={"NotStartsWith": ["arn:aws:s3:::uploads/"]})], "none"),
        ([advanced(arn={"NotStartsWith": ["arn:aws:s3:::trail/"]})], "all"),
        ([advanced(readOnly={"Equals": ["false"]})], "part"),
        ([advanced(readOnly={"Equals": ["false"]}), advanced(readOnly={"Equals": ["true"]})], "all"),
        ([advanced(eventName={"Equals": ["GetObject", "PutObject"]})], "part"),
        ([advanced(eventName={"NotEquals": ["HeadObject"]})], "part"),
        ([advanced(eventName={"Equals": ["HeadObject"]}), advanced(eventName={"NotEquals": ["HeadObject"]})], "all"),
        (
            [advanced(eventName={"Equals": ["DeleteObject"]}, arn={"StartsWith": ["arn:aws:s3:::uploads/a/"]})],
            "part",
        ),
        ([advanced(caller={"StartsWith": ["arn:aws:sts::111122223333:assumed-role/etl/"]})], "part"),
        ([advanced(caller={"NotEquals": ["arn:aws:iam::111122223333:user/etl"]})], "part"),
        ([advanced(sessionCredentialFromConsole={"NotEquals": ["true"]})], "part"),
        ([{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}], "none"),
    ],
)
def test_a_trail_records_all_of_a_bucket_a_part_or_nothing(selectors: list[dict[str, Any]], recorded: str) -> None:
    assert recorded_by(selectors, BUCKET) == recorded


def test_what_cloudtrail_does_not_have_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="no field 'vpcEndpointId'"):
        recorded_by([advanced(vpcEndpointId={"Equals": ["vpce-1"]})], BUCKET)
