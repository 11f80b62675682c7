"""Hypothesis profiles, a few hundred examples in `make test`, ten thousand in `make fuzz`; and no Pulumi CLI."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", settings.get_profile("default"), max_examples=10_000)
settings.load_profile("default")


@pytest.fixture(scope="session", autouse=True)
def without_pulumi() -> Iterator[None]:
    """Stacks are read from files, whether or not this machine has a Pulumi CLI; a test that wants one says so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sigv2.stack.stack_reader.has_pulumi", lambda: False)
        yield
