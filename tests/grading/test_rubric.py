"""Marks: the model worksheet earns all, a blank none, one mistake costs once, a missed incident everything."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.grading.worlds import (
    ALERT,
    BASTION,
    OUTSIDER,
    SEED_ACCEPTED,
    SYN,
    SYN_ACK,
    make_seed_verdict,
    make_verdict,
    mark,
    points,
    swap,
    take_at_face_value,
)
from tickets.engine import (
    DISPOSITION_OF,
    Disposition,
    Effect,
    Endpoint,
    IntentMatch,
    Location,
    Origin,
    Outcome,
    Protocol,
    ReasonCode,
    Reversed,
    Role,
    Verdict,
)
from tickets.grading import (
    DEFAULT_WEIGHTS,
    Accepted,
    Answers,
    CriterionMark,
    Grade,
    OutcomeAnswer,
    Result,
    answers_to_plain,
    build_key,
    model_answers,
    read_answers,
)

ENDS = ("originator_ip", "originator_port", "responder_ip", "responder_port")
GROUP = ("reversed", *ENDS)


def model(verdict: Verdict) -> Answers:
    return model_answers(build_key(verdict))


def group_loss(grade_points: dict[str, Decimal]) -> Decimal:
    return Decimal(24) - sum((grade_points[c] for c in GROUP), Decimal(0))


def line_of(grade: Grade, criterion: str) -> CriterionMark:
    return next(line for line in grade.criteria if line.criterion.value == criterion)


# The engine prints an IPv4 address that IPv6 wraps as the IPv4 address that it is.
addresses = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6, network="2001:db8::/32").map(str)
endpoints = st.builds(Endpoint, addresses, st.integers(0, 65535))
verdicts = st.builds(
    make_verdict,
    orig=endpoints,
    resp=endpoints,
    protocol=st.sampled_from(Protocol),
    reversed_=st.sampled_from(Reversed),
    outcome=st.none() | st.sampled_from(Outcome),
    intent=st.sampled_from(IntentMatch),
    effect=st.none() | st.sampled_from(Effect),
    reason_code=st.none() | st.sampled_from(ReasonCode),
    role=st.sampled_from(Role),
    origin=st.sampled_from(Origin),
    severity=st.none() | st.integers(1, 4),
    confidence=st.sampled_from([0.5, 0.85, 0.9, 0.99]),
    outcome_confidence=st.sampled_from([0.8, 1.0]),
    resp_packets=st.integers(0, 3),
)
accepted_lists = st.lists(
    st.builds(
        Accepted,
        st.sampled_from(ReasonCode),
        st.sampled_from([Decimal(0), Decimal("0.25"), Decimal(1)]),
        st.just("Shops differ."),
    ),
    max_size=4,
).map(tuple)
any_code = st.none() | st.sampled_from(ReasonCode)


@st.composite
def worksheets(draw: st.DrawFn, verdict: Verdict) -> Answers:
    """Any worksheet, with the addresses and ports that stand in the evidence more often than not."""
    alert = verdict.alert
    ips = st.none() | st.sampled_from([alert.src.ip, alert.dst.ip, "192.0.2.99"])
    ports = st.none() | st.sampled_from([alert.src.port, alert.dst.port, 4444])
    code = draw(any_code)
    return Answers(
        originator_ip=draw(ips),
        originator_port=draw(ports),
        responder_ip=draw(ips),
        responder_port=draw(ports),
        protocol=draw(st.none() | st.sampled_from(Protocol)),
        reversed=draw(st.none() | st.sampled_from(Reversed)),
        outcome=draw(st.none() | st.sampled_from(OutcomeAnswer)),
        intent=draw(st.none() | st.sampled_from(IntentMatch)),
        disposition=None if code is None else DISPOSITION_OF[code],
        reason_code=code,
        evidence=tuple(draw(st.lists(st.sampled_from([SYN, SYN_ACK, ALERT]), unique=True))),
    )


@given(verdicts, accepted_lists)
def test_the_model_worksheet_earns_every_mark(verdict: Verdict, accepted: tuple[Accepted, ...]) -> None:
    grade = mark(model(verdict), verdict, accepted)
    assert grade.points == grade.max_points > 0
    assert {line.result for line in grade.criteria} == {Result.CORRECT}
    assert grade.misconceptions == ()


@given(verdicts, accepted_lists)
def test_a_blank_worksheet_earns_nothing(verdict: Verdict, accepted: tuple[Accepted, ...]) -> None:
    grade = mark(Answers(), verdict, accepted)
    assert grade.points == 0
    assert {line.result for line in grade.criteria} == {Result.BLANK}


def test_pins_without_a_claim_earn_nothing() -> None:
    grade = mark(Answers(evidence=(SYN, SYN_ACK)), make_seed_verdict())
    assert grade.points == 0


@given(st.data(), verdicts, accepted_lists)
def test_marks_stay_within_bounds_and_results_say_what_the_marks_say(
    data: st.DataObject, verdict: Verdict, accepted: tuple[Accepted, ...]
) -> None:
    grade = mark(data.draw(worksheets(verdict)), verdict, accepted)
    assert grade.points == sum(line.points for line in grade.criteria) <= grade.max_points
    for line in grade.criteria:
        expected = {
            Result.CORRECT: line.points == line.max_points,
            Result.PARTIAL: 0 < line.points < line.max_points,
            Result.WRONG: line.points == 0,
            Result.BLANK: line.points == 0 and not line.given,
        }
        assert expected[line.result]
        assert line.points == line.points.quantize(Decimal("0.01"))


@given(st.data(), verdicts, accepted_lists)
def test_every_lost_mark_is_explained_by_a_record_of_the_evidence(
    data: st.DataObject, verdict: Verdict, accepted: tuple[Accepted, ...]
) -> None:
    grade = mark(data.draw(worksheets(verdict)), verdict, accepted)
    evidence = {SYN, SYN_ACK, ALERT, Location("context", 1)}
    for line in grade.criteria:
        if line.points < line.max_points:
            assert line.records
            assert set(line.records) <= evidence
            assert len(line.explanation) > 40
            assert line.rule
            assert line.next_time


@given(st.data(), verdicts)
def test_a_misconception_stands_only_where_marks_were_lost(data: st.DataObject, verdict: Verdict) -> None:
    grade = mark(data.draw(worksheets(verdict)), verdict)
    for line in grade.criteria:
        assert not line.misconception or line.points < line.max_points
        assert not line.misconception or line.misconception in grade.exposed


# One mistake costs once


@pytest.mark.parametrize("verdict", [make_seed_verdict(), make_verdict()], ids=["reversed", "upright"])
def test_one_direction_mistake_costs_sixty_percent_of_its_group(verdict: Verdict) -> None:
    answers = swap(model(verdict))
    wrong = Reversed.NO if verdict.reversed is Reversed.YES else Reversed.YES
    grade = mark(replace(answers, reversed=wrong), verdict)
    got = points(grade)
    assert got["reversed"] == 0
    assert {got[end] for end in ENDS} == {Decimal("2.40")}
    assert group_loss(got) == Decimal("14.40")
    follows = {line.criterion.value: line.follows for line in grade.criteria if line.follows}
    assert follows == dict.fromkeys(ENDS, "reversed")


@given(st.data(), verdicts)
def test_a_consistent_direction_mistake_never_costs_more_than_sixty_percent(
    data: st.DataObject, verdict: Verdict
) -> None:
    wrong = data.draw(st.sampled_from([r for r in Reversed if r is not verdict.reversed]))
    grade = mark(replace(swap(model(verdict)), reversed=wrong), verdict)
    group = [line for line in grade.criteria if line.criterion.value in GROUP]
    lost = sum(line.max_points - line.points for line in group)
    root = next((line for line in group if line.criterion.value == "reversed"), None)
    if root is not None:
        whole = sum(line.max_points for line in group)
        assert root.max_points <= lost <= max(whole * Decimal("0.6"), root.max_points)


def test_a_wrong_reversed_with_right_endpoints_costs_only_itself() -> None:
    verdict = make_seed_verdict()
    got = points(mark(replace(model(verdict), reversed=Reversed.NO), verdict))
    assert group_loss(got) == 8


def test_endpoints_that_fit_neither_side_get_no_follow_through() -> None:
    verdict = make_seed_verdict()
    answers = replace(swap(model(verdict)), reversed=Reversed.NO, responder_ip="192.0.2.99")
    got = points(mark(answers, verdict))
    assert group_loss(got) == 24


def test_a_blank_follows_from_nothing() -> None:
    verdict = make_seed_verdict()
    answers = replace(swap(model(verdict)), reversed=Reversed.NO, originator_port=None, responder_port=None)
    got = points(mark(answers, verdict))
    assert got["originator_ip"] == Decimal("2.40")
    assert got["originator_port"] == 0


def test_leaving_an_endpoint_blank_never_earns_more_than_the_consistent_answer() -> None:
    verdict = make_seed_verdict()
    consistent = replace(swap(model(verdict)), reversed=Reversed.NO)
    full = mark(consistent, verdict).points
    for name in ENDS:
        raw = answers_to_plain(consistent) | {name: ""}
        assert mark(read_answers(raw)[0], verdict).points < full


def test_ends_in_the_wrong_fields_are_one_mistake_and_still_the_wrong_initiator() -> None:
    verdict = make_seed_verdict()
    grade = mark(swap(model(verdict)), verdict)
    got = points(grade)
    assert got["reversed"] == 8
    assert got["originator_ip"] == 0
    assert Decimal(8) < group_loss(got) <= Decimal("9.60")
    assert {line.follows for line in grade.criteria if line.follows} == {"originator_ip"}
    assert got["disposition"] == Decimal("7.50")


# The disposition


def test_the_alert_at_face_value_ends_low() -> None:
    verdict = make_seed_verdict()
    grade = mark(take_at_face_value(model(verdict)), verdict, SEED_ACCEPTED)
    assert {name: earned for name, earned in points(grade).items() if not name.startswith("text_")} == {
        "reversed": 0,
        **dict.fromkeys(ENDS, Decimal("2.40")),
        "protocol": 3,
        "outcome": 8,
        "intent": 0,
        "disposition": Decimal("7.50"),
        "reason_code": Decimal("2.50"),
        "evidence": 0,
    }
    assert grade.max_points == sum(DEFAULT_WEIGHTS.fields.values()) + 5 * DEFAULT_WEIGHTS.text == 80


@pytest.mark.parametrize(
    ("code", "disposition", "reason"),
    [
        (ReasonCode.FP1, "15.00", "5.00"),
        (ReasonCode.FP2, "15.00", "5.00"),
        (ReasonCode.BN2, "7.50", "2.50"),
        (
            ReasonCode.BN1,
            "7.50",
            "0.00",
        ),  # the disposition's only listed share; the code itself is not listed
        (ReasonCode.TP2, "7.50", "2.50"),  # over-escalation costs half at most, whatever is listed
        (ReasonCode.TP1, "7.50", "2.50"),
        (ReasonCode.UN, "0.00", "0.00"),
    ],
)
def test_a_disposition_earns_what_the_scenario_lists(code: ReasonCode, disposition: str, reason: str) -> None:
    verdict = make_seed_verdict()
    answers = replace(model(verdict), reason_code=code, disposition=DISPOSITION_OF[code])
    got = points(mark(answers, verdict, SEED_ACCEPTED))
    assert (got["disposition"], got["reason_code"]) == (Decimal(disposition), Decimal(reason))


def test_a_blank_code_earns_the_least_generous_share_of_its_disposition() -> None:
    verdict = make_verdict(reason_code=ReasonCode.BN1, effect=Effect.RST, outcome=Outcome.REFUSED)
    listed = (
        Accepted(ReasonCode.FP1, Decimal("0.25"), "It was real."),
        Accepted(ReasonCode.FP2, Decimal(1), "The rule is too wide."),
    )
    answers = replace(model(verdict), reason_code=None, disposition=Disposition.FALSE_POSITIVE)
    assert points(mark(answers, verdict, listed))["disposition"] == Decimal("3.75")


def test_an_unlisted_escalation_of_something_harmless_costs_half() -> None:
    verdict = make_seed_verdict()
    answers = replace(model(verdict), reason_code=ReasonCode.TP2, disposition=Disposition.TRUE_POSITIVE)
    grade = mark(answers, verdict)
    assert points(grade)["disposition"] == Decimal("7.50")
    assert "Over-escalation" in grade.criteria[8].explanation


@pytest.mark.parametrize("code", [ReasonCode.TP1, ReasonCode.TP2, ReasonCode.TP3, ReasonCode.TP4])
@pytest.mark.parametrize("closed_as", [ReasonCode.BN1, ReasonCode.BN2, ReasonCode.FP1, ReasonCode.FP2])
def test_closing_an_incident_as_harmless_earns_nothing_whatever_is_listed(
    code: ReasonCode, closed_as: ReasonCode
) -> None:
    verdict = make_verdict(reason_code=code)
    listed = (Accepted(closed_as, Decimal("0.5"), "Some would."),)
    answers = replace(model(verdict), reason_code=closed_as, disposition=DISPOSITION_OF[closed_as])
    grade = mark(answers, verdict, listed)
    got = points(grade)
    assert got["disposition"] == got["reason_code"] == 0
    assert "Missed incident" in grade.criteria[8].explanation


def test_a_true_positive_with_an_open_reason_is_an_incident_too() -> None:
    verdict = make_verdict()
    findings = tuple(
        replace(f, value="true_positive") if f.rule == "disposition.R11" else f for f in verdict.findings
    )
    verdict = replace(verdict, reason_code=None, findings=findings)
    answers = replace(model(verdict), disposition=Disposition.BENIGN)
    listed = (Accepted(ReasonCode.BN2, Decimal("0.5"), "Some would."),)
    assert points(mark(answers, verdict, listed))["disposition"] == 0


@pytest.mark.parametrize(
    ("origin", "disposition"),
    [(Origin.EXTERNAL, "7.50"), (Origin.INTERNAL, "0.00"), (Origin.PARTNER, "0.00")],
)
def test_a_decoy_touched_from_outside_keeps_the_listed_share(origin: Origin, disposition: str) -> None:
    verdict = make_verdict(role=Role.HONEYPOT, origin=origin)
    listed = (Accepted(ReasonCode.BN2, Decimal("0.5"), "The decoy cannot be harmed, but the lead is lost."),)
    answers = replace(model(verdict), reason_code=ReasonCode.BN2, disposition=Disposition.BENIGN)
    assert points(mark(answers, verdict, listed))["disposition"] == Decimal(disposition)


@pytest.mark.parametrize("named", [BASTION.ip, "192.0.2.99", None], ids=["other side", "stranger", "blank"])
def test_the_wrong_initiator_caps_the_disposition_at_half(named: str | None) -> None:
    verdict = make_verdict()
    got = points(mark(replace(model(verdict), originator_ip=named), verdict))
    assert (got["disposition"], got["reason_code"]) == (Decimal("7.50"), Decimal("2.50"))


def test_the_right_initiator_with_a_wrong_port_is_not_capped() -> None:
    verdict = make_verdict()
    assert points(mark(replace(model(verdict), originator_port=1), verdict))["disposition"] == 15


def test_where_no_initiator_can_be_known_nothing_is_capped() -> None:
    verdict = make_verdict(reversed_=Reversed.CANNOT_BE_DETERMINED, reason_code=ReasonCode.UN)
    answers = replace(model(verdict), reversed=Reversed.NO, originator_ip=OUTSIDER.ip)
    got = points(mark(answers, verdict))
    assert got["reversed"] == 0
    assert got["disposition"] == 15


# Evidence


@pytest.mark.parametrize(
    ("pins", "earned"),
    [((), "0"), ((ALERT,), "0"), ((SYN,), "3"), ((SYN_ACK,), "3"), ((ALERT, SYN_ACK, SYN), "6")],
)
def test_a_pin_earns_half_for_each_claim_it_proves(pins: tuple[Location, ...], earned: str) -> None:
    verdict = make_seed_verdict()
    assert points(mark(replace(model(verdict), evidence=pins), verdict))["evidence"] == Decimal(earned)


def test_pinning_everything_is_not_citing() -> None:
    verdict = make_seed_verdict()
    twelve = tuple(Location("capture.pcap", n) for n in range(1, 13))
    thirteen = (*twelve, ALERT)
    assert points(mark(replace(model(verdict), evidence=twelve), verdict))["evidence"] == 6
    grade = mark(replace(model(verdict), evidence=thirteen), verdict)
    assert points(grade)["evidence"] == 0
    assert "pinning everything is not citing" in line_of(grade, "evidence").explanation


def test_a_pin_that_contradicts_the_answer_says_so() -> None:
    verdict = make_seed_verdict()
    answers = replace(swap(model(verdict)), reversed=Reversed.NO, evidence=(SYN,))
    line = line_of(mark(answers, verdict), "evidence")
    assert line.points == 3
    assert "it contradicts what you wrote" in line.explanation


def test_where_only_one_claim_can_be_proved_the_evidence_is_worth_half() -> None:
    verdict = make_verdict(outcome_confidence=0.8)
    grade = mark(model(verdict), verdict)
    assert line_of(grade, "evidence").max_points == 3
