"""Commands that run until somebody ends them, each as a process of its own."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A command that has begun, and what it has told on standard error until then; it outlives no test."""
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            assert process.stderr is not None
            told = ""
            while "Ctrl-C ends it" not in told:
                line = process.stderr.readline()
                assert line, f"it ended: {told}"
                told += line
            yield process, told
        finally:
            process.kill()
