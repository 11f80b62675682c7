"""What waits in the dead-letter queues of several Regions and accounts: it is brought home, and no zero without it."""

import pytest

from tests.sandbox.commanded import CommandLine
from tests.sandbox.damaged_places import shut_log_group, take_permission_away
from tests.sandbox.several_places import BUCKETS, HUB_BASE, SPOKE, SPOKE_BASE, expected

GATE = ("--fail-if-any",)


def test_what_waits_in_any_region_comes_home_and_once(commands: CommandLine) -> None:
    places = commands.places
    take_permission_away(places)
    elsewhere = ("media-euw1", "site-apne1")
    for bucket in ("logs-use1", *elsewhere):
        places.request(bucket)
    assert places.logged() == expected(["logs-use1"])
    assert commands.verify("--redrive", "--timeout", "20s").exit_code == 0
    result = commands.verify("--redrive", "--timeout", "20s")
    assert result.exit_code == 0
    assert places.logged() == expected(["logs-use1", *elsewhere])
    queue = f"{HUB_BASE}-undelivered"
    assert result.stdout == "".join(
        f"Nothing waits in the dead-letter queue {queue} of {region}.\n"
        for region in ("us-east-1", "ap-northeast-1", "eu-west-1")
    )


def test_what_was_forwarded_and_could_not_be_logged_comes_home_from_the_queue_at_home(commands: CommandLine) -> None:
    places = commands.places
    shut_log_group(places)
    for bucket in BUCKETS:
        places.request(bucket)
    assert places.logged() == {}
    result = commands.verify("--redrive", "--timeout", "20s")
    assert "5 requests written into the log group /aws/events/s3-sigv2-access-log" in result.stdout
    assert result.exit_code == 0
    assert places.logged() == expected(BUCKETS)


def test_what_waits_in_a_forwarding_stack_comes_into_the_log_of_its_hub(commands: CommandLine) -> None:
    places = commands.places
    take_permission_away(places, SPOKE)
    for bucket in ("team-use1", "team-euw1"):
        places.request(bucket)
    places.emulator.settle()
    alone = commands.verify("--stack", "team", "--redrive")
    assert alone.stderr.endswith(
        "Error: stack team has no log of its own: name the stack that it forwards to with --hub, so that what waits in "
        "its queues can be written into the log there\n"
    )
    assert alone.exit_code == 2
    result = commands.verify("--stack", "team", "--redrive", "--hub", "dev", "--timeout", "20s")
    assert result.exit_code == 0, result.stdout
    assert places.logged() == expected(["team-use1", "team-euw1"])


def test_a_zero_counts_only_when_every_queue_that_could_hold_a_request_was_asked(commands: CommandLine) -> None:
    unasked = commands.report(*GATE)
    assert unasked.exit_code == 3
    assert (
        f"whether requests wait in the queues of account {SPOKE}, which may forward to this log, cannot be told from "
        "here: name each stack that forwards with --forwarding-stack, and in acceptFrom no account that has none"
        in unasked.stderr
    )
    asked = commands.report(*GATE, "--forwarding-stack", "team")
    assert asked.exit_code == 3
    # What is left is the log group's age alone.
    assert "queue" not in asked.stderr


def test_of_an_organisation_every_account_is_to_be_asked_that_it_is_said_to_have(commands: CommandLine) -> None:
    organizations = commands.places.emulator.client.of(SPOKE, "us-east-1")("organizations")
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    accepting = (*GATE, "--config", f"acceptFrom={organization}", "--forwarding-stack", "team")
    assert "queue" not in commands.report(*accepting).stderr
    made = organizations.create_account(Email="a@example.com", AccountName="a")["CreateAccountStatus"]["AccountId"]
    assert f"whether requests wait in the queues of account {made}, which may" in commands.report(*accepting).stderr
    untold = commands.report(*GATE, "--config", f"acceptFrom={organization}")
    assert f"the accounts of {organization}, which may forward to this log, is known of none, and" in untold.stderr
    assert untold.exit_code == 3
    organizations.remove_account_from_organization(AccountId=made)


@pytest.mark.parametrize(
    ("bucket", "queue", "redrive"),
    [
        ("media-euw1", f"{HUB_BASE}-undelivered of eu-west-1", "--stack dev"),
        ("team-euw1", f"{SPOKE_BASE}-undelivered of eu-west-1", "--stack team --hub dev"),
    ],
)
def test_a_request_that_waits_in_any_region_or_account_keeps_zero_from_being_proven(
    commands: CommandLine, bucket: str, queue: str, redrive: str
) -> None:
    places = commands.places
    account, _ = BUCKETS[bucket]
    take_permission_away(places, account)
    places.request(bucket)
    places.emulator.settle()
    result = commands.report(*GATE, "--forwarding-stack", "team")
    assert result.exit_code == 3
    assert (
        f"1 request waits in the dead-letter queue {queue} and may not be in the log, so bring them there with "
        f"`python -m sigv2 verify --redrive {redrive}`" in result.stderr
    )


def test_a_stack_that_does_not_forward_here_is_refused(commands: CommandLine) -> None:
    result = commands.report(*GATE, "--forwarding-stack", "dev")
    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        result.stderr.splitlines()[-1] == "Error: --forwarding-stack: stack dev forwards to no other, not to this log"
    )


def test_a_forwarding_stack_that_cannot_be_asked_is_named_with_what_mends_it(
    commands: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    file, credentials = commands.folder / "Pulumi.team.yaml", commands.folder / "credentials"
    with credentials.open("a") as more:
        more.write("\n[empty]\n")
    file.write_text(file.read_text().replace("aws:profile: team", "aws:profile: empty"))
    result = commands.report(*GATE, "--forwarding-stack", "team")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: stack team: there are no AWS credentials: run `aws configure`, or choose a profile with "
        "`pulumi config set aws:profile PROFILE --stack team`\n",
    )
    commands.configure("team", forwardsTo="a")
    result = commands.report(*GATE, "--forwarding-stack", "team")
    assert result.stderr.startswith("Error: stack team: 'forwardsTo' is no setting of this project")
    assert result.exit_code == 1


def test_a_log_group_without_its_stack_has_no_stacks_that_forward(commands: CommandLine) -> None:
    log_group = ("--log-group", "/aws/events/s3-sigv2-access-log", "--region", "us-east-1", "--profile", "dev")
    result = commands.report(*log_group, "--forwarding-stack", "team")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: --forwarding-stack is for the log of a stack, so name that with --stack\n"
