"""The last sentence of `verify`: which broken link it names."""

import pytest

from sigv2.verify.chain import SYMPTOMS, Checked, Name
from sigv2.verify.conclusions import BROKEN, conclude
from sigv2.verify.finding import broken, ok, warning
from sigv2.verify.proof import Proof
from tests.unit.test_verify_chain import subject


def last_sentence(capsys: pytest.CaptureFixture[str], *links: Name) -> str:
    """What is said where these links are broken, in this order, between others that are not."""
    wrong = [Checked(link, broken(f"{link} is wrong", "mend it")) for link in links]
    found = [Checked(Name.BUCKET, ok("there")), *wrong, Checked(Name.QUEUE, warning("old", "look"))]
    assert conclude(Proof(subject(), None, found), "20m") == BROKEN
    return capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize("symptom", SYMPTOMS)
def test_a_cause_is_named_before_the_symptom_that_shows_earlier(
    capsys: pytest.CaptureFixture[str], symptom: Name
) -> None:
    assert last_sentence(capsys, symptom, Name.BUS_POLICY, Name.FORWARDED_RULE) == (
        "The first broken link is the event bus's policy: event bus's policy is wrong. Fix: mend it."
    )


def test_where_no_cause_shows_the_first_symptom_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert last_sentence(capsys, Name.INVOCATIONS, Name.UNDELIVERED) == (
        "The first broken link is the rule's invocations: rule's invocations is wrong. Fix: mend it."
    )
