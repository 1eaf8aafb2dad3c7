"""The key: only what is proved is marked, and the rest says why not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.grading.worlds import (
    ALERT,
    FIREWALL,
    SEED_ACCEPTED,
    SYN,
    SYN_ACK,
    WEB_SITE,
    WORKSTATION,
    finding,
    make_seed_verdict,
    make_verdict,
    mark,
    points,
)
from tickets.engine import Claim, Disposition, IntentMatch, Protocol, ReasonCode, Reversed
from tickets.grading import (
    Accepted,
    Answers,
    Criterion,
    OutcomeAnswer,
    build_key,
    model_answers,
    read_accepted,
)

ENDS = ("originator_ip", "originator_port", "responder_ip", "responder_port")


def test_everything_that_is_proved_is_marked() -> None:
    key = build_key(make_seed_verdict())
    assert {c.value: fact.expected for c, fact in key.facts.items()} == {
        "reversed": "yes",
        "originator_ip": WORKSTATION.ip,
        "originator_port": "3932",
        "responder_ip": WEB_SITE.ip,
        "responder_port": "80",
        "protocol": "tcp",
        "outcome": "established",
        "intent": "mismatch",
        "disposition": "false_positive",
        "reason_code": "FP1",
        "evidence": "capture.pcap:1, capture.pcap:2",
    }
    assert all(fact.is_marked for fact in key.facts.values())


def test_every_marked_fact_cites_a_record() -> None:
    key = build_key(make_seed_verdict())
    assert all(fact.records for fact in key.facts.values())


def test_a_direction_that_is_only_likely_is_not_marked() -> None:
    key = build_key(make_verdict(confidence=0.85))
    unmarked = {c.value for c, fact in key.facts.items() if not fact.is_marked}
    assert unmarked == {"reversed", *ENDS}
    assert key.originator is None


def test_a_direction_is_marked_from_nine_in_ten() -> None:
    assert build_key(make_verdict(confidence=0.9)).is_marked(Criterion.ORIGINATOR_IP)


def test_where_nobody_can_be_named_that_is_the_answer_and_no_endpoint_is_marked() -> None:
    key = build_key(make_verdict(reversed_=Reversed.CANNOT_BE_DETERMINED))
    assert key.facts[Criterion.REVERSED].is_marked
    assert key.facts[Criterion.REVERSED].expected == "cannot_be_determined"
    assert not any(key.is_marked(Criterion(end)) for end in ENDS)


def test_where_no_record_says_what_came_back_that_is_the_answer_and_earns_every_mark() -> None:
    verdict = make_verdict(outcome=None)
    key = build_key(verdict)
    fact = key.facts[Criterion.OUTCOME]
    assert (fact.expected, fact.is_marked) == ("cannot_be_determined", True)
    assert fact.records == (SYN, SYN_ACK)
    grade = mark(model_answers(key), verdict)
    assert grade.points == grade.max_points
    (line,) = (line for line in grade.criteria if line.criterion == "outcome")
    assert line.explanation == (
        "Right: the outcome cannot be determined. None of them tells what came back from the side that was asked."
    )


@pytest.mark.parametrize("said", [item for item in OutcomeAnswer if item != "cannot_be_determined"])
def test_whoever_names_an_outcome_that_no_record_shows_earns_nothing_for_it(said: OutcomeAnswer) -> None:
    verdict = make_verdict(outcome=None)
    answers = replace(model_answers(build_key(verdict)), outcome=said)
    assert points(mark(answers, verdict))["outcome"] == 0


def test_what_leaves_an_outcome_open_is_told_with_it() -> None:
    verdict = make_verdict(
        outcome=None, beside=(finding("tcp.reply_reset", Claim.OUTCOME, "midstream", SYN),)
    )
    (line,) = (line for line in mark(Answers(), verdict).criteria if line.criterion == "outcome")
    assert "By tcp.reply_reset" in line.explanation


def test_an_open_outcome_without_a_record_of_the_conversation_is_not_marked() -> None:
    verdict = make_verdict(outcome=None)
    assert verdict.conversation is not None
    for bare in (
        replace(verdict, conversation=None),
        replace(verdict, conversation=replace(verdict.conversation, records=(ALERT,))),
    ):
        assert not build_key(bare).is_marked(Criterion.OUTCOME)


@pytest.mark.parametrize(
    ("change", "criteria"),
    [
        ({"outcome_confidence": 0.8}, {"outcome"}),
        ({"intent": IntentMatch.UNKNOWN}, {"intent"}),
        ({"reason_code": None}, {"disposition", "reason_code"}),
        ({"disposition_confidence": 0.5}, {"disposition", "reason_code"}),
        ({"protocol": Protocol.ICMP}, {"originator_port", "responder_port"}),
    ],
)
def test_what_the_verdict_does_not_settle_is_not_marked(
    change: dict[str, object], criteria: set[str]
) -> None:
    key = build_key(make_verdict(**change))  # type: ignore[arg-type]
    unmarked = {c.value: fact.why_unmarked for c, fact in key.facts.items() if not fact.is_marked}
    assert set(unmarked) == criteria
    assert all(why.endswith(("not marked.", "none is marked.")) for why in unmarked.values())


def test_an_undecided_disposition_names_what_it_depends_on() -> None:
    key = build_key(make_verdict(reason_code=None))
    assert (
        "whether it was authorised, whether it was meant as harm"
        in key.facts[Criterion.DISPOSITION].why_unmarked
    )


def test_a_disposition_is_proved_by_its_row_and_not_by_the_context_that_went_into_it() -> None:
    fact = build_key(make_verdict()).facts[Criterion.DISPOSITION]
    assert [f.rule for f in fact.findings] == ["disposition.R11"]


def test_a_settled_disposition_with_an_open_reason_is_marked_alone() -> None:
    verdict = make_verdict()
    open_reason = tuple(
        replace(f, value="true_positive") if f.rule == "disposition.R11" else f for f in verdict.findings
    )
    key = build_key(replace(verdict, reason_code=None, depends_on=("mal",), findings=open_reason))
    assert key.disposition is Disposition.TRUE_POSITIVE
    assert key.is_marked(Criterion.DISPOSITION)
    assert not key.is_marked(Criterion.REASON_CODE)
    assert "(whether it was meant as harm)" in key.facts[Criterion.REASON_CODE].why_unmarked


def test_an_outcome_without_a_finding_is_taken_as_not_known() -> None:
    verdict = make_verdict()
    silent = tuple(f for f in verdict.findings if f.claim is not Claim.OUTCOME)
    assert verdict.conversation is not None
    bare = replace(verdict, findings=silent, conversation=replace(verdict.conversation, findings=silent))
    assert not build_key(bare).is_marked(Criterion.OUTCOME)


def test_an_alert_without_a_conversation_leaves_its_traffic_unmarked() -> None:
    verdict = make_verdict()
    about_traffic = {Claim.ORIGINATOR, Claim.REVERSED, Claim.OUTCOME}
    findings = tuple(f for f in verdict.findings if f.claim not in about_traffic)
    key = build_key(replace(verdict, conversation=None, findings=findings))
    marked = {c.value for c, fact in key.facts.items() if fact.is_marked}
    assert marked == {"intent", "disposition", "reason_code"}


def test_the_alert_is_no_proof_of_its_own_direction() -> None:
    key = build_key(make_seed_verdict())
    direction, outcome = key.proofs
    assert ALERT not in direction.records
    assert direction.records == (SYN,)
    assert outcome.records == (SYN_ACK,)


def test_a_weak_finding_and_a_contradicting_one_prove_nothing() -> None:
    weak = finding("port.service", Claim.ORIGINATOR, "x", FIREWALL, confidence=0.85)
    against = finding("device.flow", Claim.ORIGINATOR, "y", FIREWALL, supports=False)
    key = build_key(make_verdict(beside=(weak, against)))
    assert FIREWALL not in key.proofs[0].records


def test_a_disposition_that_rests_on_context_alone_shows_the_alert() -> None:
    verdict = make_verdict()
    bare = tuple(replace(f, records=()) if f.claim is Claim.DISPOSITION else f for f in verdict.findings)
    fact = build_key(replace(verdict, findings=bare)).facts[Criterion.DISPOSITION]
    assert fact.is_marked
    assert fact.records == (ALERT,)


def test_the_model_worksheet_is_the_key_with_one_pin_a_claim() -> None:
    model = model_answers(build_key(make_seed_verdict()))
    assert model.evidence == (SYN, SYN_ACK)
    assert (model.originator_ip, model.originator_port) == WORKSTATION
    assert model.reason_code is ReasonCode.FP1


def test_the_model_worksheet_leaves_blank_what_is_not_marked() -> None:
    model = model_answers(build_key(make_verdict(confidence=0.5, outcome_confidence=0.5, reason_code=None)))
    assert (model.originator_ip, model.reversed, model.outcome, model.disposition) == (None,) * 4
    assert model.evidence == ()


@pytest.mark.parametrize("credit", ["-0.01", "1.01"])
def test_a_credit_outside_0_to_1_is_refused(credit: str) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Accepted(ReasonCode.FP2, Decimal(credit), "")


def test_stored_rows_become_accepted_codes() -> None:
    rows = [{"reason_code": "FP2", "credit": 1.0, "reason": "The rule has no flow keyword."}]
    assert read_accepted(rows) == (SEED_ACCEPTED[0],)
