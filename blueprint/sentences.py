"""How numbers of things are told in a sentence."""


def counted(number: int, singular: str) -> str:
    """A number of things in words, such as `1 bucket` or `2,400 buckets`."""
    return f"{number:,} {singular}" if number == 1 else f"{number:,} {singular}s"


def and_more(number: int, named: int) -> str:
    """What follows the names of the first few things, such as ` and 3 more`; nothing where all are named."""
    return f" and {number - named:,} more" if number > named else ""
