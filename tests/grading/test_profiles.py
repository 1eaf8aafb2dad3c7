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


# What each product offers, by its own documentation or source; what stands behind the comma or colon is its second list.
OFFERED: dict[Profile, tuple[set[str], set[str]]] = {
    Profile.SENTINEL: (
        {
            "True Positive - suspicious activity",
            "Benign Positive - suspicious but expected",
            "False Positive - incorrect alert logic",
            "False Positive - incorrect data",
            "Undetermined",
        },
        set(),
    ),
    Profile.DEFENDER: (
        {"True positive", "Informational, expected activity", "False positive"},
        {
            "Compromised account",
            "Malware",
            "Malicious user activity",
            "Confirmed activity",
            "Not malicious",
            "Not enough data to validate",
            "Other",
        },
    ),
    Profile.SPLUNK: (
        {
            "True Positive - Suspicious Activity",
            "Benign Positive - Suspicious But Expected",
            "False Positive - Incorrect Analytic Logic",
            "False Positive - Inaccurate Data",
            "Undetermined",
            "Other",
        },
        set(),
    ),
    Profile.SECOPS: ({"MALICIOUS", "NOT_MALICIOUS", "INCONCLUSIVE"}, set()),
    Profile.THEHIVE: (
        {"Indeterminate", "FalsePositive", "TruePositive", "Other", "Duplicated"},
        {"NoImpact", "WithImpact", "NotApplicable"},
    ),
    Profile.IRIS: (
        {
            "False Positive",
            "True Positive With Impact",
            "True Positive Without Impact",
            "Not Applicable",
            "Unknown",
            "Legitimate",
        },
        set(),
    ),
    Profile.OCSF: (
        {"False Positive (1)", "True Positive (2)", "Benign (5)", "Insufficient Data (7)", "Duplicate (10)"},
        set(),
    ),
}


def parts_of(profile: Profile, word: str) -> tuple[str, tuple[str, ...]]:
    """The closing and what is chosen beside it: "True positive: Malware or the like"."""
    mark = {Profile.DEFENDER: ": ", Profile.THEHIVE: ", "}.get(profile)
    first, _, second = word.partition(mark) if mark else (word, "", "")
    return first, tuple(part for part in second.removesuffix(" or the like").split(", ") if part)


@pytest.mark.parametrize("profile", OFFERED)
def test_every_word_is_one_that_the_product_offers(profile: Profile) -> None:
    first, second = OFFERED[profile]
    for code, word in WORDS[profile].closing.items():
        said, beside = parts_of(profile, word)
        # A product without a word for duplicates closes the second as the first was.
        is_as_the_first = code is ReasonCode.DUP and word.startswith("as the first ")
        assert is_as_the_first or said in first, (code, word)
        assert set(beside) <= second, (code, word)


def test_all_seven_products_have_words_beside_the_methods_own() -> None:
    assert set(OFFERED) == set(Profile) - {Profile.FIVE_STEPS}
