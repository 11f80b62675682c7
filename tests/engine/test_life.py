"""A stack from its first preview to its last destroy."""

from tests.engine.conftest import LOG_GROUP, LiveStack, changes


def groups(live: LiveStack) -> dict[str, int | None]:
    """The log groups that there are, with their retention in days."""
    found = live.emulator.client("logs").describe_log_groups()["logGroups"]
    return {group["logGroupName"]: group.get("retentionInDays") for group in found}


def test_a_stack_is_made_kept_destroyed_and_its_logs_outlive_it(live: LiveStack) -> None:
    assert live.preview().keys() == {"create"}
    assert live.up().keys() == {"create"}
    assert live.outputs()["accountId"] == live.emulator.account_id
    assert live.outputs()["region"] == "us-east-1"
    assert groups(live) == {LOG_GROUP: 400}
    assert live.up() == {}
    assert changes(live.stack.refresh().summary.resource_changes) == {}
    live.stack.destroy()
    assert groups(live) == {LOG_GROUP: 400}
    live.configure({"logRetentionDays": "30"})
    assert live.up()["import"] == 1
    assert groups(live) == {LOG_GROUP: 30}
    live.configure({"retainLogs": "false"})
    live.up()
    live.stack.destroy()
    assert groups(live) == {}


def test_a_stack_is_never_locked_out_of_its_own_log_group(live: LiveStack) -> None:
    live.up()
    logs = live.emulator.client("logs")
    arn = f"arn:aws:logs:us-east-1:{live.emulator.account_id}:log-group:{LOG_GROUP}"
    logs.untag_resource(resourceArn=arn, tagKeys=["Project", "Stack"])
    live.configure({"logRetentionDays": "30"})
    assert live.up() == {"update": 1}
    live.stack.rename("renamed")
    live.up()
    assert live.outputs()["logGroupName"] == LOG_GROUP
    assert groups(live) == {LOG_GROUP: 30}
    assert live.up() == {}


def test_what_is_set_as_a_secret_is_nowhere_in_plain_in_the_state(live: LiveStack) -> None:
    topic = f"arn:aws:sns:us-east-1:{live.emulator.account_id}:on-call"
    live.emulator.client("sns").create_topic(Name="on-call")
    live.configure({"alertEmails": "ann@example.com,bob@example.com", "alertTopicArn": topic}, secret=True)
    live.configure({"targetBuckets": "one-bucket,other-bucket"}, secret=True)
    live.up()
    state = live.stored()
    assert [word for word in ("ann@", "bob@", "on-call", "one-bucket", "other-bucket") if word in state] == []
    live.configure({"alertEmails": "bob@example.com"}, secret=True)
    assert live.up() == {"delete": 1}
    subscriptions = live.emulator.client("sns").list_subscriptions()["Subscriptions"]
    assert [subscription["Endpoint"] for subscription in subscriptions] == ["bob@example.com"]
