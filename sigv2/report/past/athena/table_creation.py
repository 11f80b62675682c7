"""The statement that makes a table of the logs in a bucket, with partitions where they lie in folders of days.

CloudTrail: https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html.
Access logs: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-s3-access-logs-to-identify-requests.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sigv2.report.past.athena.athena_table import OWN_PROPERTY
from sigv2.report.past.athena.hive_types import text
from sigv2.report.past.batches import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sigv2.report.past.athena.athena_table import TableName
    from sigv2.report.past.athena.bucket_layout import Layout

_SINCE: Final = "2018/11/01"
"""Before, CloudTrail told no signature, and access logs soon had no field for it."""

_SESSION: Final = (
    "struct<attributes:struct<mfaauthenticated:string,creationdate:string>,"
    "sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,username:string>,"
    "ec2roledelivery:string,"
    "webidfederationdata:struct<federatedprovider:string,attributes:map<string,string>>,"
    "sourceidentity:string>"
)
TRAIL_COLUMNS: Final[Mapping[str, str]] = {
    "eventversion": "string",
    "useridentity": "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,"
    "accesskeyid:string,username:string,onbehalfof:struct<userid:string,identitystorearn:string>,"
    f"sessioncontext:{_SESSION},identityprovider:string,credentialid:string,"
    "inscopeof:struct<sourcearn:string,sourceaccount:string,issuertype:string,credentialsissuedto:string>>",
    "eventtime": "string",
    "eventsource": "string",
    "eventname": "string",
    "awsregion": "string",
    "sourceipaddress": "string",
    "useragent": "string",
    "errorcode": "string",
    "errormessage": "string",
    "requestparameters": "string",
    "responseelements": "string",
    "additionaleventdata": "string",
    "requestid": "string",
    "eventid": "string",
    "readonly": "string",
    "resources": "array<struct<arn:string,accountid:string,type:string>>",
    "eventtype": "string",
    "apiversion": "string",
    "recipientaccountid": "string",
    "serviceeventdetails": "string",
    "sharedeventid": "string",
    "vpcendpointid": "string",
    "vpcendpointaccountid": "string",
    "eventcategory": "string",
}
"""As AWS documents them, and beside them whatever else of an identity tells callers apart."""

ACCESS_LOG_COLUMNS: Final = (
    "bucketowner",
    "bucket_name",
    "requestdatetime",
    "remoteip",
    "requester",
    "requestid",
    "operation",
    "key",
    "request_uri",
    "httpstatus",
    "errorcode",
    "bytessent",
    "objectsize",
    "totaltime",
    "turnaroundtime",
    "referrer",
    "useragent",
    "versionid",
    "hostid",
    "sigv",
    "ciphersuite",
    "authtype",
    "endpoint",
    "tlsversion",
    "accesspointarn",
    "aclrequired",
    "sourceregion",
)
"""The fields of a line in their order (https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html), named as
AWS names them in its table, all of them texts."""

_FIELD: Final = "([^ ]*)"
_NUMBER: Final = "(-|[0-9]+)"
_UNQUOTED: Final = '([^ "]*)'
_AFTER_AGENT: Final = 10
ACCESS_LOG_LINE: Final = " ".join(
    [
        *[_FIELD] * 2,
        ".([^ ]* [+-][0-9]{4}).",
        *[_FIELD] * 5,
        '(".*?"|-) (-|[0-9]{3})',
        _FIELD,
        *[_NUMBER] * 4,
        '("-"|".*?"|-) (".*"|-)' + f"(?: {_UNQUOTED}" * _AFTER_AGENT + '(?: [^"]*)?' + ")?" * _AFTER_AGENT,
    ]
)
"""A line, of which nothing behind the agent is quoted, so that no agent can look like the end of one. The later fields
are missing in older lines. It has no backslash, of which it depends on the statement how many make one."""

_TEXT_OUTPUT: Final = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"


def statement_for(name: TableName, layout: Layout) -> str:
    """The statement that makes a table; it fails if there is one of that name.

    Args:
        name: of the table.
        layout: how the logs lie in their bucket.
    """
    if layout.kind is Kind.TRAIL_TABLE:
        columns = TRAIL_COLUMNS
        rows = ["ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'"]
        files = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
        partitions = {"account": layout.sources, "region": layout.regions}
        template = "${account}/CloudTrail/${region}/${day}"
    else:
        columns = dict.fromkeys(ACCESS_LOG_COLUMNS, "string")
        rows = [
            "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'",
            f"WITH SERDEPROPERTIES ('input.regex' = {text(ACCESS_LOG_LINE)})",
        ]
        files = "org.apache.hadoop.mapred.TextInputFormat"
        partitions = {"source": layout.sources} if layout.sources else {}
        template = "${source}/${day}"
    return "\n".join(
        [
            f"CREATE EXTERNAL TABLE `{name.database}`.`{name.table}` (",
            ",\n".join(f"  `{column}` {kind}" for column, kind in columns.items()),
            ")",
            *(
                [f"PARTITIONED BY ({', '.join(f'`{key}` string' for key in (*partitions, 'day'))})"]
                if partitions
                else []
            ),
            *rows,
            f"STORED AS INPUTFORMAT '{files}'",
            f"OUTPUTFORMAT '{_TEXT_OUTPUT}'",
            f"LOCATION '{layout.folder}'",
            "TBLPROPERTIES (",
            _properties(partitions, f"{layout.folder}{template}"),
            ")",
        ]
    )


def _properties(partitions: Mapping[str, Sequence[str]], template: str) -> str:
    properties = dict([OWN_PROPERTY])
    if partitions:
        properties |= {"projection.enabled": "true"}
    for key, values in partitions.items():
        properties |= {f"projection.{key}.type": "enum", f"projection.{key}.values": ",".join(values)}
    if partitions:
        properties |= {
            "projection.day.type": "date",
            "projection.day.format": "yyyy/MM/dd",
            "projection.day.range": f"{_SINCE},NOW",
            "projection.day.interval": "1",
            "projection.day.interval.unit": "DAYS",
            "storage.location.template": template,
        }
    return ",\n".join(f"  '{key}' = '{value}'" for key, value in properties.items())
