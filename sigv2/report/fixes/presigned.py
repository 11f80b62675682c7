"""Presigned URLs and upload forms: the agent is that of whoever uses them, the fix belongs to whoever made them."""

from typing import Final

from sigv2.report.fixes.fix import Fix

PRESIGNED: Final = (
    Fix(
        client="presigned URL for a container image",
        in_short="the registry, not the agent: take v4auth: false out",
        how=(
            "A container registry sends its clients to URLs that it signs itself: find the registry that has the "
            "credentials of {signer}, and take v4auth: false out of the s3 part of its configuration (Docker's "
            "distribution, and Harbor or GitLab, which are built on it)."
        ),
        source="https://distribution.github.io/distribution/storage-drivers/s3/",
        starts=r"(?:docker|containerd|containers|cri-o|podman|skopeo|buildkit|buildah|kaniko|go-containerregistry)/",
        method="QueryString",
    ),
    Fix(
        client="presigned URL of a GitLab or Git LFS server",
        in_short="the server, not the agent: aws_signature_version: 4",
        how=(
            "Git LFS and GitLab's runner are sent to URLs that their server signs: find the server that has the "
            "credentials of {signer}. In GitLab, take aws_signature_version: 2 out of the connection of object "
            "storage, or write 4, which is the default."
        ),
        source="https://docs.gitlab.com/ee/administration/object_storage.html",
        starts=r"git-lfs/|gitlab-(?:runner|workhorse)\b",
        method="QueryString",
    ),
    Fix(
        client="presigned URL",
        in_short='the signer, not the agent: Config(signature_version="s3v4")',
        how=(
            "The agent only follows a URL that somebody else has signed: find the code that makes URLs with the "
            "credentials of {signer}. boto3 and botocore sign URLs with SigV2 by default in eight Regions: pass "
            'config=Config(signature_version="s3v4") to the client. `aws s3 presign`: run `aws configure set '
            "default.s3.signature_version s3v4`, or move to version 2 of the AWS CLI. `s3cmd signurl` knows SigV2 "
            "alone (https://github.com/s3tools/s3cmd/issues/765): have the AWS CLI or an SDK sign instead. aws-sdk-js "
            "v2: new AWS.S3({signatureVersion: 'v4'}). .NET: AWSConfigsS3.UseSignatureVersion4 = true. fog: "
            "aws_signature_version: 4. django-storages: AWS_S3_SIGNATURE_VERSION = 's3v4'. boto 2: S3_USE_SIGV4=True. "
            "A SigV4 URL is good for 7 days at most."
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
)
