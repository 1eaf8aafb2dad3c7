"""`manage.py check_catalogue [FAMILY...]`: every scenario file with several seeds through all quality checks."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tickets.packs import PackError, Scenario, read_scenario
from tickets.quality import FamilyProof, prove_family

HEADINGS = ("family", "seeds", "direction", "outcome", "disposition", "checks", "seconds")


class Command(BaseCommand):
    help = "Play every scenario file with several seeds and check what comes out. Writes nothing."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "families", nargs="*", metavar="FAMILY", help="only these, for example T001 (all)"
        )
        parser.add_argument("--seeds", type=int, default=5, help="how many variants of each (5)")
        parser.add_argument("--processes", type=int, help="how many work at once (one a core)")

    def handle(self, *args: Any, **options: Any) -> None:
        scenarios = list(_read_scenarios(set(options["families"])))
        started = time.perf_counter()
        prove = partial(prove_family, seeds=options["seeds"], clock=time.perf_counter)
        proofs = _in_processes(prove, scenarios, options["processes"])
        took_s = time.perf_counter() - started
        for line in _table(proofs):
            self.stdout.write(line)
        faults = [(proof.family, number, fault) for proof in proofs for number, fault in proof.faults]
        for family, number, fault in faults:
            self.stdout.write(f"{family}, seed {number}: {fault}")
        variants = sum(proof.seeds for proof in proofs)
        self.stdout.write(
            f"{len(proofs)} families, {variants} variants, {len(faults)} faults, {took_s:.1f} s"
        )
        if faults:
            raise CommandError(f"{len(faults)} faults.", returncode=1)


def _read_scenarios(families: set[str]) -> Iterator[Scenario]:
    found = set()
    for path in sorted((Path(settings.BASE_DIR) / "fixtures" / "scenarios").glob("*.yaml")):
        try:
            scenario = read_scenario(path.read_text(encoding="utf-8"))
        except PackError as error:
            raise CommandError("\n".join(f"{path.name}: {mistake}" for mistake in error.mistakes)) from error
        if scenario.story and (not families or scenario.family in families):
            found.add(scenario.family)
            yield scenario
    if missing := sorted(families - found):
        raise CommandError(f"There is no scenario file of {', '.join(missing)}.")


def _in_processes(prove: Any, scenarios: Sequence[Scenario], processes: int | None) -> list[FamilyProof]:
    """In their order. Spawned, not forked: a process that has threads or a database open must not be copied."""
    if processes == 1:
        return [prove(scenario) for scenario in scenarios]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return list(pool.map(prove, scenarios))


def _table(proofs: Sequence[FamilyProof]) -> Iterator[str]:
    rows = [
        HEADINGS,
        *(
            (
                proof.family,
                str(proof.seeds),
                proof.direction,
                proof.outcome,
                proof.disposition,
                f"{proof.checks}/{proof.all_checks}",
                f"{proof.seconds:.2f}",
            )
            for proof in proofs
        ),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
