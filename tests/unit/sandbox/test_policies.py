"""The evaluator of resource policies, one row per case."""

from __future__ import annotations

from typing import Literal

import pytest

from sigv2.policy_evaluation import Call, Judgement, UnsupportedPolicy, is_allowed, judge, service_call

RULE = "arn:aws:events:us-east-1:123456789012:rule/sigv2"
STREAM = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/sigv2:log-stream:abc"
GROUP_STREAMS = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/sigv2:*"
USER = "arn:aws:iam::123456789012:user/alice"
EVENTS = {"Service": "events.amazonaws.com"}


def statement(**elements: object) -> dict[str, object]:
    defaults: dict[str, object] = {
        "Effect": "Allow",
        "Principal": EVENTS,
        "Action": "logs:PutLogEvents",
        "Resource": GROUP_STREAMS,
    }
    return {**defaults, **elements}


def policy(*statements: dict[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def call(
    principal: str = "events.amazonaws.com",
    *,
    principal_type: Literal["Service", "AWS", "Anonymous"] = "Service",
    action: str = "logs:PutLogEvents",
    resource: str = STREAM,
    **context: str,
) -> Call:
    keys = {"aws:SourceArn": RULE, "aws:SourceAccount": "123456789012"}
    keys.update({f"aws:{name}": value for name, value in context.items()})
    return Call(principal_type, principal, action, resource, keys)


def person(arn: str = USER) -> Call:
    return call(arn, principal_type="AWS")


NOBODY = call("", principal_type="Anonymous")


@pytest.mark.parametrize(
    ("elements", "judged", "expected"),
    [
        ({}, call(), True),
        ({}, call("sns.amazonaws.com"), False),
        ({}, person(), False),
        ({}, call("events.amazonaws.com", principal_type="AWS"), False),
        ({}, NOBODY, False),
        ({"Principal": {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}}, call(), True),
        ({"Principal": "*"}, call(), True),
        ({"Principal": "*"}, person(), True),
        ({"Principal": {"AWS": "*"}}, NOBODY, True),
        ({"Principal": {"AWS": USER}}, person(), True),
        ({"Principal": {"AWS": USER}}, person(USER + "x"), False),
        ({"Principal": {"AWS": USER}}, call(), False),
        ({"Principal": {"AWS": "123456789012"}}, person(), True),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}, person(), True),
        ({"Principal": {"AWS": "210987654321"}}, person(), False),
        ({"Principal": {"AWS": "123456789012"}}, NOBODY, False),
    ],
)
def test_a_statement_applies_to_the_principals_that_it_names(
    elements: dict[str, object], judged: Call, expected: bool
) -> None:
    assert is_allowed(policy(statement(**elements)), judged) is expected


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("logs:PutLogEvents", GROUP_STREAMS, True),
        ("LOGS:putlogevents", GROUP_STREAMS, True),
        (["logs:CreateLogStream", "logs:Put*"], GROUP_STREAMS, True),
        ("logs:PutLogEvent?", GROUP_STREAMS, True),
        ("logs:PutLogEvents?", GROUP_STREAMS, False),
        ("logs:CreateLogStream", GROUP_STREAMS, False),
        ("*", "*", True),
        ("logs:*", [GROUP_STREAMS.upper(), GROUP_STREAMS], True),
        ("logs:*", GROUP_STREAMS.upper(), False),
        ("logs:*", GROUP_STREAMS.removesuffix(":*"), False),
        ("logs:*", GROUP_STREAMS.replace("sigv2", "other"), False),
        ("logs:*", STREAM.replace("abc", "a[b]c"), False),
    ],
)
def test_a_statement_applies_to_the_actions_and_resources_that_it_names(
    action: object, resource: object, expected: bool
) -> None:
    document = policy(statement(Action=action, Resource=resource))
    assert is_allowed(document, call()) is expected


OTHER_RULE = RULE.replace("123456789012", "210987654321")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:SourceArn": RULE}}, True),
        ({"StringEquals": {"AWS:sourcearn": RULE}}, True),
        ({"StringEquals": {"aws:SourceArn": [OTHER_RULE, RULE]}}, True),
        ({"StringEquals": {"aws:SourceArn": RULE.upper()}}, False),
        ({"StringEquals": {"aws:SourceArn": RULE[:-1] + "*"}}, False),
        ({"StringEquals": {"aws:absent": "x"}}, False),
        ({"StringEqualsIfExists": {"aws:absent": "x"}}, True),
        ({"StringEqualsIfExists": {"aws:SourceArn": OTHER_RULE}}, False),
        ({"StringNotEquals": {"aws:SourceArn": OTHER_RULE}}, True),
        ({"StringNotEquals": {"aws:SourceArn": [OTHER_RULE, RULE]}}, False),
        ({"StringNotEquals": {"aws:absent": "x"}}, True),
        ({"StringNotEqualsIfExists": {"aws:absent": "x"}}, True),
        ({"StringLike": {"aws:SourceArn": "arn:aws:events:*:rule/sig?2"}}, True),
        ({"StringLike": {"aws:SourceArn": "arn:aws:events:*:rule/sigv2?"}}, False),
        ({"StringNotLike": {"aws:SourceArn": "arn:aws:events:*"}}, False),
        ({"ArnEquals": {"aws:SourceArn": RULE}}, True),
        ({"ArnEquals": {"aws:SourceArn": OTHER_RULE}}, False),
        ({"ArnEquals": {"aws:SourceArn": "arn:aws:events:*:123456789012:rule/*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:rule/sigv2"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:*:*:*:*:*"}}, True),
        ({"ArnLike": {"aws:absent": "arn:*:*:*:*:*"}}, False),
        ({"ArnLikeIfExists": {"aws:absent": "arn:*:*:*:*:*"}}, True),
        ({"ArnNotEquals": {"aws:SourceArn": OTHER_RULE}}, True),
        ({"ArnNotLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/*"}}, False),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, True),
        ({"Bool": {"aws:PrincipalIsAWSService": True}}, True),
        ({"Bool": {"aws:PrincipalIsAWSService": "FALSE"}}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"BoolIfExists": {"aws:SecureTransport": "false"}}, True),
        ({"Null": {"aws:SecureTransport": "true"}}, True),
        ({"Null": {"aws:SecureTransport": "false"}}, False),
        ({"Null": {"aws:SourceArn": "false"}}, True),
        ({"Null": {"aws:SourceArn": "true"}}, False),
        ({"ArnEquals": {"aws:SourceArn": RULE}, "StringEquals": {"aws:absent": "x"}}, False),
        ({"StringEquals": {"aws:SourceArn": RULE, "aws:SourceAccount": "210987654321"}}, False),
    ],
)
def test_every_condition_must_hold(condition: dict[str, object], expected: bool) -> None:
    document = policy(statement(Condition=condition))
    assert is_allowed(document, call(PrincipalIsAWSService="true")) is expected


TLS_ONLY = statement(
    Effect="Deny",
    Principal="*",
    Action="*",
    Resource="*",
    Condition={"Bool": {"aws:SecureTransport": "false"}},
)


@pytest.mark.parametrize(
    ("statements", "judged", "expected"),
    [
        ([], call(), False),
        ([statement(), statement(Effect="Deny")], call(), False),
        ([statement(Effect="Deny"), statement()], call(), False),
        ([statement(), statement(Effect="Deny", Action="logs:CreateLogStream")], call(), True),
        ([statement(), TLS_ONLY], call(), True),
        ([statement(Principal="*"), TLS_ONLY], call(SecureTransport="false"), False),
    ],
)
def test_a_deny_wins_and_silence_denies(statements: list[dict[str, object]], judged: Call, expected: bool) -> None:
    assert is_allowed(policy(*statements), judged) is expected


def test_a_single_statement_needs_no_list() -> None:
    assert is_allowed({"Statement": statement()}, call())


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ({"NotAction": "logs:*"}, "statement element NotAction"),
        ({"NotPrincipal": "*"}, "statement element NotPrincipal"),
        ({"Effect": "Perhaps"}, "Effect 'Perhaps'"),
        ({"Principal": {"Federated": "x"}}, "Principal {'Federated': 'x'}"),
        ({"Principal": None}, "Principal None"),
        ({"Action": []}, "Action []"),
        ({"Resource": 7}, "Resource 7"),
        ({"Resource": "arn:aws:s3:::${aws:username}"}, "policy variable in Resource"),
        ({"Condition": []}, "Condition []"),
        ({"Condition": {"IpAddress": {}}}, "condition operator IpAddress"),
        ({"Condition": {"NullIfExists": {}}}, "condition operator NullIfExists"),
        ({"Condition": {"ForAnyValue:StringLike": {}}}, "condition operator ForAnyValue:StringLi"),
    ],
)
def test_what_is_unknown_is_refused_even_where_it_would_not_apply(elements: dict[str, object], message: str) -> None:
    document = policy(statement(), statement(**{"Action": "sqs:SendMessage", **elements}))
    with pytest.raises(UnsupportedPolicy) as refused:
        is_allowed(document, call())
    assert str(refused.value).startswith(message)


def test_a_policy_without_statements_is_refused() -> None:
    with pytest.raises(UnsupportedPolicy):
        is_allowed({}, call())


STRANGE = {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}
NEW_OPERATOR = {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}
ON_OTHERS = {**NEW_OPERATOR, "StringEquals": {"aws:SourceAccount": "210987654321"}}


@pytest.mark.parametrize(
    ("statements", "judgement"),
    [
        ([], Judgement.DENIED),
        ([statement()], Judgement.ALLOWED),
        ([statement(), statement(Effect="Deny")], Judgement.DENIED),
        # What it does not understand decides nothing where it cannot be about this call,
        ([statement(), statement(Effect="Deny", Principal={"AWS": USER}, Condition=STRANGE)], Judgement.ALLOWED),
        ([statement(), statement(Effect="Deny", Action="logs:Get*", Condition=STRANGE)], Judgement.ALLOWED),
        (
            [statement(), statement(Effect="Deny", Resource="arn:aws:logs:*:*:other", Condition=STRANGE)],
            Judgement.ALLOWED,
        ),
        ([statement(Principal={"Federated": "saml", "CanonicalUser": "1"}, Condition=STRANGE)], Judgement.DENIED),
        (
            [
                statement(),
                statement(Effect="Deny", Condition={**NEW_OPERATOR, "Bool": {"aws:PrincipalIsAWSService": "no"}}),
            ],
            Judgement.ALLOWED,
        ),
        # nor where another statement decides,
        ([statement(), statement(Condition=STRANGE)], Judgement.ALLOWED),
        ([statement(Effect="Deny"), statement(Condition=STRANGE)], Judgement.DENIED),
        ([statement(Effect="Deny"), statement(Effect="Deny", Condition=STRANGE), statement()], Judgement.DENIED),
        # and leaves it unknown where nothing else does.
        ([statement(Condition=STRANGE)], Judgement.UNKNOWN),
        ([statement(Condition=NEW_OPERATOR)], Judgement.UNKNOWN),
        ([statement(Condition=["StringEquals"])], Judgement.UNKNOWN),
        ([statement(), statement(Effect="Deny", Condition=STRANGE)], Judgement.UNKNOWN),
        ([statement(NotAction="logs:Get*")], Judgement.UNKNOWN),
        ([statement(), "no statement"], Judgement.UNKNOWN),
        ([statement(), statement(Effect="Perhaps")], Judgement.DENIED),
    ],
)
def test_policies_of_any_making_are_judged_as_far_as_they_are_understood(
    statements: list[dict[str, object]], judgement: Judgement
) -> None:
    assert judge([policy(*statements)], call()) is judgement
    assert judge([policy(one) for one in statements], call()) is judgement


def test_a_call_whose_source_is_not_named_meets_no_condition_on_it() -> None:
    on_source = policy(statement(Condition={"ArnEquals": {"aws:SourceArn": RULE}}))
    named = service_call("events.amazonaws.com", "logs:PutLogEvents", STREAM, RULE)
    unnamed = service_call("events.amazonaws.com", "logs:PutLogEvents", STREAM, None)
    assert judge([on_source], named) is Judgement.ALLOWED
    assert judge([on_source], unnamed) is Judgement.DENIED
