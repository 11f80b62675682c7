"""Regions and accounts that come and go on a live stack, with requests coming in all the while."""

from collections import Counter
from pathlib import Path

import pytest

from sigv2.sandbox.deploying.create_s3 import make_bucket
from tests.engine.conftest import LOG_GROUP, LiveStack, Traffic

ELSEWHERE = {"media-euw1": "eu-west-1", "site-apne1": "ap-northeast-1", "third-usw2": "us-west-2"}
OTHER_ACCOUNT = "210987654321"
CHANGES: list[tuple[dict[str, str], tuple[str, ...]]] = [
    ({"targetBuckets": "one-bucket,media-euw1"}, ("one-bucket",)),
    ({"targetBuckets": "one-bucket,media-euw1,site-apne1"}, ("one-bucket", "media-euw1")),
    ({"alertEmails": "ops@example.com"}, ("one-bucket", "media-euw1", "site-apne1")),
    ({"targetBuckets": "one-bucket,media-euw1,third-usw2"}, ("one-bucket", "media-euw1")),
    ({"acceptFrom": OTHER_ACCOUNT}, ("one-bucket", "media-euw1", "third-usw2")),
    ({"acceptFrom": f"{OTHER_ACCOUNT},o-a1b2c3d4e5"}, ("one-bucket", "media-euw1", "third-usw2")),
    ({"logGroupName": "/aws/events/another"}, ("one-bucket", "media-euw1", "third-usw2")),
    ({"targetBuckets": "one-bucket"}, ("one-bucket",)),
    ({"acceptFrom": "", "alertEmails": ""}, ("one-bucket",)),
]


@pytest.fixture
def everywhere(live: LiveStack) -> LiveStack:
    """A stack with one bucket, and buckets in other Regions that it does not watch yet."""
    for bucket, region in ELSEWHERE.items():
        make_bucket(live.emulator.client("s3", region), bucket)
    live.configure({"targetBuckets": "one-bucket"})
    live.up()
    return live


@pytest.mark.timeout(1800)
def test_no_change_of_regions_or_accounts_loses_a_request_of_those_that_stay(everywhere: LiveStack) -> None:
    kept = everywhere.outputs()["trailBucketName"]
    expected: Counter[str] = Counter()
    for settings, buckets in CHANGES:
        everywhere.configure(settings)
        with Traffic(everywhere.emulator, everywhere.user, buckets) as traffic:
            done = everywhere.up()
        assert done.keys() <= {"create", "update", "delete"}, (settings, done)
        expected.update(traffic.sent)
        assert everywhere.logged() == expected, settings
        assert everywhere.undelivered() == 0, settings
        assert everywhere.up() == {}, settings
    assert everywhere.outputs()["trailBucketName"] == kept
    everywhere.stack.destroy()
    assert everywhere.emulator.deployment().rules == ()


@pytest.mark.timeout(1800)
def test_a_stack_that_begins_to_forward_has_each_request_in_one_log_or_the_other(
    everywhere: LiveStack, tmp_path: Path
) -> None:
    hub = LiveStack(everywhere.emulator, tmp_path, "hub", OTHER_ACCOUNT)
    make_bucket(everywhere.emulator.client.of(OTHER_ACCOUNT, "us-east-1")("s3"), "hubs-bucket")
    hub.configure({"targetBuckets": "hubs-bucket", "acceptFrom": everywhere.emulator.account_id})
    hub.up()
    everywhere.configure({"targetBuckets": "one-bucket,media-euw1"})
    everywhere.up()
    buckets = ("one-bucket", "media-euw1")

    for settings in ({"forwardTo": hub.outputs()["eventBusArn"]}, {"forwardTo": ""}):
        everywhere.configure(settings)
        with Traffic(everywhere.emulator, everywhere.user, buckets) as traffic:
            everywhere.up()
        in_hub = hub.logged_in(OTHER_ACCOUNT, LOG_GROUP)
        here = everywhere.logged(LOG_GROUP)
        assert set(traffic.sent) <= in_hub.keys() | here.keys()
        assert everywhere.undelivered() == 0
        assert everywhere.up() == {}
    assert everywhere.outputs()["logGroupName"] == LOG_GROUP
