"""How to fix a client, as a table of data: what it is known by, what to do, and who says so.

Least versions: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingAWSSDK.html
"""

import re
from dataclasses import dataclass

_AWS = "https://docs.aws.amazon.com/AmazonS3/latest/API/specify-signature-version.html"
_AWS_VERSIONS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingAWSSDK.html"


@dataclass(frozen=True)
class Fix:
    """What to do about clients of one kind.

    Attributes:
        client: what kind.
        in_short: what to do, in a few words.
        how: what to do, in sentences; `{signer}` stands for who signs.
        source: the page that says so.
        agent: a regular expression for user agents of this kind.
        method: how they sign, None for the Authorization header.
    """

    client: str
    in_short: str
    how: str
    source: str
    agent: str = ""
    method: str | None = None

    def told_to(self, signer: str) -> str:
        """What to do, with the signer named."""
        return self.how.replace("{signer}", signer)

    def applies_to(self, user_agent: str, method: str) -> bool:
        """Whether a client is of this kind.

        Args:
            user_agent: without CloudTrail's brackets.
            method: `AuthHeader`, `QueryString` or `HtmlForm`.
        """
        if self.method or method in _SIGNED_BY_ANOTHER:
            return self.method == method
        return re.search(self.agent, user_agent, re.IGNORECASE) is not None


_SIGNED_BY_ANOTHER = ("QueryString", "HtmlForm")
"""The user agent is that of whoever was given the URL or the form, so it tells nothing of the signer."""

OWN_PROBE = Fix(
    client="a probe of this project",
    in_short="nothing: it was `discover` or `verify`",
    how=(
        "The agent says that {signer} ran `python -m sigv2 discover` or `verify`, to learn whether SigV2 passes. It "
        "counts for nobody. An agent can lie: if nobody of yours ran these commands, look for who else does."
    ),
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html",
    agent=r"(?:^| )s3-sigv2-access-log/(?:discover|verify)$",
)

FIXES = (
    OWN_PROBE,
    Fix(
        client="presigned URL",
        in_short='the signer, not the agent: Config(signature_version="s3v4")',
        how=(
            "The agent only follows a URL that somebody else has signed: find the code that makes URLs with the "
            "credentials of {signer}. boto3 and botocore sign URLs with SigV2 by default in eight Regions: pass "
            'config=Config(signature_version="s3v4") to the client. `aws s3 presign`: run `aws configure set '
            "default.s3.signature_version s3v4`. aws-sdk-js v2: new AWS.S3({signatureVersion: 'v4'}). .NET: "
            "AWSConfigsS3.UseSignatureVersion4 = true. A SigV4 URL is good for 7 days at most."
        ),
        source="https://github.com/boto/botocore/pull/3791",
        method="QueryString",
    ),
    Fix(
        client="upload form",
        in_short='the signer, not the agent: Config(signature_version="s3v4")',
        how=(
            "The agent is a browser that sends a form which somebody else has signed: find the code that makes forms "
            "with the credentials of {signer}. boto3's generate_presigned_post signs with SigV2 by default in eight "
            'Regions: pass config=Config(signature_version="s3v4") to the client. A form made by hand: sign its policy '
            "with AWS4-HMAC-SHA256."
        ),
        source="https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html",
        method="HtmlForm",
    ),
    Fix(
        client="s3cmd, or another client without a user agent",
        in_short="s3cmd: signature_v2 = False",
        how=(
            "s3cmd sends no user agent: set signature_v2 = False in ~/.s3cfg, take --signature-v2 out of commands, and "
            "upgrade a version too old to know them. If {signer} runs no s3cmd, look for scripts that sign themselves."
        ),
        source="https://s3tools.org/usage",
        agent=r"^$|^s3cmd",
    ),
    Fix(
        client="boto 2",
        in_short="[s3] use-sigv4 = True, or move to boto3",
        how=(
            "Put use-sigv4 = True under [s3] in boto.cfg, or S3_USE_SIGV4=True into the environment, and connect with "
            "host='s3.REGION.amazonaws.com'; 2.49.0 of 2018 is the last version, so move to boto3."
        ),
        source=_AWS,
        agent=r"^boto/",
    ),
    Fix(
        client="aws-cli before 1.11.108",
        in_short="upgrade the AWS CLI",
        how="Upgrade to version 2 of the AWS CLI; 1.11.108 is the first that meets S3's requirement.",
        source=_AWS_VERSIONS,
        agent=r"^aws-cli/(0\.|1\.(\d|10)\.|1\.11\.(\d|\d\d|10[0-7])\b)",
    ),
    Fix(
        client="aws-cli",
        in_short="aws configure set default.s3.signature_version s3v4",
        how=(
            "Its configuration asks for SigV2: find `signature_version = s3` in ~/.aws/config of {signer}, and run "
            "`aws configure set default.s3.signature_version s3v4`, or the same with profile.NAME for default."
        ),
        source=_AWS,
        agent=r"^aws-cli/",
    ),
    Fix(
        client="botocore before 1.5.71",
        in_short="upgrade boto3 and botocore",
        how="Upgrade; boto3 1.4.6 and botocore 1.5.71 are the first that meet S3's requirement.",
        source=_AWS_VERSIONS,
        agent=r"\bbotocore/(0\.|1\.[0-4]\.|1\.5\.(\d|[1-6]\d|70)\b)",
    ),
    Fix(
        client="boto3 or botocore",
        in_short="take signature_version='s3' out",
        how=(
            "These sign headers with SigV4 unless told otherwise: find Config(signature_version='s3') in the code, or "
            "`signature_version = s3` in ~/.aws/config, of {signer}, and take it out or write s3v4."
        ),
        source="https://github.com/boto/boto3/issues/2680",
        agent=r"^boto3/|\bbotocore[/#]",
    ),
    Fix(
        client="aws-sdk-js v2",
        in_short="new AWS.S3({signatureVersion: 'v4'})",
        how="Make the client with new AWS.S3({signatureVersion: 'v4'}), with 2.68 at least; version 3 has no SigV2.",
        source=_AWS,
        agent=r"\baws-sdk-(nodejs|js|react-native)/v?[0-2]\.",
    ),
    Fix(
        client="rclone",
        in_short="take v2_auth out of the remote",
        how="Take v2_auth = true out of the remote in rclone.conf, and --s3-v2-auth or RCLONE_S3_V2_AUTH with it.",
        source="https://rclone.org/s3/#s3-v2-auth",
        agent=r"^rclone/",
    ),
    Fix(
        client="s3fs",
        in_short="mount with -o sigv4, without -o sigv2",
        how=(
            "Mount with -o sigv4 -o endpoint=REGION, and without -o sigv2 (look in /etc/fstab); by default s3fs falls "
            "back to SigV2."
        ),
        source="https://github.com/s3fs-fuse/s3fs-fuse/blob/master/doc/man/s3fs.1.in",
        agent=r"^s3fs/",
    ),
    Fix(
        client="Hadoop S3A",
        in_short="take fs.s3a.signing-algorithm out",
        how=(
            "Take fs.s3a.signing-algorithm = S3SignerType out of core-site.xml, and "
            "spark.hadoop.fs.s3a.signing-algorithm out of Spark's configuration; Hadoop 3.4.0 refuses it."
        ),
        source="https://issues.apache.org/jira/browse/HADOOP-18857",
        agent=r"\bhadoop[ /]\d",
    ),
    Fix(
        client="AWS SDK for Java v1",
        in_short="take the S3SignerType override out, or upgrade",
        how=(
            'Take setSignerOverride("S3SignerType") out; 1.11.201 is the first version that meets S3\'s requirement; '
            "one from before May 2016 needs -Dcom.amazonaws.services.s3.enableV4. Version 2 has no SigV2."
        ),
        source=_AWS,
        agent=r"\baws-sdk-java/[^2]",
    ),
    Fix(
        client="AWS SDK for .NET",
        in_short="AWSConfigsS3.UseSignatureVersion4 = true",
        how=(
            "Set AWSConfigsS3.UseSignatureVersion4 = true before the client is made, or AWS.S3.UseSignatureVersion4 in "
            "the appSettings; 3.1.10 and 3.3 are the first that meet S3's requirement."
        ),
        source=_AWS,
        agent=r"\baws-sdk-(dotnet|unity|xamarin)|\bAWSSDK",
    ),
    Fix(
        client="AWS SDK for Ruby",
        in_short="signature_version: 'v4'",
        how=(
            "Make the client with Aws::S3::Client.new(signature_version: 'v4'); version 1 takes "
            ":s3_signature_version => :v4."
        ),
        source=_AWS,
        agent=r"\baws-sdk-ruby",
    ),
    Fix(
        client="AWS SDK for PHP",
        in_short="'signature_version' => 'v4'",
        how=(
            "Make the client with 'signature_version' => 'v4'; version 2 takes 'signature' => 'v4' and a Region, with "
            "2.7.4 at least."
        ),
        source=_AWS,
        agent=r"\baws-sdk-php",
    ),
    Fix(
        client="MinIO client or minio-go",
        in_short="credentials.NewStaticV4; mc alias set --api S3v4",
        how="In Go, credentials.NewStaticV4 in place of NewStaticV2; for mc, `mc alias set … --api S3v4`.",
        source="https://pkg.go.dev/github.com/minio/minio-go/v7/pkg/credentials",
        agent=r"\bminio-go/|^minio ",
    ),
    Fix(
        client="Go",
        in_short="move from a library such as goamz to aws-sdk-go-v2",
        how=(
            "The AWS SDKs for Go sign with SigV4 only: find a library such as goamz, or hand-made signing, in what "
            "{signer} runs, and move to aws-sdk-go-v2."
        ),
        source="https://github.com/Unity-Technologies/goamz/pull/2",
        agent=r"^go-http-client/|\baws-sdk-go",
    ),
    Fix(
        client="unknown",
        in_short="upgrade it, or have it sign with SigV4",
        how=(
            "No known client: ask who runs {signer}, or look where it comes from with `--by source`; then upgrade it "
            "or configure Signature Version 4."
        ),
        source=_AWS,
    ),
)
"""The first that applies is the one; the last applies to every header."""


def fix_for(user_agent: str, method: str) -> Fix:
    """How to fix a client.

    Args:
        user_agent: without CloudTrail's brackets.
        method: `AuthHeader`, `QueryString` or `HtmlForm`.
    """
    return next(fix for fix in FIXES if fix.applies_to(user_agent, method))
