"""The settings of the AWS provider that say whose credentials it takes, and where it goes with them.

As of https://www.pulumi.com/registry/packages/aws/api-docs/provider/; a stack has them under `aws:`, with lists and
objects as JSON.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

CREDENTIAL_KEYS: Final = (
    *("profile", "accessKey", "secretKey", "token", "assumeRole", "assumeRoles", "assumeRoleWithWebIdentity"),
    *("sharedConfigFiles", "sharedCredentialsFiles"),
)
"""The settings that choose credentials."""

_SERVICES: Final = {
    "cloudtrail": ("cloudtrail",),
    "cloudwatch": ("cloudwatch",),
    "events": ("events", "eventbridge", "cloudwatchevents"),
    "logs": ("logs", "cloudwatchlogs", "cloudwatchlog"),
    "s3": ("s3", "s3api"),
    "sqs": ("sqs",),
    "sts": ("sts",),
}
"""The provider's names of services, by those of boto3."""

_ROLE_KEYS: Final = {
    "roleArn": "RoleArn",
    "sessionName": "RoleSessionName",
    "externalId": "ExternalId",
    "policy": "Policy",
    "policyArns": "PolicyArns",
    "sourceIdentity": "SourceIdentity",
    "tags": "Tags",
    "transitiveTagKeys": "TransitiveTagKeys",
    "duration": "DurationSeconds",
    "durationSeconds": "DurationSeconds",
}
"""What STS calls the provider's keys of a role
(https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html)."""

_TOKEN_KEYS: Final = ("webIdentityToken", "webIdentityTokenFile")
_DURATION: Final = re.compile(r"(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+", re.ASCII)
_SECONDS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}


class ProviderSettingsError(ValueError):
    """A setting of the provider cannot be followed; the message names it, without a stop.

    Attributes:
        is_about_credentials: whether it would not be followed, if other credentials were chosen.
    """

    def __init__(self, message: str, *, is_about_credentials: bool = False) -> None:
        super().__init__(message)
        self.is_about_credentials = is_about_credentials


@dataclass(frozen=True)
class Role:
    """A role to assume.

    Attributes:
        arn: its ARN.
        arguments: all else that STS is told, in its own words.
        token: of a web identity, for a role that is assumed with one.
        token_file: where that is, if it is in a file.
    """

    arn: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    token: str | None = None
    token_file: str | None = None


@dataclass(frozen=True)
class ProviderSettings:
    """What of the provider's settings a session needs.

    Attributes:
        profile: of the AWS configuration.
        region: where to go.
        sts_region: where roles are assumed, if elsewhere.
        access_key: with `secret_key` and perhaps `token`, credentials themselves.
        secret_key: see there.
        token: see there.
        web_identity: the role that comes instead of credentials.
        roles: to assume one after the other.
        config_file: instead of ~/.aws/config.
        credentials_file: instead of ~/.aws/credentials.
        endpoints: by boto3's name of the service.
        allowed_accounts: the only ones that the provider works in; empty for any.
        forbidden_accounts: those that it does not work in.
    """

    profile: str | None = None
    region: str | None = None
    sts_region: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    token: str | None = None
    web_identity: Role | None = None
    roles: tuple[Role, ...] = ()
    config_file: str | None = None
    credentials_file: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    allowed_accounts: frozenset[str] = frozenset()
    forbidden_accounts: frozenset[str] = frozenset()


def provider_settings(configuration: Mapping[str, str], *, credentials: bool = True) -> ProviderSettings:
    """Read the provider's settings.

    Args:
        configuration: a stack's, keys with their namespaces.
        credentials: whether to read those that choose credentials; they are not looked at otherwise.

    Raises:
        ProviderSettingsError: one cannot be understood, or not be followed by this command line.
    """
    aws = {key.removeprefix("aws:"): value for key, value in configuration.items() if key.startswith("aws:") and value}
    if not credentials:
        aws = {key: value for key, value in aws.items() if key not in CREDENTIAL_KEYS}
    if ("accessKey" in aws) != ("secretKey" in aws):
        raise ProviderSettingsError(
            "aws:accessKey and aws:secretKey go together, and only one of them is set", is_about_credentials=True
        )
    web_identity = _roles(aws, "assumeRoleWithWebIdentity")
    return ProviderSettings(
        profile=aws.get("profile"),
        region=aws.get("region"),
        sts_region=aws.get("stsRegion"),
        access_key=aws.get("accessKey"),
        secret_key=aws.get("secretKey"),
        token=aws.get("token"),
        web_identity=web_identity[0] if web_identity else None,
        roles=(*_roles(aws, "assumeRole"), *_roles(aws, "assumeRoles")),
        config_file=_only(aws, "sharedConfigFiles"),
        credentials_file=_only(aws, "sharedCredentialsFiles"),
        endpoints=_endpoints(aws),
        allowed_accounts=frozenset(map(str, _list(aws, "allowedAccountIds"))),
        forbidden_accounts=frozenset(map(str, _list(aws, "forbiddenAccountIds"))),
    )


def _list(aws: Mapping[str, str], key: str) -> list[Any]:
    """A list given as JSON; what is no list is taken for its only entry."""
    text = aws.get(key)
    if text is None:
        return []
    if not text.lstrip().startswith(("[", "{")):
        return [text]
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise ProviderSettingsError(
            f"aws:{key} starts like JSON and is none", is_about_credentials=key in CREDENTIAL_KEYS
        ) from None
    return value if isinstance(value, list) else [value]


def _only(aws: Mapping[str, str], key: str) -> str | None:
    entries = _list(aws, key)
    if len(entries) > 1:
        raise ProviderSettingsError(
            f"aws:{key} names {len(entries)} files, and boto3 reads one", is_about_credentials=True
        )
    return str(entries[0]) if entries else None


def _endpoints(aws: Mapping[str, str]) -> dict[str, str]:
    by_provider: dict[str, Any] = {}
    for entry in _list(aws, "endpoints"):
        if not isinstance(entry, dict):
            raise ProviderSettingsError(f"aws:endpoints: {entry!r} is no object of services and their URLs")
        by_provider |= {service: url for service, url in entry.items() if url}
    return {
        service: str(by_provider[name]) for service, names in _SERVICES.items() for name in names if name in by_provider
    }


def _roles(aws: Mapping[str, str], key: str) -> tuple[Role, ...]:
    return tuple(_role(key, entry) for entry in _list(aws, key))


def _role(key: str, entry: object) -> Role:
    if not isinstance(entry, dict) or not entry.get("roleArn"):
        raise ProviderSettingsError(f"aws:{key} has a role without a roleArn", is_about_credentials=True)
    known = {*_ROLE_KEYS, *(_TOKEN_KEYS if key == "assumeRoleWithWebIdentity" else ())}
    unknown = entry.keys() - known
    if unknown:
        raise ProviderSettingsError(
            f"aws:{key} has {min(map(str, unknown))!r}, which is no key of a role", is_about_credentials=True
        )
    told = {_ROLE_KEYS[name]: _argument(key, name, entry[name]) for name in _ROLE_KEYS if entry.get(name)}
    return Role(str(told.pop("RoleArn")), told, entry.get("webIdentityToken"), entry.get("webIdentityTokenFile"))


def _argument(key: str, name: str, value: Any) -> object:
    """A key of a role as STS takes it."""
    if name in ("duration", "durationSeconds"):
        return _seconds(key, name, value)
    if name == "policyArns" and isinstance(value, list):
        return [{"arn": str(arn)} for arn in value]
    if name == "tags" and isinstance(value, dict):
        return [{"Key": tag, "Value": str(tagged)} for tag, tagged in value.items()]
    if name == "transitiveTagKeys" and isinstance(value, list):
        return [str(tag) for tag in value]
    if name == "policy":
        return _policy(key, value)
    if isinstance(value, list | dict) or name in ("policyArns", "tags", "transitiveTagKeys"):
        raise ProviderSettingsError(f"aws:{key}: {name} is not what the provider takes", is_about_credentials=True)
    return str(value)


def _policy(key: str, value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise ProviderSettingsError(f"aws:{key}: policy is no JSON", is_about_credentials=True) from None
    return text


def _seconds(key: str, name: str, value: object) -> int:
    text = str(value)
    if re.fullmatch(r"\d+", text, re.ASCII) and name == "durationSeconds":
        return int(text)
    if not _DURATION.fullmatch(text):
        raise ProviderSettingsError(
            f"aws:{key}: {name} {text!r} is no time such as 900s, 30m or 1h30m", is_about_credentials=True
        )
    return round(sum(float(n) * _SECONDS[unit] for n, unit in re.findall(r"([\d.]+)(ns|us|µs|ms|s|m|h)", text)))
