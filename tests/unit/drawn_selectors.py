"""Event selectors as tests write them, and random ones with the requests that are close to what they name."""

import itertools
from random import Random
from typing import Any

from hypothesis import strategies as st

from blueprint.selector_coverage import record_of_request
from blueprint.targets import Target, TargetSet, fold

S3 = "arn:aws:s3:::"
_FIELDS = {
    "arn": "resources.ARN",
    "name": "eventName",
    "caller": "userIdentity.arn",
    "reads": "readOnly",
    "console": "sessionCredentialFromConsole",
}


def basic(*values: str, reads: str = "All", kind: str = "AWS::S3::Object", management: bool = True) -> dict[str, Any]:
    resources = [{"Type": kind, "Values": list(values)}] if values else []
    return {"ReadWriteType": reads, "IncludeManagementEvents": management, "DataResources": resources}


def advanced(*, kind: str = "AWS::S3::Object", **fields: dict[str, list[str]]) -> dict[str, Any]:
    of_all = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": [kind]},
    ]
    return {"FieldSelectors": [*of_all, *({"Field": _FIELDS.get(name, name), **how} for name, how in fields.items())]}


OPERANDS = {
    "arn": (
        [S3, f"{S3}up", f"{S3}up-a", f"{S3}up-a/", f"{S3}up-a/x", f"{S3}up-a/xy", f"{S3}up-b/", f"{S3}down/x"],
        ["x", "xy", "y", "/", "a/x", "/xy"],
    ),
    "name": (["Get", "GetObject", "Put"], ["Object", "t", "Acl"]),
    "caller": (["arn:", "arn:aws:iam::1:user/", "arn:aws:sts:"], ["/ann", "n", ":user/"]),
}
"""What values begin with and end with, by field. Some overlap, and some are a part of others."""


def _close(field: str) -> list[str]:
    """What is close to the operands: they themselves, longer ones, two that overlap, and those that are nobody's."""
    begin, end = OPERANDS[field]
    return ["".join(parts) for parts in itertools.product([*begin, ""], ["", "x", "y"], [*end, ""])]


OBJECTS = [
    f"{S3}{bucket}/{key}"
    for bucket in ("up-a", "up-ab", "up-b", "upper", "down")
    for key in ("", "x", "xy", "xyx", "q", "a/x", "xq", "qx", "qy", "/xy", "x/", "y")
]


def _conditions(field: str) -> st.SearchStrategy[dict[str, list[str]]]:
    begin, end = OPERANDS[field]
    whole = OBJECTS if field == "arn" else _close(field)
    of = {"Equals": st.sampled_from(whole), "StartsWith": st.sampled_from(begin), "EndsWith": st.sampled_from(end)}
    operators = {
        f"{negation}{operator}": st.lists(values, min_size=1, max_size=2)
        for operator, values in of.items()
        for negation in ("", "Not")
    }
    one_or_two = st.lists(st.sampled_from(sorted(operators)), min_size=1, max_size=2, unique=True)
    return one_or_two.flatmap(lambda chosen: st.fixed_dictionaries({name: operators[name] for name in chosen}))


CONDITIONS: dict[str, st.SearchStrategy[Any]] = {
    **{field: _conditions(field) for field in OPERANDS},
    "reads": st.sampled_from(["true", "false"]).map(lambda value: {"Equals": [value]}),
    "console": st.sampled_from(["Equals", "NotEquals"]).map(lambda operator: {operator: ["true"]}),
}
"""What a selector has on a field, by field."""

_ADVANCED = st.fixed_dictionaries({}, optional=CONDITIONS).map(lambda fields: advanced(**fields))
_BASIC = st.builds(
    lambda values, reads, management: basic(*values, reads=reads, management=management),
    st.lists(st.sampled_from(["arn:aws:s3", *OPERANDS["arn"][0]]), max_size=2),
    st.sampled_from(["All", "ReadOnly", "WriteOnly"]),
    st.booleans(),
)
SELECTORS = st.one_of(st.lists(_ADVANCED, max_size=4), st.lists(_BASIC, max_size=3))
"""What a trail has: of one kind or the other."""


def records(seed: int, count: int) -> list[dict[str, Any]]:
    """Records of requests that selectors may mean."""
    random = Random(seed)  # noqa: S311 - examples, not secrets

    def one() -> dict[str, Any]:
        bucket_arn, _, key = random.choice(OBJECTS).partition("/")
        record = record_of_request(bucket_arn, key, random.choice(_close("caller")), reads=random.random() < 0.5)
        from_console = {"sessionCredentialFromConsole": "true"} if random.random() < 0.3 else {}
        return {**record, "eventName": random.choice(_close("name")), **from_console}

    return [one() for _ in range(count)]


TARGETS = st.builds(
    lambda included, excluded: fold(map(Target, included), map(Target, excluded)),
    st.lists(st.sampled_from(["", "up", "up-", "up-a/", "up-a/x", "up-b/", "down/x"]), min_size=1, max_size=3),
    st.lists(st.sampled_from(["up-a/", "up-a/x", "up-a/xy", "up-b", "down/"]), max_size=2),
).filter(lambda targets: bool(targets.included))


def is_target_of(targets: TargetSet, record: dict[str, Any]) -> bool:
    path = path_of(record)
    return path.startswith(targets.included) and not path.startswith(targets.excluded)


def path_of(record: dict[str, Any]) -> str:
    return str(record["resources"][0]["ARN"]).removeprefix(S3)
