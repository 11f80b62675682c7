"""How a command that runs until somebody ends it is ended."""

import signal


def heed_signals() -> None:
    """Have Ctrl-C and SIGTERM raise KeyboardInterrupt, whoever started this process.

    What a shell without job control starts in the background ignores SIGINT, and Python leaves it at that.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
