import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigv2.report.fixes import FIXES, Fix, fix_for

AGENTS = {
    "": "s3cmd, or another client without a user agent",
    "Boto/2.49.0 Python/3.11.7 Linux/6.18": "boto 2",
    "Boto/2.38.0 Python/2.7.6 Linux/3.13 gsutil/4.68": "boto 2",
    "aws-cli/1.10.56 Python/2.7.12 Linux/4.4.19-29.55.amzn1.x86_64 botocore/1.4.46": "aws-cli before 1.11.108",
    "aws-cli/1.11.107 Python/2.7.12 Linux/4.4 botocore/1.5.70": "aws-cli before 1.11.108",
    "aws-cli/1.11.108 Python/2.7.12 Linux/4.4 botocore/1.5.71": "aws-cli",
    "aws-cli/2.31.0 md/awscrt#0.27 ua/2.1 os/linux#6 md/arch#x86_64 lang/python#3.13": "aws-cli",
    "Boto3/1.4.4 Python/2.7.6 Linux/3.13 Botocore/1.5.70": "botocore before 1.5.71",
    "Boto3/1.4.6 Python/2.7.6 Linux/3.13 Botocore/1.5.71": "boto3 or botocore",
    "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux#6.18 md/arch#x86_64 Botocore/1.44.5": "boto3 or botocore",
    "Botocore/1.40.0 ua/2.1": "boto3 or botocore",
    "Boto3/1.44.5 md/Botocore#1.44.5 Botocore/1.44.5 s3-sigv2-access-log/verify": "a probe of this project",
    "Boto3/1.44.5 md/Botocore#1.44.5 Botocore/1.44.5 s3-sigv2-access-log/discover": "a probe of this project",
    "Boto3/1.44.5 s3-sigv2-access-log/verify Botocore/1.44.5": "boto3 or botocore",
    "aws-sdk-nodejs/2.1083.0 linux/v16.15.0 exec-env/AWS_Lambda_nodejs16.x promise": "aws-sdk-js v2",
    "aws-sdk-nodejs/v0.9.7-pre.8 linux/v0.8.22": "aws-sdk-js v2",
    "rclone/v1.68.1": "rclone",
    "s3fs/1.90 (commit hash unknown; GnuTLS(gcrypt))": "s3fs",
    "Hadoop 3.3.4, aws-sdk-java/1.12.262 Linux/5.10 OpenJDK_64-Bit_Server_VM/11": "Hadoop S3A",
    "MyApp, Hadoop 2.8.5, aws-sdk-java/1.11.906 Linux/4.14": "Hadoop S3A",
    "aws-sdk-java/1.11.0 Linux/4.4 Java_HotSpot(TM)": "AWS SDK for Java v1",
    "aws-sdk-dotnet-45/3.3.110.30 aws-sdk-dotnet-core/3.3.104.32 .NET_Runtime/4.0": "AWS SDK for .NET",
    "aws-sdk-ruby2/2.11.19 ruby/2.3.1 x86_64-linux": "AWS SDK for Ruby",
    "aws-sdk-ruby/1.67.0 ruby/2.1.1": "AWS SDK for Ruby",
    "aws-sdk-php2/2.7.2 Guzzle/3.9.3 curl/7.38.0 PHP/5.6": "AWS SDK for PHP",
    "MinIO (linux; amd64) minio-go/v7.0.63": "MinIO client or minio-go",
    "Minio (linux; x86_64) minio-go/v6.0.14 mc/RELEASE.2019": "MinIO client or minio-go",
    "Go-http-client/1.1": "Go",
    "aws-sdk-go/1.44.1 (go1.20; linux; amd64)": "Go",
    "aws-sdk-java/2.20.1 Linux/5.10": "unknown",
    "aws-sdk-nodejs/3.450.0": "unknown",
    "curl/8.4.0": "unknown",
    "my Boto/2.49.0 look-alike": "unknown",
}


@pytest.mark.parametrize("agent", AGENTS)
def test_a_client_that_signs_headers_is_known_by_its_user_agent(agent: str) -> None:
    assert fix_for(agent, "AuthHeader").client == AGENTS[agent]


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize(("method", "client"), [("QueryString", "presigned URL"), ("HtmlForm", "upload form")])
def test_the_agent_of_a_presigned_request_tells_nothing_of_its_signer(agent: str, method: str, client: str) -> None:
    fix = fix_for(agent, method)
    assert fix.client == client
    assert fix.in_short == 'the signer, not the agent: Config(signature_version="s3v4")'
    assert "access key AKIAEXAMPLE of nightly-backup" in fix.told_to("access key AKIAEXAMPLE of nightly-backup")


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.client)
def test_each_fix_says_what_to_do_in_short_and_in_full_and_where_that_is_from(fix: Fix) -> None:
    assert 0 < len(fix.in_short) <= 70
    assert fix.how.endswith(".")
    assert re.fullmatch(r"https://[\w.-]+/[\w./#-]+", fix.source)
    assert "{signer}" not in fix.told_to("somebody")


def test_each_fix_is_the_one_of_some_client() -> None:
    used = {fix_for(agent, "AuthHeader").client for agent in AGENTS} | {"presigned URL", "upload form"}
    assert used == {fix.client for fix in FIXES}


def test_a_signers_name_is_taken_as_it_is() -> None:
    assert "of {signer}{0}\\1," in FIXES[-1].told_to("of {signer}{0}\\1")


@given(st.text(), st.sampled_from(["AuthHeader", "QueryString", "HtmlForm", "", "SomethingNew"]))
def test_every_client_has_a_fix(agent: str, method: str) -> None:
    assert fix_for(agent, method) in FIXES
