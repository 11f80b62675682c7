"""A stack's configuration, as the command line reads it from the files that the Pulumi CLI keeps."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from blueprint.settings_errors import SettingsError
from sigv2.stack import Stack, StackError, read_stack, read_stack_files

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


def read(
    directory: Path, stack: str | None = None, project: str | None = None, settings: tuple[str, ...] = ()
) -> Stack:
    """The stack prod, of files with these texts."""
    if stack is not None:
        (directory / "Pulumi.prod.yaml").write_text(stack, encoding="utf-8")
    if project is not None:
        (directory / "Pulumi.yaml").write_text(project, encoding="utf-8")
    return read_stack("prod", settings, directory)


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


@pytest.mark.parametrize("name", ["", "two words", "x" * 300, "a/b/c/prod", "prod\n", "acme/"])
def test_what_cannot_be_a_stacks_name_is_said_to_be_none(directory: Path, name: str) -> None:
    with pytest.raises(StackError) as refused:
        read_stack(name, (), directory)

    assert str(refused.value) == (
        f"--stack: {name[:100]!r} is no name of a stack, which has 1 to 100 letters, digits, hyphens, underscores "
        "and dots"
    )


@pytest.mark.parametrize("project", ["", "runtime: python\n", "name: 5\n", "name: [a]\n", "name: a b\n", "name: ''\n"])
def test_a_project_without_a_name_is_refused_as_pulumi_does(directory: Path, project: str) -> None:
    with pytest.raises(StackError, match=r"^Pulumi\.yaml cannot be read: its name is none that Pulumi takes"):
        read(directory, project=project)


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
        ("acme/other/prod", [], "--stack: 'acme/other/prod' is a stack of the project other, and this is project"),
    ],
)
def test_what_is_no_stack_is_told_with_the_way_out(
    directory: Path, stack: str, settings: list[str], sentence: str
) -> None:
    with pytest.raises(StackError) as told:
        read_stack(stack, settings, directory)
    assert str(told.value) == sentence


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("config: [", "while parsing a flow node"),
        ("- a", "it is no mapping of keys to values"),
        ("config: [a]", "its config is no mapping of keys to values"),
        ("config:\n  a: 1\n  a: 2", "the key a is there twice"),
        ("config:\n  a: !!python/object:os.system x", "could not determine a constructor for the tag"),
    ],
)
def test_a_file_that_pulumi_would_not_take_is_named_in_one_line(directory: Path, text: str, reason: str) -> None:
    with pytest.raises(StackError) as told:
        read(directory, text)
    assert str(told.value).startswith("Pulumi.prod.yaml cannot be read: ")
    assert reason in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("written", "passed"),
    [
        # What `pulumi config --json` of version 3.274 shows for each.
        ("90", "90"),
        ("+7", "7"),
        ("1_000", "1000"),
        ("0777", "511"),
        ("0o17", "15"),
        ("0x1F", "31"),
        ("1.5", "1.5"),
        ("90.0", "90"),
        ("1e3", "1000"),
        ("012345678901", "12345678901"),
        ("TRUE", "true"),
        ("yes", "yes"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2021-01-01", "2021-01-01 00:00:00 +0000 UTC"),
        ("2021-1-1", "2021-01-01 00:00:00 +0000 UTC"),
        ("2021-01-01T10:00:00.5+02:00", "2021-01-01 10:00:00.5 +0200 +0200"),
        ("2021-13-01", "2021-13-01"),
        ("~", ""),
        ("", ""),
        ('"90"', "90"),
        ("|\n    two\n    lines", "two\nlines\n"),
        ("!!binary aGVsbG8=", "hello"),
    ],
)
def test_a_value_without_quotation_marks_is_what_the_cli_makes_of_it(
    directory: Path, written: str, passed: str
) -> None:
    assert read(directory, f"config:\n  project:key: {written}\n").configuration["project:key"] == passed


def test_lists_and_objects_are_passed_as_json(directory: Path) -> None:
    stack = read(directory, "config:\n  project:key: [a, 1, 1.0, true, null, yes, 2021-01-01, {b: [x, 0777]}]\n")
    assert json.loads(stack.configuration["project:key"]) == [
        *("a", 1, 1, True, None, "yes", "2021-01-01 00:00:00 +0000 UTC"),
        {"b": ["x", 511]},
    ]


def test_a_key_may_go_without_its_namespace_or_with_that_of_old(directory: Path) -> None:
    stack = read(directory, "config: {short: a, project:config:long: b, aws:region: us-west-2}", "name: project")
    assert stack.configuration == {"project:short": "a", "project:long": "b", "aws:region": "us-west-2"}


def test_values_of_the_project_are_those_of_every_stack_that_sets_none(directory: Path) -> None:
    project = """
name: project
config:
  aws:region: us-west-2
  aws:profile:
    value: prod
  checkTargets: false
  targetBuckets: my-default-bucket
  project:excludeBuckets:
    default: [my-default-bucket/logs/]
  logRetentionDays:
    value: 90
  kmsKey:
    type: string
"""
    (directory / "Pulumi.prod.yaml").unlink()
    stack = read(directory, None, project)
    assert stack == Stack(
        "project",
        "prod",
        {
            "aws:region": "us-west-2",
            "aws:profile": "prod",
            "project:checkTargets": "false",
            "project:targetBuckets": "my-default-bucket",
            "project:excludeBuckets": '["my-default-bucket/logs/"]',
            "project:logRetentionDays": "90",
        },
    )
    assert stack.settings().log_retention_days == 90
    assert read(directory, "config:\n  aws:region: eu-west-1").region == "eu-west-1"


def test_a_date_in_the_project_is_refused_as_pulumi_does(directory: Path) -> None:
    with pytest.raises(StackError) as told:
        read(directory, None, "name: project\nconfig:\n  targetBuckets: 2021-01-01\n")
    assert str(told.value) == (
        "Pulumi.yaml cannot be read: config targetBuckets is a date, which Pulumi takes only between quotation marks"
    )


@pytest.mark.parametrize("setting", ["stackConfigDir: stacks", "config: stacks"])
def test_the_stacks_files_may_be_in_a_folder_of_their_own(directory: Path, setting: str) -> None:
    (directory / "stacks").mkdir()
    (directory / "Pulumi.prod.yaml").rename(directory / "stacks" / "Pulumi.prod.yaml")
    assert read(directory, None, f"name: project\n{setting}\n").region == "eu-west-1"


def test_a_secret_that_no_command_needs_is_left_out(directory: Path) -> None:
    stack = read(
        directory,
        "config:\n  targetBuckets: one\n  alertEmails: {secure: v1:A:B}\n  kmsKey: {secure: v1:A:B}\n",
    )
    assert stack.unread == {"project:alertEmails", "project:kmsKey"}
    assert stack.settings().alert_emails == ()
    assert stack.log_group_names() == ["/aws/events/s3-sigv2-access-log"]


@pytest.mark.parametrize("value", ["{secure: v1:A:B}", "[one, {secure: v1:A:B}]", "[{a: [{secure: v1:A:B}]}]"])
def test_a_secret_that_is_needed_is_named_with_the_option_that_gives_it(directory: Path, value: str) -> None:
    text = f"config:\n  targetBuckets: {value}\n"
    with pytest.raises(StackError) as told:
        read(directory, text).settings()
    assert str(told.value) == (
        "stack prod holds targetBuckets as a secret, which only the Pulumi CLI can read: install it and log in, or "
        "give --config targetBuckets=VALUE for this once"
    )
    given = read(directory, text, settings=("targetBuckets=one",))
    assert given.settings().targets.buckets == ("one",)
    assert read(directory, text).log_group_names() == ["/aws/events/s3-sigv2-access-log"]


@pytest.mark.parametrize("key", ["regions", "acceptFrom", "forwardTo", "existingTrail"])
def test_which_regions_accounts_and_trail_one_log_is_of_is_not_left_to_a_default(directory: Path, key: str) -> None:
    with pytest.raises(StackError, match=f"holds {key} as a secret"):
        read(directory, f"config: {{targetBuckets: one, {key}: {{secure: v1:A:B}}}}").settings()


def test_an_object_with_more_than_a_secret_in_it_is_none(directory: Path) -> None:
    stack = read(directory, "config:\n  other:key: {secure: a, b: c}\n")
    assert (stack.unread, json.loads(stack.configuration["other:key"])) == (frozenset(), {"secure": "a", "b": "c"})


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ("[example/aws-prod]", "example/aws-prod"),
        ("[example/aws-prod, {example/more: {merge: false}}]", "example/aws-prod and example/more"),
        ("{imports: [example/aws-prod]}", "example/aws-prod"),
        ("{values: {pulumiConfig: {aws:region: us-east-1}}}", "in its file"),
    ],
)
def test_what_an_environment_may_hold_is_asked_for(directory: Path, environment: str, named: str) -> None:
    text = f"environment: {environment}\nconfig:\n  logRetentionDays: 90\n"
    with pytest.raises(StackError) as told:
        read(directory, text).settings()
    assert str(told.value) == (
        f"stack prod takes settings from the environment {named}, which only the Pulumi CLI can read, and "
        "targetBuckets and logGroupName may be there: install it and log in, or give what it holds with "
        "--config KEY=VALUE, --region and --profile"
    )
    given = read(directory, text, settings=("targetBuckets=one", "logGroupName=/mine"))
    assert (given.settings().log_group_name, given.log_group_names()) == ("/mine", ["/mine"])


def test_an_environment_goes_over_the_project_and_under_the_stack(directory: Path) -> None:
    project = "name: project\nconfig:\n  targetBuckets: one\n  logGroupName: /projects\n"
    with pytest.raises(StackError, match="targetBuckets and logGroupName may be there"):
        read(directory, "environment: [a]\n", project).settings()
    read(directory, "environment: [a]\nconfig: {targetBuckets: one, logGroupName: /stacks}\n").settings()


def test_what_is_deployed_wins_over_what_the_settings_say_now(directory: Path) -> None:
    stack = read(directory, "config: {targetBuckets: one, logGroupName: /new}")
    assert stack.log_group_names() == ["/new"]
    deployed = replace(stack, outputs={"logGroupName": "/old", "formerLogGroupNames": ["/older"]})
    assert deployed.log_group_names() == ["/old", "/older"]
    assert deployed.configured_log_group_name() == "/new"


def test_where_a_stack_forwards_to_is_what_is_deployed_or_else_what_the_settings_say(directory: Path) -> None:
    bus = "arn:aws:events:us-east-1:111111111111:event-bus/hub"
    stack = read(directory, f"config: {{targetBuckets: one, forwardTo: '{bus}'}}")
    assert stack.forwards_to() == bus
    assert replace(stack, outputs={"forwardsTo": None, "logGroupName": "/old"}).forwards_to() is None
    assert replace(stack, outputs={"forwardsTo": f"{bus}-2"}).forwards_to() == f"{bus}-2"
    assert read(directory, "config: {targetBuckets: one}").forwards_to() is None
    with pytest.raises(StackError, match="holds forwardTo as a secret"):
        read(directory, "config: {targetBuckets: one, forwardTo: {secure: v1:A:B}}").forwards_to()


def test_a_key_that_is_no_setting_is_refused_even_where_only_the_log_group_is_asked_for(directory: Path) -> None:
    with pytest.raises(SettingsError, match="did you mean logGroupName"):
        read(directory, "config: {logGroupNam: /mine}").log_group_names()


def test_the_sandbox_reads_files_whether_or_not_the_cli_is_there(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigv2.stack.stack_reader.has_pulumi", lambda: True)
    assert read_stack_files("prod", (), directory).region == "eu-west-1"
