import os
import stat
from pathlib import Path

import pytest

from sigv2.whole_file import refuse_unwritable, write_whole


def test_a_file_is_written_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    refuse_unwritable(tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []
    write_whole(tmp_path / "report.html", "é\n")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_bytes() == b"\xc3\xa9\n"


def test_a_file_that_is_there_is_replaced_and_stays_as_readable_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("before", encoding="utf-8")
    path.chmod(0o640)
    refuse_unwritable(path)
    assert path.read_text(encoding="utf-8") == "before"
    write_whole(path, "after")
    assert path.read_text(encoding="utf-8") == "after"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_cannot_be_written_to_its_end_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_text("before", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        write_whole(path, "after")
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]
    assert path.read_text(encoding="utf-8") == "before"


def test_what_is_no_place_for_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    for path, reason in [
        (tmp_path, "It is no file that can be replaced"),
        (tmp_path / "pipe", "It is no file that can be replaced"),
        (Path("/dev/null"), "It is no file that can be replaced"),
        (tmp_path / "no" / "file", "No such file or directory"),
        (tmp_path / "file" / "file", "Not a directory"),
        (Path("/proc/none"), "No such file or directory"),
        (tmp_path / ("x" * 300), "File name too long"),
    ]:
        for refused in (refuse_unwritable, lambda path: write_whole(path, "text")):
            with pytest.raises(OSError) as raised:  # noqa: PT011 - its reason is looked at
                refused(path)
            assert raised.value.strerror == reason
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "pipe"]


def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    path.touch(mode=0o444)
    # As anybody but root is told.
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    for refused in (refuse_unwritable, lambda path: write_whole(path, "text")):
        with pytest.raises(PermissionError, match="Permission denied"):
            refused(path)
