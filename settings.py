"""Stack configuration: the texts that Pulumi stores, read into the arguments of a SigV2AccessLog."""

import json
import re
from collections.abc import Collection, Mapping

import pulumi
from pulumi.runtime import config as pulumi_config

from blueprint.arguments import ARGUMENTS, SigV2AccessLogArgs
from blueprint.checked_settings import check
from blueprint.settings_errors import CONCEALED, SettingsError, refuse, refuse_unknown_key
from blueprint.stack_settings import Settings

_LISTS = ("targetBuckets", "excludeBuckets", "regions", "acceptFrom", "alertEmails")
_FLAGS = ("legacyBucketNames", "checkTargets", "checkAccount", "includeManagementEvents", "retainLogs")
_NUMBERS = ("logRetentionDays",)


def read_stack_configuration() -> SigV2AccessLogArgs:
    """Read the configuration of the stack that is being deployed.

    Raises:
        pulumi.RunError: as `read_arguments` refuses; its one sentence ends the program without a stack trace.
    """
    # pulumi.Config answers for keys that it is asked for; only the whole map can show a typo.
    everything = {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}
    namespace = f"{pulumi.get_project()}:"
    own = {key.removeprefix(namespace): str(value) for key, value in everything.items() if key.startswith(namespace)}
    secret_keys = pulumi_config.get_config_secret_keys_env()
    secret = {
        key for key in ARGUMENTS if namespace + key in secret_keys or pulumi_config.is_config_secret(namespace + key)
    }
    try:
        arguments = read_arguments(own, secret)
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
    arguments["secret_arguments"] = [name for key, name in ARGUMENTS.items() if key in secret]
    return arguments


def read_settings(configuration: Mapping[str, str], project: str, stack: str) -> Settings:
    """Read and check a configuration, as `pulumi up` would.

    Args:
        configuration: each key without its namespace, with the text that Pulumi stores: JSON for a YAML list or object.
        project: the Pulumi project's name.
        stack: the Pulumi stack's name.

    Raises:
        SettingsError: a value is wrong, or a key unknown.
    """
    return check(read_arguments(configuration), project, stack)


def read_arguments(configuration: Mapping[str, str], secret: Collection[str] = ()) -> SigV2AccessLogArgs:
    """Turn texts into lists, numbers and booleans; what is none stays a text, for `check` to refuse.

    Args:
        configuration: as for `read_settings`.
        secret: keys whose values no error may show.

    Raises:
        SettingsError: a list is no list, or a key unknown.
    """
    arguments: dict[str, object] = {}
    for key, text in configuration.items():
        if key not in ARGUMENTS:
            refuse_unknown_key(key)
        arguments[ARGUMENTS[key]] = _value(key, text, concealed=key in secret)
    return arguments  # type: ignore[return-value] # `check` believes nothing of it


def _value(key: str, text: str, *, concealed: bool) -> object:
    if key in _LISTS:
        return _entries(key, text.strip(), concealed=concealed)
    if key in _FLAGS and text.lower() in ("true", "false"):
        return text.lower() == "true"
    # Not int(): it reads ' 7', '+7', '1_0' and digits of every script.
    if key in _NUMBERS and re.fullmatch(r"0|[1-9][0-9]{0,8}", text):
        return int(text)
    return text


def _entries(key: str, text: str, *, concealed: bool) -> list[str]:
    """A list given as one name, as text with commas or spaces between names, as JSON, or as YAML."""
    if not text.startswith(("[", "{")):
        return [entry for entry in re.split(r"[,\s]+", text) if entry]
    way_out = f"pulumi config set {key} NAME,NAME"
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        refuse(key, CONCEALED if concealed else text, "starts like JSON and is none", way_out)
    if not isinstance(entries, list):
        refuse(key, CONCEALED if concealed else text, "is an object where a list of names belongs", way_out)
    for entry in entries:
        # `pulumi config set --path` turns a name of digits into a number.
        if not isinstance(entry, str | int) or isinstance(entry, bool):
            refuse(key, CONCEALED if concealed else entry, "is not a name", way_out)
    # As it stands: a blank can be part of a key, and an exclusion without it would leave out more.
    return [str(entry) for entry in entries]
