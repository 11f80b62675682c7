"""Libraries that are not AWS's and name themselves in the agent of the programs built on them."""

from typing import Final

from sigv2.report.fixes.fix import NAME_ENDS, Fix

LIBRARIES: Final = (
    Fix(
        client="JetS3t",
        in_short="request-signature-version=AWS4-HMAC-SHA256",
        how=(
            "With 0.9.3 at least, put storage-service.request-signature-version=AWS4-HMAC-SHA256 into "
            "jets3t.properties. It is no longer maintained, so better move what {signer} runs off it: Hadoop's s3n:// "
            "to s3a://, Artifactory's provider s3 to s3-storage-v3, own code to the AWS SDK for Java 2."
        ),
        source="https://github.com/mondain/jets3t/blob/HEAD/jets3t/src/main/resources/jets3t.properties",
        starts=r"JetS3t/",
        product=r"JetS3t/",
    ),
    Fix(
        client="jclouds",
        in_short="provider aws-s3 in place of s3",
        how=(
            'Make the context with the provider "aws-s3", which signs with SigV4: "s3" signs with SigV2 unless told '
            "otherwise. In S3Proxy, set jclouds.provider=aws-s3."
        ),
        source="https://github.com/apache/jclouds/pull/129",
        product=r"jclouds/",
    ),
    Fix(
        client="fog",
        in_short="take aws_signature_version: 2 out",
        how=(
            "Take aws_signature_version: 2 out of Fog::Storage.new, or out of fog_credentials of CarrierWave, "
            "Paperclip or GitLab, of {signer}: 4 is the default of fog-aws, and of fog since 1.25; upgrade what is "
            "older."
        ),
        source="https://github.com/fog/fog/pull/3303",
        product=r"fog(?:-core|-aws)?/",
    ),
    Fix(
        client="libs3",
        in_short="libs3 4 with authRegion set",
        how=(
            "libs3 before 4 has SigV2 only: upgrade it, or the program of {signer} that is built on it (Bacula, iRODS, "
            "WinSCP), and set S3BucketContext.authRegion to the bucket's Region; for iRODS, S3_SIGNATURE_VERSION=4."
        ),
        source="https://github.com/bji/libs3/issues/76",
        starts=r"Mozilla/\d[\d.]* \(compatible; [^()]*\blibs3 \d",
        product=r"libs3/",
    ),
    Fix(
        client="davix",
        in_short="--s3region REGION",
        how=(
            "davix signs with SigV2 unless it knows the Region: give --s3region REGION, or setAwsRegion() in code; for "
            "gfal2 and Rucio, REGION= in the [S3:...] group of gfal2's configuration."
        ),
        source="https://github.com/cern-fts/davix/blob/HEAD/doc/sphinx/cloud-support.rst",
        starts=r"(?:lib)?davix/",
        product=r"(?:lib)?davix/",
    ),
    Fix(
        client="Net::Amazon::S3 or another Perl library",
        in_short="Net::Amazon::S3 0.81, with Signature::V4",
        how=(
            "The agent is LWP's, a library signs: upgrade Net::Amazon::S3 in what {signer} runs to 0.81 or later and "
            "make it with authorization_method => 'Net::Amazon::S3::Signature::V4'; move from Amazon::S3, and from "
            "code that signs itself, to that, or to Amazon::S3::Thin."
        ),
        source="https://github.com/rustyconover/net-amazon-s3/issues/24",
        starts=r"(?:libwww-perl|LWP(?:::\w+)?|Net-Amazon-S3|Amazon-S3|HTTP-Tiny|Mojolicious|Furl(?:::\w+)?)"
        + NAME_ENDS,
    ),
    Fix(
        client="S3.php (tpyo/amazon-s3-php-class)",
        in_short="take master of S3.php: setSignatureVersion('v4')",
        how=(
            "The released class, and the copies of it in plugins such as those of WordPress, have SigV2 only: take the "
            "master branch and call S3::setSignatureVersion('v4'), upgrade the plugin, or move to the AWS SDK for PHP "
            "3."
        ),
        source="https://github.com/tpyo/amazon-s3-php-class/issues/152",
        starts=r"S3/php(?![\w-])",
    ),
    Fix(
        client="Zend_Service_Amazon_S3",
        in_short="move to the AWS SDK for PHP 3",
        how=(
            "Zend's S3 service, which old Magento extensions use as well, has SigV2 only: move what {signer} runs to "
            "the AWS SDK for PHP 3."
        ),
        source="https://github.com/arkadedigital/magento-s3/issues/10",
        starts=r"Zend[_\\]|Laminas[_\\]",
    ),
    Fix(
        client="MinIO SDK for a language other than Go",
        in_short="find what signs: these SDKs have SigV4 only",
        how=(
            "MinIO's SDKs for Java, Python, JavaScript and .NET sign with SigV4 only: find a signer of its own "
            "in what {signer} runs, or what else sends this agent."
        ),
        source="https://github.com/minio/minio-js/issues/571",
        product=r"minio-(?:java|py|js|dotnet|cpp|rs)/",
    ),
    Fix(
        client="MinIO client or minio-go",
        in_short="credentials.NewStaticV4; mc alias set --api S3v4",
        how=(
            "In Go, credentials.NewStaticV4 in place of NewStaticV2; for mc, `mc alias set … --api S3v4`. Thanos: take "
            "signature_version2: true out of the bucket's configuration; Loki and Mimir: signature_version: v4."
        ),
        source="https://pkg.go.dev/github.com/minio/minio-go/v7/pkg/credentials",
        starts=r"minio ",
        product=r"minio-go/",
    ),
    Fix(
        client="a Go program on another's S3 library",
        in_short="upgrade s5cmd, s3gof3r; move to aws-sdk-go-v2",
        how=(
            "s5cmd signs with SigV4 only, s3gof3r since 2015: upgrade them, or find what else {signer} runs under "
            "this agent."
        ),
        source="https://github.com/peak/s5cmd/issues/448",
        starts=r"(?:s5cmd|s3gof3r|gof3r)/",
    ),
    Fix(
        client="Erlang or Elixir library",
        in_short="upgrade erlcloud; move from mini_s3 to it",
        how=(
            "erlcloud signs S3 requests with SigV4 in current releases, ExAws always: upgrade what {signer} runs. "
            "mini_s3, of old Chef servers, has SigV2 only: upgrade the Chef server."
        ),
        source="https://github.com/erlcloud/erlcloud/issues/154",
        starts=r"(?:hackney|erlcloud|lhttpc|ibrowse|ex_aws|mint|finch|gun|tesla|mini_s3|httpc)" + NAME_ENDS,
    ),
)
