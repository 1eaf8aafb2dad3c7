"""The automatic marks of the texts: right facts earn, nothing else does, nothing costs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.grading.worlds import make_seed_verdict, make_verdict
from tickets.engine import IntentMatch, Outcome, ReasonCode, Reversed
from tickets.grading import Action, build_key, model_answers
from tickets.grading.texts import Against, Need, TextContext, TextMark, mark_texts
from tickets.methodology import STEP_NAMES

GOOD = {
    "reason": "Rule 1900001 looks for packets with ACK from the Internet to a high port. The alert shows "
    "203.0.113.80:80 -> 10.20.30.40:3932.",
    "supporting_evidence": "From 10.20.30.40:3932 to 203.0.113.80:80 over TCP, established (capture.pcap:1).",
    "analysis": "10.20.30.40 sent the SYN (capture.pcap:1), so the alert is reversed. The handshake completed. "
    "It does not fit the rule.",
    "conclusion": "False positive, because the direction shown is wrong.",
    "next_steps": "Close the ticket and tune the rule.",
}


def context(texts: dict[str, str]) -> TextContext:
    key = build_key(make_seed_verdict())
    answers = replace(model_answers(key), actions=(), texts=dict.fromkeys(STEP_NAMES, "") | texts)
    return TextContext(
        answers=answers,
        key=key,
        addresses=frozenset({"10.20.30.40", "203.0.113.80", "192.0.2.1"}),
        claim="203.0.113.80>10.20.30.40",
        sids=frozenset({1900001}),
    )


def marked(step: str, text: str) -> TextMark:
    return next(mark for mark in mark_texts(context({step: text})) if mark.step == step)


def total(texts: dict[str, str]) -> Decimal:
    return sum((mark.points for mark in mark_texts(context(texts))), Decimal(0))


def test_five_good_texts_earn_everything_and_five_blanks_nothing() -> None:
    assert total(GOOD) == 15
    assert total({}) == 0
    assert all(not mark.missing for mark in mark_texts(context(GOOD)))
    assert {mark.max_points for mark in mark_texts(context({}))} == {Decimal("3.00")}


def test_each_fact_that_is_there_earns_its_part_and_the_rest_is_named() -> None:
    mark = marked("supporting_evidence", "10.20.30.40 connected to 203.0.113.80 over TCP.")
    assert mark.held == (Need.SIDES, Need.PROTOCOL)
    assert mark.missing == (Need.PORT, Need.OUTCOME, Need.RECORD)
    assert mark.points == Decimal("1.20")


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("reason", "alert 203.0.113.80 10.20.30.40 rule sid 1900001 expects ACK SYN TCP 80 3932"),
        (
            "supporting_evidence",
            "10.20.30.40 203.0.113.80 80 3932 tcp udp established refused capture.pcap:1 capture.pcap:2 syn",
        ),
        ("supporting_evidence", "We did not see a connection from 10.20.30.40 to 203.0.113.80."),
        (
            "supporting_evidence",
            '{"src_ip":"10.20.30.40","dest_ip":"203.0.113.80","dest_port":80,"proto":"TCP"}',
        ),
        ("analysis", "syn syn-ack reversed established mismatch capture.pcap:1 10.20.30.40 203.0.113.80"),
        ("analysis", "10.20.30.40 did not open it. It is no return traffic."),
        (
            "analysis",
            "Perhaps the alert is reversed and perhaps the connection was established (capture.pcap:1).",
        ),
        ("conclusion", "true positive false positive benign undetermined duplicate"),
        ("conclusion", "This is not a false positive."),
        ("next_steps", "Do not close the ticket."),
    ],
)
def test_keywords_negations_guesses_and_pasted_lines_earn_nothing(step: str, text: str) -> None:
    assert marked(step, text).points == 0


@pytest.mark.parametrize(
    ("step", "text", "need"),
    [
        (
            "analysis",
            "10.20.30.40 opened it to 203.0.113.80. 203.0.113.80 opened it to 10.20.30.40.",
            Need.DIRECTION,
        ),
        ("analysis", "The alert is reversed. The direction is correct.", Need.DIRECTION),
        ("analysis", "It was established. It was refused.", Need.OUTCOME),
        ("conclusion", "False positive because of this. True positive because of that.", Need.DISPOSITION),
        ("supporting_evidence", "It was TCP. It was UDP.", Need.PROTOCOL),
        ("supporting_evidence", "10.20.30.40 -> 203.0.113.80. 203.0.113.80 -> 10.20.30.40.", Need.SIDES),
    ],
)
def test_saying_both_holds_neither(step: str, text: str, need: Need) -> None:
    assert need in marked(step, text).missing


def test_a_wrong_direction_earns_nothing_and_is_told_apart_from_the_own_fields() -> None:
    wrong = "203.0.113.80 connected to 10.20.30.40."
    face_value = context({"analysis": wrong})
    turned = replace(face_value.answers, originator_ip="203.0.113.80", responder_ip="10.20.30.40")
    mark = mark_texts(replace(face_value, answers=turned))[2]
    assert mark.points == 0
    assert mark.reading.own == ()
    assert [contradiction.against for contradiction in mark.reading.verdict] == [Against.DIRECTION]


def test_a_record_that_proves_nothing_is_no_citation() -> None:
    assert Need.RECORD in marked("supporting_evidence", "See capture.pcap:77.").missing
    assert Need.RECORD not in marked("supporting_evidence", "See capture.pcap:1.").missing


def test_a_containment_where_nothing_happened_is_out_of_proportion() -> None:
    assert marked("next_steps", "Isolate the workstation, then close the ticket.").points == 0
    assert marked("next_steps", "Close the ticket. No isolation is needed.").points == 3


def test_a_step_that_names_everything_is_left_to_a_person() -> None:
    text = GOOD["supporting_evidence"] + "".join(f" 192.0.2.{n} was quiet." for n in range(2, 9))
    mark = marked("supporting_evidence", text)
    assert mark.is_left_to_a_person
    assert mark.points == 0


def test_what_the_key_does_not_mark_is_not_asked_for() -> None:
    verdict = make_verdict(
        reversed_=Reversed.CANNOT_BE_DETERMINED,
        outcome_confidence=0.8,
        intent=IntentMatch.UNKNOWN,
        reason_code=None,
    )
    key = build_key(verdict)
    marks = mark_texts(TextContext(answers=model_answers(key), key=key))
    asked = {need for mark in marks for need in (*mark.held, *mark.missing)}
    assert asked.isdisjoint({Need.SIDES, Need.PORT, Need.OUTCOME, Need.INTENT, Need.DISPOSITION, Need.ACTION})
    assert marks[4].max_points == 0


def test_that_the_outcome_cannot_be_told_is_asked_for_where_no_record_tells_it() -> None:
    key = build_key(make_verdict(outcome=None))
    for said, holds in (("The outcome cannot be determined.", True), ("It was refused.", False)):
        answers = replace(model_answers(key), texts={"analysis": said})
        analysis = mark_texts(TextContext(answers=answers, key=key))[2]
        assert (Need.OUTCOME in analysis.held) is holds
        assert (Need.OUTCOME in analysis.missing) is not holds


def test_that_nobody_can_tell_is_an_answer_where_nobody_can() -> None:
    verdict = make_verdict(reversed_=Reversed.CANNOT_BE_DETERMINED)
    key = build_key(verdict)
    texts = {"analysis": "It cannot be determined who opened the connection."}
    answers = replace(model_answers(key), texts=texts)
    assert Need.DIRECTION in mark_texts(TextContext(answers=answers, key=key))[2].held


def test_an_incident_wants_a_response() -> None:
    key = build_key(make_verdict(outcome=Outcome.ESTABLISHED, reason_code=ReasonCode.TP2))
    for text, points in (("Escalate to tier 2.", 3), ("Close the ticket.", 0)):
        answers = replace(model_answers(key), actions=(), texts={"next_steps": text})
        assert mark_texts(TextContext(answers=answers, key=key))[4].points == points


@pytest.mark.parametrize(
    ("actions", "text", "points"),
    [
        ((Action.CLOSE, Action.TUNE), "", 3),
        ((Action.CLOSE,), "Tell the owner of the workstation.", 3),
        ((Action.CLOSE,), "Do not close the ticket.", 0),
        ((Action.CLOSE, Action.CONTAIN), "", 0),
        ((Action.CLOSE,), "Isolate the workstation.", 0),
        ((Action.NOTIFY,), "", 0),
    ],
)
def test_a_chosen_action_says_what_a_text_would_and_the_text_has_the_last_word(
    actions: tuple[Action, ...], text: str, points: int
) -> None:
    asked = context({"next_steps": text})
    answers = replace(asked.answers, actions=actions)
    assert mark_texts(replace(asked, answers=answers))[4].points == points


def test_texts_are_not_marked_without_a_key() -> None:
    with pytest.raises(ValueError, match="against a key"):
        mark_texts(replace(context({}), key=None))
