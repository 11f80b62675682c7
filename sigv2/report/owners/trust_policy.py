"""What uses a role, as far as its trust policy tells.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_SHOWN: Final = 3
_PROVIDER: Final = re.compile(r"arn:[^:]*:iam::\d+:(?P<kind>oidc|saml)-provider/(?P<name>.+)", re.DOTALL)
_IN_ACCOUNT: Final = re.compile(r"(?:arn:[^:]*:(?:iam|sts)::)?(?P<account>\d{12})(?::(?P<resource>.+))?", re.DOTALL)
_SUBJECTS: Final = (
    # https://docs.github.com/en/actions/reference/security/oidc
    (re.compile(r"repo:(?P<name>[^:]+)(?::.*)?", re.DOTALL), "repository {name}"),
    # https://docs.gitlab.com/ci/secrets/id_token_authentication/
    (re.compile(r"project_path:(?P<name>[^:]+)(?::.*)?", re.DOTALL), "repository {name}"),
    # https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
    (re.compile(r"system:serviceaccount:(?P<name>.+)", re.DOTALL), "service account {name}"),
)
_IMMUTABLE_ID: Final = re.compile(r"@\d+(?=/|\Z)")
"""What GitHub puts behind the names of owner and repository, lest another one of that name be taken for it."""
_EQUALS: Final = re.compile(
    r"(?:for(?:all|any)values?:)?string(?:equals|equalsignorecase|like)(?:ifexists)?", re.IGNORECASE
)


def used_by(trust_policy: object, account_id: str) -> str:
    """Say what may take on a role: services, providers' identities, other accounts, and roles and users of its own.

    Args:
        trust_policy: the document, as boto3 has parsed it.
        account_id: the role's own account, which says nothing of who uses it.

    Returns:
        Such as `ec2.amazonaws.com` or `repository acme/shop of token.actions.githubusercontent.com`; empty where the
        policy tells nobody in particular.
    """
    users: dict[str, None] = {}
    for statement in _all(_mapping(trust_policy).get("Statement")):
        allowed = _mapping(statement)
        if allowed.get("Effect") == "Allow":
            users |= dict.fromkeys(_users_of(allowed, account_id))
    named = list(users)
    more = [f"{len(named) - _SHOWN} more"] if len(named) > _SHOWN else []
    return ", ".join([*named[:_SHOWN], *more])


def _users_of(statement: Mapping[str, Any], account_id: str) -> Iterator[str]:
    principal = _mapping(statement.get("Principal"))
    yield from map(str, _all(principal.get("Service")))
    for provider in map(str, _all(principal.get("Federated"))):
        yield from _federated(provider, _mapping(statement.get("Condition")))
    for caller in map(str, _all(principal.get("AWS"))):
        # What is deleted stands there by its id.
        if found := _IN_ACCOUNT.fullmatch(caller):
            yield from _callers(found["account"], found["resource"] or "root", account_id)


def _callers(account: str, resource: str, own: str) -> Iterator[str]:
    if account != own:
        yield f"account {account}"
    elif resource != "root":
        kind, _, name = resource.partition("/")
        yield f"{kind} {name.rpartition('/')[2]}"


def _federated(provider: str, condition: Mapping[str, Any]) -> Iterator[str]:
    found = _PROVIDER.fullmatch(provider)
    host = found["name"] if found else provider
    if found and found["kind"] == "saml":
        yield f"SAML provider {host}"
        return
    subjects = [_subject(subject) for subject in _conditions(condition, f"{host}:sub")]
    yield from (f"{subject} of {host}" for subject in subjects)
    if not subjects:
        yield host


def _subject(subject: str) -> str:
    for pattern, told in _SUBJECTS:
        if found := pattern.fullmatch(subject):
            return told.format(name=_IMMUTABLE_ID.sub("", found["name"]))
    return subject


def _conditions(condition: Mapping[str, Any], wanted: str) -> Iterator[str]:
    """What a context key has to be."""
    for operator, keys in condition.items():
        if _EQUALS.fullmatch(operator):
            for key, values in _mapping(keys).items():
                if key.lower() == wanted.lower():
                    yield from map(str, _all(values))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _all(value: object) -> list[Any]:
    """IAM takes one thing for a list of it."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
