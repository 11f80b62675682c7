"""Evaluates resource policies: may this principal make this call?

Covers what the pipeline's policies use and refuses the rest, so that a policy which it does not
understand is never taken for one that allows. The rules are those of
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache, partial
from typing import Literal

_STATEMENT_ELEMENTS = frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "Condition"})
_ARN_COMPONENTS = 6


class UnsupportedPolicy(Exception):  # noqa: N818 - it is the policy that is named, not a failure
    """A policy holds an element, operator or value that this evaluator does not know."""


@dataclass(frozen=True)
class Call:
    """One call to be judged.

    Attributes:
        principal_type: A service of AWS, an IAM principal, or nobody.
        principal: `events.amazonaws.com`, the ARN of a user, role or session, or "".
        action: `logs:PutLogEvents`.
        resource: The ARN that is acted upon.
        context: Condition keys of the request, such as `aws:SourceArn`, in any case.
    """

    principal_type: Literal["Service", "AWS", "Anonymous"]
    principal: str
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Statement:
    allows: bool
    principals: Mapping[str, tuple[str, ...]]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[_Condition, ...]

    def covers(self, call: Call) -> bool:
        context = {key.lower(): value for key, value in call.context.items()}
        return (
            _names_principal(self.principals, call)
            and _any_glob(self.actions, call.action, ignore_case=True)
            and _any_glob(self.resources, call.resource)
            and all(condition.holds(context) for condition in self.conditions)
        )


@dataclass(frozen=True)
class _Condition:
    operator: str
    if_exists: bool
    key: str
    values: tuple[str, ...]

    def holds(self, context: Mapping[str, str]) -> bool:
        actual = context.get(self.key)
        if self.operator == "Null":
            return any((actual is None) == (value.lower() == "true") for value in self.values)
        positive = _POSITIVE.get(self.operator)
        if positive is not None:
            if actual is None:
                return self.if_exists
            return any(positive(value, actual) for value in self.values)
        if actual is None:
            return True
        return not any(_NEGATED[self.operator](value, actual) for value in self.values)


def is_allowed(policy: Mapping[str, object], call: Call) -> bool:
    """Says whether a resource policy allows a call; a Deny wins, silence denies.

    Args:
        policy: The policy document.
        call: The call to judge.

    Raises:
        UnsupportedPolicy: Any statement holds something unknown, even one that would not apply.
    """
    statements = [_statement(element) for element in _elements(policy.get("Statement"))]
    covering = [statement for statement in statements if statement.covers(call)]
    return bool(covering) and all(statement.allows for statement in covering)


def is_denied(policy: Mapping[str, object], call: Call) -> bool:
    """Says whether a Deny statement covers a call; what the policy allows is not looked at.

    Args:
        policy: The policy document.
        call: The call to judge.

    Raises:
        UnsupportedPolicy: A Deny statement holds something unknown, even one that would not apply.
    """
    elements = [element for element in _elements(policy.get("Statement")) if element.get("Effect") != "Allow"]
    return any(_statement(element).covers(call) for element in elements)


class Judgement(Enum):
    """What policies that hold together make of a call."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


def judge(policies: Iterable[Mapping[str, object]], call: Call) -> Judgement:
    """Says what policies of any account's own making make of a call, as far as they are understood.

    A statement that cannot cover the call, as it names another principal, action or resource, decides nothing, whatever
    else it holds; one that may cover it makes the answer unknown only where it would change it.

    Args:
        policies: The policy documents, which hold together.
        call: The call to judge.
    """
    allows: list[bool | None] = []
    denies: list[bool | None] = []
    for policy in policies:
        statements = policy.get("Statement")
        for element in statements if isinstance(statements, list) else [statements]:
            if not isinstance(element, Mapping):
                allows.append(None)
                denies.append(None)
                continue
            (allows if element.get("Effect") == "Allow" else denies).append(_may_cover(element, call))
    if True in denies or not {True, None} & set(allows):
        return Judgement.DENIED
    return Judgement.ALLOWED if True in allows and None not in denies else Judgement.UNKNOWN


def _may_cover(element: Mapping[str, object], call: Call) -> bool | None:
    """Says whether a statement covers a call; None where that is beyond this evaluator."""
    principal = element.get("Principal")
    if isinstance(principal, Mapping) and call.principal_type == "Service":
        principal = {kind: names for kind, names in principal.items() if kind not in ("Federated", "CanonicalUser")}
    parts = [
        _may(lambda: _names_principal(_principals(principal), call)),
        _may(lambda: _any_glob(_texts(element.get("Action"), "Action"), call.action, ignore_case=True)),
        _may(lambda: _any_glob(_texts(element.get("Resource"), "Resource"), call.resource)),
        *_may_hold(element.get("Condition", {}), {key.lower(): value for key, value in call.context.items()}),
        None if element.keys() - _STATEMENT_ELEMENTS else True,
    ]
    if False in parts:
        return False
    return None if None in parts else True


def _may_hold(block: object, context: Mapping[str, str]) -> Iterable[bool | None]:
    """Yields of each condition whether it holds; of one that is not understood, None."""
    if not isinstance(block, Mapping):
        yield None
        return
    for name, keys in block.items():
        for key, values in keys.items() if isinstance(keys, Mapping) else [("", None)]:
            single = {name: {key: values}}
            yield _may(partial(_all_hold, single, context))


def _all_hold(block: object, context: Mapping[str, str]) -> bool:
    return all(condition.holds(context) for condition in _conditions(block))


def _may(covers: Callable[[], bool]) -> bool | None:
    try:
        return covers()
    except UnsupportedPolicy:
        return None


def merged(policies: Iterable[Mapping[str, object]]) -> Mapping[str, object]:
    """Joins policies that hold together, as all resource policies of CloudWatch Logs do."""
    return {"Statement": [element for one in policies for element in _elements(one["Statement"])]}


def completed(policy: Mapping[str, object]) -> Mapping[str, object]:
    """Spells out what goes without saying: a role's permissions are its own, and its trust is trust in itself.

    Args:
        policy: A role's trust policy, or one of its permissions.
    """
    implied = {"Principal": "*", "Resource": "*"}
    return {**policy, "Statement": [implied | dict(element) for element in _elements(policy["Statement"])]}


def service_call(service: str, action: str, resource: str, source_arn: str | None) -> Call:
    """Makes the call that an AWS service makes on behalf of a resource of an account.

    It carries no keys of a network connection, such as `aws:SecureTransport`: in calls between
    services those are left out, see
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html

    Args:
        service: Name of the calling service, `events.amazonaws.com`.
        action: What it does.
        resource: The ARN that it does it to.
        source_arn: The rule or trail on whose behalf it calls; None where the service does not say.
    """
    source = {"aws:SourceArn": source_arn, "aws:SourceAccount": source_arn.split(":")[4]} if source_arn else {}
    context = {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": service, **source}
    return Call("Service", service, action, resource, context)


def forwarding_call(
    rule_arn: str, role_arn: str, bus_arn: str, *, source: str, detail_type: str, organization: str | None = None
) -> Call:
    """Makes the call by which EventBridge, as a role of a rule's account, puts an event on another event bus.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html

    Args:
        rule_arn: The rule that forwards.
        role_arn: The role of its target.
        bus_arn: What is put on.
        source: The event's, `aws.s3`.
        detail_type: The event's.
        organization: The one that the rule's account is in; None for none.
    """
    account_id = rule_arn.split(":")[4]
    context = {
        "aws:PrincipalArn": role_arn,
        "aws:PrincipalAccount": account_id,
        "aws:PrincipalIsAWSService": "false",
        "aws:SourceArn": rule_arn,
        "aws:SourceAccount": account_id,
        "events:source": source,
        "events:detail-type": detail_type,
        "events:eventBusInvocation": "true",
    }
    if organization:
        context["aws:PrincipalOrgID"] = organization
    return Call("AWS", role_arn, "events:PutEvents", bus_arn, context)


def _elements(statements: object) -> Iterable[Mapping[str, object]]:
    for element in statements if isinstance(statements, list) else [statements]:
        if not isinstance(element, Mapping):
            raise UnsupportedPolicy("Statement must be an object or a list of objects")
        yield element


def _statement(element: Mapping[str, object]) -> _Statement:
    unknown = sorted(element.keys() - _STATEMENT_ELEMENTS)
    if unknown:
        raise UnsupportedPolicy(f"statement element {unknown[0]}")
    effect = element.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise UnsupportedPolicy(f"Effect {effect!r}")
    return _Statement(
        allows=effect == "Allow",
        principals=_principals(element.get("Principal")),
        actions=_texts(element.get("Action"), "Action"),
        resources=_texts(element.get("Resource"), "Resource"),
        conditions=tuple(_conditions(element.get("Condition", {}))),
    )


def _principals(principal: object) -> Mapping[str, tuple[str, ...]]:
    if principal == "*":
        return {"AWS": ("*",)}
    if not isinstance(principal, Mapping) or principal.keys() - {"AWS", "Service"}:
        raise UnsupportedPolicy(f"Principal {principal!r}")
    return {kind: _texts(names, "Principal") for kind, names in principal.items()}


def _conditions(block: object) -> Iterable[_Condition]:
    if not isinstance(block, Mapping):
        raise UnsupportedPolicy(f"Condition {block!r}")
    for name, keys in block.items():
        operator = name.removesuffix("IfExists")
        if_exists = operator != name
        known = operator in _POSITIVE or operator in _NEGATED or name == "Null"
        if not known or not isinstance(keys, Mapping):
            raise UnsupportedPolicy(f"condition operator {name}")
        for key, values in keys.items():
            yield _Condition(operator, if_exists, key.lower(), _texts(values, key))


def _texts(value: object, where: str) -> tuple[str, ...]:
    texts = []
    for text in value if isinstance(value, list) else [value]:
        if not isinstance(text, str | bool):
            raise UnsupportedPolicy(f"{where} {value!r}")
        texts.append(text if isinstance(text, str) else str(text).lower())
    if not texts:
        raise UnsupportedPolicy(f"{where} {value!r}")
    if any("${" in text for text in texts):
        raise UnsupportedPolicy(f"policy variable in {where}")
    return tuple(texts)


def _names_principal(principals: Mapping[str, tuple[str, ...]], call: Call) -> bool:
    if "*" in principals.get("AWS", ()):
        return True
    if call.principal_type == "Service":
        return any(name in ("*", call.principal) for name in principals.get("Service", ()))
    if call.principal_type == "Anonymous":
        return False
    return any(_is_principal(name, call.principal) for name in principals.get("AWS", ()))


def _is_principal(named: str, principal_arn: str) -> bool:
    """An account, by number or by its root ARN, stands for every principal in it."""
    parts = principal_arn.split(":")
    account = parts[4] if len(parts) == _ARN_COMPONENTS else ""
    root = f"arn:{parts[1]}:iam::{account}:root" if account else ""
    return named == principal_arn or (bool(account) and named in (account, root))


@lru_cache(maxsize=1024)
def _pattern(glob: str) -> re.Pattern[str]:
    escaped = re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.DOTALL)


def _glob(glob: str, text: str) -> bool:
    return _pattern(glob).fullmatch(text) is not None


def _any_glob(globs: Iterable[str], text: str, *, ignore_case: bool = False) -> bool:
    if ignore_case:
        globs, text = map(str.lower, globs), text.lower()
    return any(_glob(glob, text) for glob in globs)


def _arn_glob(glob: str, text: str) -> bool:
    """Compares ARNs component by component: a star never reaches over the first five colons."""
    globs, texts = glob.split(":", _ARN_COMPONENTS - 1), text.split(":", _ARN_COMPONENTS - 1)
    return len(globs) == len(texts) == _ARN_COMPONENTS and all(map(_glob, globs, texts))


def _same(expected: str, actual: str) -> bool:
    return expected == actual


def _same_bool(expected: str, actual: str) -> bool:
    return expected.lower() == actual.lower()


_POSITIVE: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": _same,
    "StringLike": _glob,
    "ArnEquals": _arn_glob,
    "ArnLike": _arn_glob,
    "Bool": _same_bool,
}
_NEGATED: Mapping[str, Callable[[str, str], bool]] = {
    "StringNotEquals": _same,
    "StringNotLike": _glob,
    "ArnNotEquals": _arn_glob,
    "ArnNotLike": _arn_glob,
}
