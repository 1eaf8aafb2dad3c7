"""A fair variant passes every check, and each check catches the fault it is there for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tests.simulator.played import SEEDS, play
from tickets.engine import (
    Alert,
    Claim,
    Context,
    Endpoint,
    EvidenceFile,
    Finding,
    Outcome,
    Problem,
    ReasonCode,
    Reversed,
    Verdict,
    analyze,
    read_evidence,
)
from tickets.packs import Scenario, fill_scenario, read_scenario
from tickets.quality import Fault, check_variant
from tickets.simulator import STORIES, Simulation

FOLDER = Path(__file__).parents[2] / "fixtures" / "scenarios"
FAMILIES = ("T001", "T003", "T004", "T011", "T013", "T014")


@cache
def scenario_of(family: str) -> Scenario:
    return read_scenario((FOLDER / f"{family}.yaml").read_text())


@cache
def judge(family: str, seed: bytes = SEEDS[1]) -> tuple[Scenario, Simulation, Verdict]:
    scenario = scenario_of(family)
    played = play(scenario.story, seed)
    context = fill_scenario(scenario, played.values).context
    return scenario, played, _analyze(played, scenario, context)


def _analyze(played: Simulation, scenario: Scenario, context: Context) -> Verdict:
    files = [EvidenceFile(name=file.name, data=file.data) for file in played.files]
    return analyze(files, alert=played.alert, rule=scenario.rule, context=context)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.hex()[:4])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_fair_with_three_seeds(family: str, seed: bytes) -> None:
    assert check_variant(*judge(family, seed)) == ()


def test_every_story_has_its_scenario_file_and_no_two_files_share_one() -> None:
    stories = [scenario_of(family).story for family in FAMILIES]
    assert sorted(stories) == sorted(STORIES)
    assert {path.stem for path in FOLDER.glob("T*.yaml")} == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_without_the_capture_and_the_logs_of_packets_the_variant_is_refused(family: str) -> None:
    """The check looks at evidence, not at the story: where the proof is gone, it says so."""
    scenario, played, _ = judge(family)
    bare = replace(played, files=tuple(file for file in played.files if file.name == "conn.log"))
    lone = [line for line in bare.files[0].data.splitlines(keepends=True) if line.startswith(b"#")]
    noise = next(
        line
        for line in bare.files[0].data.splitlines(keepends=True)
        if not line.startswith(b"#") and played.truth.orig.ip.encode() not in line
    )
    emptied = replace(bare, files=(bare.files[0]._replace(data=b"".join((*lone[:-1], noise, lone[-1]))),))
    context = fill_scenario(scenario, played.values).context
    faults = check_variant(scenario, emptied, _analyze(emptied, scenario, context))
    assert {"truth", "proofs"} <= _checks(faults)


def test_a_story_that_says_something_else_than_the_evidence_is_caught() -> None:
    scenario, played, verdict = judge("T001")
    swapped = replace(played.truth, orig=played.truth.resp, resp=played.truth.orig, reversed=Reversed.NO)
    faults = check_variant(scenario, replace(played, truth=swapped), verdict)
    assert [str(fault).split(" is ")[0] for fault in faults] == [
        "truth: originator",
        "truth: responder",
        "truth: reversed",
    ]


def test_an_author_who_expects_something_else_is_told() -> None:
    scenario, played, verdict = judge("T011")
    hopeful = replace(scenario.expected, outcome=Outcome.ESTABLISHED, reason_code=ReasonCode.TP2)
    faults = check_variant(replace(scenario, expected=hopeful), played, verdict)
    assert _checks(faults) == {"expectation"}
    assert len(faults) == 2


def test_an_evidence_file_that_cannot_be_read_whole_is_caught() -> None:
    scenario, played, verdict = judge("T004")
    broken = replace(verdict, problems=(Problem("eve.json", "line 3", "the line is not JSON"),))
    assert [str(fault) for fault in check_variant(scenario, played, broken)] == [
        "reading: eve.json: line 3: the line is not JSON"
    ]


@pytest.mark.parametrize("claim", [Claim.ORIGINATOR, Claim.OUTCOME, Claim.INTENT, Claim.DISPOSITION])
def test_a_fact_without_a_strong_proof_is_caught(claim: Claim) -> None:
    scenario, played, verdict = judge("T011")
    assert verdict.conversation is not None
    doubtful = replace(
        verdict,
        findings=_doubt(verdict.findings, claim),
        conversation=replace(verdict.conversation, findings=_doubt(verdict.conversation.findings, claim)),
    )
    faults = check_variant(scenario, played, doubtful)
    assert len(faults) == 1
    assert str(faults[0]).startswith(f"proofs: no record proves the {claim.value} ")


def _doubt(findings: tuple[Finding, ...], claim: Claim) -> tuple[Finding, ...]:
    return tuple(replace(item, confidence=0.8) if item.claim is claim else item for item in findings)


def test_an_alert_of_another_rule_is_caught() -> None:
    scenario, played, verdict = judge("T003")
    other = replace(played, alert=replace(played.alert, sid=1900099, message="TRAINING something else"))
    faults = check_variant(scenario, other, verdict)
    assert _checks(faults) == {"rule"}
    assert len(faults) == 2


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("title", "A reversed alert"),
        ("slug", "benign-knock"),
        ("statement", "This was return traffic, wasn't it?"),
        ("sensor", "Sensor that saw the connection refused"),
    ],
)
def test_the_answer_in_the_words_around_the_evidence_is_caught(place: str, text: str) -> None:
    scenario, played, verdict = judge("T001")
    telling = replace(scenario, **{place: text})  # type: ignore[arg-type]  # one of four text fields
    faults = check_variant(telling, played, verdict)
    assert _checks(faults) == {"silence"}


def test_the_answer_in_a_note_is_caught_with_the_notes_number() -> None:
    scenario, played, verdict = judge("T004")
    notes = (*scenario.context.notes, "The responder is {server_ip}.")
    telling = replace(scenario, context=replace(scenario.context, notes=notes))
    faults = check_variant(telling, played, verdict)
    assert [str(fault) for fault in faults] == [f"silence: note {len(notes)} says 'responder'"]


def test_another_endpoint_in_the_truth_is_named_in_the_fault() -> None:
    scenario, played, verdict = judge("T013")
    wrong = replace(played.truth, orig=Endpoint("203.0.113.250", 1))
    (fault,) = check_variant(scenario, replace(played, truth=wrong), verdict)
    assert "203.0.113.250:1" in fault.problem
    assert str(played.truth.orig) in fault.problem


def _checks(faults: tuple[Fault, ...]) -> set[str]:
    return {fault.check for fault in faults}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_file_is_read_whole_and_its_alert_is_the_one_that_the_story_raised(family: str) -> None:
    played = play(scenario_of(family).story)
    alerts: list[Alert] = []
    for file in played.files:
        reading = read_evidence(file.name, file.data)
        alerts += [record for record in reading.records if isinstance(record, Alert)]
        assert reading.problems == [], file.name
    assert alerts == ([played.alert] if played.alert.location else [])
