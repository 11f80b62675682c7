"""A stack's configuration, as the command line reads it from the files that the Pulumi CLI keeps."""

from pathlib import Path

import pytest

from sigv2.stack import Stack, StackError, read_stack

PROJECT = """
name: project
config:
  targetBuckets:
    description: has no default
  logRetentionDays:
    default: "400"
  kmsKey:
    default: aws
"""


@pytest.fixture(name="directory")
def make_directory(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "Pulumi.prod.yaml").write_text(
        "config:\n  aws:region: eu-west-1\n  project:targetBuckets: [one, two]\n  project:logRetentionDays: 30\n",
        encoding="utf-8",
    )
    return tmp_path


def test_the_stacks_file_goes_over_the_projects_defaults_and_settings_over_both(directory: Path) -> None:
    assert read_stack("prod", ["logRetentionDays=7", "aws:profile=a=b"], directory) == Stack(
        "project",
        "prod",
        {
            "project:logRetentionDays": "7",
            "project:kmsKey": "aws",
            "project:targetBuckets": '["one", "two"]',
            "aws:region": "eu-west-1",
            "aws:profile": "a=b",
        },
    )


@pytest.mark.parametrize("name", ["prod", "acme/prod", "acme/project/prod", "../prod"])
def test_a_fully_qualified_name_is_that_of_the_stack(directory: Path, name: str) -> None:
    assert read_stack(name, (), directory) == read_stack("prod", (), directory)


def test_the_region_is_the_stacks_or_us_east_1(directory: Path) -> None:
    assert read_stack("prod", (), directory).region == "eu-west-1"
    assert read_stack("new", ["targetBuckets=one"], directory).region == "us-east-1"


def test_settings_are_only_those_of_the_projects_namespace(directory: Path) -> None:
    settings = read_stack("prod", ["other:targetBuckets=three"], directory).settings()
    assert (settings.targets.buckets, settings.log_retention_days) == (("one", "two"), 30)
    assert (settings.project, settings.stack) == ("project", "prod")


@pytest.mark.parametrize(
    ("stack", "settings", "sentence"),
    [
        ("new", [], "there is no Pulumi.new.yaml; create the stack with `pulumi stack init new`, or name another"),
        ("new", ["targetBuckets"], "--config takes KEY=VALUE, not 'targetBuckets'"),
        ("new", ["=one"], "--config takes KEY=VALUE, not '=one'"),
    ],
)
def test_what_is_no_stack_is_told_with_the_way_out(
    directory: Path, stack: str, settings: list[str], sentence: str
) -> None:
    with pytest.raises(StackError) as told:
        read_stack(stack, settings, directory)
    assert str(told.value) == sentence


def test_a_file_that_is_no_yaml_is_named(directory: Path) -> None:
    (directory / "Pulumi.broken.yaml").write_text("config: [", encoding="utf-8")
    with pytest.raises(StackError, match=r"Pulumi\.broken\.yaml cannot be read: "):
        read_stack("broken", (), directory)
