"""Configuration keys, which a stack's files and the CLI take in several forms."""


def qualified(key: str, project: str) -> str:
    """A key with its namespace, which is the project's where it names none.

    Args:
        key: `KEY`, `NAMESPACE:KEY`, or `NAMESPACE:config:KEY` as of old.
        project: the project's name.
    """
    namespace, colon, name = key.partition(":")
    return f"{namespace}:{name.removeprefix('config:')}" if colon else f"{project}:{key}"
