"""Which Python `make` takes for .venv, and when; these Pythons only say what they are, and make it of themselves."""

import os
import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def python(directory: Path, version: str) -> Path:
    """A Python of that version, which makes a .venv of itself."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"python{version}"
    path.write_text(
        textwrap.dedent(f"""\
            #!/bin/sh
            case "$*" in
                *_base_executable*) echo {path} ;;
                -c*) echo {version} ;;
                "-m venv --clear .venv")
                    rm -rf .venv && mkdir -p .venv/bin && cp {path} .venv/bin/python
                    printf '#!/bin/sh\\n' > .venv/bin/pip && chmod +x .venv/bin/pip ;;
            esac
        """)
    )
    path.chmod(0o755)
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The project as it is cloned, on a machine with no Python but those that a test puts into `bin`."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / "bin").mkdir()
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt", ".ci/venv"):
        shutil.copy(ROOT / name, tmp_path / name)
    for tool in ("cp", "dirname", "find", "mkdir", "rm", "sh", "touch", "chmod"):
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return tmp_path


def make_venv(checkout: Path, *arguments: str) -> list[str]:
    """What `make venv` says, line by line."""
    command = [str(shutil.which("make")), "venv", *arguments]
    environment = {"PATH": str(checkout / "bin")}
    ended = subprocess.run(
        command, check=False, cwd=checkout, env=environment, text=True, capture_output=True, timeout=60
    )
    return [*ended.stdout.splitlines(), *ended.stderr.splitlines()]


def refusal(found: str) -> list[str]:
    return [
        f"Error: {found}, and this needs Python 3.11, 3.12, 3.13 or 3.14: install one, and name it if it is not found, "
        "as in `make PYTHON=python3.12`."
    ]


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.10", "3.15", "4.0"])
def test_a_python_that_is_not_supported_is_refused_in_one_sentence(checkout: Path, version: str) -> None:
    named = python(checkout / "elsewhere", version)
    assert make_venv(checkout, f"PYTHON={named}")[:1] == refusal(f"{named} is Python {version}")
    assert not (checkout / ".venv").exists()


def test_a_machine_whose_only_python_is_too_old_gets_the_same_sentence(checkout: Path) -> None:
    python(checkout / "bin", "3.10").rename(checkout / "bin" / "python3")
    assert make_venv(checkout)[:1] == refusal("python3 is Python 3.10")


def test_a_python_that_does_not_run_is_not_taken(checkout: Path) -> None:
    shim = python(checkout / "bin", "3.11")
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.11: command not found' >&2\nexit 127\n")
    python(checkout / "bin", "3.13")
    assert make_venv(checkout) == ["Making .venv with Python 3.13"]
    assert make_venv(checkout, "PYTHON=python3.11")[:1] == refusal("python3.11 does not run here")


def test_what_is_made_already_is_left_alone(checkout: Path) -> None:
    python(checkout / "bin", "3.12")
    assert make_venv(checkout) == ["Making .venv with Python 3.12"]
    assert make_venv(checkout) == []
    assert make_venv(checkout, "PYTHON=python3.12") == []


def test_another_python_makes_it_anew_and_stays_until_another_is_named(checkout: Path) -> None:
    python(checkout / "bin", "3.11")
    named = python(checkout / "elsewhere", "3.13")
    assert make_venv(checkout) == ["Making .venv with Python 3.11"]
    assert make_venv(checkout, f"PYTHON={named}") == ["Making .venv with Python 3.13"]
    assert make_venv(checkout) == []
    (checkout / ".venv/.ready").unlink()
    assert make_venv(checkout) == ["Making .venv with Python 3.13"]


def test_a_python_that_has_left_the_machine_is_replaced(checkout: Path) -> None:
    python(checkout / "bin", "3.12")
    make_venv(checkout)
    (checkout / ".venv/bin/python").unlink()
    assert make_venv(checkout) == ["Making .venv with Python 3.12"]


def test_changed_requirements_make_it_anew(checkout: Path) -> None:
    python(checkout / "bin", "3.12")
    make_venv(checkout)
    (checkout / ".venv/.ready").touch()
    later = (checkout / ".venv/.ready").stat().st_mtime + 10
    os.utime(checkout / "requirements.txt", (later, later))
    assert make_venv(checkout) == ["Making .venv with Python 3.12"]
