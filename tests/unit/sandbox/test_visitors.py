"""The clients of the demo, some of which run on some Pythons only."""

import sys

import pytest

from sigv2.sandbox.visitors import Credentials, left_out, visits

WHO = Credentials("AKIAIOSFODNN7EXAMPLE", "any")


def names() -> list[str]:
    return [visit.client for visit in visits("http://127.0.0.1:9", WHO, WHO, "example-uploads", "example-elsewhere")]


@pytest.mark.parametrize(
    ("module", "client", "needed"),
    [("boto", "boto 2.49", "Python 3.11"), ("awsauth", "requests-aws 0.1.8", "requests-aws")],
)
def test_an_old_client_that_cannot_be_imported_is_left_out_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, module: str, client: str, needed: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert client not in names()
    assert f"{client} needs {needed} (import of {module} halted; None in sys.modules)" in left_out()


def test_s3cmd_that_is_not_installed_is_left_out_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert names()[-2:] == ["s3cmd --signature-v2", "s3cmd"]
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert not any(name.startswith("s3cmd") for name in names())
    assert left_out()[-1] == "s3cmd is not installed beside /nowhere/python"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.11 runs boto 2.49")
def test_where_boto_2_does_not_run_another_old_client_takes_its_place() -> None:
    assert "boto 2.49" not in names()
    assert left_out() == ["boto 2.49 needs Python 3.11 (No module named 'boto')"]
    assert "requests-aws 0.1.8" in names()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="boto 2.49 needs Python 3.11")
def test_where_boto_2_runs_no_client_is_left_out() -> None:
    assert left_out() == []
    assert {"boto 2.49", "requests-aws 0.1.8"} <= set(names())
