"""Tells the names of role sessions that a program made up from those that somebody chose.

SDKs, instances, containers and pipelines name each session anew; a person, a function or a job has one name. Where a
name may be either, it counts as chosen, for two clients in one row hide one of them.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final

ANYTHING: Final = "*"
"""Stands for what was made up."""

_UUID: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)
_TIME: Final = re.compile(
    r"(?<!\d)20[1-9]\d(?P<between>[-_.]?)(?:0[1-9]|1[0-2])(?P=between)(?:0[1-9]|[12]\d|3[01])"
    r"(?:[-_.]?T?(?:[01]\d|2[0-3])(?P<in_time>[-_.]?)[0-5]\d(?:(?P=in_time)[0-5]\d(?:[.,]?\d{3,9})?)?Z?)?(?!\d)",
    re.ASCII,
)
"""A date since there are such sessions, and maybe a time of day; a month alone may be a name, such as of a release."""

_INSTANCE: Final = re.compile(r"(?<![A-Za-z\d])(?P<kind>m?i-)(?:[0-9a-f]{17}|[0-9a-f]{8})(?![A-Za-z\d])")
"""Of EC2 or Systems Manager, in the old length or the new one
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html)."""

_ADDRESS: Final = re.compile(r"(?<![A-Za-z\d])ip(?:-\d{1,3}){4}(?![A-Za-z\d])", re.ASCII)
"""What EC2 calls an instance by its address (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html)."""

_RUN: Final = re.compile(
    r"(?<![A-Za-z\d])(?P<kind>run-)(?=[A-Za-z]*\d)(?=[\dA-Z]*[a-z])(?=[\da-z]*[A-Z])"
    r"(?![A-Z]?[a-z]{3})[1-9A-HJ-NP-Za-km-z]{16}(?![A-Za-z\d])"
)
"""Of HCP Terraform (https://developer.hashicorp.com/terraform/cloud-docs/run/api)."""

_POD: Final = re.compile(r"-(?:(?=[a-f]*\d)[4-9bcdf]{6,10}|\d{6,10})-[bcdfghjklmnpqrstvwxz2456789]{5}\Z")
"""What Kubernetes adds to the name of a Deployment or CronJob: a hash or a time, and five characters that make no words
(https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go)."""

_EMAIL: Final = re.compile(r"[^@]+@[^@]+\.[A-Za-z]{2,}", re.ASCII)
_PIPELINE: Final = re.compile(
    r"(?:github|gitlab|jenkins|circle-?ci|travis-?ci|buildkite|bitbucket|teamcity|azure-?(?:devops|pipelines)|"
    r"(?:aws-?)?code(?:build|pipeline)|spacelift|semaphore-?ci|drone-?ci|appveyor|concourse|tekton)",
    re.IGNORECASE,
)
"""Names of what runs pipelines, which numbers its runs from one upwards."""

_COUNTED: Final = frozenset(
    {"build", "job", "run", "pipeline", "workflow", "task", "execution", "attempt", "session", "pr"}
)
"""What a number after it counts."""

_NUMBERED: Final = re.compile(
    r"user|uid|emp|employee|staff|member|person|student|tenant|customer|client|account|acct|partner|vendor|supplier|"
    r"store|shop|site|branch|project|team|host|server|node|device|ticket|case"
)
"""Who or what a number after it names, rather than counts."""

_BETWEEN: Final = re.compile(r"([^A-Za-z\d]+)", re.ASCII)
_NUMBERS: Final = re.compile(r"\d+(?:[^A-Za-z\d@]+\d+)*", re.ASCII)
_YEAR_OR_MONTH: Final = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])?", re.ASCII)
_ACCOUNT_ID_DIGITS: Final = 12
_EPOCH_DIGITS: Final = 10
_LETTERS_WITHOUT_MEANING: Final = 28
_CLOUDFORMATION_SUFFIX: Final = (12, 13)
"""Lengths of what CloudFormation ends the names of functions with, which then stay the same
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html)."""


# A report has the same names with many buckets and agents.
@lru_cache(maxsize=65_536)
def made_up(name: str) -> str | None:
    """Find what of a session's name was made up for this one session.

    Args:
        name: of the session: letters, digits and `_+=,.@-`, two to 64 of them
            (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).

    Returns:
        The name with `*` for what was made up; None where somebody may have chosen all of it.
    """
    if _EMAIL.fullmatch(name):
        return None
    if _NUMBERS.fullmatch(name) and len(name) != _ACCOUNT_ID_DIGITS:
        # Nobody is called by a number alone, but for an account.
        return ANYTHING
    shown = _UUID.sub(ANYTHING, name)
    shown = _INSTANCE.sub(rf"\g<kind>{ANYTHING}", shown)
    shown = _RUN.sub(rf"\g<kind>{ANYTHING}", shown)
    shown = _ADDRESS.sub(f"ip-{ANYTHING}", shown)
    shown = _POD.sub(f"-{ANYTHING}-{ANYTHING}", shown)
    shown = _TIME.sub(ANYTHING, shown)
    parts = _BETWEEN.split(shown)
    counts = bool(_PIPELINE.match(shown)) and any(_counts(word, number) for word, number in _numbered(parts))
    shown = "".join(_part(before, part, counts=counts) for before, part in _with_word_before(parts))
    return shown if shown != name else None


def _with_word_before(parts: list[str]) -> Iterator[tuple[str, str]]:
    """Each part of a name, what stands between words included, with the word before it."""
    yield from ((parts[index - 2].lower() if index > 1 else "", part) for index, part in enumerate(parts))


def _numbered(parts: list[str]) -> list[tuple[str, str]]:
    return [(before, part) for before, part in _with_word_before(parts) if part.isdecimal()]


def _counts(word: str, number: str) -> bool:
    """Whether a number in the name of a pipeline's session is that of a run, rather than of a server."""
    return word in _COUNTED or (len(number) > 2 and not _YEAR_OR_MONTH.fullmatch(number))


def _part(before: str, part: str, *, counts: bool) -> str:
    if part.isdecimal():
        return ANYTHING if counts or _is_made_up_number(before, part) else part
    glued = re.fullmatch(r"([A-Za-z\d]*[A-Za-z])(\d+)", part, re.ASCII)
    if glued and len(glued[2]) >= _EPOCH_DIGITS and len(glued[2]) != _ACCOUNT_ID_DIGITS:
        return f"{glued[1]}{ANYTHING}"
    return ANYTHING if part.isalnum() and _is_random(part) else part


def _is_made_up_number(before: str, number: str) -> bool:
    if len(number) == _ACCOUNT_ID_DIGITS:
        return False
    if len(number) >= _EPOCH_DIGITS:
        return True
    # A word before it says what it counts; alone, or with zeros to fill it up, somebody numbers what they have.
    if not before or _NUMBERED.fullmatch(before):
        return False
    if before in _COUNTED and len(number) > 4:
        return True
    return len(number) > 5 and not number.startswith("0") and not _YEAR_OR_MONTH.fullmatch(number)


def _is_random(word: str) -> bool:
    """Whether letters and digits are so mixed that they mean nothing."""
    length, digits = len(word), len(re.findall(r"\d", word))
    if not digits and length < _LETTERS_WITHOUT_MEANING:
        return False
    if length in _CLOUDFORMATION_SUFFIX and re.search("[A-Z]", word):
        return False
    runs = sum(1 for _ in groupby(word, key=_kind))
    if re.fullmatch(r"[0-9a-f]+|[0-9A-F]+", word):
        return _is_hash(word, digits, runs)
    if length >= 10 and digits >= 3 and runs >= 5 and not _has_a_word(word):
        return True
    if length >= 16 and digits >= 4 and digits / length >= 0.2 and runs >= 6:
        return True
    # Step Functions' 32 letters, or a UUID in base 64: letters of both cases without the vowels that words have.
    mixed = re.search("[a-z]", word) and re.search("[A-Z]", word)
    vowels = len(re.findall("[aeiouy]", word, re.IGNORECASE))
    return bool(length >= _LETTERS_WITHOUT_MEANING and mixed and runs / length >= 0.35 and vowels / length <= 0.36)


def _is_hash(word: str, digits: int, runs: int) -> bool:
    if digits in (0, len(word)):
        return False
    # The ids of people in companies are a letter or two and a number; a word of these letters may have one after it.
    if len(word) < 16 and re.fullmatch(r"[a-f]+\d+|\d{1,4}[a-f]+", word, re.IGNORECASE):
        return False
    return len(word) >= 8 or (len(word) == 7 and runs >= 4)


def _has_a_word(text: str) -> bool:
    return any(re.search("[aeiou]", letters, re.IGNORECASE) for letters in re.findall("[A-Za-z]{3,}", text))


def _kind(character: str) -> str:
    if character.isdecimal():
        return "digit"
    return "capital" if character.isupper() else "letter"
