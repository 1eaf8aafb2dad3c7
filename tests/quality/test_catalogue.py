"""Whole families through all checks."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from tests.quality.faults import a_crowd_in_the_hosts_log as crowded
from tests.quality.scenarios import scenario_of
from tickets.quality import prove_family, seed_number
from tickets.simulator import Setting, Simulation, generate


@pytest.mark.slow
def test_a_hundred_variants_of_one_family_take_less_than_thirty_seconds_and_no_two_look_alike() -> None:
    proof = prove_family(scenario_of("T001"), 100, clock=time.process_time)
    assert proof.faults == (), "the check of the surface is among them"
    assert proof.checks == proof.all_checks
    assert proof.seconds < 30


def test_a_family_is_told_with_its_direction_outcome_and_disposition() -> None:
    proof = prove_family(scenario_of("T014"), 2, clock=lambda: 0.0)
    assert (proof.family, proof.seeds, proof.direction) == ("T014", 2, "no (ok)")
    assert (proof.outcome, proof.disposition) == ("established", "true_positive TP2")


def test_each_fault_is_told_with_its_seed() -> None:
    scenario = replace(scenario_of("T004"), title="A benign knock")
    proof = prove_family(scenario, 2, clock=lambda: 0.0)
    assert [(number, str(fault)) for number, fault in proof.faults] == [
        (1, "silence: the title says 'benign'"),
        (2, "silence: the title says 'benign'"),
    ]
    assert proof.all_checks - proof.checks == 2


def test_a_seed_that_holds_far_more_than_the_others_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def crowd(story: str, seed: bytes, setting: Setting) -> Simulation:
        played = generate(story, seed, setting)
        return crowded(played) if seed == seed_number("T003", 4) else played

    monkeypatch.setattr("tickets.quality.catalogue.generate", crowd)
    proof = prove_family(scenario_of("T003"), 6, clock=lambda: 0.0)
    assert [(number, fault.check) for number, fault in proof.faults] == [(4, "volume")] * 2, (
        "records and conversations"
    )
    assert proof.all_checks - proof.checks == 1


def test_the_seeds_of_the_catalogue_are_of_the_right_length_and_all_different() -> None:
    seeds = {seed_number(family, number) for family in ("T001", "T002") for number in range(50)}
    assert len(seeds) == 100
    assert {len(seed) for seed in seeds} == {16}
