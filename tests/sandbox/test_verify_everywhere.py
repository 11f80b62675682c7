"""`python -m sigv2 verify` over several Regions and accounts: each hop that breaks is named."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.stack import read_stack
from sigv2.verify.verify_command import verify
from tests.sandbox.several_places import HUB, HUB_BASE, SPOKE, SPOKE_BASE, Places, deploy_everywhere
from tests.sandbox.test_several_places import (
    disable_forwarded_rule,
    distrust,
    remove_bus,
    remove_bus_policy,
    remove_role,
    remove_role_of_target,
    remove_rule,
    shut_log_group,
    take_permission_away,
)
from tests.sandbox.verified import last_sentence, signs

OF_HUB = ("--config", "targetBuckets=logs-use1,media-euw1,site-apne1", "--config", f"acceptFrom={SPOKE}")
TITLE_OF_SPOKE = f"arn:aws:events:us-east-1:{HUB}:event-bus/{HUB_BASE}"


@pytest.fixture
def places(emulator: Emulator) -> Places:
    return deploy_everywhere(emulator)


def run(places: Places, *options: str, account: str = HUB) -> Result:
    """Run the command as a user of an account."""
    user = places.users[account]
    app = typer.Typer()
    app.command()(verify)
    environment = {
        "AWS_ENDPOINT_URL": places.emulator.endpoint,
        "AWS_ACCESS_KEY_ID": user.access_key_id,
        "AWS_SECRET_ACCESS_KEY": user.secret_access_key,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_PROFILE": None,
    }
    return CliRunner().invoke(app, ["--timeout", "0.3s", *options], env=environment)


def of_spoke(*options: str) -> tuple[str, ...]:
    return (
        *("--stack", "team", "--config", "targetBuckets=team-use1,team-euw1"),
        *("--config", f"forwardTo={TITLE_OF_SPOKE}", *options),
    )


@pytest.fixture(autouse=True)
def _stack_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The dev stack's file, and one of the stack that forwards."""
    root = Path(__file__).parents[2]
    (tmp_path / "Pulumi.yaml").write_text((root / "Pulumi.yaml").read_text())
    dev = yaml.safe_load((root / "Pulumi.dev.yaml").read_text())
    dev["config"]["s3-sigv2-access-log:targetBuckets"] = ["logs-use1", "media-euw1", "site-apne1"]
    dev["config"]["s3-sigv2-access-log:acceptFrom"] = [SPOKE]
    (tmp_path / "Pulumi.dev.yaml").write_text(yaml.safe_dump(dev))
    (tmp_path / "Pulumi.team.yaml").write_text(yaml.safe_dump({"config": {"aws:region": "us-east-1"}}))
    here = partial(read_stack, project_directory=tmp_path)
    monkeypatch.setattr("sigv2.verify.verify_command.read_stack", here)


@pytest.mark.parametrize("bucket", ["logs-use1", "media-euw1", "site-apne1"])
def test_a_request_to_a_bucket_of_any_region_is_found_in_the_one_log(places: Places, bucket: str) -> None:
    result = run(places, "--bucket", bucket, "--timeout", "20s")
    assert last_sentence(result).startswith(f"Alive: a SigV2 request for {bucket}/sigv2-verify-")
    assert result.exit_code == 0


def test_all_regions_are_asked_at_once_and_each_is_alive(places: Places) -> None:
    result = run(places, "--all", "--timeout", "20s")
    alive = [line.split("/")[0] for line in result.stdout.splitlines() if line.startswith("Alive: ")]
    assert alive == [f"Alive: a SigV2 request for {bucket}" for bucket in ("logs-use1", "site-apne1", "media-euw1")]
    assert result.exit_code == 0


def test_a_region_of_which_no_bucket_is_named_stays_unproven(places: Places) -> None:
    result = run(places, "--all", "--check-only", "--config", "regions=sa-east-1")
    assert last_sentence(result) == (
        "Unproven: no target bucket is named exactly in sa-east-1: name one that the stack watches there with --bucket."
    )
    assert result.exit_code == 3


def test_the_chain_of_another_region_is_walked_hop_by_hop(places: Places) -> None:
    result = run(places, "--bucket", "media-euw1", "--check-only")
    found = signs(result)
    assert {
        sign for link, sign in found.items() if link not in ("SigV2 access", "alert topics", "alert topics there")
    } == {"✓"}
    assert list(found) == [
        *("bucket", "SigV2 access", "trail", "trail's Regions", "trail's logging", "trail's bucket", "trail's key"),
        *("trail's delivery", "trail's selectors", "coverage of targets", "rule", "rule's state", "rule's pattern"),
        *("rule's target", "forwarding role", "role's permission", "rule's invocations", "dead-letter queue"),
        *("queue's policy", "queue's key", "undelivered requests", "alert topics", "alert topics there", "event bus"),
        *("event bus's policy", "forwarded rule", "forwarded rule's state", "forwarded rule's pattern"),
        *("forwarded rule's target", "log group", "log group's policy", "log group's key"),
        *("forwarded rule's invocations", "log's dead-letter queue", "log's queue's policy", "log's queue's key"),
        "undelivered to the log",
    ]
    assert result.exit_code == 0


def make_trail_single(places: Places) -> None:
    places.emulator.client("cloudtrail").update_trail(Name=HUB_BASE, IsMultiRegionTrail=False)


def remove_forwarded_rule(places: Places) -> None:
    events = places.emulator.client("events")
    events.remove_targets(Rule=f"{HUB_BASE}-forwarded", EventBusName=HUB_BASE, Ids=["log-group"])
    events.delete_rule(Name=f"{HUB_BASE}-forwarded", EventBusName=HUB_BASE)


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
def test_the_first_broken_hop_is_named(places: Places, damage: Callable[[Places], None], broken: str) -> None:
    damage(places)
    result = run(places, "--bucket", "media-euw1")
    assert last_sentence(result).startswith("The first broken link is the ")
    link = broken.partition(":")[0]
    assert broken in last_sentence(result) or signs(result)[link] == "✗"
    assert signs(result)[link] == "✗"
    assert result.exit_code == 1


def test_a_forwarding_stack_is_verified_as_far_as_the_other_accounts_bus_and_says_so(places: Places) -> None:
    checked = run(places, *of_spoke("--check-only", "--bucket", "team-euw1"), account=SPOKE)
    assert last_sentence(checked) == (
        f"Every link is as it must be as far as the event bus {TITLE_OF_SPOKE}, where this ends. Whether what arrives "
        f"there is logged, the stack in account {HUB} tells: name it with --hub."
    )
    assert checked.exit_code == 0
    sent = run(places, *of_spoke("--bucket", "team-euw1"), account=SPOKE)
    assert last_sentence(sent) == f"Unproven: {last_sentence(checked)}"
    assert sent.exit_code == 3


def test_a_forwarding_stacks_role_that_may_not_forward_is_named(places: Places) -> None:
    iam = places.emulator.client.of(SPOKE, "us-east-1")("iam")
    (policy,) = iam.list_role_policies(RoleName=f"{SPOKE_BASE}-forwarding")["PolicyNames"]
    iam.delete_role_policy(RoleName=f"{SPOKE_BASE}-forwarding", PolicyName=policy)
    result = run(places, *of_spoke("--bucket", "team-use1"), account=SPOKE)
    assert last_sentence(result).startswith("The first broken link is the role's permission: ")
    assert result.exit_code == 1


@pytest.fixture
def hub_profile(places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A profile with the credentials of the hub's account."""
    user = places.users[HUB]
    credentials = tmp_path / "credentials"
    credentials.write_text(
        f"[hub]\naws_access_key_id = {user.access_key_id}\naws_secret_access_key = {user.secret_access_key}\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    return "hub"


def test_with_its_hub_a_forwarding_stack_is_verified_up_to_the_log(places: Places, hub_profile: str) -> None:
    options = of_spoke("--hub", "dev", "--hub-profile", hub_profile, "--bucket", "team-euw1")
    result = run(places, *options, "--timeout", "20s", account=SPOKE)
    assert last_sentence(result).startswith("Alive: a SigV2 request for team-euw1/sigv2-verify-")
    assert result.exit_code == 0
    remove_bus_policy(places)
    shut_out = run(places, *options, account=SPOKE)
    assert last_sentence(shut_out).startswith(
        "The first broken link is the undelivered requests: the request that was just sent could not be logged: "
        "NO_PERMISSIONS"
    )
    assert signs(shut_out)["event bus's policy"] == "✗"
    assert shut_out.exit_code == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--hub", "dev"), "stack dev forwards to no other, so leave out --hub"),
        (("--all", "--bucket", "logs-use1"), "--all is about every Region, so it goes without --redrive and --bucket"),
    ],
)
def test_options_that_do_not_go_together_are_refused(places: Places, options: tuple[str, ...], sentence: str) -> None:
    result = run(places, *options)
    assert result.stderr == f"Error: {sentence}\n"
    assert result.exit_code == 2
