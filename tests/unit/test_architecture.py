"""Which part of the project may know which, and that a name means one thing."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT: dict[str, frozenset[str]] = {
    "blueprint": frozenset(),
    "settings": frozenset({"blueprint", "pulumi"}),
    "aws_account": frozenset({"blueprint"}),
    "preflight": frozenset({"aws_account", "blueprint", "pulumi"}),
    "components": frozenset({"blueprint", "preflight", "pulumi", "pulumi_aws"}),
    "sigv2": frozenset({"aws_account", "blueprint", "settings", "pulumi"}),
    "__main__": frozenset({"components", "settings", "pulumi"}),
    "package": frozenset({"components", "pulumi"}),
    "examples": frozenset({"components", "pulumi", "pulumi_aws"}),
}
"""What each part may import of Pulumi and of the other parts."""

OF_EVERY_FOLDER = {"__init__", "__main__", "conftest"}


def files_of(part: str) -> list[Path]:
    file = ROOT / f"{part}.py"
    # A package that was added to a program has a .venv of its own.
    found = (found for found in (ROOT / part).rglob("*.py") if not {".venv", "sdks"} & set(found.parts))
    return [file] if file.exists() else sorted(found)


def all_files() -> list[Path]:
    parts = (*MAY_IMPORT, "tests", "bench")
    return [file for part in parts for file in files_of(part)]


def imported(file: Path) -> Iterator[str]:
    """The first names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # One that is relative stays in its part.
            yield node.module.partition(".")[0] if node.module and not node.level else ""


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_part_imports_only_what_lies_below_it(part: str) -> None:
    files = files_of(part)
    watched = {*MAY_IMPORT, "pulumi", "pulumi_aws", "tests", "bench"} - {part}
    wrong = {
        (str(file.relative_to(ROOT)), name)
        for file in files
        for name in watched.intersection(imported(file)) - MAY_IMPORT[part]
    }

    assert files
    assert wrong == set()


def test_no_two_files_share_a_name() -> None:
    places = defaultdict(list)
    for file in all_files():
        places[file.stem].append(str(file.relative_to(ROOT)))
    shared = {name: files for name, files in places.items() if len(files) > 1 and name not in OF_EVERY_FOLDER}

    assert shared == {}


def test_no_two_public_classes_share_a_name() -> None:
    places = defaultdict(list)
    for part in MAY_IMPORT:
        for file in files_of(part):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places[node.name].append(str(file.relative_to(ROOT)))

    assert len(places) > 50
    assert {name: files for name, files in places.items() if len(files) > 1} == {}
