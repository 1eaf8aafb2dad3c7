"""Words for closing: every product has one for every reason code, and two codes are told apart where it tells them apart."""

from __future__ import annotations

import pytest

from tickets.engine import Disposition, ReasonCode
from tickets.forms.worksheets import CHOICES, choices_for
from tickets.grading import PROFILE_NAMES, WORDS, Profile


@pytest.mark.parametrize("profile", Profile)
def test_every_code_has_a_word_and_every_profile_a_name(profile: Profile) -> None:
    assert set(WORDS[profile].closing) == set(ReasonCode)
    assert all(WORDS[profile].closing.values())
    assert WORDS[profile].name == PROFILE_NAMES[profile]


def test_sentinel_keeps_the_two_false_positives_apart_and_iris_the_two_benigns() -> None:
    sentinel, iris = WORDS[Profile.SENTINEL], WORDS[Profile.IRIS]
    assert sentinel.disposition(Disposition.FALSE_POSITIVE) == (
        "False Positive - incorrect data or False Positive - incorrect alert logic"
    )
    assert iris.closing[ReasonCode.BN1] == "True Positive Without Impact"
    assert iris.closing[ReasonCode.BN2] == "Legitimate"


@pytest.mark.parametrize("profile", Profile)
def test_the_worksheet_offers_the_same_values_in_other_words(profile: Profile) -> None:
    offered = choices_for(profile)
    for name, choices in CHOICES.items():
        assert [choice.value for choice in offered[name]] == [choice.value for choice in choices]


def test_two_choices_with_one_word_are_told_apart_by_the_methods_own() -> None:
    benign, false = (c for c in choices_for(Profile.SECOPS)["disposition"] if c.label == "NOT_MALICIOUS")
    assert benign.hint.startswith("benign:")
    assert false.hint.startswith("false positive:")
