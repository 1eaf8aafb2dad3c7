"""A fair variant passes every check, and each check catches the fault it is there for."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import pytest

from tests.quality.captures import close_capture, open_capture
from tests.quality.scenarios import FAMILIES, play_scenario, scenario_of
from tests.simulator.played import SEEDS
from tickets.engine import (
    Alert,
    Claim,
    Context,
    DecisionInputs,
    Endpoint,
    EvidenceFile,
    Finding,
    Problem,
    ReasonCode,
    Reversed,
    TcpFlags,
    Verdict,
    analyze,
    read_evidence,
)
from tickets.grading import OutcomeAnswer
from tickets.packs import Scenario, fill_scenario
from tickets.quality import (
    Fault,
    Report,
    Siblings,
    Volume,
    check_variant,
    prove_variant,
    report_from_plain,
    report_to_plain,
)
from tickets.quality.alerts import flags_fit
from tickets.quality.clocks import check_delays
from tickets.quality.exhibit import Exhibit, key_of
from tickets.quality.surface import ENOUGH_SIBLINGS, odd_volume
from tickets.simulator import STORIES, Oddity, SimulatedFile, Simulation

# Those whose evidence is a capture, Suricata's, Zeek's and a device's logs.
FIRST_SIX = ("T001", "T003", "T004", "T011", "T013", "T014")


@cache
def judge(family: str, seed: bytes = SEEDS[1]) -> tuple[Scenario, Simulation, Verdict]:
    scenario = scenario_of(family)
    played = play_scenario(family, seed)
    context = fill_scenario(scenario, played.values).context
    return scenario, played, _analyze(played, scenario, context)


@cache
def report_of(family: str, seed: bytes) -> Report:
    return check_variant(*judge(family, seed))


def _analyze(played: Simulation, scenario: Scenario, context: Context) -> Verdict:
    files = [EvidenceFile(name=file.name, data=file.data) for file in played.files]
    return analyze(files, alert=played.alert, rule=scenario.rule, context=context)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.hex()[:4])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_fair_with_three_seeds(family: str, seed: bytes) -> None:
    assert report_of(family, seed).faults == ()


def test_every_story_has_its_scenario_file_and_no_two_files_share_one() -> None:
    stories = [scenario_of(family).story for family in FAMILIES]
    assert set(stories) == set(STORIES)


@pytest.mark.parametrize("family", FIRST_SIX)
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
    faults = check_variant(scenario, emptied, _analyze(emptied, scenario, context)).faults
    assert {"truth", "proofs"} <= _checks(faults)


def test_a_story_that_says_something_else_than_the_evidence_is_caught() -> None:
    scenario, played, verdict = judge("T001")
    swapped = replace(played.truth, orig=played.truth.resp, resp=played.truth.orig, reversed=Reversed.NO)
    faults = check_variant(scenario, replace(played, truth=swapped), verdict).faults
    assert [str(fault).split(" is ")[0] for fault in faults] == [
        "truth: originator",
        "truth: responder",
        "truth: reversed",
        *(f"values: {name}" for name in ("client_ip", "client_port", "server_ip", "server_port")),
    ]


def test_an_author_who_expects_something_else_is_told() -> None:
    scenario, played, verdict = judge("T011")
    hopeful = replace(scenario.expected, outcome=OutcomeAnswer.ESTABLISHED, reason_code=ReasonCode.TP2)
    faults = check_variant(replace(scenario, expected=hopeful), played, verdict).faults
    assert _checks(faults) == {"expectation"}
    assert len(faults) == 2


def test_an_evidence_file_that_cannot_be_read_whole_is_caught() -> None:
    scenario, played, verdict = judge("T004")
    broken = replace(verdict, problems=(Problem("eve.json", "line 3", "the line is not JSON"),))
    assert [str(fault) for fault in check_variant(scenario, played, broken).faults] == [
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
    faults = check_variant(scenario, played, doubtful).faults
    assert str(faults[0]).startswith(f"proofs: no record proves the {claim.value} ")
    assert _checks(faults) <= {"proofs", "model"}, "and what is not proven is not marked"


def _doubt(findings: tuple[Finding, ...], claim: Claim) -> tuple[Finding, ...]:
    return tuple(replace(item, confidence=0.8) if item.claim is claim else item for item in findings)


def test_an_alert_of_another_rule_is_caught() -> None:
    scenario, played, verdict = judge("T003")
    other = replace(played, alert=replace(played.alert, sid=1900099, message="TRAINING something else"))
    faults = check_variant(scenario, other, verdict).faults
    assert _checks(faults) == {"rule", "alert"}
    assert len([fault for fault in faults if fault.check == "rule"]) == 2


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
    faults = check_variant(telling, played, verdict).faults
    assert _checks(faults) == {"silence"}


def test_the_answer_in_a_note_is_caught_with_the_notes_number() -> None:
    scenario, played, verdict = judge("T004")
    notes = (*scenario.context.notes, "The responder is {server_ip}.")
    telling = replace(scenario, context=replace(scenario.context, notes=notes))
    faults = check_variant(telling, played, verdict).faults
    assert [str(fault) for fault in faults] == [f"silence: note {len(notes)} says 'responder'"]


def test_another_endpoint_in_the_truth_is_named_in_the_fault() -> None:
    scenario, played, verdict = judge("T013")
    wrong = replace(played.truth, orig=Endpoint("203.0.113.250", 1))
    (fault, *_) = check_variant(scenario, replace(played, truth=wrong), verdict).faults
    assert "203.0.113.250:1" in fault.problem
    assert str(played.truth.orig) in fault.problem


@pytest.mark.parametrize("family", FIRST_SIX)
def test_with_the_records_of_the_conversation_taken_away_nothing_proves_the_facts(family: str) -> None:
    scenario, played, verdict = judge(family)
    port = str(played.truth.orig.port).encode()
    files = tuple(
        file._replace(data=b"".join(line for line in file.data.splitlines(keepends=True) if port not in line))
        for file in played.files
        if file.name != "capture.pcap"
    )
    faults = check_variant(scenario, replace(played, files=files), verdict).faults
    assert {"deletion", "citations"} <= _checks(faults)
    told = [fault.problem for fault in faults if fault.check == "deletion"]
    assert told[0] == "the originator is settled, and no record proves it"


def test_a_statement_of_the_author_that_no_note_shows_is_caught() -> None:
    scenario, played, verdict = judge("T011")
    number = scenario.context.inputs["mal"].notes[0]
    notes = tuple("" if at == number else note for at, note in enumerate(scenario.context.notes, 1))
    silent = replace(scenario, context=replace(scenario.context, notes=notes))
    faults = check_variant(silent, played, verdict).faults
    assert [str(fault) for fault in faults] == ["stated: the author states mal y, and no note says so"]


def test_a_disposition_that_rests_on_nothing_is_caught() -> None:
    scenario, played, verdict = judge("T011")
    bare = replace(verdict, inputs=DecisionInputs())
    assert "dependence" in _checks(check_variant(scenario, played, bare).faults)


def test_a_capture_gap_that_no_note_tells_of_is_caught() -> None:
    scenario, played, verdict = judge("T003")
    odd = replace(played, oddities=frozenset({Oddity.TTL}))
    assert _checks(check_variant(scenario, odd, verdict).faults) == {"oddities"}
    told = replace(
        scenario,
        context=replace(scenario.context, notes=(*scenario.context.notes, "The route changes at noon.")),
    )
    assert check_variant(told, odd, verdict).passed


def test_a_line_from_before_the_capture_wants_a_stated_gap() -> None:
    scenario, played, verdict = judge("T046")
    assert "delays" not in _checks(check_variant(scenario, played, verdict).faults)
    unstated = replace(played, oddities=frozenset())
    assert "delays" in _checks(check_variant(scenario, unstated, verdict).faults)


@pytest.mark.parametrize(("late_us", "told"), [(300, False), (400_000, True)])
def test_a_whole_second_may_end_while_the_packet_is_on_its_way_to_the_tap(late_us: int, told: bool) -> None:
    scenario, played, verdict = judge("T056")
    exhibit = Exhibit(scenario, played, verdict)
    key = next(iter(exhibit.lesson_keys))
    built = next(log for log in exhibit.logs if key_of(log.protocol, log.src, log.dst) == key)
    ((name, packets),) = exhibit.views(key)
    wanted_us = built.time_ns // 1_000 + 1_000_000 + late_us
    later_us = wanted_us - packets[0].time_ns // 1_000
    header, frames = open_capture(next(file.data for file in played.files if file.name == name))
    moved = close_capture(header, [frame.at(frame.time_us + later_us) for frame in frames])
    files = tuple(file._replace(data=moved) if file.name == name else file for file in played.files)
    found = list(check_delays(Exhibit(scenario, replace(played, files=files), verdict)))
    assert any(text.startswith(f"{built.location} ") for text in found) is told


def test_a_capture_of_two_taps_is_told_apart_by_tags_and_each_is_held_against_its_own_log() -> None:
    scenario, played, verdict = judge("T052")
    exhibit = Exhibit(scenario, played, verdict)
    assert list(exhibit.captures) == ["capture.pcap", "capture.pcap vlan:30"]
    untagged, tagged = (sum(map(len, tap.values())) for tap in exhibit.captures.values())
    assert untagged == tagged


def test_a_surface_that_was_there_before_and_another_lesson_are_caught() -> None:
    scenario, played, verdict = judge("T001")
    report = check_variant(scenario, played, verdict)
    same = Siblings(lessons={report.lesson}, surfaces={report.surface})
    assert _checks(check_variant(scenario, played, verdict, same).faults) == {"surface"}
    other = Siblings(lessons={"another"}, surfaces={"another"})
    assert _checks(check_variant(scenario, played, verdict, other).faults) == {"lesson"}


@pytest.mark.parametrize(
    ("records", "told"), [(-16, True), (-15, False), (0, False), (15, False), (16, True)]
)
def test_a_variant_may_hold_fifteen_records_more_or_less_than_usual(records: int, told: bool) -> None:
    scenario, played, verdict = judge("T013")
    volume = check_variant(scenario, played, verdict).volume
    siblings = [volume._replace(records=volume.records - records)] * ENOUGH_SIBLINGS
    faults = check_variant(scenario, played, verdict, Siblings(volumes=siblings)).faults
    assert [str(fault) for fault in faults] == [
        f"volume: it has {volume.records} records, and {volume.records - records} are usual"
    ] * told
    few = Siblings(volumes=siblings[1:])
    assert check_variant(scenario, played, verdict, few).passed, "of so few nobody knows what is usual"


def test_where_there_is_much_to_read_a_variant_may_differ_by_fifteen_in_a_hundred() -> None:
    usual = [Volume(200, 20)] * ENOUGH_SIBLINGS
    assert list(odd_volume(Volume(230, 23), usual)) == []
    assert list(odd_volume(Volume(231, 16), usual)) == [
        "it has 231 records, and 200 are usual",
        "it has 16 distractors, and 20 are usual",
    ]


@pytest.mark.parametrize("family", FAMILIES)
def test_variants_of_a_family_teach_the_same_and_look_different(family: str) -> None:
    reports = [report_of(family, seed) for seed in SEEDS]
    assert len({report.lesson for report in reports}) == 1
    assert len({report.surface for report in reports}) == len(SEEDS)


def test_a_report_says_of_each_check_what_it_is_for_and_how_long_it_took_and_is_stored_whole() -> None:
    ticks = iter(range(10_000))
    report = prove_variant(*judge("T004")[:2], clock=lambda: float(next(ticks))).report
    assert report.passed
    assert all(check.seconds == 1 and check.purpose.endswith(".") for check in report.checks)
    assert report.seconds == len(report.checks)
    assert report_from_plain(json.loads(json.dumps(report_to_plain(report)))) == report


def test_what_cannot_be_judged_at_all_is_a_fault_and_no_crash() -> None:
    scenario, played, _ = judge("T004")
    for files in ((), (SimulatedFile("capture.pcap", b"nonsense"),)):
        proven = prove_variant(scenario, replace(played, files=files))
        assert proven.verdict is None
        assert _checks(proven.report.faults) == {"verdict"}


@pytest.mark.parametrize(
    ("wanted", "flags", "fits"),
    [
        ("S", "S", True),
        ("S", "SA", False),
        ("S,12", "SEC", True),
        ("S+", "SA", True),
        ("A+", "S", False),
        ("SA", "SA", True),
        ("*SF", "FA", True),
        ("*SF", "A", False),
        ("!R", "SA", True),
        ("!R", "RA", False),
    ],
)
def test_flags_fit_as_suricata_reads_them(wanted: str, flags: str, fits: bool) -> None:
    letters = {"S": 2, "A": 16, "F": 1, "R": 4, "E": 64, "C": 128}
    assert flags_fit(wanted, TcpFlags(sum(letters[letter] for letter in flags))) is fits


def _checks(faults: tuple[Fault, ...]) -> set[str]:
    return {fault.check for fault in faults}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_file_is_read_whole_and_its_alert_is_the_one_that_the_story_raised(family: str) -> None:
    played = play_scenario(family)
    alerts: list[Alert] = []
    for file in played.files:
        reading = read_evidence(file.name, file.data)
        alerts += [record for record in reading.records if isinstance(record, Alert)]
        assert reading.problems == [], file.name
    # A rule may fire several times. On what a sensor's roles rest is the reader's judgement.
    ours = [replace(alert, basis=played.alert.basis) for alert in alerts]
    assert (played.alert in ours) is (played.alert.location is not None)
