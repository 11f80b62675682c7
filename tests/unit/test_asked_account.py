"""Who asks the account: the credentials that the default provider takes, or nobody."""

from collections.abc import Mapping
from typing import Any, cast

import pulumi
import pytest
from pulumi.runtime import config as pulumi_config

from aws_account import account_session
from aws_account.provider_settings import ProviderSettings
from blueprint.arns import Arns
from preflight import asked_account
from preflight.asked_account import Clients, NotAskedError, clients_of

HERE = Arns("aws", "111122223333", "us-east-1")
UNREACHABLE = "http://127.0.0.1:1"


class Session:
    """A session of boto3 with an account."""

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id

    def client(self, service: str, region_name: str) -> Any:
        self.asked = f"{service} in {region_name}"
        return self

    def get_caller_identity(self) -> Mapping[str, str]:
        return {"Account": self.account_id}


class Given:
    """A provider or parent that a program gave."""

    package = "aws"

    def get_provider(self, _: str) -> "Given":
        return self


@pytest.fixture(autouse=True)
def _no_mocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked_account, "get_monitor", object)
    monkeypatch.setattr(pulumi_config, "get_config_env", lambda: {"aws:profile": "ops", "project:targetBuckets": "a"})


def clients(options: pulumi.ResourceOptions | None = None) -> Clients:
    return clients_of(HERE, options)


def why_not(options: pulumi.ResourceOptions | None = None) -> str:
    with pytest.raises(NotAskedError) as refused:
        clients(options)
    return str(refused.value)


def use(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[ProviderSettings]:
    settings: list[ProviderSettings] = []

    def provider_session(given: ProviderSettings) -> Session:
        settings.append(given)
        return session

    monkeypatch.setattr(account_session, "provider_session", provider_session)
    return settings


def test_the_account_is_asked_with_what_the_stack_tells_its_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = use(session := Session("111122223333"), monkeypatch)
    made: Any = clients()("events", "eu-west-1")
    assert settings == [ProviderSettings(profile="ops")]
    assert made is session
    assert session.asked == "events in eu-west-1"


def test_another_account_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    use(Session("444455556666"), monkeypatch)
    assert why_not() == "the credentials at hand are of account 444455556666, and the provider's of 111122223333"


def test_credentials_that_do_not_work_here_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi_config, "get_config_env", lambda: {"aws:sharedConfigFiles": '["/not/here"]'})
    assert why_not() == (
        "the provider's credentials cannot be used here (the stack's AWS settings name the file /not/here, which is "
        "not here)"
    )
    monkeypatch.setattr(
        pulumi_config,
        "get_config_env",
        lambda: {"aws:accessKey": "AKIA", "aws:secretKey": "x", "aws:endpoints": f'[{{"sts": "{UNREACHABLE}"}}]'},
    )
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert why_not().startswith("the provider's credentials cannot be used here (Could not connect to the endpoint URL")


@pytest.mark.parametrize("place", ["provider", "providers", "named", "parent"])
def test_a_provider_that_was_given_is_never_passed_over(place: str) -> None:
    given = cast("Any", Given())
    options = {
        "provider": lambda: pulumi.ResourceOptions(provider=given),
        "providers": lambda: pulumi.ResourceOptions(providers=[given]),
        "named": lambda: pulumi.ResourceOptions(providers={"aws": given}),
        "parent": lambda: pulumi.ResourceOptions(parent=given),
    }
    assert (
        why_not(options[place]()) == "the component has a provider of its own, whose credentials a program cannot see"
    )
