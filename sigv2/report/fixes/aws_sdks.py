"""AWS's own SDKs and command lines.

Ends of support: https://aws.amazon.com/blogs/developer/aws-cli-v1-maintenance-mode-announcing-changes-to-dependency-updates/
(AWS CLI 1), https://aws.amazon.com/blogs/developer/announcing-end-of-support-for-aws-sdk-for-javascript-v2/,
https://aws.amazon.com/blogs/developer/announcing-end-of-support-for-aws-sdk-for-java-v1-x-on-december-31-2025,
https://aws.amazon.com/blogs/developer/announcing-end-of-support-for-aws-sdk-for-go-v1-on-july-31-2025/,
https://aws.amazon.com/blogs/developer/aws-sdk-for-net-v3-end-of-support-announcement/
"""

from typing import Final

from sigv2.report.fixes.fix import AWS, AWS_VERSIONS, Fix

AWS_SDKS: Final = (
    Fix(
        client="boto 2",
        in_short="[s3] use-sigv4 = True, or move to boto3",
        how=(
            "Put use-sigv4 = True under [s3] in boto.cfg, or S3_USE_SIGV4=True into the environment, and connect with "
            "host='s3.REGION.amazonaws.com'; 2.49.0 of 2018 is the last version, so move to boto3."
        ),
        source=AWS,
        starts=r"boto/",
    ),
    Fix(
        client="AWS CLI version 2",
        in_short="find what sends its agent: version 2 has no SigV2",
        how=(
            "Version 2 of the AWS CLI signs with SigV4 only: something else of {signer} sends its agent; look where "
            "the requests come from with `--by source`."
        ),
        source="https://docs.aws.amazon.com/cli/latest/userguide/cliv2-migration-changes.html",
        starts=r"aws-cli/2\.",
    ),
    Fix(
        client="aws-cli before 1.11.108",
        in_short="upgrade to version 2 of the AWS CLI",
        how=(
            "Upgrade to version 2 of the AWS CLI: 1.11.108 is the first that meets S3's requirement, and version 1 is "
            "in maintenance since 2026-07-15."
        ),
        source=AWS_VERSIONS,
        starts=r"aws-cli/(?:0\.|1\.(?:\d|10)\.|1\.11\.(?:\d|\d\d|10[0-7])(?!\d))",
    ),
    Fix(
        client="AWS CLI version 1",
        in_short="default.s3.signature_version s3v4, or version 2",
        how=(
            "Its configuration asks for SigV2: find `signature_version = s3` in ~/.aws/config of {signer}, and run "
            "`aws configure set default.s3.signature_version s3v4`, or the same with profile.NAME for default. Version "
            "1 is in maintenance since 2026-07-15, with a botocore of its own that upgrading botocore does not change: "
            "move to version 2, which has no SigV2."
        ),
        source=AWS,
        starts=r"aws-cli/",
    ),
    Fix(
        client="botocore before 1.5.71",
        in_short="upgrade boto3 and botocore",
        how=(
            "Upgrade them in what {signer} runs; boto3 1.4.6 and botocore 1.5.71 are the first that meet S3's "
            "requirement."
        ),
        source=AWS_VERSIONS,
        product=r"(?:md/)?botocore[/#](?:0\.|1\.[0-4]\.|1\.5\.(?:\d|[1-6]\d|70)(?!\d))",
    ),
    Fix(
        client="boto3 or botocore",
        in_short="take signature_version='s3' out",
        how=(
            "These sign headers with SigV4 unless told otherwise: find Config(signature_version='s3') in the code, "
            "AWS_S3_SIGNATURE_VERSION = 's3' in the settings of django-storages, or `signature_version = s3` in "
            "~/.aws/config, of {signer}, and take it out or write s3v4."
        ),
        source="https://github.com/boto/boto3/issues/2680",
        starts=r"boto3/",
        product=r"(?:md/|aio)?botocore[/#]",
    ),
    Fix(
        client="AWS SDK for JavaScript version 2",
        in_short="new AWS.S3({signatureVersion: 'v4'}), or version 3",
        how=(
            "Make the client with new AWS.S3({signatureVersion: 'v4'}), with 2.68 at least. Version 2 has been past "
            "its end of support since 2025-09-08: move {signer} to version 3, which has no SigV2."
        ),
        source=AWS,
        product=r"aws-sdk-(?:nodejs|js|react-native)/v?[0-2]\.",
    ),
    Fix(
        client="AWS SDK for .NET version 4",
        in_short="find what else signs: version 4 has no SigV2 in headers",
        how=(
            "Version 4 signs headers with SigV4 only (URLs of more than 7 days with SigV2): find an older AWSSDK.S3, "
            "or a signer of its own, in what {signer} runs."
        ),
        source="https://github.com/aws/aws-sdk-net/pull/3647",
        product=r"aws-sdk-dotnet[a-z\d-]*/4\.",
    ),
    Fix(
        client="an AWS SDK that has no SigV2",
        in_short="find the signer: this SDK has SigV4 only",
        how=(
            "This SDK signs S3's requests with SigV4 only: find a signer of its own, or another library, in what "
            "{signer} runs, and take it out."
        ),
        source="https://github.com/aws/aws-sdk-go-v2/issues/228",
        product=(
            r"aws-sdk-(?:nodejs|js|react-native)/v?[3-9]|aws-sdk-java/[2-9]\.|aws-sdk-go-v2/|"
            r"aws-sdk-(?:cpp|rust|kotlin|swift)/|aws-cpp-sdk|rusoto/|CRTS3NativeClient/|mountpoint-s3/"
        ),
    ),
    Fix(
        client="AWS SDK for Java version 1",
        in_short="take the S3SignerType override out, or version 2",
        how=(
            'Take setSignerOverride("S3SignerType") out; 1.11.201 is the first version that meets S3\'s requirement; '
            "one from before May 2016 needs -Dcom.amazonaws.services.s3.enableV4. Version 1 has been past its end of "
            "support since 2025-12-31: move {signer} to version 2, which has no SigV2."
        ),
        source=AWS,
        product=r"aws-sdk-java/",
    ),
    Fix(
        client="AWS SDK for Android or iOS",
        in_short="upgrade it, and take a signer for SigV2 out",
        how=(
            "Upgrade the app of {signer} to a current AWS Amplify, or to the last 2.x of the mobile SDK: old ones "
            "sign with SigV2. AWS's pages name no setting for them; for Android, as for Java, take "
            'setSignerOverride("S3SignerType") out.'
        ),
        source=AWS_VERSIONS,
        product=r"aws-sdk-(?:android|ios)/",
    ),
    Fix(
        client="AWS Tools for PowerShell",
        in_short="[Amazon.AWSConfigsS3]::UseSignatureVersion4 = $true",
        how=(
            "Upgrade to version 5, on version 4 of the SDK for .NET, which has no SigV2 in headers; before that, "
            "[Amazon.AWSConfigsS3]::UseSignatureVersion4 = $true in the script of {signer}. Version 4 of the tools has "
            "been past its end of support since 2026-06-01."
        ),
        source=AWS,
        product=r"AWS-?PowerShell",
    ),
    Fix(
        client="AWS SDK for .NET",
        in_short="AWSConfigsS3.UseSignatureVersion4 = true, or version 4",
        how=(
            "Set AWSConfigsS3.UseSignatureVersion4 = true before the client is made, or AWS.S3.UseSignatureVersion4 in "
            "the appSettings; 3.1.10 and 3.3 are the first that meet S3's requirement. Version 3 has been past its end "
            "of support since 2026-06-01: move {signer} to version 4."
        ),
        source=AWS,
        product=r"aws-sdk-(?:dotnet|unity|xamarin)|AWSSDK",
        starts=r"AWS SDK for \.NET",
    ),
    Fix(
        client="AWS SDK for Ruby version 1",
        in_short=":s3_signature_version => :v4, or version 3",
        how=(
            "Make the client with AWS::S3.new(:s3_signature_version => :v4), and move {signer} to version 3, whose "
            "default is SigV4."
        ),
        source=AWS,
        product=r"aws-sdk-ruby/",
    ),
    Fix(
        client="AWS SDK for Ruby",
        in_short="signature_version: 'v4'",
        how=(
            "Take signature_version: 's3' out of Aws::S3::Client.new, or write 'v4', the default since 2.2. Logstash "
            "and fluentd have signature_version among the settings of their S3 outputs."
        ),
        source=AWS,
        product=r"aws-sdk-ruby[2-9]",
    ),
    Fix(
        client="AWS SDK for PHP version 1",
        in_short="move to version 3",
        how="Version 1 has no SigV4 for S3: move {signer} to version 3, which signs with SigV4.",
        source=AWS_VERSIONS,
        product=r"aws-sdk-php/1\.|CloudFusion/",
    ),
    Fix(
        client="AWS SDK for PHP version 2",
        in_short="'signature' => 'v4', or version 3",
        how=(
            "Make the client with 'signature' => 'v4' and a 'region', with 2.7.4 at least, and move {signer} to "
            "version 3, whose default is SigV4."
        ),
        source=AWS,
        product=r"aws-sdk-php(?:2/|/2\.)",
    ),
    Fix(
        client="AWS SDK for PHP",
        in_short="'signature_version' => 'v4'; Nextcloud: no legacy_auth",
        how=(
            "Make the client with 'signature_version' => 'v4', and take a signer of its own out of what {signer} runs: "
            "in Nextcloud, 'legacy_auth' => true in the arguments of the objectstore or the external storage."
        ),
        source="https://github.com/nextcloud/server/pull/7570",
        product=r"aws-sdk-php",
    ),
    Fix(
        client="a program on aws-sdk-go with a SigV2 signer of its own",
        in_short="take v4auth: false, or the program's SigV2 option, out",
        how=(
            "The SDK signs with SigV4 only, so the program that {signer} runs puts a signer of its own in: a Docker "
            "registry with v4auth: false, goofys where SigV4 fails (give --region), an object storage command line "
            "with a SigV2 option. Take that out. Version 1 of the SDK has been past its end of support since "
            "2025-07-31: upgrade to a program on aws-sdk-go-v2."
        ),
        source="https://distribution.github.io/distribution/storage-drivers/s3/",
        product=r"aws-sdk-go/",
    ),
)
