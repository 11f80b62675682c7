"""Plain HTTP libraries and browsers: what signs is the program around them, so the fix says what to look for."""

from typing import Final

from sigv2.report.fixes.fix import NAME_ENDS, Fix

_BY_HAND: Final = "https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html"
"""How to sign with SigV4."""

HANDMADE: Final = (
    Fix(
        client="curl with a header made by hand",
        in_short='curl --aws-sigv4 "aws:amz:REGION:s3"',
        how=(
            "A script of {signer} makes the Authorization header itself, or s3curl.pl does: use curl 7.75 or later "
            'with --aws-sigv4 "aws:amz:REGION:s3" --user KEY:SECRET, or the AWS CLI.'
        ),
        source="https://manpages.ubuntu.com/manpages/oracular/man3/CURLOPT_AWS_SIGV4.3.html",
        starts=r"curl/",
    ),
    Fix(
        client="an R program that signs by itself",
        in_short="signature_v4_auth of aws.signature",
        how=(
            "Find hand-made signing, or signature_v2_auth of the package aws.signature, in what {signer} runs, and "
            "move to signature_v4_auth."
        ),
        source="https://cloudyr.r-universe.dev/aws.signature/doc/manual.html",
        product=r"(?:r-curl|httr2?)/",
    ),
    Fix(
        client="a C or C++ program on libcurl",
        in_short="CURLOPT_AWS_SIGV4, or the AWS SDK for C++",
        how=(
            "What {signer} runs signs its requests itself: have it set CURLOPT_AWS_SIGV4, with libcurl 7.75 or later, "
            "or use the AWS SDK for C++."
        ),
        source="https://man.archlinux.org/man/CURLOPT_AWS_SIGV4.3.en.txt",
        starts=r"libcurl(?:-agent)?/|neon/|serf/",
    ),
    Fix(
        client="Wget or another downloader with a header made by hand",
        in_short="aws s3 cp in its place",
        how=(
            "It cannot sign: a script of {signer} makes the Authorization header. Use `aws s3 cp` in its place, or "
            "curl with --aws-sigv4."
        ),
        source=_BY_HAND,
        starts=r"(?:Wget2?|aria2|HTTPie|Lynx|fetch|axel|PostmanRuntime|insomnia)/",
    ),
    Fix(
        client="Go",
        in_short="move from a library such as goamz to aws-sdk-go-v2",
        how=(
            "The AWS SDKs for Go sign with SigV4 only and name themselves: find a library such as goamz or kr/s3, or "
            "hand-made signing, in what {signer} runs, and move to aws-sdk-go-v2."
        ),
        source="https://github.com/Unity-Technologies/goamz/pull/2",
        starts=r"Go-http-client/|Go [\d.]+ package http|goamz\b|fasthttp\b|go-resty/",
    ),
    Fix(
        client="a Python program that signs by itself",
        in_short="requests-aws4auth, or boto3",
        how=(
            "Find a library such as requests-aws, tinys3 or simples3, or hand-made signing, in what {signer} runs, and "
            "move to boto3, or from requests-aws to requests-aws4auth. On Debian and Ubuntu it may be apt-transport-s3 "
            "from before August 2017: upgrade that."
        ),
        source="https://github.com/tedder/requests-aws4auth",
        starts=(
            r"(?:python(?:-requests|-urllib|-urllib3|-httpx|-httplib2)?|aiohttp|httpx|tornado|twisted|scrapy|pycurl|"
            r"treq)" + NAME_ENDS
        ),
        product=r"(?:python-requests|python-urllib|aiohttp)/",
    ),
    Fix(
        client="a JavaScript program that signs by itself",
        in_short="@aws-sdk/client-s3 in place of knox or aws2",
        how=(
            "Find a library such as knox or aws2, or hand-made signing, in what {signer} runs, and move to "
            "@aws-sdk/client-s3, or from aws2 to aws4."
        ),
        source="https://github.com/Automattic/knox/issues/254",
        starts=r"(?:axios|undici|node(?:-fetch|-superagent|\.js|js)?|got|needle|deno|bun|ky|meteor)" + NAME_ENDS,
    ),
    Fix(
        client="a Ruby program that signs by itself",
        in_short="aws-sdk-s3 in place of right_aws or aws-s3",
        how=(
            "Find a gem such as right_aws or aws-s3, or hand-made signing, in what {signer} runs, and move to "
            "aws-sdk-s3 (version 3 of the SDK), whose default is SigV4."
        ),
        source="https://github.com/aws/aws-sdk-ruby/pull/979",
        starts=(
            r"(?:Ruby|RightAws|right_aws|right_http_connection|AWS::S3|aws-s3|Faraday|excon|rest-client|HTTPClient|"
            r"httparty|Mechanize|Typhoeus|http\.rb)" + NAME_ENDS
        ),
    ),
    Fix(
        client="a PHP program that signs by itself",
        in_short="move to the AWS SDK for PHP 3",
        how=(
            "The AWS SDK names itself: find another S3 library, such as clue/reactphp-s3, or hand-made signing, in "
            "what {signer} runs, and move to the AWS SDK for PHP 3."
        ),
        source="https://github.com/clue/reactphp-s3/issues/6",
        starts=r"(?:Guzzle(?:Http)?|PHP|PEAR|HTTP_Request2?|WordPress|Symfony|ReactPHP|Buzz|Drupal)" + NAME_ENDS,
    ),
    Fix(
        client="a Java or Scala program that signs by itself",
        in_short="move to the AWS SDK for Java 2",
        how=(
            "The AWS SDK names itself: find another S3 library, or hand-made signing, in what {signer} runs, and move "
            "to the AWS SDK for Java 2, which has no SigV2."
        ),
        source=_BY_HAND,
        starts=(
            r"(?:Java|Apache-HttpClient|Apache-HttpAsyncClient|Jakarta Commons-HttpClient|okhttp|Java-http-client|AHC|"
            r"NING|Jersey|Apache-CXF|Apache CXF|Axis2?|akka-http|pekko-http|http4s|http-kit|clj-http|ktor-client|ktor|"
            r"Dalvik|Google-HTTP-Java-Client|Reactor-?Netty|Jetty|Vert\.x\S*|Spring|Unirest|sttp|ColdFusion|Lucee|"
            r"Camel)" + NAME_ENDS
        ),
    ),
    Fix(
        client="a .NET or Windows program that signs by itself",
        in_short="AWSSDK.S3 version 4, or AWS Tools for PowerShell",
        how=(
            "The AWS SDK names itself: find hand-made signing in the program or script that {signer} runs, and move to "
            "AWSSDK.S3 version 4, or AWS Tools for PowerShell 5."
        ),
        source="https://github.com/aws/aws-sdk-net/pull/3647",
        starts=(
            r"(?:RestSharp|\.NET|Microsoft-\w+|WinHTTP|Flurl|Embarcadero|PowerShell)" + NAME_ENDS + r"|Mozilla/[\d.]+ "
            r"\([^()]*(?:\) (?:Windows)?PowerShell/|WinHttp|Indy Library)"
        ),
    ),
    Fix(
        client="a Rust program that signs by itself",
        in_short="move to aws-sdk-s3",
        how="Find hand-made signing in what {signer} runs, and move to the crate aws-sdk-s3, which has no SigV2.",
        source=_BY_HAND,
        starts=r"(?:reqwest|hyper|ureq|isahc|surf|attohttpc|rust-s3)" + NAME_ENDS,
    ),
    Fix(
        client="an Apple app that signs by itself",
        in_short="the AWS SDK for Swift in the app",
        how=(
            "The app names itself before CFNetwork: upgrade it, or, if it is {signer}'s own, have it sign with the AWS "
            "SDK for Swift in place of hand-made signing."
        ),
        source=_BY_HAND,
        product=r"CFNetwork/",
    ),
    Fix(
        client="a proxy or CDN that signs for its visitors",
        in_short="have the proxy sign with SigV4",
        how=(
            "A proxy signs and names itself: in nginx-s3-gateway set AWS_SIGS_VERSION=4, upgrade ngx_aws_auth, and "
            "replace hand-made HMAC-SHA1 in VCL or Lua; at a CDN, choose SigV4 for the private bucket."
        ),
        source="https://github.com/nginxinc/nginx-s3-gateway/blob/HEAD/docs/getting_started.md",
        starts=(
            r"(?:nginx|openresty|lua-resty-http|LuaSocket|Varnish|Fastly|Akamai|AkamaiGHost|imgix|Cloudflare|KeyCDN|BunnyCDN|"
            r"StackPath|Squid|HAProxy|Traefik|Envoy|Caddy|Apache|thumbor|imgproxy)" + NAME_ENDS
        ),
    ),
    Fix(
        client="a browser's agent: a proxy, or a page with aws-sdk-js",
        in_short="have the proxy, or the page's SDK, sign with SigV4",
        how=(
            "Browsers do not sign. Either a proxy or CDN before the bucket signs with the credentials of {signer} and "
            "passes its visitors' agents on (nginx-s3-gateway: AWS_SIGS_VERSION=4; a current ngx_aws_auth; Fastly or "
            "Varnish: SigV4 in VCL), or a page signs: aws-sdk-js v2 takes new AWS.S3({signatureVersion: 'v4'}), "
            "EvaporateJS awsSignatureVersion: '4'."
        ),
        source="https://docs.fastly.com/en/guides/amazon-s3",
        starts=r"(?:Mozilla|Opera|Safari|facebookexternalhit|Twitterbot|Googlebot|bingbot|Slackbot|WhatsApp)"
        + NAME_ENDS,
    ),
)
