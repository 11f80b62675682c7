"""Which object `verify` asks for."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from blueprint.settings_errors import SettingsError
from blueprint.stack_settings import Settings
from settings import read_settings
from sigv2.verify.choice import NotWatchedError, choose


def settings(**configuration: object) -> Settings:
    stored = {key: value if isinstance(value, str) else json.dumps(value) for key, value in configuration.items()}
    return read_settings(stored, "s3-sigv2-access-log", "dev")


def test_the_first_bucket_that_is_named_exactly_is_asked_for_a_key_that_nobody_has() -> None:
    chosen = settings(targetBuckets="zebra,team-a-*,my-bucket")
    first, second = choose(chosen, None), choose(chosen, None)
    assert first.bucket == second.bucket == "my-bucket"
    assert first.key == f"sigv2-verify-{first.token}"
    assert first.token != second.token


@pytest.mark.parametrize("entry", ["zebra", "zebra/", "s3://zebra", "arn:aws:s3:::zebra/*"])
def test_a_bucket_can_be_named_in_every_form(entry: str) -> None:
    assert choose(settings(targetBuckets="zebra,my-bucket"), entry).bucket == "zebra"


def test_where_only_a_prefix_is_watched_the_key_lies_below_it() -> None:
    probed = choose(settings(targetBuckets="my-bucket/logs/2026"), None)
    assert probed.key == f"logs/2026sigv2-verify-{probed.token}"


def test_a_key_is_found_where_its_usual_beginning_is_excluded() -> None:
    probed = choose(settings(targetBuckets="my-bucket", excludeBuckets="my-bucket/sigv2"), None)
    assert probed.key.endswith(f"sigv2-verify-{probed.token}")
    assert not probed.key.startswith("sigv2")


def test_what_leaves_no_room_for_a_key_is_not_asked() -> None:
    long = "k" * 1000
    both = settings(targetBuckets=[f"my-bucket/{long}", "my-bucket/short/"])
    assert choose(both, None).key.startswith("short/")
    with pytest.raises(NotWatchedError, match="does not watch 'my-bucket'"):
        choose(settings(targetBuckets=f"my-bucket/{long}"), None)


def test_the_trail_bucket_is_never_asked() -> None:
    everything = settings(targetBuckets="*")
    for own in ("s3-sigv2-access-log-dev-trail", "s3-sigv2-access-log-dev-trail-bucket-0a1b2c3"):
        with pytest.raises(NotWatchedError, match="is the stack's own trail bucket, which is never watched"):
            choose(everything, own)
    assert choose(everything, "s3-sigv2-access-log-dev-trailer").bucket == "s3-sigv2-access-log-dev-trailer"


ENTRIES = st.lists(
    st.sampled_from(["*", "aa*", "aaa", "aab", "bbb", "aaa/s", "aaa/s/", "aaa/t", "bbb/sigv2-verify", "aaa/0"]),
    max_size=4,
)


@given(included=ENTRIES, excluded=ENTRIES, bucket=st.sampled_from(["aaa", "aab", "bbb", "ccc"]))
def test_what_is_asked_for_is_watched(included: list[str], excluded: list[str], bucket: str) -> None:
    try:
        chosen = settings(targetBuckets=included, excludeBuckets=excluded)
    except SettingsError:
        assume(False)
    try:
        probed = choose(chosen, bucket)
    except NotWatchedError:
        whole = f"{bucket}/"
        within = [prefix for prefix in chosen.targets.included if prefix.startswith(whole) or whole.startswith(prefix)]
        assert not within or whole.startswith(chosen.targets.excluded)
        return
    path = f"{probed.bucket}/{probed.key}"
    assert path.startswith(chosen.targets.included)
    assert not path.startswith(chosen.targets.excluded)
