"""The lines that `discover` ends with, as a shell and the program read them."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.names import base_name, trail_bucket_prefix
from blueprint.sigv2_regions import SIGV2_REGIONS
from blueprint.stack_settings import Settings
from settings import read_settings
from sigv2.discover.lines_to_paste import BucketsToWatch, lines_to_paste

HUB, SECOND, THIRD = "111111111111", "222222222222", "333333333333"

NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{1,20}[a-z0-9]", fullmatch=True).filter(
    lambda name: (
        not name.startswith(("xn--", "sthree-", "amzn-s3-demo-"))
        and not name.endswith(("-s3alias", "--ol-s3", "--x-s3", "--table-s3"))
    )
)
LEGACY_NAMES = st.from_regex(r"[A-Za-z0-9._-]{3,40}", fullmatch=True)
BUCKETS = st.dictionaries(NAMES | LEGACY_NAMES, st.sampled_from(SIGV2_REGIONS["aws"]), min_size=1)


def buckets(account_id: str, regions: dict[str, str], profile: str | None = None) -> BucketsToWatch:
    return BucketsToWatch(account_id, profile, regions)


def configured(lines: list[str]) -> dict[str, tuple[dict[str, str], Settings]]:
    """By stack what the provider is told, and what the program makes of the rest."""
    stacks: dict[str, dict[str, str]] = {}
    for line in lines:
        match shlex.split(line, comments=True):
            case ["pulumi", "stack", "select", "--create", name]:
                selected = stacks.setdefault(name, {})
            case ["pulumi", "config", "set", key, value]:
                assert not value.startswith("-")
                assert key not in selected
                selected[key] = value
            case words:
                assert words in ([], ["pulumi", "up"])
    return {
        name: (
            {key: configuration.pop(key) for key in list(configuration) if key.startswith("aws:")},
            read_settings(
                configuration
                # What the hub's output would be.
                | (
                    {"forwardTo": f"arn:aws:events:us-east-1:{HUB}:event-bus/a"} if "forwardTo" in configuration else {}
                ),
                "s3-sigv2-access-log",
                name,
            ),
        )
        for name, configuration in stacks.items()
    }


def prefixes(regions: dict[str, str]) -> tuple[str, ...]:
    return tuple(sorted(f"{name}/" for name in regions))


@given(BUCKETS)
def test_pasted_lines_configure_one_stack_that_watches_these_buckets_and_no_others(regions: dict[str, str]) -> None:
    ((name, (provider, settings)),) = configured(lines_to_paste([buckets(HUB, regions)])).items()
    assert (name, list(provider)) == (f"account-{HUB}", ["aws:region"])
    assert settings.targets.included == prefixes(regions)
    assert (settings.accept_from, settings.forward_to, settings.regions) == ((), None, ())
    of_home = [region for region in regions.values() if region == provider["aws:region"]]
    assert all(list(regions.values()).count(region) <= len(of_home) for region in regions.values())


@given(st.dictionaries(st.sampled_from([HUB, SECOND, THIRD]), BUCKETS, min_size=2))
def test_of_several_accounts_all_forward_to_the_first_which_accepts_them_and_no_others(
    accounts: dict[str, dict[str, str]],
) -> None:
    lines = lines_to_paste([buckets(account, regions, f"of {account}") for account, regions in accounts.items()])
    stacks = configured(lines)
    hub, *others = accounts
    assert list(stacks) == [f"account-{account}" for account in accounts]
    for account, (provider, settings) in zip(accounts, stacks.values(), strict=True):
        assert provider["aws:profile"] == f"of {account}"
        assert settings.targets.included == prefixes(accounts[account])
        assert settings.accept_from == (tuple(sorted(others)) if account == hub else ())
        assert (settings.forward_to is None) == (account == hub)


def test_the_hub_is_deployed_before_its_event_bus_is_asked_for() -> None:
    accounts = [
        buckets(HUB, {"b-bucket": "us-east-1", "a-bucket": "us-east-1", "media": "eu-west-1"}, "prod"),
        buckets(SECOND, {"site": "ap-northeast-1"}, "my site"),
    ]
    assert lines_to_paste(accounts) == [
        f"# account {HUB}, profile prod: 1 bucket in eu-west-1, 2 buckets in us-east-1; with the log of all accounts",
        f"pulumi stack select --create account-{HUB}",
        "pulumi config set aws:region us-east-1",
        "pulumi config set aws:profile prod",
        "pulumi config set targetBuckets a-bucket,b-bucket,media",
        f"pulumi config set acceptFrom {SECOND}",
        "pulumi up",
        f"# account {SECOND}, profile my site: 1 bucket in ap-northeast-1; forwards to the log of account {HUB}",
        f"pulumi stack select --create account-{SECOND}",
        "pulumi config set aws:region ap-northeast-1",
        "pulumi config set aws:profile 'my site'",
        "pulumi config set targetBuckets site",
        f'pulumi config set forwardTo "$(pulumi stack output eventBusArn --stack account-{HUB})"',
        "pulumi up",
    ]


def test_of_regions_with_as_many_buckets_the_first_by_name_is_home() -> None:
    assert buckets(HUB, {"a": "us-west-2", "b": "eu-west-1", "c": "us-west-2", "d": "eu-west-1"}).home == "eu-west-1"
    assert buckets(HUB, {"a": "us-west-2", "b": "eu-west-1", "c": "us-west-2"}).home == "us-west-2"


def test_where_regions_cannot_forward_each_has_a_stack() -> None:
    china = buckets(HUB, {"a-bucket": "cn-north-1", "b-bucket": "cn-northwest-1"})
    assert lines_to_paste([china]) == [
        f"# account {HUB}: 1 bucket in cn-north-1",
        f"pulumi stack select --create account-{HUB}-cn-north-1",
        "pulumi config set aws:region cn-north-1",
        "pulumi config set targetBuckets a-bucket",
        "pulumi up",
        f"# account {HUB}: 1 bucket in cn-northwest-1",
        f"pulumi stack select --create account-{HUB}-cn-northwest-1",
        "pulumi config set aws:region cn-northwest-1",
        "pulumi config set targetBuckets b-bucket",
        "pulumi up",
    ]
    gov_cloud = lines_to_paste([buckets(HUB, {"a-bucket": "us-gov-west-1"})])
    assert f"pulumi stack select --create account-{HUB}-us-gov-west-1" in gov_cloud


def test_a_region_that_accepts_sigv2_against_what_aws_says_has_a_stack_of_its_own() -> None:
    stacks = configured(lines_to_paste([buckets(HUB, {"old": "us-east-1", "odd": "eu-central-1"})]))
    assert {
        name: (provider["aws:region"], settings.targets.included) for name, (provider, settings) in stacks.items()
    } == {
        f"account-{HUB}": ("us-east-1", ("old/",)),
        f"account-{HUB}-eu-central-1": ("eu-central-1", ("odd/",)),
    }


def test_who_asks_about_one_region_changes_no_stack_of_all_regions() -> None:
    lines = lines_to_paste([buckets(HUB, {"old": "eu-west-1"})], "eu-west-1")
    assert list(configured(lines)) == [f"account-{HUB}-eu-west-1"]


def test_more_names_than_five_trails_hold_become_a_pattern_and_the_regions_are_named() -> None:
    names = [f"bucket-{number}" for number in range(2_490)]
    here = dict.fromkeys(names, "us-east-1")
    assert lines_to_paste([buckets(HUB, here)])[-2].count(",") == 2_489
    assert lines_to_paste([buckets(HUB, here | {"other": "us-west-2", "media": "eu-west-1"})]) == [
        f"# account {HUB}: 1 bucket in eu-west-1, 2,490 buckets in us-east-1, 1 bucket in us-west-2",
        "# targetBuckets needs 2492 selector values, 2 more than the 2490 that the 5 trails of a Region can hold: "
        "cover several names with a pattern such as team-a-*.",
        "# This covers every bucket, and CloudTrail bills each request to any of them:",
        f"pulumi stack select --create account-{HUB}",
        "pulumi config set aws:region us-east-1",
        "pulumi config set targetBuckets '*'",
        "pulumi config set regions eu-west-1,us-west-2",
        "pulumi up",
    ]
    assert not any("regions" in line for line in lines_to_paste([buckets(HUB, here | {"other": "us-east-1"})]))


def test_what_is_no_name_of_a_bucket_cannot_break_out_of_its_comment() -> None:
    assert lines_to_paste([buckets(HUB, {"a b\n$(rm)": "us-east-1", "good": "us-east-1"}, "my\n$(rm)")]) == [
        r"# left out is a b\n$(rm): a bucket's name has only lower-case letters, digits, dots and hyphens",
        rf"# account {HUB}, profile my\n$(rm): 1 bucket in us-east-1",
        f"pulumi stack select --create account-{HUB}",
        "pulumi config set aws:region us-east-1",
        "pulumi config set aws:profile 'my\n$(rm)'",
        "pulumi config set targetBuckets good",
        "pulumi up",
    ]


def test_an_account_without_a_bucket_that_can_be_named_has_no_stack() -> None:
    lines = lines_to_paste([buckets(HUB, {"a b": "us-east-1"}), buckets(SECOND, {"good": "us-east-1"})])
    assert lines[0].startswith("# left out is a b: ")
    assert list(configured(lines)) == [f"account-{SECOND}"]
    assert not any("has the log" in line for line in lines)


@pytest.mark.parametrize("regions", [{}, {"a b": "us-east-1"}])
def test_that_another_account_than_the_first_has_the_log_is_said(regions: dict[str, str]) -> None:
    others = [buckets(SECOND, {"good": "us-east-1"}), buckets(THIRD, {"better": "us-east-1"})]
    lines = lines_to_paste([buckets(HUB, regions), *others])
    assert lines[len(regions) :] == [
        f"# account {HUB} has nothing to watch here, so another has the log",
        *lines_to_paste(others),
    ]


def test_the_log_files_of_a_stack_of_this_project_are_not_offered_to_be_watched() -> None:
    own = trail_bucket_prefix(base_name("s3-sigv2-access-log", "us-east-1")) + "-0852de7"

    assert lines_to_paste([buckets(HUB, {own: "us-east-1", "my-trail-0852de7": "us-east-1"})]) == [
        f"# left out is {own}: it holds log files of a trail, and to watch it would log each again",
        f"# account {HUB}: 1 bucket in us-east-1",
        f"pulumi stack select --create account-{HUB}",
        "pulumi config set aws:region us-east-1",
        "pulumi config set targetBuckets my-trail-0852de7",
        "pulumi up",
    ]
