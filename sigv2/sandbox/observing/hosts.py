"""Which bucket a Host header names.

The rule is S3's own, https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html: an endpoint names none,
what stands before an endpoint is a bucket, and any other domain is itself a bucket's name, for whoever points a CNAME
at S3. Endpoints of VPCs are those of
https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html. The addresses that the
sandbox can be reached at are endpoints, too.
"""

from __future__ import annotations

import re
from typing import Final

from sigv2.sandbox.observing.s3_errors import Refused

_REGION = r"(?!website)[a-z]{2,}(?:-[a-z]+)+-\d+"
_OF_AWS = rf"s3(?:-accelerate|-external-1|-fips)?(?:\.dualstack)?(?:[.-]{_REGION})?\.amazonaws\.com(?:\.cn)?"
_OF_VPCS = rf"(?:bucket\.)?vpce-[0-9a-z-]+\.s3\.{_REGION}\.vpce\.amazonaws\.com(?:\.cn)?"
_LOCAL = r"(?:s3\.)?localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]|host\.[a-z]+\.internal"
_ENDPOINT: Final = re.compile(f"{_OF_AWS}|{_OF_VPCS}|{_LOCAL}")
_VIRTUAL_HOST: Final = re.compile(f"(?P<bucket>.+?)\\.(?:{_OF_AWS}|{_OF_VPCS}|{_LOCAL})")
_OTHER_OF_AWS: Final = re.compile(r"(?:.+\.)?(?:(?:accesspoint|control)\.vpce-.+|amazonaws\.com(?:\.cn)?)")
_DOMAIN: Final = re.compile(r"(?=.{3,63}$)[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_PORT: Final = re.compile(r":[0-9]*$")


def bucket_of_host(host: str) -> str | None:
    """Return the bucket that a Host header names, None where the path has to name it.

    Args:
        host: as sent, in any case, with or without a port.

    Raises:
        Refused: it is another endpoint of AWS: of a website, of an access point, of another service.
    """
    name = _PORT.sub("", host).lower().removesuffix(".")
    if _ENDPOINT.fullmatch(name):
        return None
    if _OTHER_OF_AWS.fullmatch(name) and not _serves_a_bucket(name):
        raise Refused(400, "NotImplemented", "The sandbox has no endpoints but those of S3's buckets.")
    if match := _VIRTUAL_HOST.fullmatch(name):
        return match["bucket"]
    return name if _DOMAIN.fullmatch(name) else None


def _serves_a_bucket(name: str) -> bool:
    return _VIRTUAL_HOST.fullmatch(name) is not None and not re.search(r"(?:^|\.)(?:accesspoint|control)\.vpce-", name)
