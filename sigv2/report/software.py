"""What a user agent says of the software that sends it, without what it says of machine, run and request."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sigv2.report.fixes.fix import Agent

_BROWSERS: Final = "web browsers"
_PLAIN: Final = re.compile(r"[\w.+#:%@/\[\]{}\\-]+", re.ASCII)
"""What products are written in; whatever has more is a stranger's text, and not taken apart."""

_VERSION: Final = re.compile(
    r"(?:v|release\.)?\d[\w.+-]*|(?:unavailable|unknown(?:-version)?|devel|snapshot)\Z", re.ASCII | re.IGNORECASE
)
_COMPATIBLE: Final = re.compile(r"\(compatible;(?P<names>[^()]*)\)", re.IGNORECASE)
_COMPATIBLE_NAME: Final = re.compile(r"(?P<name>[\w. -]*?\w)(?:[ /](?P<version>v?\d[\w.]*))?", re.ASCII)
_NO_PROGRAM: Final = re.compile(r"(?:linux|windows|win\d\d|wow64|mac|x11|android|unknown|rv:)", re.IGNORECASE)

_NOISE: Final = tuple(
    re.compile(names, re.ASCII | re.IGNORECASE)
    for names in (
        # What it runs on.
        r"linux|darwin|windows\w*|mac_?os\w*|freebsd|sunos|aix|win32|android|ios|iphone-os|os|kernel|arch|distrib|vendor",
        r"(?:x86_64|x64|i[36]86|amd64|arm64|aarch64)(?:-\w+)*|[a-z]{2}[_-][a-z]{2}",
        r"[cj]?python|pypy|java|jvm|kotlin|scala|groovy|clojure|j?ruby|php|node|nodejs|go|go\d[\d.]*|perl|rust|mono",
        r"dalvik|gcc|(?:apple)?clang|msvc",
        r"\.net_?core|\.net_(?:runtime|framework)|runtime|framework|[\w.-]*_vm|(?:java_hotspot|openjdk)\w*",
        # How it was installed, what it was told, and what this request makes use of.
        r"exec-env|exe|source|installer|ua|md|cfg|lang|m|api|ft|io|http|hll|prompt|command|analytics|interactive",
        r"retry-mode|git-commit|upstreamclient|resource|promise|callback|s3manager|s3transfer|transfermanager|mod",
        r"fileio|crt|powershellclient|client(?:a?sync)|webserviceclient|transfer-?(?:utility|service)|paginated|itr",
        # Who runs it, as EMRFS lists them; what a comma cuts off a vendor's name; where to read of it.
        r"user:.*|groups:.*|[\w-]+\]|_[\w.]+|\+?https?:.*",
        # What is a part of the product before it, or says nothing of it.
        r"botocore|aws-sdk-dotnet-core|aws-sdk-(?:core|kms|s3)|com\.amazonaws\..*|guzzle|guzzlehttp|cfnetwork|\{\}",
        r"curl|libcurl|neon|(?:open|libre|boring|wolf|win)ssl|nss|gnutls|mbedtls|schannel|securetransport",
        r"zlib|zstd|brotli|libidn2?|libpsl|libssh2?|librtmp|nghttp[23]|ngtcp2|c-ares|openldap",
    )
)
"""Names that tell no client from another, unless an agent begins with them."""

_PARTNER: Final = "apn"
"""What partners of AWS begin their agents with."""

_OF_BROWSERS: Final = re.compile(
    r"mozilla|applewebkit|khtml|gecko|like|chrome|chromium|safari|firefox|version|mobile|edge?|edga|edgios|opr|opera|"
    r"presto|trident|msie|crios|fxios|samsungbrowser|headlesschrome|vivaldi",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Product:
    """A name that an agent has.

    Attributes:
        name: without its version.
        version: as it is written; empty where there is none.
    """

    name: str
    version: str = ""


# A report has the same agents with many principals and buckets.
@lru_cache(maxsize=4096)
def products_of(user_agent: str) -> tuple[Product, ...]:
    """The names in an agent that tell one piece of software from another.

    Args:
        user_agent: without CloudTrail's brackets.

    Returns:
        In order, each name once; the agent itself, as one name, where it is not made of products.
    """
    told = Agent.of(user_agent).products
    if not told or not all(_PLAIN.fullmatch(product) for product in told):
        return (Product(user_agent),)
    products = [*_versioned(told), *_compatible(user_agent)]
    kept = [product for index, product in enumerate(products) if index == 0 or not _is_noise(product)]
    if products[0].name.lower() in ("mozilla", "opera"):
        # A browser's products are those of half a dozen others, which it wants to be taken for.
        kept = [product for product in kept if not _OF_BROWSERS.fullmatch(product.name)] or [Product(_BROWSERS)]
    elif len(kept) > 1 and products[0].name.lower() == _PARTNER:
        kept = kept[1:]
    first: dict[str, Product] = {}
    for product in kept:
        first.setdefault(product.name.lower(), product)
    return tuple(first.values())


def names_of(user_agent: str) -> tuple[str, ...]:
    """What two agents of one piece of software have in common: the names of their products, without the versions."""
    return tuple(sorted(product.name.lower() for product in products_of(user_agent)))


def software_of(user_agents: Iterable[str]) -> str:
    """Say what software sends some agents, and the span of its versions.

    Args:
        user_agents: whose products have the same names.

    Returns:
        For example `Boto3/1.26.0 to 1.34.1`.
    """
    names: dict[str, str] = {}
    versions: defaultdict[str, set[str]] = defaultdict(set)
    for agent in sorted(user_agents):
        for product in products_of(agent):
            names.setdefault(product.name.lower(), product.name)
            versions[product.name.lower()] |= {product.version} - {""}
    told, separator = "", ""
    for key, name in names.items():
        span = _span(sorted(versions[key], key=_by_number))
        told += separator + name + span
        # A name without a version begins that of the next, as in `S3 Browser/8.1`.
        separator = ", " if span else " "
    return told


def _span(versions: Sequence[str]) -> str:
    if not versions:
        return ""
    return f"/{versions[0]}" if len(versions) == 1 else f"/{versions[0]} to {versions[-1]}"


def _by_number(version: str) -> tuple[list[tuple[int, str]], str]:
    parts = re.findall(r"\d+|[a-z]+", version.lower().removeprefix("v"))
    # Where one has a word and the other a number, the word is of before the release, as in `2.0.rc1`.
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], version


def _versioned(told: Sequence[str]) -> list[Product]:
    """Names with versions, which stand behind a slash or, in old agents, a space."""
    products: list[Product] = []
    for text in told:
        name, _, version = text.partition("/")
        if products and not products[-1].version and _VERSION.fullmatch(text):
            products[-1] = Product(products[-1].name, text)
        elif name and _VERSION.match(version):
            products.append(Product(name, version))
        else:
            products.append(Product(text))
    return products


def _compatible(user_agent: str) -> list[Product]:
    """What says in a comment what it is, so as to be taken for a browser."""
    found = _COMPATIBLE.search(user_agent)
    if not found or "msie" in found["names"].lower():
        return []
    told = map(_COMPATIBLE_NAME.fullmatch, map(str.strip, found["names"].split(";")))
    return [Product(one["name"], one["version"] or "") for one in told if one and not _NO_PROGRAM.match(one["name"])]


def _is_noise(product: Product) -> bool:
    name = product.name.partition("/")[0]
    return (name == ".NET" and not product.version) or any(names.fullmatch(name) for names in _NOISE)
