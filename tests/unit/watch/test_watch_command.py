"""What `watch` refuses before it asks AWS for anything."""

from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sigv2.cli import app
from sigv2.watch import watch_command

pytestmark = pytest.mark.usefixtures("own_signals")


def run(*options: str) -> Result:
    environment: dict[str, str | None] = {
        **dict.fromkeys(("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION")),
        # Nothing listens there.
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": "/dev/null",
    }
    return CliRunner().invoke(app, ["watch", *options], env=environment)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--until-quiet", "soon"], "--until-quiet: 'soon' is no time such as 90s, 20m or 1h"),
        (["--stack", "nowhere"], "there is no Pulumi.nowhere.yaml"),
        (["--log-group", "a"], "no AWS Region is set: name one with --region"),
        ([], 'AWS cannot be reached (Could not connect to the endpoint URL: "http://127.0.0.1:1/")'),
        (
            ["--config", "forwardTo=arn:aws:events:us-east-1:111111111111:event-bus/hub"],
            "bus, in account 111111111111: run it for that stack",
        ),
    ],
)
def test_what_it_cannot_do_is_one_sentence(options: list[str], sentence: str) -> None:
    result = run(*options)
    assert (result.exit_code, result.stdout) == (1, "")
    assert sentence in result.stderr
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--until-quiet", "30m"], 130)])
def test_ctrl_c_ends_it_well_unless_it_was_to_wait_for_quiet(
    options: list[str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(watch_command, "named_log", lambda *_: type("Log", (), {"enter": interrupt}))
    result = run(*options)
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", "0 SigV2 requests shown.\n")
