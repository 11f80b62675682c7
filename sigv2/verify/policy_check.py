"""What the policies of one resource make of the calls that a service has to make."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from sigv2.policy_evaluation import Judgement, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sigv2.policy_evaluation import Call

NOT_UNDERSTOOD = "holds more than this check understands"


@dataclass(frozen=True)
class Admitted:
    """Which of some calls are not allowed, and of which that cannot be told.

    Attributes:
        denied: actions that are not allowed, in the order of the calls.
        undecided: actions of which this evaluator cannot tell.
    """

    denied: tuple[str, ...]
    undecided: tuple[str, ...]

    @classmethod
    def of(cls, policies: Iterable[Mapping[str, object]], calls: Iterable[Call]) -> Self:
        """Judge the calls by policies that hold together."""
        documents = list(policies)
        judged = [(call.action, judge(documents, call)) for call in calls]
        return cls(
            tuple(action for action, judgement in judged if judgement is Judgement.DENIED),
            tuple(action for action, judgement in judged if judgement is Judgement.UNKNOWN),
        )


def document(text: str | None) -> list[Mapping[str, object]]:
    """A policy's text as a list of documents: none where there is no policy."""
    found = json.loads(text) if text else None
    return [found] if isinstance(found, dict) else []
