"""Real S3 clients, as a bucket's owner meets them, each sending a real request to the emulator."""

import importlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import boto3.session
import requests
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

How = Literal["SigV2 AuthHeader", "SigV2 QueryString", "SigV2 HtmlForm", "SigV4 AuthHeader", "SigV4 QueryString", "-"]


@dataclass(frozen=True)
class Credentials:
    """What a client signs with.

    Attributes:
        access_key_id: names who it is.
        secret_access_key: as IAM or STS gave it.
        session_token: of a role's session; None for a user.
    """

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


@dataclass(frozen=True)
class Visit:
    """One request that a client is about to send, and what CloudTrail must say of it.

    Attributes:
        client: what a person calls it.
        event_name: CloudTrail's name of the operation.
        bucket: where to.
        key: unlike any other visit's.
        how: signature version and authentication method, `-` where the request is anonymous.
        send: sends it.
    """

    client: str
    event_name: str
    bucket: str
    key: str
    how: How
    send: Callable[[], object]


@dataclass(frozen=True)
class OldClient:
    """A client of years ago that signs headers with SigV2, in code of its own.

    Attributes:
        name: what a person calls it.
        module: what it is imported as.
        needs: what it runs on.
        put: uploads something; takes the endpoint, whom to sign for, the bucket and the key.
    """

    name: str
    module: str
    needs: str
    put: Callable[[str, Credentials, str, str], object]

    def missing(self) -> str:
        """Why it cannot be used here, as a clause after its name; empty where it can."""
        try:
            importlib.import_module(self.module)
        except ImportError as error:
            return f"needs {self.needs} ({error})"
        return ""


def visits(endpoint: str, user: Credentials, role: Credentials, target: str, other: str) -> Iterator[Visit]:
    """What arrives at an old bucket in a day, and at another one that nobody watches.

    Args:
        endpoint: of the emulator.
        user: of an IAM user.
        role: of a role's session, as an EC2 instance has it.
        target: a bucket that is watched.
        other: one that is not.
    """
    default = _boto3(endpoint, user)
    v2 = _boto3(endpoint, role, Config(signature_version="s3"))
    v4 = _boto3(endpoint, user, Config(signature_version="s3v4"))
    yield Visit(
        *("boto3, as it comes", "PutObject", target, "report.csv", "SigV4 AuthHeader"),
        lambda: default.put_object(Bucket=target, Key="report.csv", Body=b"1,2,3"),
    )
    yield Visit(
        *("boto3, presigned URL as it comes", "GetObject", target, "report.csv", "SigV2 QueryString"),
        lambda: requests.get(_presigned(default, target, "report.csv"), timeout=10),
    )
    yield Visit(
        *("boto3, presigned URL with s3v4", "GetObject", target, "report.csv", "SigV4 QueryString"),
        lambda: requests.get(_presigned(v4, target, "report.csv"), timeout=10),
    )
    yield Visit(
        *("boto3, upload form as it comes", "PostObject", target, "upload.bin", "SigV2 HtmlForm"),
        lambda: _post_form(default, target, "upload.bin"),
    )
    yield Visit(
        *("boto3, signature_version='s3'", "PutObject", target, "from-ec2.log", "SigV2 AuthHeader"),
        lambda: v2.put_object(Bucket=target, Key="from-ec2.log", Body=b"log"),
    )
    yield Visit(
        *("a browser, anonymous", "GetObject", target, "report.csv", "-"),
        lambda: requests.get(f"{endpoint}/{target}/report.csv", headers={"User-Agent": "Mozilla/5.0"}, timeout=10),
    )
    yield Visit(
        *("boto3, signature_version='s3'", "PutObject", other, "elsewhere.log", "SigV2 AuthHeader"),
        lambda: v2.put_object(Bucket=other, Key="elsewhere.log", Body=b"log"),
    )
    for number, client in enumerate(OLD_CLIENTS, start=1):
        if not client.missing():
            key = f"backup-{number}.tar"
            yield Visit(
                *(client.name, "PutObject", target, key, "SigV2 AuthHeader"),
                partial(client.put, endpoint, user, target, key),
            )
    if s3cmd := _s3cmd():
        yield Visit(
            *("s3cmd --signature-v2", "PutObject", target, "nightly.sql", "SigV2 AuthHeader"),
            lambda: _s3cmd_put(s3cmd, endpoint, user, f"s3://{target}/nightly.sql", "--signature-v2"),
        )
        yield Visit(
            *("s3cmd", "PutObject", target, "weekly.sql", "SigV4 AuthHeader"),
            lambda: _s3cmd_put(s3cmd, endpoint, user, f"s3://{target}/weekly.sql"),
        )


def each_way_of_signing(endpoint: str, user: Credentials, bucket: str, region: str) -> Iterator[Visit]:
    """One request for each way in which boto3 signs: with SigV2 in a header, a URL and a form, and with SigV4.

    Args:
        endpoint: of the emulator.
        user: of an IAM user.
        bucket: where to.
        region: of the bucket.
    """
    v2 = _boto3(endpoint, user, Config(signature_version="s3"), region)
    v4 = _boto3(endpoint, user, Config(signature_version="s3v4"), region)
    yield Visit(
        *("boto3, signature_version='s3'", "PutObject", bucket, "archive.tar", "SigV2 AuthHeader"),
        lambda: v2.put_object(Bucket=bucket, Key="archive.tar", Body=b"archive"),
    )
    yield Visit(
        *("boto3, presigned URL", "GetObject", bucket, "archive.tar", "SigV2 QueryString"),
        lambda: requests.get(_presigned(v2, bucket, "archive.tar"), timeout=10),
    )
    yield Visit(
        *("boto3, upload form", "PostObject", bucket, "upload.bin", "SigV2 HtmlForm"),
        lambda: _post_form(v2, bucket, "upload.bin"),
    )
    yield Visit(
        *("boto3, signature_version='s3v4'", "PutObject", bucket, "report.csv", "SigV4 AuthHeader"),
        lambda: v4.put_object(Bucket=bucket, Key="report.csv", Body=b"1,2,3"),
    )


def left_out() -> list[str]:
    """Says of each client that is not among the visits, as it cannot run here, what it lacks."""
    without = [f"{client.name} {missing}" for client in OLD_CLIENTS if (missing := client.missing())]
    return without if _s3cmd() else [*without, f"s3cmd is not installed beside {sys.executable}"]


def _s3cmd() -> str | None:
    return shutil.which("s3cmd", path=str(Path(sys.executable).parent))


def _boto3(
    endpoint: str, credentials: Credentials, config: Config | None = None, region: str = "us-east-1"
) -> "S3Client":
    session = boto3.session.Session(
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.session_token,
        region_name=region,
    )
    return session.client("s3", endpoint_url=endpoint, config=config)


def _presigned(client: "S3Client", bucket: str, key: str) -> str:
    return client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})


def _post_form(client: "S3Client", bucket: str, key: str) -> None:
    form = client.generate_presigned_post(bucket, key)
    requests.post(form["url"], data=form["fields"], files={"file": b"picture"}, timeout=10)


def _put_by_boto2(endpoint: str, credentials: Credentials, bucket: str, key: str) -> None:
    import boto  # noqa: PLC0415 - slow to import, and not installed everywhere
    from boto.s3.connection import OrdinaryCallingFormat  # noqa: PLC0415

    address = urlsplit(endpoint)
    connection = boto.connect_s3(
        credentials.access_key_id,
        credentials.secret_access_key,
        is_secure=False,
        host=address.hostname,
        port=address.port,
        calling_format=OrdinaryCallingFormat(),
    )
    connection.get_bucket(bucket, validate=False).new_key(key).set_contents_from_string("archive")


def _put_by_requests_aws(endpoint: str, credentials: Credentials, bucket: str, key: str) -> None:
    from awsauth import S3Auth  # noqa: PLC0415 - of requests-aws, whose other clients need it not

    auth = S3Auth(credentials.access_key_id, credentials.secret_access_key, urlsplit(endpoint).netloc)
    requests.put(f"{endpoint}/{bucket}/{key}", data=b"archive", auth=auth, timeout=10).raise_for_status()


BOTO2 = OldClient("boto 2.49", "boto", "Python 3.11", _put_by_boto2)
REQUESTS_AWS = OldClient("requests-aws 0.1.8", "awsauth", "requests-aws", _put_by_requests_aws)
OLD_CLIENTS = (BOTO2, REQUESTS_AWS)
"""boto 2.49 is the better known by far, but Python 3.12 and later cannot import it."""


def _s3cmd_put(s3cmd: str, endpoint: str, credentials: Credentials, url: str, *options: str) -> None:
    address = urlsplit(endpoint).netloc
    with tempfile.TemporaryDirectory() as directory:
        file, config = Path(directory, "dump.sql"), Path(directory, "s3cfg")
        file.write_text("select 1;")
        config.write_text(
            "[default]\n"
            f"access_key = {credentials.access_key_id}\nsecret_key = {credentials.secret_access_key}\n"
            f"host_base = {address}\nhost_bucket = {address}\nuse_https = False\nbucket_location = us-east-1\n"
        )
        command = [sys.executable, s3cmd, "--config", str(config), "--quiet", *options, "put", str(file), url]
        subprocess.run(command, check=True, timeout=60)  # noqa: S603 - every word of it is made here
