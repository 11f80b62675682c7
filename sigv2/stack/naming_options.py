"""The options by which a person names a stack, and says over what is known of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NamingOptions:
    """Which options these are; a sentence about the stack must name no others.

    Attributes:
        stack: names it.
        profile: chooses credentials for its account; None where its own settings alone do.
        region: says where it is; None where its own settings alone do.
        config: gives a setting; None where no option does.
    """

    stack: str
    profile: str | None = None
    region: str | None = None
    config: str | None = None


OWN = NamingOptions("--stack", "--profile", "--region", "--config")
"""Of the stack that a command is about."""

HUB = NamingOptions("--hub", "--hub-profile")
"""Of the one that it forwards to."""

FORWARDING = NamingOptions("--forwarding-stack")
"""Of one that forwards to it."""
