"""Programs that name themselves in their agent, whatever library they are built on."""

from typing import Final

from sigv2.report.fixes.fix import AWS, AWS_VERSIONS, NAME_ENDS, Fix

PROGRAMS: Final = (
    Fix(
        client="s3cmd, or another client without a user agent",
        in_short="s3cmd: signature_v2 = False",
        how=(
            "s3cmd sends no user agent: set signature_v2 = False in ~/.s3cfg, take --signature-v2 out of commands, and "
            "upgrade a version too old to know them. If {signer} runs no s3cmd: programs on libcurl such as Amanda "
            '(device_property "STORAGE_API" "AWS4"), knox for Node.js and aws for Haskell send none either, nor do '
            "scripts that sign themselves."
        ),
        source="https://s3tools.org/usage",
        starts=r"-?\Z|s3cmd" + NAME_ENDS,
    ),
    Fix(
        client="rclone",
        in_short="take v2_auth out of the remote",
        how=(
            "Take v2_auth = true out of the remote in rclone.conf of {signer}, and --s3-v2-auth or RCLONE_S3_V2_AUTH "
            "with it."
        ),
        source="https://rclone.org/s3/#s3-v2-auth",
        starts=r"rclone/",
    ),
    Fix(
        client="s3fs before 1.88",
        in_short="upgrade s3fs",
        how=(
            "It falls back to SigV2 whenever SigV4 fails, and knows no option against that: upgrade to 1.88 or later "
            "and mount with -o sigv4 -o endpoint=REGION, and without -o sigv2 (look in /etc/fstab). s3fs of after "
            "April 2026 signs with SigV4 by itself (https://github.com/s3fs-fuse/s3fs-fuse/pull/2845)."
        ),
        source="https://github.com/s3fs-fuse/s3fs-fuse/pull/1432",
        starts=r"s3fs/v?(?:0|1\.(?:[0-7]\d?|8|8[0-7]))(?!\d)",
    ),
    Fix(
        client="s3fs",
        in_short="mount with -o sigv4, without -o sigv2",
        how=(
            "Mount with -o sigv4 -o endpoint=REGION, and without -o sigv2 (look in /etc/fstab): releases of before "
            "April 2026 fall back to SigV2 whenever SigV4 fails, later ones sign with SigV4 unless -o sigv2 is given."
        ),
        source="https://github.com/s3fs-fuse/s3fs-fuse/pull/2845",
        starts=r"s3fs/",
    ),
    Fix(
        client="s3backer",
        in_short="take --authVersion=aws2 out",
        how=(
            "Take --authVersion=aws2 out of the command, or out of /etc/fstab, of {signer}; aws4 is the default since "
            "1.4, so upgrade what is older."
        ),
        source="https://github.com/archiecobbs/s3backer/blob/HEAD/s3backer.1",
        starts=r"s3backer/",
    ),
    Fix(
        client="goofys",
        in_short="mount with --region, and without another endpoint",
        how=(
            "It falls back to SigV2 where a request with SigV4 fails, as with a wrong Region or endpoint: give "
            "--region of the bucket, take --endpoint out, and look at its log for the fallback."
        ),
        source="https://github.com/kahing/goofys/issues/386",
        starts=r"goofys/",
        product=r"goofys/",
    ),
    Fix(
        client="Docker registry (distribution)",
        in_short="take v4auth: false out of the registry's s3 storage",
        how=(
            "Take v4auth: false out of the s3 part of the configuration of the registry that {signer} runs (or "
            "REGISTRY_STORAGE_S3_V4AUTH out of its environment): SigV4 is its default."
        ),
        source="https://distribution.github.io/distribution/storage-drivers/s3/",
        product=r"docker-distribution/",
    ),
    Fix(
        client="Hadoop S3A of Hadoop 2",
        in_short="-Dcom.amazonaws.services.s3.enableV4=true, or Hadoop 3",
        how=(
            "The old AWS SDK that it brings signs with SigV2 unless told otherwise: set "
            "-Dcom.amazonaws.services.s3.enableV4=true for every JVM (in Spark, in spark.driver.extraJavaOptions and "
            "spark.executor.extraJavaOptions) and fs.s3a.endpoint to the bucket's Region, take "
            "fs.s3a.signing-algorithm = S3SignerType out, or move to Hadoop 3."
        ),
        source=AWS,
        starts=r"(?:[^,()]*, ?)?Hadoop[ /]2\.",
    ),
    Fix(
        client="Hadoop S3A",
        in_short="take fs.s3a.signing-algorithm out",
        how=(
            "Take fs.s3a.signing-algorithm = S3SignerType out of core-site.xml, and "
            "spark.hadoop.fs.s3a.signing-algorithm out of Spark's configuration; Hadoop 3.4.0 refuses it."
        ),
        source="https://issues.apache.org/jira/browse/HADOOP-18857",
        starts=r"(?:[^,()]*, ?)?Hadoop[ /]\d",
    ),
    Fix(
        client="Amazon EMR (EMRFS)",
        in_short="move the cluster to a current EMR release",
        how=(
            "EMRFS signs with the AWS SDK for Java of its EMR release, and 1.11.201 is the first that meets S3's "
            "requirement: move the cluster of {signer} to a current release. No page of AWS's names a switch for it."
        ),
        source=AWS_VERSIONS,
        product=r"ElasticMapReduce/|emrfs/",
    ),
    Fix(
        client="Presto or Trino",
        in_short="take hive.s3.signer-type out of the catalog",
        how=(
            "Take hive.s3.signer-type=S3SignerType, and a hive.s3.signer-class for SigV2, out of the Hive catalog's "
            "properties of {signer}."
        ),
        source="https://github.com/prestodb/presto/pull/6054",
        product=r"(?:presto|trino)(?:/|\Z)",
    ),
    Fix(
        client="gsutil",
        in_short="[s3] use-sigv4 = True in ~/.boto",
        how=(
            "gsutil reaches S3 with boto 2: put use-sigv4 = True and host = s3.REGION.amazonaws.com under [s3] in the "
            "~/.boto of {signer} (`gsutil version -l` names the file), or have the AWS CLI do it."
        ),
        source="https://cloud.google.com/storage/docs/boto-gsutil",
        starts=r"gsutil/",
        product=r"gsutil/",
    ),
    Fix(
        client="duplicity",
        in_short="upgrade duplicity, to one on boto3",
        how=(
            "Old versions sign with boto 2: upgrade, and use the boto3+s3:// or s3:// address. Until then put "
            "S3_USE_SIGV4=True into the environment of {signer} and the Region's endpoint into the address."
        ),
        source="https://manpages.ubuntu.com/manpages/noble/man1/duplicity.1.html",
        starts=r"duplicity[ /]\d",
    ),
    Fix(
        client="Cyberduck or Mountain Duck",
        in_short="use the Amazon S3 profile, not an AWS2 one",
        how=(
            "The bookmark of {signer} uses a connection profile with AWS2 signatures: make it with the Amazon S3 "
            "profile, or S3 (HTTPS), which sign with AWS4-HMAC-SHA256, and upgrade a version too old to have them."
        ),
        source="https://docs.cyberduck.io/protocols/s3/",
        starts=r"(?:Cyberduck|Mountain ?Duck|duck)/",
    ),
    Fix(
        client="S3 Browser",
        in_short="account type Amazon S3, with Signature V4; upgrade",
        how=(
            "Edit the account of {signer} in Accounts: its type should be Amazon S3 Storage; an account of type S3 "
            "Compatible Storage has the signature version among its advanced settings. Upgrade an old version."
        ),
        source="https://s3browser.com/s3-compatible-storage.aspx",
        starts=r"S3 ?Browser[ /]",
    ),
    Fix(
        client="DragonDisk",
        in_short="replace it: it has no SigV4",
        how="It never learnt SigV4: have {signer} use another program, such as Cyberduck, WinSCP or the AWS CLI.",
        source="https://github.com/tonyp13/DragonDisk/issues/2",
        starts=r"DragonDisk" + NAME_ENDS,
    ),
    Fix(
        client="Artifactory",
        in_short='provider type="s3-storage-v3" in binarystore.xml',
        how=(
            'Its binarystore.xml uses the "s3" provider, which signs with JetS3t: change chain and provider to '
            '"s3-storage-v3", or "s3-storage-v3-direct", which use the AWS SDK.'
        ),
        source=(
            "https://jfrog.com/help/r/artifactory-how-should-i-switch-to-use-the-amazon-s3-official-sdk/"
            "artifactory-how-should-i-switch-to-use-the-amazon-s3-official-sdk"
        ),
        starts=r"Artifactory/",
    ),
    Fix(
        client="Commvault",
        in_short="nCloudAWSV4 = 2 on the MediaAgent",
        how=(
            "Set the additional setting nCloudAWSV4 of the MediaAgent to 2, SigV4 only; 0 is SigV2 only, and 1, the "
            "default, uses SigV4 if it can."
        ),
        source="https://documentation.commvault.com/additionalsetting/ncloudawsv4-7867.html",
        starts=r"(?:APN/1\.0 )?Commvault" + NAME_ENDS,
    ),
    Fix(
        client="git-annex",
        in_short="git annex enableremote NAME signature=v4",
        how="Run `git annex enableremote NAME signature=v4` for the S3 remote of {signer}: v2 is what it signs with.",
        source="https://git-annex.branchable.com/special_remotes/S3/",
        starts=r"git-annex/",
    ),
    Fix(
        client="htslib (samtools)",
        in_short="upgrade htslib, samtools and bcftools to 1.10",
        how="Upgrade htslib, and samtools or bcftools with it: releases from before May 2019 have SigV2 only.",
        source="https://github.com/samtools/htslib/pull/839",
        starts=r"htslib/",
    ),
    Fix(
        client="yum's plugins for S3",
        in_short="upgrade yum-s3-iam, with the Region in the URL",
        how=(
            "yum's agent is urlgrabber's, a plugin signs: upgrade yum-s3-iam on the machines of {signer} to one from "
            "after 2016 and write baseurl with the bucket's Region; other plugins (yum-s3-plugin) have no SigV4, so "
            "move to yum-s3-iam."
        ),
        source="https://github.com/seporaitis/yum-s3-iam/pull/45",
        starts=r"(?:urlgrabber|yum|dnf|libdnf|yum-s3-\w+)[ /]",
        product=r"urlgrabber/",
    ),
    Fix(
        client="apt's transports for S3",
        in_short="upgrade apt-transport-s3, with Region in s3auth.conf",
        how=(
            "Upgrade apt-transport-s3 on the machines of {signer} to one from after 2017, and name the Region in "
            "/etc/apt/s3auth.conf; another transport (apt-s3) has to be replaced by it."
        ),
        source="https://github.com/MayaraCloud/apt-transport-s3/pull/24",
        starts=r"(?:(?:Debian|Ubuntu) )?APT-|apt-(?:transport-)?s3" + NAME_ENDS,
    ),
    Fix(
        client="Amazon CloudFront",
        in_short="origin access control in place of access identity",
        how=(
            "Move the distribution from an origin access identity to an origin access control, which signs with SigV4; "
            "or find what signs in its name, such as a Lambda@Edge function."
        ),
        source=(
            "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
            "private-content-restricting-access-to-s3.html"
        ),
        starts=r"Amazon CloudFront" + NAME_ENDS,
    ),
    Fix(
        client="an AWS service",
        in_short="nothing in a client: ask AWS Support",
        how=(
            "An AWS service sent this on behalf of {signer}; CloudTrail names it in place of an agent. Use the "
            "service's current features, and ask AWS Support, with the request's id, when it will sign with SigV4."
        ),
        source=(
            "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"
        ),
        starts=r"[a-z\d.-]+\.amazonaws\.com\Z|AWS Internal\Z|aws-internal/|S3Console/",
    ),
)

NAMED_PROGRAMS: Final = (
    Fix(
        client="backup or file transfer software",
        in_short="upgrade it; look for a signature version in its settings",
        how=(
            "The software names itself, but no page of its maker's was found that names the setting: upgrade what "
            "{signer} runs, look in the connection's settings for a signature version and for the type Amazon S3 "
            "rather than S3-compatible, and ask its maker which release signs with SigV4."
        ),
        source=AWS_VERSIONS,
        starts=(
            r"APN/1\.0 |(?:CloudBerry[\w.]*|MSP360|Transmit|WinSCP|Arq|ArqAgent|Veeam|(?:VERITAS-)?NetBackup|Bacula|"
            r"Bareos|Synology|QNAP|HybridBackup|Duplicati|ExpanDrive|Bucket ?Explorer|CrossFTP|FileZilla|ForkLift|"
            r"GoodSync|SyncBack\w*|TntDrive|NetDrive|odrive|RaiDrive|CloudMounter|Jungle ?Disk|ShareX|Dropshare|S3Fox|"
            r"s3ql|Zmanda|Druva|Rubrik|Cohesity|Acronis|Unitrends|Ahsay\w*|Retrospect|Nakivo|Iperius)" + NAME_ENDS
        ),
    ),
)
