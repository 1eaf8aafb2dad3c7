"""All checks of one generated variant: story, scenario file, evidence, verdict and grading held against each other.

The verdict comes from the evidence alone, so a fault here means that the evidence does not carry the
lesson, that the scenario file states something else, or that the engine is wrong. In each case nobody
may be given the variant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from tickets.engine import EngineError, EvidenceFile, Verdict, analyze
from tickets.packs import PackError, Scenario, fill_scenario
from tickets.quality import (
    alerts,
    clocks,
    counters,
    devices,
    misconceptions,
    proofs,
    silence,
    surface,
    truth,
    wire,
    worksheet,
)
from tickets.quality.exhibit import Exhibit
from tickets.quality.report import Check, Report
from tickets.quality.surface import Siblings
from tickets.simulator import Simulation

# Seconds that pass somewhere; the checks themselves have no clock.
Clock = Callable[[], float]
Checking = Callable[[Exhibit], Iterator[str]]

CHECKS: dict[str, Checking] = {
    "reading": truth.check_reading,
    "truth": truth.check_truth,
    "open": truth.check_open,
    "expectation": truth.check_expectation,
    "contradictions": truth.check_contradictions,
    "values": truth.check_values,
    "proofs": proofs.check_proofs,
    "citations": proofs.check_citations,
    "stated": proofs.check_statements_cited,
    "deletion": proofs.check_deletion,
    "dependence": proofs.check_dependence,
    "counters": counters.check_counters,
    "coverage": counters.check_coverage,
    "history": counters.check_history,
    "zeek sizes": counters.check_zeek_sizes,
    "identities": counters.check_identities,
    "sequence": counters.check_sequence,
    "duplicates": counters.check_duplicates,
    "directions": devices.check_directions,
    "statements": devices.check_statements,
    "sessions": devices.check_sessions,
    "interfaces": devices.check_interfaces,
    "translations": devices.check_translations,
    "quotes": devices.check_quotes,
    "order": clocks.check_order,
    "flow lines": clocks.check_flow_lines,
    "delays": clocks.check_delays,
    "alert time": clocks.check_alert_time,
    "oddities": clocks.check_oddities,
    "sizes": wire.check_sizes,
    "checksums": wire.check_checksums,
    "TTLs": wire.check_ttls,
    "client ports": wire.check_client_ports,
    "alert": alerts.check_alert_record,
    "rule": alerts.check_rule,
    "firing": alerts.check_firing,
    "alert counts": alerts.check_alert_counts,
    "model": worksheet.check_model,
    "blank": worksheet.check_blank,
    "key": worksheet.check_key_records,
    "distractors": worksheet.check_distractors,
    "misconceptions": misconceptions.check_misconceptions,
    "silence": silence.check_silence,
    "spoilers": silence.check_spoilers,
    "filling": silence.check_filling,
}
SIBLING_CHECKS: dict[str, Callable[..., Iterator[str]]] = {
    "lesson": surface.check_lesson,
    "surface": surface.check_surface,
    "volume": surface.check_volume,
}
NOBODY = Siblings()


class Proven(NamedTuple):
    """A variant's verdict and the report of its checks. There is no verdict on what cannot be judged at all."""

    verdict: Verdict | None
    report: Report


def no_clock() -> float:
    return 0.0


def prove_variant(
    scenario: Scenario, played: Simulation, siblings: Siblings = NOBODY, *, clock: Clock = no_clock
) -> Proven:
    """Judge what was played for a scenario and check it. Nothing that a simulator can do wrong raises."""
    started = clock()
    try:
        context = fill_scenario(scenario, played.values).context
        files = [EvidenceFile(name=file.name, data=file.data) for file in played.files]
        verdict = analyze(files, alert=played.alert, rule=scenario.rule, context=context)
    except (EngineError, PackError) as error:
        check = Check("verdict", "The engine can judge it.", (str(error),), clock() - started)
        return Proven(None, Report((check,), lesson="", surface=""))
    judged = Check("verdict", "The engine can judge it.", (), clock() - started)
    report = check_variant(scenario, played, verdict, siblings, clock=clock)
    return Proven(verdict, replace(report, checks=(judged, *report.checks)))


def check_variant(
    scenario: Scenario,
    played: Simulation,
    verdict: Verdict,
    siblings: Siblings = NOBODY,
    *,
    clock: Clock = no_clock,
) -> Report:
    """Every check of a variant that was played for `scenario`; `verdict` is the engine's about its files.

    It may be served if the report has passed."""
    exhibit = Exhibit(scenario, played, verdict)
    checks = [_run(name, check, exhibit, clock) for name, check in CHECKS.items()]
    checks += [
        _run(name, partial(check, siblings=siblings), exhibit, clock, check.__doc__)
        for name, check in SIBLING_CHECKS.items()
    ]
    return Report(
        checks=tuple(checks),
        lesson=surface.lesson_fingerprint(exhibit),
        surface=surface.surface_fingerprint(exhibit),
        volume=surface.volume_of(exhibit),
    )


def _run(name: str, check: Checking, exhibit: Exhibit, clock: Clock, purpose: str | None = None) -> Check:
    started = clock()
    problems = tuple(check(exhibit))
    words = " ".join((purpose or check.__doc__ or "").split())
    return Check(name, words, problems, clock() - started)
