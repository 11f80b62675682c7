"""Every setting changed on a live stack, with requests coming in all the while: each is logged, and logged once."""

from collections import Counter
from pathlib import Path

import pytest

from tests.engine.conftest import LOG_GROUP, LiveStack, Traffic

BOTH = ("one-bucket", "other-bucket")
CHANGES: list[dict[str, str]] = [
    {"logRetentionDays": "30"},
    {"targetBuckets": "one-bucket,other-bucket,team-bucket"},
    {"targetBuckets": "o*"},
    {"targetBuckets": "*"},
    {"excludeBuckets": "team-*"},
    {"targetBuckets": "one-bucket,other-bucket", "excludeBuckets": ""},
    {"includeManagementEvents": "true"},
    {"logGroupName": "/aws/events/another"},
    {"logGroupName": "/aws/events/third", "logRetentionDays": "60"},
    {"logGroupName": "/aws/events/another"},
    {"kmsKey": "create"},
    {"logGroupName": "/aws/events/fourth"},
    {"kmsKey": "aws"},
    {"kmsKey": "create"},
    {"alertEmails": "ann@example.com,bob@example.com"},
    {"alertEmails": "bob@example.com", "kmsKey": "aws"},
    {"alertEmails": "", "alertTopicArn": "arn:aws:sns:us-east-1:123456789012:on-call"},
    {"checkTargets": "false", "legacyBucketNames": "true"},
    {"retainLogs": "false"},
    {"logGroupName": "/aws/events/fifth", "retainLogs": "true"},
]


def changed(live: LiveStack, settings: dict[str, str], buckets: tuple[str, ...] = BOTH) -> list[str]:
    """Apply settings while a client sends; the keys that it asked for."""
    live.configure(settings)
    with Traffic(live.emulator, live.user, buckets) as traffic:
        live.up()
    return traffic.sent


@pytest.mark.timeout(1800)
def test_no_change_of_any_setting_loses_a_request_or_a_log(live: LiveStack) -> None:
    live.emulator.client("sns").create_topic(Name="on-call")
    live.up()
    expected: Counter[str] = Counter()
    for number, settings in enumerate(CHANGES):
        sent = changed(live, settings)
        assert sent, settings
        expected.update(sent)
        assert live.logged() == expected, (number, settings)
        assert live.undelivered() == 0, settings
        assert live.up() == {}, settings


def test_targets_that_outgrow_their_trails_are_watched_at_every_moment(live: LiveStack) -> None:
    def names(count: int) -> str:
        return ",".join([*BOTH, *(f"bucket-{number:04}" for number in range(count - len(BOTH)))])

    expected: Counter[str] = Counter()
    live.configure({"targetBuckets": names(985), "checkTargets": "false"})
    live.up()
    for targets in (names(996), names(997), names(499), "o*"):
        expected.update(changed(live, {"targetBuckets": targets}))
        assert live.logged() == expected
    assert live.up() == {}


def test_a_second_stack_is_refused_the_log_group_of_the_first_and_lives_beside_it(
    live: LiveStack, tmp_path: Path
) -> None:
    live.up()
    second = LiveStack(live.emulator, tmp_path, "second")
    second.configure({"targetBuckets": "team-bucket"})
    with pytest.raises(Exception, match="exists and belongs to stack s3-sigv2-access-log/engine"):
        second.preview()
    second.configure({"logGroupName": "/aws/events/second"})
    second.up()
    with Traffic(live.emulator, live.user, ("one-bucket", "team-bucket")) as traffic:
        assert live.up() == {}
        assert second.up() == {}
    # A rule sees the events of every trail, so each of the two logs what either watches.
    assert live.logged(LOG_GROUP) == live.logged("/aws/events/second") == Counter(traffic.sent)
