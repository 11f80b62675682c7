"""What all tests share: Hypothesis profiles, boto3's descriptions of the services, and no Pulumi CLI.

What is imported stays, and is a million objects: the garbage collector looks at them only once, and at others less
often than by default, which took a quarter of the time of all tests.

`make test` tries the same examples each time, so that it fails for what was changed and not by chance; `make fuzz` goes
and looks for others, ten thousand of them.
"""

import gc
import signal
from collections.abc import Iterator
from functools import cache
from unittest import mock

import botocore.session
import pytest
from botocore.loaders import create_loader
from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", settings.get_profile("default"), derandomize=False, max_examples=10_000)
settings.load_profile("default")

gc.set_threshold(100_000, 10, 10)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def without_terminal() -> Iterator[None]:
    """What is printed is as wide as where nobody looks: pytest imports readline, which tells workers of 80 columns."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("COLUMNS", "LINES"):
            patch.delenv(variable, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def without_pulumi() -> Iterator[None]:
    """Stacks are read from files, whether or not this machine has a Pulumi CLI; a test that wants one says so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sigv2.stack.stack_reader.has_pulumi", lambda: False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _read_descriptions_of_services_once() -> Iterator[None]:
    """Each session of boto3 reads them anew, which took a third of the time of all tests."""
    with mock.patch.object(botocore.session, "create_loader", cache(create_loader)):
        yield


@pytest.fixture
def own_signals() -> Iterator[None]:
    """A command that heeds signals does so until its process ends; after a test, they do what they did before."""
    heeded = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in heeded.items():
        signal.signal(number, handler)
