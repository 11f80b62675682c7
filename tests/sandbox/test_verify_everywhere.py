"""`python -m sigv2 verify` over several Regions and accounts: each hop that breaks is named."""

import json
from collections.abc import Callable

import pytest

from blueprint.policy_documents import event_bus_policy
from sigv2.sandbox.deploying.create_s3 import make_bucket
from tests.sandbox.commanded import CommandLine
from tests.sandbox.damaged_places import (
    disable_forwarded_rule,
    distrust,
    make_trail_single,
    remove_bus,
    remove_bus_policy,
    remove_forwarded_rule,
    remove_role,
    remove_role_of_target,
    remove_rule,
    shut_log_group,
    take_permission_away,
)
from tests.sandbox.several_places import HUB, HUB_BASE, SPOKE, Places
from tests.sandbox.verified import found, last_sentence, signs

BUS = f"arn:aws:events:us-east-1:{HUB}:event-bus/{HUB_BASE}"
OF_SPOKE = ("--stack", "team")


@pytest.mark.parametrize("bucket", ["logs-use1", "media-euw1", "site-apne1"])
def test_a_request_to_a_bucket_of_any_region_is_found_in_the_one_log(commands: CommandLine, bucket: str) -> None:
    result = commands.verify("--bucket", bucket, "--timeout", "20s")
    assert last_sentence(result).startswith(f"Alive: a SigV2 request for {bucket}/sigv2-verify-")
    assert result.exit_code == 0


def test_all_regions_are_asked_at_once_and_each_is_alive(commands: CommandLine) -> None:
    result = commands.verify("--all", "--timeout", "20s")
    alive = [line.split("/")[0] for line in result.stdout.splitlines() if line.startswith("Alive: ")]
    assert alive == [f"Alive: a SigV2 request for {bucket}" for bucket in ("logs-use1", "site-apne1", "media-euw1")]
    assert last_sentence(result) == (
        f"Nothing was asked of what {SPOKE} may forward here: `python -m sigv2 verify --all --stack STACK --hub dev` "
        "asks, for each stack there."
    )
    assert result.exit_code == 0


def test_a_bucket_that_is_nowhere_or_where_nothing_is_watched_is_no_less_asked(commands: CommandLine) -> None:
    make_bucket(commands.places.emulator.client.in_region("eu-west-1")("s3"), "late-euw1")
    options = ("--config", "targetBuckets=logs-use1,late-euw1,nowhere-1", "--config", "checkTargets=false")
    result = commands.verify("--all", *options, "--timeout", "20s")
    broken = [line.partition(": ")[2] for line in result.stdout.splitlines() if line.startswith("The first broken")]
    assert [sentence.partition(". Fix: ")[0] for sentence in broken] == [
        "the bucket late-euw1 lies in eu-west-1, which stack dev does not watch",
        "the bucket nowhere-1 does not exist",
    ]
    assert "Alive: a SigV2 request for logs-use1/" in result.stdout
    assert result.exit_code == 1


def test_a_region_of_which_no_bucket_is_named_stays_unproven(commands: CommandLine) -> None:
    result = commands.verify("--all", "--check-only", "--config", "regions=sa-east-1")
    assert last_sentence(result) == (
        "Unproven: no target bucket is named exactly in sa-east-1: name one that the stack watches there with --bucket."
    )
    assert result.exit_code == 3


def test_a_home_where_no_target_lies_leaves_nothing_unproven(commands: CommandLine) -> None:
    result = commands.verify("--all", "--check-only", "--config", "targetBuckets=media-euw1,site-apne1")
    assert result.exit_code == 0, result.stdout
    assert "Unproven" not in result.stdout
    # Each Region's queue is asked about there.
    assert "undelivered in other Regions" not in result.stdout


def test_the_chain_of_another_region_is_walked_hop_by_hop(commands: CommandLine) -> None:
    result = commands.verify("--bucket", "media-euw1", "--check-only")
    signed = signs(result)
    assert {
        sign for link, sign in signed.items() if link not in ("SigV2 access", "alert topics", "alert topics there")
    } == {"✓"}
    assert list(signed) == [
        *("bucket", "SigV2 access", "trail", "trail's Regions", "trail's logging", "trail's bucket", "trail's key"),
        *("trail's delivery", "trail's selectors", "coverage of targets", "rule", "rule's state", "rule's pattern"),
        *("rule's target", "forwarding role", "role's permission", "rule's invocations", "dead-letter queue"),
        *("queue's policy", "queue's key", "undelivered requests", "alert topics", "alert topics there", "event bus"),
        *("event bus's policy", "forwarded rule", "forwarded rule's state", "forwarded rule's pattern"),
        *("forwarded rule's target", "log group", "log group's policy", "log group's key"),
        *("forwarded rule's invocations", "log's dead-letter queue", "log's queue's policy", "log's queue's key"),
        *("undelivered to the log", "undelivered in other Regions"),
    ]
    assert result.exit_code == 0


def test_what_waits_in_a_region_that_is_not_asked_about_is_told_all_the_same(commands: CommandLine) -> None:
    take_permission_away(commands.places)
    commands.places.request("media-euw1")
    commands.places.emulator.settle()
    alive = commands.verify("--bucket", "logs-use1", "--timeout", "20s")
    assert alive.stderr.splitlines()[-1] == (
        "Warnings: the undelivered in other Regions: 1 request waits in the queue of eu-west-1, and not in the log "
        "(fix: name a bucket there with --bucket, which tells why; when that is mended, bring them into the log group "
        "with `python -m sigv2 verify --redrive --stack dev`)."
    )
    assert alive.exit_code == 0
    checked = commands.verify("--bucket", "logs-use1", "--check-only")
    assert last_sentence(checked).startswith("Unproven: no link is broken, but not everything was delivered.")
    assert checked.exit_code == 3


@pytest.mark.parametrize(
    ("options", "others"),
    [
        (("--bucket", "logs-use1"), "none in ap-northeast-1, eu-west-1"),
        (("--bucket", "media-euw1"), "none in ap-northeast-1"),
        ((*OF_SPOKE, "--bucket", "team-euw1"), "none in us-east-1"),
        ((*OF_SPOKE, "--bucket", "team-use1"), "none in eu-west-1"),
    ],
)
def test_each_queue_of_the_stack_is_asked_about_once(
    commands: CommandLine, options: tuple[str, ...], others: str
) -> None:
    result = commands.verify(*options, "--check-only")
    (row,) = (line for line in result.stdout.splitlines() if "undelivered in other Regions" in line)
    assert row.split("│")[3].strip() == others


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        (make_trail_single, "trail's Regions: the trail"),
        (remove_rule, "rule: there is no rule"),
        (remove_role, "forwarding role: the role s3-sigv2-access-log-dev-forwarding does not exist"),
        (distrust, "forwarding role: the role s3-sigv2-access-log-dev-forwarding does not trust"),
        (remove_role_of_target, "forwarding role: the target of the rule"),
        (take_permission_away, "role's permission: the role s3-sigv2-access-log-dev-forwarding may not put events"),
        (remove_bus, "event bus: there is no event bus s3-sigv2-access-log-dev in us-east-1"),
        (remove_forwarded_rule, "forwarded rule: there is no rule s3-sigv2-access-log-dev-forwarded on the event bus"),
        (disable_forwarded_rule, "forwarded rule's state: the rule s3-sigv2-access-log-dev-forwarded is disabled"),
        (shut_log_group, "log group's policy: the resource policy named s3-sigv2-access-log-dev is missing"),
    ],
)
def test_the_first_broken_hop_is_named(commands: CommandLine, damage: Callable[[Places], None], broken: str) -> None:
    damage(commands.places)
    result = commands.verify("--bucket", "media-euw1")
    assert last_sentence(result).startswith(f"The first broken link is the {broken}")
    assert signs(result)[broken.partition(":")[0]] == "✗"
    assert result.exit_code == 1


def test_a_forwarding_stack_is_verified_as_far_as_the_other_accounts_bus_and_says_so(commands: CommandLine) -> None:
    checked = commands.verify(*OF_SPOKE, "--check-only", "--bucket", "team-euw1")
    assert last_sentence(checked) == (
        f"Every link is as it must be as far as the event bus {BUS}, where this ends. Whether what arrives "
        f"there is logged, the stack in account {HUB} tells: name it with --hub."
    )
    assert checked.exit_code == 0
    sent = commands.verify(*OF_SPOKE, "--bucket", "team-euw1")
    assert last_sentence(sent) == f"Unproven: {last_sentence(checked)}"
    assert sent.exit_code == 3


def test_a_forwarding_stacks_role_that_may_not_forward_is_named(commands: CommandLine) -> None:
    take_permission_away(commands.places, SPOKE)
    result = commands.verify(*OF_SPOKE, "--bucket", "team-use1")
    assert last_sentence(result).startswith("The first broken link is the role's permission: ")
    assert result.exit_code == 1


def test_with_its_hub_a_forwarding_stack_is_verified_up_to_the_log(
    commands: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = (*OF_SPOKE, "--hub", "dev", "--hub-profile", "dev", "--bucket", "team-euw1")
    result = commands.verify(*options, "--timeout", "20s")
    assert last_sentence(result).startswith("Alive: a SigV2 request for team-euw1/sigv2-verify-")
    assert result.exit_code == 0
    remove_bus_policy(commands.places)
    # However long they take, the metrics have come before the chain is walked.
    monkeypatch.setattr("sigv2.verify.proof.wait", lambda *_, **__: commands.places.emulator.settle())
    shut_out = commands.verify(*options)
    assert last_sentence(shut_out).startswith("The first broken link is the event bus's policy: ")
    assert "the request that was just sent could not be logged: NO_PERMISSIONS" in found(shut_out)
    assert signs(shut_out)["undelivered requests"] == signs(shut_out)["event bus's policy"] == "✗"
    assert shut_out.exit_code == 1


def test_the_hub_of_an_organisation_tells_whether_the_account_is_in_it(commands: CommandLine) -> None:
    client = commands.places.emulator.client
    created = client.of(SPOKE, "us-east-1")("organizations").create_organization(FeatureSet="ALL")
    signs_of: dict[str, str] = {}
    for organization in ("o-a1b2c3d4e5", created["Organization"]["Id"]):
        policy = event_bus_policy(BUS, "aws", [HUB], [organization])
        client("events").put_permission(EventBusName=HUB_BASE, Policy=json.dumps(policy))
        commands.configure("dev", acceptFrom=[organization])
        options = ("--hub", "dev", "--hub-profile", "dev", "--bucket", "team-euw1", "--check-only")
        signs_of[organization] = signs(commands.verify(*OF_SPOKE, *options))["event bus's policy"]
    assert list(signs_of.values()) == ["✗", "✓"]


def test_a_hub_without_credentials_and_a_wrong_setting_of_it_are_said_to_be_the_hubs(
    commands: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with (commands.folder / "credentials").open("a") as credentials:
        credentials.write("\n[empty]\n")
    options = (*OF_SPOKE, "--hub", "dev", "--bucket", "team-euw1")
    result = commands.verify(*options, "--hub-profile", "empty")
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: stack dev: there are no AWS credentials: run `aws configure`, or choose a profile with --hub-profile\n",
    )
    commands.configure("dev", regions=["nowhere"])
    wrong = commands.verify(*options)
    assert wrong.stderr.startswith("Error: stack dev: regions: 'nowhere' is no Region, nor 'all'; ")
    assert wrong.exit_code == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ("--hub-profile", "dev"),
            "--hub-profile is for the account of the stack that --hub names, so it goes with --hub",
        ),
        (("--hub", "dev"), "stack dev forwards to no other, so leave out --hub"),
        (("--all", "--bucket", "logs-use1"), "--all is about every Region, so it goes without --redrive and --bucket"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    commands: CommandLine, options: tuple[str, ...], sentence: str
) -> None:
    result = commands.verify(*options)
    assert result.stderr == f"Error: {sentence}\n"
    assert result.exit_code == 2
