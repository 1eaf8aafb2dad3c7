"""The texts in the grade: lines with words, records, and checks; nothing that only looks like an answer earns."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.grading.worlds import ALERT, NOTE, SYN, SYN_ACK, make_seed_verdict, make_verdict, mark
from tickets.engine import Disposition, Outcome
from tickets.grading import (
    CriterionMark,
    Grade,
    OutcomeAnswer,
    Result,
    Shown,
    StepText,
    TextLine,
    build_key,
    check_texts,
    model_answers,
    read_answers,
)
from tickets.grading.shown import read_forwarded, read_hosts
from tickets.methodology import STEP_NAMES


def write(step: str, text: str, **fields: object) -> Grade:
    verdict = make_seed_verdict()
    model = model_answers(build_key(verdict))
    answers = replace(model, texts={**model.texts, step: text}, **fields)  # type: ignore[arg-type]
    return mark(answers, verdict, shown=SHOWN)


SHOWN = Shown(
    rule="alert tcp $EXTERNAL_NET any -> $HOME_NET 1024:5000",
    notes=("Asset record, 10.20.30.40: ws-3141, a workstation.", "Web filter, 203.0.113.80: the news."),
    addresses=frozenset({"10.20.30.40", "203.0.113.80", "192.0.2.1"}),
)


def line(grade: Grade, step: str) -> CriterionMark:
    return next(mark for mark in grade.criteria if mark.criterion == TextLine(f"text_{step}"))


def read(grade: Grade, step: str) -> StepText:
    return next(text for text in grade.texts if text.step == step)


def test_each_step_is_a_line_behind_the_fields() -> None:
    grade = write("reason", "")
    assert [m.criterion for m in grade.criteria][-5:] == list(TextLine)
    assert line(grade, "reason").points == 0
    assert line(grade, "reason").result is Result.BLANK
    assert line(grade, "reason").explanation.startswith("You left this blank.")


def test_what_is_missing_is_named_with_the_records_that_show_it() -> None:
    mark_ = line(write("analysis", "The alert is reversed, as capture.pcap:1 shows."), "analysis")
    assert mark_.points == Decimal("1.50")
    assert mark_.given == "who opened it, or whether the alert is reversed; a record or a flag that shows it"
    assert "the outcome; whether it fits the rule" in mark_.explanation
    assert set(mark_.records) <= {SYN, SYN_ACK, ALERT, NOTE}
    assert SYN_ACK in mark_.records


def test_a_hosts_name_from_the_notes_is_as_good_as_its_address() -> None:
    text = "ws-3141 connected to 203.0.113.80:80 over TCP, established (capture.pcap:1)."
    mark_ = line(write("supporting_evidence", text), "supporting_evidence")
    assert mark_.points == mark_.max_points


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (
            "supporting_evidence",
            "10.20.30.40 203.0.113.80 80 3932 tcp udp established refused syn rst http ssh",
        ),
        ("analysis", "The alert is not reversed. It was not established. It may fit the rule."),
        ("conclusion", "true positive false positive benign undetermined duplicate"),
        ("next_steps", "Do not close it, do not tune the rule."),
        ("reason", "alert tcp $EXTERNAL_NET any -> $HOME_NET 1024:5000"),
    ],
)
def test_keywords_denials_and_copies_earn_nothing(step: str, text: str) -> None:
    mark_ = line(write(step, text), step)
    assert mark_.points == 0
    assert mark_.result is Result.WRONG
    assert mark_.given == "nothing that is asked for"


def test_a_text_that_contradicts_its_own_field_is_asked_to_be_checked_and_loses_nothing_more() -> None:
    grade = write(
        "analysis",
        "10.20.30.40 sent the SYN (capture.pcap:1). The connection was established. It does not fit the rule.",
        outcome=OutcomeAnswer.REFUSED,
    )
    assert line(grade, "analysis").points == 3
    assert read(grade, "analysis").checks == (
        "The text says “outcome established”, and your field says “outcome refused”.",
    )
    assert read(grade, "analysis").against == ()


def test_a_text_against_the_records_says_so_in_the_grade() -> None:
    told = line(
        write("analysis", "203.0.113.80 opened the connection to 10.20.30.40."), "analysis"
    ).explanation
    assert "203.0.113.80 turned to 10.20.30.40”, and the records show" in told


def test_more_addresses_than_the_ticket_has_are_left_to_a_person() -> None:
    every = " ".join(f"Host 192.0.2.{n} was asked." for n in range(1, 9))
    grade = write("supporting_evidence", every)
    assert line(grade, "supporting_evidence").points == 0
    assert read(grade, "supporting_evidence").is_left_to_a_person
    assert "left to an instructor" in line(grade, "supporting_evidence").explanation


def test_an_answer_that_is_not_marked_is_not_asked_for_in_the_text() -> None:
    verdict = make_verdict(outcome=Outcome.ESTABLISHED, outcome_confidence=0.5)
    grade = mark(model_answers(build_key(verdict)), verdict)
    assert "the outcome" not in line(grade, "analysis").expected


def test_the_conclusion_has_to_agree_with_the_field() -> None:
    grade = write("conclusion", "False positive, because it is a reply.", disposition=Disposition.BENIGN)
    assert line(grade, "conclusion").points == Decimal("1.50")


def test_the_model_has_a_text_for_every_step() -> None:
    assert set(model_answers(build_key(make_verdict())).texts) == set(STEP_NAMES)


# What a ticket shows


def test_names_stand_right_behind_their_address() -> None:
    notes = (
        "Asset record, 192.0.2.7: bastion-1, the bastion.",
        "Asset record, 2001:db8::7: srv2.example, IPv6 only.",
        "192.0.2.9: the public web server; the firewall hides hosts behind 192.0.2.1.",
    )
    assert read_hosts(notes) == {"bastion-1": "192.0.2.7", "srv2.example": "2001:db8::7"}


@pytest.mark.parametrize(
    ("text", "clients"),
    [
        ("GET / HTTP/1.1 X-Forwarded-For: 10.20.30.40, 192.0.2.5", ("10.20.30.40",)),
        ("X-FORWARDED-FOR -> 10.20.30.40", ("10.20.30.40",)),
        ('Forwarded: for="[2001:db8::9]"', ("2001:db8::9",)),
        ('{"xff": "10.20.30.41"}', ("10.20.30.41",)),
        ("forwarded to the owner", ()),
        ("xff=unknown", ()),
    ],
)
def test_a_forwarded_for_entry_names_the_client(text: str, clients: tuple[str, ...]) -> None:
    assert read_forwarded(text) == clients


def test_a_text_is_held_against_its_own_fields_while_it_is_written_and_against_nothing_else() -> None:
    answers, _ = read_answers(
        {
            "outcome": "refused",
            "analysis": "The connection was established. 203.0.113.80 opened it.",
            "reason": "The rule looks for a client outside.",
        }
    )
    claim = "203.0.113.80>10.20.30.40"
    checks = check_texts(answers, claim=claim)
    assert list(checks) == ["analysis"]
    assert checks["analysis"] == (
        "The text says “outcome established”, and your field says “outcome refused”.",
    )
    sides = read_answers({"originator_ip": "10.20.30.40", "responder_ip": "203.0.113.80"})[0]
    told = check_texts(
        replace(answers, originator_ip=sides.originator_ip, responder_ip=sides.responder_ip), claim=claim
    )
    assert any("10.20.30.40 turned to 203.0.113.80" in check for check in told["analysis"])
