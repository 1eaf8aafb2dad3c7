"""What a graded ticket says about a skill, and where it says nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.measures.test_mastery import START
from tickets.measures import GradedTicket, Mark, evidence_of
from tickets.skills import BY_CODE

RIGHT = GradedTicket(
    ticket="t",
    at=START,
    scenario="T001",
    is_mixed=True,
    confidence=3,
    marks=(
        Mark("reversed", "correct", "yes"),
        Mark("originator_ip", "correct", "10.20.30.40"),
        Mark("responder_ip", "correct", "203.0.113.80"),
        Mark("responder_port", "correct", "80"),
        Mark("outcome", "correct", "established"),
        Mark("disposition", "correct", "false_positive"),
        Mark("evidence", "correct", "capture.pcap:1"),
    ),
)


def with_result(criterion: str, result: str) -> GradedTicket:
    marks = [m._replace(result=result) if m.criterion == criterion else m for m in RIGHT.marks]
    return replace(RIGHT, marks=marks)


def test_a_right_answer_is_evidence_with_its_ticket_and_scenario() -> None:
    seen = evidence_of(RIGHT, BY_CODE["S07"])
    assert seen is not None
    assert (seen.is_right, seen.kind, seen.ticket, seen.scenario) == (True, "established", "t", "T001")


@pytest.mark.parametrize("result", ["wrong", "partial", "blank"])
def test_anything_less_than_right_is_not_right(result: str) -> None:
    seen = evidence_of(with_result("outcome", result), BY_CODE["S07"])
    assert seen is not None
    assert not seen.is_right


def test_both_criteria_of_a_skill_must_be_right() -> None:
    seen = evidence_of(with_result("responder_port", "wrong"), BY_CODE["S05"])
    assert seen is not None
    assert not seen.is_right


def test_a_criterion_that_is_not_marked_here_is_no_evidence() -> None:
    assert evidence_of(RIGHT, BY_CODE["S01"]) is None


def test_a_criterion_with_a_hint_is_no_evidence_and_no_mistake() -> None:
    assisted = replace(with_result("outcome", "wrong"), assisted=frozenset({"outcome"}))
    assert evidence_of(assisted, BY_CODE["S07"]) is None
    assert evidence_of(assisted, BY_CODE["S02"]) is not None


@pytest.mark.parametrize("code", ["S02", "S04", "S05"])
def test_the_kind_of_an_endpoint_is_the_direction_and_not_the_address(code: str) -> None:
    seen = evidence_of(RIGHT, BY_CODE[code])
    assert seen is not None
    assert seen.kind == "yes"


def test_pins_have_no_kind() -> None:
    seen = evidence_of(RIGHT, BY_CODE["S16"])
    assert seen is not None
    assert seen.kind == ""


@pytest.mark.parametrize(("confidence", "counts"), [(3, True), (2, False), (1, False), (None, False)])
def test_only_a_sure_disposition_counts_for_being_right_when_sure(
    confidence: int | None, counts: bool
) -> None:
    seen = evidence_of(replace(RIGHT, confidence=confidence), BY_CODE["S17"])
    assert (seen is not None) == counts
