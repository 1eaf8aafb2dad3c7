"""`manage.py check_catalogue`: the table, and the exit status that a build looks at."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tickets.management.commands import check_catalogue
from tickets.quality import FamilyProof, Fault, prove_family


def _run(*args: str) -> str:
    said = StringIO()
    call_command("check_catalogue", *args, stdout=said)
    return said.getvalue()


def test_every_scenario_file_passes_with_one_seed_and_has_its_line() -> None:
    lines = _run("--seeds", "1", "--processes", "1").splitlines()
    assert lines[0].split() == ["family", "seeds", "direction", "outcome", "disposition", "checks", "seconds"]
    assert " 0 faults, " in lines[-1]
    assert {line.split()[0] for line in lines[1:-1]} >= {"T001", "T003", "T004", "T011", "T013", "T014"}


def test_it_checks_the_families_that_are_named_with_the_seeds_that_are_asked_for() -> None:
    (row,) = _run("T001", "--seeds", "2", "--processes", "1").splitlines()[1:-1]
    assert row.split()[:6] == ["T001", "2", "yes", "(rev)", "established", "false_positive"]


def test_it_works_in_several_processes() -> None:
    assert "2 families, 2 variants, 0 faults" in _run("T001", "T004", "--seeds", "1", "--processes", "2")


def test_it_does_not_know_a_family_without_a_file() -> None:
    with pytest.raises(CommandError, match="no scenario file of T999"):
        _run("T999")


def test_a_fault_is_printed_with_its_seed_and_ends_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def prove(*args: object, **options: object) -> FamilyProof:
        proof = prove_family(*args, **options)  # type: ignore[arg-type]
        faults = ((1, Fault("truth", "nobody opened it")),)
        return FamilyProof(
            proof.family,
            proof.seeds,
            proof.direction,
            proof.outcome,
            proof.disposition,
            proof.checks - 1,
            proof.all_checks,
            proof.seconds,
            faults,
        )

    monkeypatch.setattr(check_catalogue, "prove_family", prove)
    said = StringIO()
    with pytest.raises(CommandError, match="1 faults") as refused:
        call_command("check_catalogue", "T001", "--seeds", "1", "--processes", "1", stdout=said)
    assert refused.value.returncode == 1
    assert "T001, seed 1: truth: nobody opened it" in said.getvalue()
