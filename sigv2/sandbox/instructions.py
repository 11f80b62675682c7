"""Lines to paste that point the S3 clients that people have, old and new, at a sandbox.

Each line says itself where to go, in options that every version has which can be told at all: a client that overlooks
a setting of its environment would go to AWS, as aws-cli before 1.29 and boto3 before 1.28 do with AWS_ENDPOINT_URL.
Addressing is path style throughout, as no name server knows buckets on loopback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sigv2.sandbox.observing.bucket_rules import REFUSING_TAG

if TYPE_CHECKING:
    from sigv2.sandbox.visitors import Credentials


def engine_instructions(endpoint: str, region: str, credentials: Credentials) -> str:
    """Lines to paste that point a real `pulumi up` at an empty sandbox, with a state that is nobody else's.

    The AWS provider and the command line heed AWS_ENDPOINT_URL, and so does `aws`, from 1.29 and 2.13 on.
    """
    return f"""
pulumi up, in this project's folder
  export AWS_ENDPOINT_URL={endpoint}
  export AWS_REGION={region}
  export AWS_ACCESS_KEY_ID={credentials.access_key_id}
  export AWS_SECRET_ACCESS_KEY={credentials.secret_access_key}
  export PULUMI_BACKEND_URL="file://$(mktemp -d)" PULUMI_CONFIG_PASSPHRASE=sandbox
  aws s3api create-bucket --bucket my-bucket
  pulumi stack init sandbox
  pulumi config set aws:region {region}
  pulumi config set targetBuckets my-bucket
  pulumi up
"""


def instructions(endpoint: str, region: str, credentials: Credentials) -> str:
    """Lines to paste, under the name of the client that they are for.

    BUCKET, KEY, FILE and DIRECTORY are for the person to replace.
    """
    address = urlsplit(endpoint)
    host = address.netloc
    tag, value = REFUSING_TAG
    key, secret = credentials.access_key_id, credentials.secret_access_key
    return f"""
Endpoint   {endpoint}   (S3, and CloudTrail, EventBridge, CloudWatch Logs, SQS, IAM, STS)

environment, for boto3, boto and aws-cli: keys that AWS does not know
  export AWS_DEFAULT_REGION={region}
  export AWS_ACCESS_KEY_ID={key}
  export AWS_SECRET_ACCESS_KEY={secret}
boto3, from 1.3 on: older ones presign for AWS, whatever they are told
  import boto3, botocore.client
  s3 = boto3.client("s3", endpoint_url="{endpoint}")
  s3.generate_presigned_url("get_object", Params={{"Bucket": "BUCKET", "Key": "KEY"}})
  v2 = boto3.client("s3", endpoint_url="{endpoint}", config=botocore.client.Config(signature_version="s3"))
  v2.put_object(Bucket="BUCKET", Key="KEY", Body=b"body")
boto
  import boto, boto.s3.connection
  s3 = boto.connect_s3(host="{address.hostname}", port={address.port}, is_secure=False,
                       calling_format=boto.s3.connection.OrdinaryCallingFormat())
  s3.get_bucket("BUCKET", validate=False).new_key("KEY").set_contents_from_filename("FILE")
aws-cli, from 1.4 on: older ones go to AWS, whatever they are told; presign is in 1.11
  aws s3 cp FILE s3://BUCKET/ --endpoint-url {endpoint}
  aws s3 presign s3://BUCKET/KEY --endpoint-url {endpoint}
s3cmd, from 1.6 on
  s3cmd --signature-v2 --no-ssl --host={host} --host-bucket={host} \\
    --access_key={key} --secret_key={secret} put FILE s3://BUCKET/
s3cmd 1.5, and later
  printf '%s\\n' '[default]' host_base={host} host_bucket={host} use_https=False signature_v2=True \\
    access_key={key} secret_key={secret} > sandbox.s3cfg
  s3cmd --config=sandbox.s3cfg put FILE s3://BUCKET/
rclone: its provider AWS puts the bucket into the host's name, whatever it is told
  rclone copy FILE :s3:BUCKET --s3-provider=Other --s3-endpoint={endpoint} --s3-force-path-style \\
    --s3-access-key-id={key} --s3-secret-access-key={secret} --s3-v2-auth
s3fs
  (umask 077; echo {key}:{secret} > sandbox.passwd)
  s3fs BUCKET DIRECTORY -o url={endpoint},use_path_request_style,sigv2,passwd_file=sandbox.passwd
libs3
  S3_HOSTNAME={host} S3_ACCESS_KEY_ID={key} S3_SECRET_ACCESS_KEY={secret} \\
    s3 --unencrypted put BUCKET/KEY filename=FILE
davix
  davix-put --s3accesskey {key} --s3secretkey {secret} --s3alternate \\
    FILE s3://{host}/BUCKET/KEY
s3curl
  s3curl --id {key} --key {secret} --put FILE -- {endpoint}/BUCKET/KEY
a bucket that refuses SigV2, as newer ones do
  aws s3api put-bucket-tagging --endpoint-url {endpoint} --bucket BUCKET \\
    --tagging '{{"TagSet": [{{"Key": "{tag}", "Value": "{value}"}}]}}'

Ctrl-C ends it with a summary.
"""
