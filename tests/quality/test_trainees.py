"""Simulated trainees, written from the definitions, against the detectors in grading."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.grading.worlds import (
    FIREWALL,
    SEED_ACCEPTED,
    codes,
    finding,
    make_seed_verdict,
    make_verdict,
    mark,
)
from tests.quality.openings import OPENINGS
from tests.quality.scenarios import play_scenario, scenario_of
from tickets.engine import (
    Claim,
    Disposition,
    Effect,
    Endpoint,
    FlowRecord,
    Location,
    Malice,
    Outcome,
    Protocol,
    ReasonCode,
    Record,
    Reversed,
    Verdict,
)
from tickets.grading import BY_CODE, MISCONCEPTIONS, Accepted, build_key, model_answers
from tickets.quality import misconceptions as checked
from tickets.quality import prove_variant
from tickets.quality.trainees import IDEAS, write_worksheets
from tickets.quality.world import World

HOUR_NS = 3_600_000_000_000
ALLOWED = finding("firewall.allowed", Claim.EFFECT, "allowed", FIREWALL)
DENIED = finding("firewall.denied", Claim.EFFECT, "blocked", FIREWALL)
INSIDE, OUTSIDE = Endpoint("10.20.30.40", 50_000), Endpoint("203.0.113.80", 8443)
PUBLIC = Endpoint("192.0.2.10", 8443)


def world(verdict: Verdict, *accepted: Accepted, records: tuple[Record, ...] = ()) -> World:
    return World(verdict, build_key(verdict, accepted), records)


def attacked(verdict: Verdict) -> Verdict:
    return replace(verdict, inputs=replace(verdict.inputs, mal=Malice.YES))


# Each world gives occasion to one idea about the fact: what is told must be that one.
OCCASIONS = {
    "M01": make_verdict(orig=OUTSIDE, resp=PUBLIC, reversed_=Reversed.YES),
    "M02": make_verdict(orig=OUTSIDE, resp=PUBLIC),
    "M03": make_verdict(orig=OUTSIDE._replace(port=51_000), resp=PUBLIC),
    "M04": make_verdict(orig=OUTSIDE._replace(port=80), resp=PUBLIC),
    "M05": make_verdict(outcome=Outcome.UNANSWERED, effect=Effect.NOREPLY, resp_packets=0),
    "M06": make_verdict(outcome=Outcome.REFUSED, effect=Effect.RST),
    "M07": make_verdict(outcome=Outcome.MIDSTREAM),
    "M08": make_verdict(outcome=Outcome.ONE_WAY, effect=Effect.BLOCKED, beside=(DENIED,)),
    "M12": make_verdict(orig=INSIDE, resp=OUTSIDE),
    "M13": make_verdict(severity=1, reason_code=ReasonCode.FP1),
    "M14": attacked(
        make_verdict(reason_code=ReasonCode.TP4, outcome=Outcome.REFUSED, effect=Effect.RST),
    ),
    "M15": make_verdict(
        protocol=Protocol.UDP, outcome=Outcome.UNANSWERED, effect=Effect.NOREPLY, resp_packets=0
    ),
    "M18": make_verdict(),
}


@pytest.mark.parametrize(("code", "verdict"), OCCASIONS.items(), ids=OCCASIONS)
def test_who_holds_an_idea_is_told_that_idea(code: str, verdict: Verdict) -> None:
    written = write_worksheets(world(verdict))
    same = {other for other, answers in written.items() if answers == written[code]}
    told = codes(mark(written[code], verdict))
    criterion = next(idea.criterion for idea in IDEAS if idea.code == code)
    assert told[criterion] in same
    assert set(told.values()) <= same


def test_allowed_and_refused_is_told_before_refused_alone() -> None:
    verdict = make_verdict(outcome=Outcome.REFUSED, effect=Effect.RST, beside=(ALLOWED,))
    written = write_worksheets(world(verdict))
    assert written["M09"] == written["M06"]
    assert codes(mark(written["M09"], verdict)) == {"outcome": "M09"}


@pytest.mark.parametrize("severity", [2, None])
def test_a_middle_severity_or_none_gives_no_occasion_to_follow_it(severity: int | None) -> None:
    verdict = make_verdict(severity=severity, reason_code=ReasonCode.FP1)
    assert "M13" not in write_worksheets(world(verdict))


def test_an_answer_that_the_author_accepts_in_full_is_no_wrong_idea() -> None:
    verdict = attacked(make_verdict(reason_code=ReasonCode.BN1, outcome=Outcome.REFUSED, effect=Effect.RST))
    accepted = [
        Accepted(code, Decimal(1), "The lesson says so.") for code in (ReasonCode.FP1, ReasonCode.FP2)
    ]
    assert "M14" not in write_worksheets(world(verdict, *accepted))
    half = write_worksheets(world(verdict, accepted[0]))["M14"]
    assert (half.disposition, half.reason_code) == (Disposition.FALSE_POSITIVE, ReasonCode.FP2)


def test_a_translated_address_is_written_as_the_source_where_a_record_states_it() -> None:
    verdict = make_verdict(orig=INSIDE, resp=OUTSIDE)
    outer = Endpoint("192.0.2.1", 40_000)
    assert verdict.conversation is not None
    behind = replace(verdict.conversation, translated=((outer, OUTSIDE),))
    answers = write_worksheets(world(replace(verdict, conversation=behind)))["M10"]
    assert (answers.originator_ip, answers.originator_port) == (outer.ip, outer.port)
    assert answers.responder_ip == OUTSIDE.ip
    assert "M10" not in write_worksheets(world(verdict))


def test_records_that_are_whole_hours_away_are_cited_by_who_mixes_up_the_zones() -> None:
    verdict = make_verdict()

    def line(number: int, time_ns: int) -> FlowRecord:
        return FlowRecord(
            location=Location("flows", number),
            source="zeek.conn",
            time_ns=time_ns,
            end_ns=time_ns,
            protocol=Protocol.TCP,
            orig=verdict.alert.src,
            resp=verdict.alert.dst,
        )

    lines = (line(1, 0), line(2, HOUR_NS // 3), line(3, 2 * HOUR_NS + 10**9))
    answers = write_worksheets(world(verdict, records=lines))["M16"]
    assert answers.evidence == (Location("flows", 3),)
    assert "M16" not in write_worksheets(world(verdict, records=lines[:2]))


def test_where_nobody_knows_who_asked_no_idea_about_the_sides_has_an_occasion() -> None:
    verdict = make_verdict(reversed_=Reversed.CANNOT_BE_DETERMINED, outcome=None)
    assert set(write_worksheets(world(verdict))) == {"M18"}


def test_each_idea_changes_the_fact_that_it_spoils_and_leaves_the_model_alone_elsewhere() -> None:
    for code, verdict in OCCASIONS.items():
        answers, model = write_worksheets(world(verdict))[code], model_answers(build_key(verdict))
        assert answers != model
        assert (answers.protocol, answers.intent, answers.texts) == (
            model.protocol,
            model.intent,
            model.texts,
        )


def test_the_seed_ticket_gives_occasion_to_take_it_at_face_value_and_never_to_turn_it_round() -> None:
    written = write_worksheets(world(make_seed_verdict(), *SEED_ACCEPTED))
    assert set(written) == {"M01", "M03", "M12", "M18"}


def test_every_idea_is_one_of_the_librarys_or_waits_for_its_detector() -> None:
    waiting = [idea.code for idea in IDEAS if idea.code not in BY_CODE]
    assert len({idea.code for idea in IDEAS}) == len(IDEAS)
    assert set(waiting) <= {"M10", "M16"}, "a detector is missing that was there"


# The check of a variant


@pytest.mark.parametrize(
    ("code", "family", "told"),
    [
        ("M03", "T001", "who holds M03 is told nothing about the responder_port"),
        ("M02", "T003", "who holds M02 is told nothing about the reversed"),
        ("M14", "T011", "who holds M14 is told nothing about the disposition"),
        ("M18", "T014", "who holds M18 is told nothing about the evidence"),
        ("M07", "late start", "who holds M07 is told nothing about the outcome"),
    ],
)
def test_a_variant_on_which_grading_overlooks_an_idea_is_caught(
    monkeypatch: pytest.MonkeyPatch, code: str, family: str, told: str
) -> None:
    forgetful = tuple(idea for idea in MISCONCEPTIONS if idea.code != code)
    monkeypatch.setattr("tickets.grading.misconceptions.MISCONCEPTIONS", forgetful)
    assert _faults(family) == [f"misconceptions: {told}"]


def test_a_variant_on_which_grading_names_another_idea_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    eager = replace(BY_CODE["M13"], is_possible=lambda _: True, is_shown=lambda _: True)
    library = tuple(eager if idea.code == "M13" else idea for idea in MISCONCEPTIONS if idea.code != "M14")
    monkeypatch.setattr("tickets.grading.misconceptions.MISCONCEPTIONS", library)
    assert "misconceptions: who holds M14 is told M13 about the disposition" in _faults("T011")


def test_a_wrong_answer_that_is_accepted_in_full_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the same port on both sides would be for whoever confuses them."""
    monkeypatch.setattr(checked, "write_worksheets", lambda world: {"M03": world.model})
    assert [text.rpartition(":")[0] for text in _faults("T003")] == [
        "misconceptions: who holds M03 has the responder_port right by accident"
    ]


def _faults(family: str) -> list[str]:
    played = OPENINGS[family]() if family in OPENINGS else (scenario_of(family), play_scenario(family))
    return [str(fault) for fault in prove_variant(*played).report.faults]
