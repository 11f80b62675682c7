"""Each request is shown once, whatever cuts the watching, and quiet is only what was watched."""

from collections import Counter

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from sigv2.report.query_run import QueryError
from sigv2.watch.live_tail import BrokenSessionError, NoSessionError
from sigv2.watch.log_poller import LOOK_BACK
from tests.unit.watch.conftest import GROUPS, Arrival, Log, MissingError, Session, Sessions

STARTS = "What arrives from now on is shown; Ctrl-C ends it."
REFUSED = Session(0, NoSessionError("these credentials may not call StartLiveTail: no"))
BROKEN = BrokenSessionError("the connection broke (reset)")
FOREVER = Session(100_000)

arrivals = st.lists(
    st.builds(
        Arrival,
        # Some of before the watch, and many at once.
        at=st.integers(-100, 60) | st.sampled_from([1, 7, 7.5, 60, 61]),
        name=st.sampled_from("abcdefghijkl"),
        late=st.floats(0, LOOK_BACK.total_seconds()),
        group=st.sampled_from(GROUPS),
    ),
    max_size=15,
)
sessions = st.lists(
    st.builds(
        Session,
        seconds=st.integers(0, 40),
        ending=st.sampled_from([None, BROKEN, NoSessionError("throttled")]),
        shows=st.sets(st.sampled_from("abcdefghijkl")).map(lambda hidden: lambda name: name not in hidden),
        samples=st.booleans(),
    ),
    max_size=6,
)


@given(
    arrivals,
    st.none() | sessions,
    st.sets(st.integers(2, 20)),
    st.integers(1, 4),
    st.sampled_from([0, 0.5, 12]),
)
def test_whatever_arrives_and_whatever_cuts_it_each_request_is_shown_once(
    arrived: list[Arrival], tailed: list[Session] | None, failing: set[int], page_size: int, seconds_of_a_poll: float
) -> None:
    log = Log(arrived, page_size, failing.__contains__, seconds_of_a_poll=seconds_of_a_poll)
    live_tail = None if tailed is None else Sessions(log, [*tailed, FOREVER])
    watcher = log.watcher(80, live_tail)
    watcher.run()
    first = {name: min(one.at for one in arrived if one.name == name) for name in {one.name for one in arrived}}
    shown = Counter(log.shown)
    # What arrives while the log is read for the first time may be taken for what was there.
    assert {name for name, at in first.items() if at > seconds_of_a_poll} <= shown.keys()
    assert shown.keys() <= {name for name, at in first.items() if at > 0}
    assert all(times == 1 for times in shown.values())
    assert watcher.shown == len(shown)
    assert log.now >= max((first[name] for name in shown), default=0) + 80


def test_a_request_that_is_logged_twice_is_told_by_its_id(log: Log) -> None:
    names = ("0f6b8e1c-3d0a-4a57-9a4e-5b1f7f0c2d3e", "0F6B8E1C-3D0A-4A57-9A4E-5B1F7F0C2D3E")
    log.arrivals = [Arrival(1, names[0]), Arrival(2, names[1], agent="aws-sdk-java/1.9")]
    log.watcher(12).run()
    assert log.shown == [names[0]]


def test_without_live_tail_the_log_is_asked_every_few_seconds(log: Log) -> None:
    log.arrivals = [Arrival(0, "before"), Arrival(2, "a"), Arrival(8, "b", group="/former")]
    log.watcher(12, Sessions(log, [REFUSED])).run()
    assert log.shown == ["a", "b"]
    # The quiet is counted from the look that found the last one.
    assert (log.slept, log.now) == ([5, 5, 5, 5, 2], 22)
    assert log.told == [
        STARTS,
        "Live Tail is not to be had, so the log is asked every few seconds: these credentials may not call "
        "StartLiveTail: no.",
    ]


def test_live_tail_shows_at_once_and_the_log_is_polled_beside_it(log: Log) -> None:
    log.arrivals = [Arrival(second, str(second)) for second in (1, 2, 3)]
    log.watcher(200, Sessions(log, [FOREVER])).run()
    assert (log.shown, log.slept, log.told) == (["1", "2", "3"], [], [STARTS])
    assert log.now == 203
    # At the start, when the session began, each minute, and when it was quiet.
    assert log.polls == 6


def test_what_arrived_before_the_session_began_is_shown(log: Log) -> None:
    log.arrivals = [Arrival(0.5, "early")]
    tail = Sessions(log, [Session(100_000, shows=lambda _: False)])
    log.watcher(10, tail).run()
    assert log.shown == ["early"]


def test_what_live_tail_samples_is_fetched_soon_and_said_once(log: Log) -> None:
    log.arrivals = [Arrival(10, "a"), Arrival(10, "b"), Arrival(40, "c")]
    log.watcher(100, Sessions(log, [Session(100_000, shows="a".__eq__, samples=True)])).run()
    # At the next update, as no poll was within five seconds before.
    assert (log.shown, log.shown_at) == (["a", "b", "c"], [10, 10, 40])
    assert log.told == [STARTS, "Live Tail shows at most 500 requests a second; the others are fetched."]


def test_a_session_that_ends_after_three_hours_begins_anew(log: Log) -> None:
    log.arrivals = [Arrival(10_801.0, "between", late=0)]
    deaf = Session(10_800, shows=lambda _: False)
    tail = Sessions(log, [deaf, Session(100_000, shows=lambda _: False)])
    log.watcher(11_000, tail).run()
    assert (log.shown, tail.begun_at, log.told) == (["between"], [0, 10_800], [STARTS])


def test_a_session_that_breaks_begins_anew_and_says_so(log: Log) -> None:
    log.arrivals = [Arrival(31, "between")]
    tail = Sessions(log, [Session(30, BROKEN), Session(0, NoSessionError("throttled")), FOREVER])
    log.watcher(100, tail).run()
    assert (log.shown, tail.begun_at) == (["between"], [0, 35, 40])
    assert log.told == [
        STARTS,
        "Live Tail begins anew, as the connection broke (reset); what came in between is shown, too.",
    ]


def test_sessions_that_end_at_once_are_given_up(log: Log) -> None:
    log.arrivals = [Arrival(100, "a")]
    tail = Sessions(log, [Session(1)])
    log.watcher(200, tail).run()
    assert (log.shown, tail.begun_at) == (["a"], [0, 6, 12])
    assert log.told[1:] == [
        "Live Tail is not to be had, so the log is asked every few seconds: its sessions end at once."
    ]


def test_time_in_which_the_log_cannot_be_seen_is_no_quiet_and_is_said_once(log: Log) -> None:
    log.poll_fails = lambda number: number in (3, 4, 5)
    log.watcher(12).run()
    # Two looks at 5 and, after three that failed, from the next that did not.
    assert log.slept == [5, 5, 2, 4, 8, 5, 2]
    assert log.told == [
        STARTS,
        "The log cannot be seen, and is asked again until it can be: AWS cannot be reached (Could not connect to the "
        'endpoint URL: "https://logs"): check the network, the Region and AWS_ENDPOINT_URL.',
        "The log can be seen again, with what came in the meantime.",
    ]


def test_what_came_while_the_log_could_not_be_seen_for_hours_is_shown(log: Log) -> None:
    log.arrivals = [Arrival(100, "a", late=LOOK_BACK.total_seconds())]
    log.poll_fails = lambda number: 2 <= number < 200
    log.watcher(10).run()
    assert log.shown == ["a"]
    assert log.now > 3 * 3600


def test_an_outage_of_days_does_not_end_the_watch(log: Log) -> None:
    log.poll_fails = lambda number: 2 <= number < 5000
    log.watcher(10).run()
    assert log.now > 3 * 24 * 3600
    assert log.told[-1] == "The log can be seen again, with what came in the meantime."


def test_live_tail_alone_proves_no_quiet(log: Log) -> None:
    log.poll_fails = lambda number: 2 <= number < 30
    log.watcher(20, Sessions(log, [FOREVER])).run()
    assert log.polls >= 30


def test_a_probe_is_shown_and_breaks_no_quiet(log: Log) -> None:
    probe = "Boto3/1.44.5 s3-sigv2-access-log/verify"
    log.arrivals = [Arrival(6, "probe", agent=probe)]
    log.watcher(12).run()
    assert (log.shown, log.now) == (["probe"], 12)


def test_without_patience_no_quiet_is_long_enough(log: Log) -> None:
    log.poll_fails = (1000).__eq__
    log.failure = MissingError()
    with pytest.raises(QueryError):
        log.watcher().run()
    assert log.slept == [5] * 999


@pytest.mark.parametrize("number", [1, 3])
def test_a_refusal_ends_the_watch(log: Log, number: int) -> None:
    log.poll_fails = number.__eq__
    log.failure = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "FilterLogEvents")
    with pytest.raises(ClientError):
        log.watcher().run()


def test_a_log_group_that_is_missing_ends_the_watch_with_a_sentence(log: Log) -> None:
    log.poll_fails = (2).__eq__
    log.failure = MissingError()
    with pytest.raises(QueryError, match="there is no log group /a in eu-west-1: deploy the stack"):
        log.watcher().run()


def test_a_log_that_takes_long_to_read_is_not_read_all_the_time(log: Log) -> None:
    log.seconds_of_a_poll = 10
    log.watcher(100).run()
    # What arrives while it is read may not be seen, so quiet counts up to where a poll began.
    assert (log.slept, log.now) == ([5, 40, 35], 120)
