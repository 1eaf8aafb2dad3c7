"""The whole grade: what it tells, and that it tells the same each time."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

from tests.grading.worlds import (
    ALERT,
    SEED_ACCEPTED,
    SYN,
    finding,
    make_seed_verdict,
    make_verdict,
    mark,
    swap,
    take_at_face_value,
)
from tickets.engine import Claim, IntentMatch, Outcome, Reversed
from tickets.grading import (
    Answers,
    Arrow,
    Confidence,
    Grade,
    OutcomeAnswer,
    build_key,
    grade_to_plain,
    model_answers,
    read_answers,
)


def face_value_grade() -> Grade:
    verdict = make_seed_verdict()
    return mark(take_at_face_value(model_answers(build_key(verdict))), verdict, SEED_ACCEPTED)


def line(grade: Grade, criterion: str) -> str:
    return next(mark.explanation for mark in grade.criteria if mark.criterion == criterion)


def test_a_lost_mark_says_what_was_written_what_the_records_show_and_why() -> None:
    grade = face_value_grade()
    told = next(mark for mark in grade.criteria if mark.criterion == "reversed")
    assert told.explanation == (
        "You wrote “no”. The records show that the alert is reversed. "
        "By tcp.syn the originator is 10.20.30.40:3932. "
        "You took the alert's source for the side that opened the conversation. "
        "An alert prints the packet that fired, and that packet was an answer."
    )
    assert told.records == (SYN,)
    assert told.misconception == "M01"


def test_what_follows_from_a_mistake_says_from_which() -> None:
    assert "follows from your answer to “Is the alert reversed?”" in line(
        face_value_grade(), "responder_port"
    )


def test_a_listed_share_is_told_with_the_scenarios_reason() -> None:
    assert "TP2: Nothing was attempted against us. Over-escalation:" in line(
        face_value_grade(), "disposition"
    )


def test_missing_pins_are_told_with_the_records_that_would_have_done() -> None:
    told = line(face_value_grade(), "evidence")
    assert told.startswith("You pinned eve.json:1.")
    assert "Who opened the conversation is shown by capture.pcap:1" in told
    assert "what the outcome was is shown by capture.pcap:2" in told


def test_a_blank_is_told_as_blank() -> None:
    assert line(mark(Answers(), make_verdict()), "outcome").startswith("You left this blank.")


def test_a_right_answer_says_what_proves_it() -> None:
    grade = mark(model_answers(build_key(make_verdict())), make_verdict())
    assert line(grade, "outcome") == (
        "Right: the outcome is established. By tcp.handshake the outcome is established."
    )


def test_a_rule_without_a_wrong_idea_is_the_engines_lesson() -> None:
    verdict = make_verdict(outcome=Outcome.MIDSTREAM)
    grade = mark(replace(model_answers(build_key(verdict)), outcome=OutcomeAnswer.ONE_WAY), verdict)
    assert next(m.rule for m in grade.criteria if m.criterion == "outcome") == "What tcp.handshake teaches."


def test_the_strip_draws_three_arrows_and_names_the_deciding_record() -> None:
    strip = face_value_grade().strip
    assert strip.alert == strip.trainee == Arrow("203.0.113.80:80", "10.20.30.40:3932")
    assert strip.truth == Arrow("10.20.30.40:3932", "203.0.113.80:80")
    assert strip.record == SYN


def test_the_strip_draws_as_much_of_the_trainees_arrow_as_was_given() -> None:
    answers, _ = read_answers({"originator_ip": "2001:db8::1", "responder_port": "80"})
    assert mark(answers, make_verdict()).strip.trainee == Arrow("2001:db8::1", ":80")


def test_the_strip_has_no_true_arrow_where_nobody_can_be_named() -> None:
    strip = mark(Answers(), make_verdict(reversed_=Reversed.CANNOT_BE_DETERMINED)).strip
    assert strip.truth is None
    assert strip.record == ALERT


def test_the_path_runs_from_the_originator_to_the_disposition() -> None:
    claims = list(dict.fromkeys(step.claim for step in face_value_grade().path))
    assert claims == [Claim.ORIGINATOR, Claim.REVERSED, Claim.OUTCOME, Claim.INTENT, Claim.DISPOSITION]


def test_the_path_names_the_closing_before_the_context_that_it_rests_on() -> None:
    assert [step.sentence for step in face_value_grade().path[-2:]] == [
        "By disposition.R11 the disposition is FP1.",
        "By context.role the disposition is work.",
    ]


def test_the_path_tells_a_contradicting_finding_after_those_that_support() -> None:
    against = finding("port.lower", Claim.ORIGINATOR, "203.0.113.80:80", SYN, confidence=0.65, supports=False)
    verdict = make_verdict(beside=(against,))
    path = mark(Answers(), replace(verdict, findings=(against, *verdict.findings))).path
    assert [step.supports for step in path[:2]] == [True, False]


def test_what_is_not_marked_is_told_with_its_reason_and_counts_nowhere() -> None:
    verdict = make_verdict(intent=IntentMatch.UNKNOWN)
    grade = mark(model_answers(build_key(verdict)), verdict)
    assert [unmarked.criterion for unmarked in grade.unmarked] == ["intent"]
    assert grade.max_points == 80 - 4


def test_confidence_is_recorded_and_not_marked() -> None:
    verdict = make_verdict()
    sure = replace(model_answers(build_key(verdict)), confidence=Confidence.HIGH)
    unsure = replace(sure, confidence=None)
    assert mark(sure, verdict).confidence == 3
    assert mark(unsure, verdict).confidence is None
    assert mark(sure, verdict).points == mark(unsure, verdict).points


def test_the_same_worksheet_gives_the_same_bytes() -> None:
    first, second = (json.dumps(grade_to_plain(face_value_grade())) for _ in range(2))
    assert first == second


def test_the_plain_grade_holds_what_the_grade_page_promises() -> None:
    plain = json.loads(json.dumps(grade_to_plain(face_value_grade())))
    assert plain["points"] == 44.1
    assert plain["max_points"] == 80.0
    assert [m["code"] for m in plain["misconceptions"]] == ["M01"]
    promised = {
        "criterion",
        "given",
        "expected",
        "points",
        "max_points",
        "misconception",
        "explanation",
        "records",
    }
    for criterion in plain["criteria"]:
        assert promised <= set(criterion)
        assert all(isinstance(record, str) for record in criterion["records"])


def test_the_points_of_the_lines_add_up_in_the_plain_grade_too() -> None:
    verdict = make_seed_verdict()
    grade = mark(swap(model_answers(build_key(verdict))), verdict)
    assert Decimal(str(grade_to_plain(grade)["points"])) == sum(m.points for m in grade.criteria)
