"""Wrong ideas: each trainee here is written from the idea's definition, and only that idea is named."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.grading.worlds import (
    ALERT,
    BASTION,
    FIREWALL,
    NOTE,
    OUTSIDER,
    SYN,
    WEB_SITE,
    WORKSTATION,
    codes,
    finding,
    make_seed_verdict,
    make_verdict,
    mark,
    swap,
)
from tickets.engine import (
    DISPOSITION_OF,
    Claim,
    Disposition,
    Effect,
    Endpoint,
    IntentMatch,
    Location,
    Outcome,
    Protocol,
    ReasonCode,
    Reversed,
    Verdict,
)
from tickets.grading import (
    MISCONCEPTIONS,
    Accepted,
    Answers,
    OutcomeAnswer,
    Truth,
    build_key,
    model_answers,
    possible_misconceptions,
)

DIRECTION = ("reversed", "originator_ip", "originator_port", "responder_ip", "responder_port")
ALLOWED = finding("firewall.allowed", Claim.EFFECT, "allowed", FIREWALL)
DENIED = finding("firewall.denied", Claim.EFFECT, "blocked", FIREWALL)


def model(verdict: Verdict) -> Answers:
    return model_answers(build_key(verdict))


def possible(verdict: Verdict) -> tuple[str, ...]:
    return possible_misconceptions(Truth(build_key(verdict), verdict))


def close_as(answers: Answers, code: ReasonCode) -> Answers:
    return replace(answers, reason_code=code, disposition=DISPOSITION_OF[code])


# Direction


def test_m01_takes_the_reply_that_an_alert_shows_for_the_request() -> None:
    verdict = make_seed_verdict()
    answers = replace(swap(model(verdict)), reversed=Reversed.NO)
    assert codes(mark(answers, verdict)) == dict.fromkeys(DIRECTION, "M01")


def test_m01_also_explains_an_intent_judged_on_the_uncorrected_flow() -> None:
    verdict = make_seed_verdict()
    answers = replace(swap(model(verdict)), reversed=Reversed.NO, intent=IntentMatch.MATCH)
    assert codes(mark(answers, verdict))["intent"] == "M01"


def test_m01_is_not_fired_by_a_wrong_tick_with_the_right_endpoints() -> None:
    verdict = make_seed_verdict()
    assert codes(mark(replace(model(verdict), reversed=Reversed.NO), verdict)) == {}


def test_m02_turns_round_an_alert_that_stands_right() -> None:
    verdict = make_verdict()
    answers = replace(swap(model(verdict)), reversed=Reversed.YES)
    assert codes(mark(answers, verdict)) == dict.fromkeys(DIRECTION, "M02")


def test_m02_is_not_possible_where_the_alert_is_reversed_nor_m01_where_it_is_not() -> None:
    assert "M02" not in possible(make_seed_verdict())
    assert "M01" not in possible(make_verdict())


def with_port(answers: Answers, field: str, port: int | None) -> Answers:
    if field == "originator_port":
        return replace(answers, originator_port=port)
    return replace(answers, responder_port=port)


@pytest.mark.parametrize("field", ["originator_port", "responder_port"])
def test_neither_m01_nor_m02_is_told_of_who_names_another_port_and_both_are_of_who_leaves_it_blank(
    field: str,
) -> None:
    for verdict, said, code in (
        (make_seed_verdict(), Reversed.NO, "M01"),
        (make_verdict(), Reversed.YES, "M02"),
    ):
        answers = replace(swap(model(verdict)), reversed=said)
        assert code not in codes(mark(with_port(answers, field, 4444), verdict)).values()
        assert code in codes(mark(with_port(answers, field, None), verdict)).values()


@pytest.mark.parametrize("orig", [WORKSTATION, WORKSTATION._replace(port=80)], ids=["inside", "known port"])
def test_who_judges_the_alert_rightly_and_exchanges_the_ends_has_slipped_and_holds_neither_m04_nor_m12(
    orig: Endpoint,
) -> None:
    verdict = make_verdict(orig=orig, resp=WEB_SITE._replace(port=8443))
    assert codes(mark(swap(model(verdict)), verdict)) == {}


def test_m03_gives_the_clients_port_as_the_service() -> None:
    verdict = make_verdict()
    answers = replace(model(verdict), originator_port=BASTION.port, responder_port=OUTSIDER.port)
    assert codes(mark(answers, verdict)) == {"originator_port": "M03", "responder_port": "M03"}


def test_a_port_that_is_nobodys_is_no_m03() -> None:
    verdict = make_verdict()
    assert codes(mark(replace(model(verdict), responder_port=4444), verdict)) == {}


def test_m03_needs_a_port_that_the_client_drew_and_a_trainee_who_knows_who_asked() -> None:
    system = make_verdict(orig=OUTSIDER._replace(port=68), resp=BASTION._replace(port=67))
    assert "M03" not in possible(system)
    verdict = make_verdict()
    unsure = replace(model(verdict), reversed=Reversed.YES, responder_port=OUTSIDER.port)
    assert codes(mark(unsure, verdict)) == {}


def test_m04_makes_the_scanner_with_source_port_80_a_web_server() -> None:
    verdict = make_verdict(orig=Endpoint("203.0.113.77", 80), resp=Endpoint("10.20.30.40", 3932))
    answers = replace(swap(model(verdict)), reversed=Reversed.YES)
    assert codes(mark(answers, verdict)) == dict.fromkeys(DIRECTION, "M04")


def test_m04_needs_a_well_known_port_on_the_asking_side_alone() -> None:
    assert "M04" not in possible(make_verdict())
    assert "M04" not in possible(
        make_verdict(orig=Endpoint("203.0.113.77", 53), resp=Endpoint("192.0.2.1", 53))
    )
    dns = make_verdict(orig=Endpoint("203.0.113.77", 53), resp=Endpoint("192.0.2.1", 40000))
    assert "M04" in possible(dns)


def test_m12_makes_the_inside_host_the_one_that_was_contacted() -> None:
    verdict = make_verdict(orig=WORKSTATION, resp=WEB_SITE)
    answers = replace(swap(model(verdict)), reversed=None)
    assert codes(mark(answers, verdict)) == dict.fromkeys(DIRECTION[1:], "M12")
    unsure = replace(answers, reversed=Reversed.CANNOT_BE_DETERMINED)
    assert codes(mark(unsure, verdict)) == {}


def test_m12_is_not_possible_where_an_outsider_acted() -> None:
    assert "M12" not in possible(make_verdict())


def test_a_direction_that_nobody_can_know_shows_no_idea_about_direction() -> None:
    verdict = make_verdict(reversed_=Reversed.CANNOT_BE_DETERMINED, reason_code=ReasonCode.UN)
    answers = replace(
        model(verdict), reversed=Reversed.NO, originator_ip=OUTSIDER.ip, responder_ip=BASTION.ip
    )
    assert codes(mark(answers, verdict)) == {}


# Outcome


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("M05", make_verdict(outcome=Outcome.UNANSWERED, effect=Effect.NOREPLY)),
        ("M06", make_verdict(outcome=Outcome.REFUSED, effect=Effect.RST)),
        ("M06", make_verdict(outcome=Outcome.REJECTED, effect=None)),
        ("M08", make_verdict(outcome=Outcome.UNANSWERED, effect=Effect.BLOCKED)),
        ("M08", make_verdict(outcome=Outcome.REJECTED, effect=Effect.BLOCKED, beside=(DENIED,))),
        ("M09", make_verdict(outcome=Outcome.REFUSED, effect=Effect.RST, beside=(ALLOWED,))),
        ("M09", make_verdict(outcome=Outcome.UNANSWERED, effect=Effect.NOREPLY, beside=(ALLOWED,))),
        ("M08", make_verdict(outcome=Outcome.UNANSWERED, effect=Effect.BLOCKED, beside=(ALLOWED, DENIED))),
        (
            "M15",
            make_verdict(
                protocol=Protocol.UDP, outcome=Outcome.UNANSWERED, effect=Effect.NOREPLY, resp_packets=0
            ),
        ),
        (
            "M15",
            make_verdict(protocol=Protocol.UDP, outcome=Outcome.ONE_WAY, effect=None, resp_packets=0),
        ),
    ],
)
def test_a_failed_attempt_taken_for_a_connection_has_its_reason(code: str, verdict: Verdict) -> None:
    answers = replace(model(verdict), outcome=OutcomeAnswer.ESTABLISHED)
    assert codes(mark(answers, verdict)) == {"outcome": code}


@pytest.mark.parametrize("said", [OutcomeAnswer.REFUSED, OutcomeAnswer.REJECTED, OutcomeAnswer.UNANSWERED])
def test_m07_reads_a_missing_handshake_as_a_failure(said: OutcomeAnswer) -> None:
    verdict = make_verdict(outcome=Outcome.MIDSTREAM)
    assert codes(mark(replace(model(verdict), outcome=said), verdict)) == {"outcome": "M07"}


@pytest.mark.parametrize("said", [OutcomeAnswer.ESTABLISHED, OutcomeAnswer.CANNOT_BE_DETERMINED])
def test_other_answers_to_a_late_capture_are_no_m07(said: OutcomeAnswer) -> None:
    verdict = make_verdict(outcome=Outcome.MIDSTREAM)
    assert codes(mark(replace(model(verdict), outcome=said), verdict)) == {}


def test_refused_for_unanswered_is_wrong_without_a_wrong_idea() -> None:
    verdict = make_verdict(outcome=Outcome.UNANSWERED, effect=Effect.NOREPLY)
    grade = mark(replace(model(verdict), outcome=OutcomeAnswer.REFUSED), verdict)
    assert codes(grade) == {}
    assert grade.points == grade.max_points - 8


# Disposition


@pytest.mark.parametrize("code", [ReasonCode.BN1, ReasonCode.TP4])
def test_m14_calls_a_failed_attempt_a_false_positive(code: ReasonCode) -> None:
    verdict = make_verdict(reason_code=code, outcome=Outcome.REFUSED, effect=Effect.RST)
    answers = close_as(model(verdict), ReasonCode.FP1)
    assert codes(mark(answers, verdict)) == {"disposition": "M14", "reason_code": "M14"}


def test_a_false_positive_that_the_scenario_accepts_shows_no_m14() -> None:
    verdict = make_verdict(reason_code=ReasonCode.BN1, outcome=Outcome.REFUSED, effect=Effect.RST)
    accepted = (Accepted(ReasonCode.FP1, Decimal(1), "The lesson says either."),)
    answers = close_as(model(verdict), ReasonCode.FP1)
    texts = {**answers.texts, "conclusion": "False positive, because nothing was opened."}
    grade = mark(replace(answers, texts=texts), verdict, accepted)
    assert grade.points == grade.max_points
    assert grade.misconceptions == ()


def test_m14_is_not_possible_where_the_alert_was_wrong() -> None:
    assert "M14" not in possible(make_seed_verdict())


@pytest.mark.parametrize(
    ("severity", "truth", "said"),
    [
        (1, ReasonCode.FP1, ReasonCode.TP2),
        (3, ReasonCode.TP2, ReasonCode.BN2),
        (3, ReasonCode.TP2, ReasonCode.FP2),
    ],
)
def test_m13_lets_the_severity_decide(severity: int, truth: ReasonCode, said: ReasonCode) -> None:
    verdict = make_verdict(severity=severity, reason_code=truth)
    assert codes(mark(close_as(model(verdict), said), verdict)) == {
        "disposition": "M13",
        "reason_code": "M13",
    }


@pytest.mark.parametrize(
    ("severity", "said"), [(2, ReasonCode.TP2), (None, ReasonCode.TP2), (1, ReasonCode.UN)]
)
def test_a_disposition_that_no_severity_implies_is_no_m13(severity: int | None, said: ReasonCode) -> None:
    verdict = make_verdict(severity=severity, reason_code=ReasonCode.FP1)
    assert codes(mark(close_as(model(verdict), said), verdict)) == {}


# Evidence


@pytest.mark.parametrize("pins", [(), (ALERT,), (NOTE, SYN)], ids=["none", "only the alert", "one of two"])
def test_m18_is_right_without_a_record_that_shows_it(pins: tuple[Location, ...]) -> None:
    verdict = make_verdict()
    assert codes(mark(replace(model(verdict), evidence=pins), verdict)) == {"evidence": "M18"}


def test_a_wrong_answer_without_a_pin_is_no_m18() -> None:
    verdict = make_verdict()
    answers = replace(model(verdict), reversed=Reversed.YES, outcome=OutcomeAnswer.MIDSTREAM, evidence=())
    assert "evidence" not in codes(mark(answers, verdict))


def test_who_is_right_in_one_half_alone_is_told_about_the_pins_without_m18() -> None:
    verdict = make_verdict()
    answers = replace(model(verdict), reversed=Reversed.YES, evidence=())
    grade = mark(answers, verdict)
    line = next(line for line in grade.criteria if line.criterion == "evidence")
    assert (line.misconception, line.points) == ("", Decimal(0))
    assert str(SYN) in line.explanation
    assert line.records


# The library


def test_a_grade_lists_each_wrong_idea_once_with_where_it_cost_marks() -> None:
    verdict = make_seed_verdict()
    answers = replace(swap(model(verdict)), reversed=Reversed.NO, evidence=())
    grade = mark(answers, verdict)
    assert [(idea.code, len(idea.criteria)) for idea in grade.misconceptions] == [("M01", 5)]


def test_codes_and_names_are_unique_and_hold_no_value_of_a_variant() -> None:
    assert (
        len({m.code for m in MISCONCEPTIONS}) == len({m.name for m in MISCONCEPTIONS}) == len(MISCONCEPTIONS)
    )
    for m in MISCONCEPTIONS:
        assert re.fullmatch(r"M\d\d", m.code)
        assert not re.search(r"\d+\.\d+\.\d+|:\d", m.text + m.rule + m.next_time)


def test_every_blank_is_without_a_wrong_idea() -> None:
    for verdict in (make_seed_verdict(), make_verdict(outcome=Outcome.REFUSED, effect=Effect.RST)):
        assert codes(mark(Answers(), verdict)) == {}


def test_an_ipv6_host_inside_is_inside_too() -> None:
    verdict = make_verdict(orig=Endpoint("fd00::5", 50000), resp=Endpoint("2001:db8::80", 443))
    assert "M12" in possible(verdict)


def test_the_severity_of_a_right_disposition_is_beside_the_point() -> None:
    verdict = make_verdict(severity=1)
    assert "M13" not in possible(verdict)
    assert model(verdict).disposition is Disposition.TRUE_POSITIVE


def test_a_refusal_after_a_syn_is_proved_by_the_answer_and_not_by_the_request() -> None:
    verdict = make_verdict(outcome=Outcome.REFUSED, effect=Effect.RST)
    answers = replace(model(verdict), outcome=OutcomeAnswer.ESTABLISHED)
    line = next(c for c in mark(answers, verdict).criteria if c.criterion == "outcome")
    assert SYN not in line.records
