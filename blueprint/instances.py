"""Which SigV2AccessLog of a program one is, as the engine's state knows it."""

from dataclasses import dataclass

TYPE = "sigv2:index:SigV2AccessLog"
"""What the engine calls a SigV2AccessLog: package, module, class."""

FORMER_TYPE = "sigv2:logging:SigV2AccessLog"
"""What it called one before there was a package, in which all types lie in the module `index`."""

OF_THE_PROGRAM = "sigv2"
"""The name of the one that this project's own program makes."""


@dataclass(frozen=True)
class Instance:
    """One SigV2AccessLog.

    Attributes:
        name: its name in the program; no other may have it, as names in AWS are made of it.
        former_names: what it was called before, by its aliases.
        parent: URN of the resource that it is a child of; empty for the stack.
    """

    name: str
    former_names: frozenset[str] = frozenset()
    parent: str = ""

    @property
    def names(self) -> frozenset[str]:
        """All that it is, or was, called."""
        return self.former_names | {self.name}
