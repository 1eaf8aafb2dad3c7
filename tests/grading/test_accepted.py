"""Codes beside the key: what the policy accepts where the author says nothing, and that his word goes first."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.grading.worlds import make_verdict, mark, points
from tickets.engine import (
    DISPOSITION_OF,
    Authorisation,
    Effect,
    Evidence,
    Malice,
    Origin,
    Outcome,
    ReasonCode,
    Reversed,
    Role,
    Verdict,
)
from tickets.grading import Accepted, build_key, model_answers
from tickets.grading.accepted import POLICIES, accept_codes

BN1, BN2, DUP = ReasonCode.BN1, ReasonCode.BN2, ReasonCode.DUP
FP1, FP2, UN = ReasonCode.FP1, ReasonCode.FP2, ReasonCode.UN
TP1, TP2, TP3, TP4 = ReasonCode.TP1, ReasonCode.TP2, ReasonCode.TP3, ReasonCode.TP4
FAILED: dict[str, Any] = {"outcome": Outcome.REFUSED, "effect": Effect.RST}


def verdict_of(code: ReasonCode, stated: dict[str, Any], **fields: Any) -> Verdict:
    verdict = make_verdict(reason_code=code, **fields)
    return replace(verdict, inputs=replace(verdict.inputs, **stated))


# What method.md 4.3 accepts of each combination on which desks differ.
COMBINATIONS = {
    "an outside scan that was blocked": (
        verdict_of(BN1, {"origin": Origin.EXTERNAL, "role": Role.PROD}, **FAILED),
        {TP2: "0.5", FP1: "0.25", FP2: "0.25"},
    ),
    "a decoy that refused": (
        verdict_of(BN1, {"origin": Origin.EXTERNAL, "role": Role.HONEYPOT}, **FAILED),
        {FP1: "1", FP2: "1", TP2: "0.25"},
    ),
    "a decoy that let somebody in": (
        verdict_of(TP2, {"origin": Origin.EXTERNAL, "role": Role.HONEYPOT}),
        {BN2: "0.5"},
    ),
    "harmless return traffic": (
        verdict_of(FP1, {"mal": Malice.NO}, reversed_=Reversed.YES),
        {BN2: "0.5"},
    ),
    "a sensor that hears one side": (
        verdict_of(FP2, {}, outcome=Outcome.ONE_WAY),
        {UN: "0.75", BN2: "0.75"},
    ),
    "a scan that is on the list": (verdict_of(BN2, {"auth": Authorisation.IN}), {FP2: "0.75"}),
    "a scan beyond what is on the list": (
        verdict_of(TP3, {"auth": Authorisation.OUT}),
        {TP2: "1", UN: "0.5"},
    ),
    "an inside host that was refused": (
        verdict_of(TP4, {"origin": Origin.INTERNAL}, **FAILED),
        {UN: "0.5"},
    ),
    "an exploit that was answered, and nobody knows how": (
        verdict_of(UN, {"evid": Evidence.MISSING}, effect=Effect.ESTABLISHED),
        {TP2: "0.75", BN1: "0.25"},
    ),
    "a patched target without a log of what went out": (
        verdict_of(UN, {"evid": Evidence.MISSING}, effect=Effect.FAILED),
        {BN1: "0.5"},
    ),
}


@pytest.mark.parametrize(("verdict", "accepts"), COMBINATIONS.values(), ids=COMBINATIONS)
def test_the_policy_accepts_what_desks_differ_on_each_with_a_reason(
    verdict: Verdict, accepts: dict[ReasonCode, str]
) -> None:
    found = accept_codes(verdict, ())
    assert {item.reason_code: item.credit for item in found} == {
        code: Decimal(credit) for code, credit in accepts.items()
    }
    assert all(item.reason.endswith(".") for item in found)


def test_every_combination_of_the_policy_is_tried_here() -> None:
    tried = [
        policy
        for policy in POLICIES
        if any(policy.key is v.reason_code and policy.holds(v) for v, _ in COMBINATIONS.values())
    ]
    assert tried == list(POLICIES)


@pytest.mark.parametrize(
    "stated",
    [{"evid": Evidence.MISSING}, {"mal": Malice.UNKNOWN}],
    ids=["evidence", "purpose"],
)
def test_undetermined_earns_a_quarter_where_the_author_says_that_something_is_not_known(
    stated: dict[str, Any],
) -> None:
    verdict = verdict_of(TP2, stated)
    answers = replace(model_answers(build_key(verdict)), disposition=DISPOSITION_OF[UN], reason_code=UN)
    grade = mark(answers, verdict)
    assert points(grade)["disposition"] == Decimal("3.75")
    assert "Something is indeed not known here" in next(
        line.explanation for line in grade.criteria if line.criterion == "disposition"
    )
    everything_known = {"evid": Evidence.NONE, "auth": Authorisation.NO, "mal": Malice.YES}
    assert points(mark(answers, verdict_of(TP2, everything_known)))["disposition"] == 0


def test_a_duplicate_closed_as_what_it_repeats_earns_half() -> None:
    parent = {
        "dup": True,
        "evid": Evidence.CONFIRMED,
        "auth": Authorisation.NO,
        "role": Role.PROD,
        "origin": Origin.EXTERNAL,
        "mal": Malice.YES,
    }
    found = accept_codes(verdict_of(DUP, parent), ())
    assert [(item.reason_code, item.credit) for item in found] == [(TP1, Decimal("0.5"))]


def test_a_duplicate_whose_parent_nobody_can_tell_has_no_other_code() -> None:
    assert accept_codes(verdict_of(DUP, {"dup": True, "dir": None, "evid": None}), ()) == ()


def test_the_authors_word_goes_before_the_policys() -> None:
    verdict, _ = COMBINATIONS["an outside scan that was blocked"]
    stated = Accepted(TP2, Decimal(0), "Not on this desk.")
    found = accept_codes(verdict, (stated,))
    assert found[0] is stated
    assert [item.reason_code for item in found] == [TP2, FP1, FP2]


def test_a_missed_incident_earns_nothing_whatever_the_policy_accepts() -> None:
    verdict = verdict_of(TP4, {"origin": Origin.INTERNAL}, **FAILED)
    answers = replace(model_answers(build_key(verdict)), disposition=DISPOSITION_OF[BN1], reason_code=BN1)
    assert points(mark(answers, verdict, (Accepted(BN1, Decimal("0.25"), "Unharmed."),)))["disposition"] == 0
