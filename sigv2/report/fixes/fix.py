"""What a fix is, and how a client is known by what it calls itself."""

import re
from dataclasses import dataclass
from typing import Final

AWS: Final = "https://docs.aws.amazon.com/AmazonS3/latest/API/specify-signature-version.html"
"""How each AWS SDK is told to sign with SigV4."""
AWS_VERSIONS: Final = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingAWSSDK.html"
"""The least version of each AWS SDK, and the advice to upgrade what is older."""

NAME_ENDS: Final = r"(?=[/ ]|\Z)"
"""What follows a product's name: a longer name is another product's."""

_SIGNED_BY_ANOTHER: Final = ("QueryString", "HtmlForm")
"""The user agent is that of whoever was given the URL or the form, so it tells little of the signer."""
_BETWEEN_PRODUCTS: Final = re.compile(r"[\s,;]+")


@dataclass(frozen=True)
class Agent:
    """What a client calls itself (https://www.rfc-editor.org/rfc/rfc9110#name-user-agent).

    Attributes:
        text: all of it, without CloudTrail's brackets.
        products: its names and versions, in order, without the comments in parentheses.
    """

    text: str
    products: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Agent":
        """Take a user agent apart; any text is one."""
        return cls(text, tuple(filter(None, _BETWEEN_PRODUCTS.split(_without_comments(text)))))


@dataclass(frozen=True)
class Fix:
    """What to do about clients of one kind.

    Attributes:
        client: what kind.
        in_short: what to do, in a few words.
        how: what to do, in sentences; `{signer}` stands for who signs.
        source: the page that says so.
        starts: a regular expression for how agents of this kind begin.
        product: a regular expression for how one of the products of such an agent begins, wherever it stands.
        method: how they sign, None for the Authorization header.
    """

    client: str
    in_short: str
    how: str
    source: str
    starts: str = ""
    product: str = ""
    method: str | None = None

    def told_to(self, signer: str) -> str:
        """What to do, with the signer named."""
        return self.how.replace("{signer}", signer)

    def applies_to(self, agent: Agent, method: str) -> bool:
        """Whether a client is of this kind: one that signs so and has such a name, where the kind has one.

        Args:
            agent: what it calls itself.
            method: `AuthHeader`, `QueryString` or `HtmlForm`.
        """
        if self.method != (method if method in _SIGNED_BY_ANOTHER else None):
            return False
        if not self.starts and not self.product:
            return True
        # Matched from the left only, so that a name inside another one, or inside a comment, is nobody's.
        return bool(self.starts and _begins(self.starts, agent.text)) or bool(
            self.product and any(_begins(self.product, product) for product in agent.products)
        )


def _begins(pattern: str, text: str) -> bool:
    return re.match(pattern, text, re.IGNORECASE | re.ASCII) is not None


def _without_comments(text: str) -> str:
    kept, depth = [], 0
    for character in text:
        if character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
            # A comment parts two products as a space does.
            kept.append(" ")
        elif not depth:
            kept.append(character)
    return "".join(kept)
