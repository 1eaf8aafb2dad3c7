"""What the checks found: one line a check, stored with the variant and shown to instructors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why a variant may not be served: the check's name, and what is wrong in a sentence."""

    check: str
    problem: str

    def __str__(self) -> str:
        return f"{self.check}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, what it makes sure of, what is wrong, and how long it took by the caller's clock."""

    name: str
    purpose: str
    problems: tuple[str, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.problems


class Volume(NamedTuple):
    """How much there is to read: all records of the evidence, and the conversations beside the lesson's."""

    records: int
    distractors: int


NOTHING = Volume(0, 0)


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of one variant. `lesson` is equal in every variant of a scenario, `surface` in no two, and `volume`
    about the same in all."""

    checks: tuple[Check, ...]
    lesson: str
    surface: str
    volume: Volume = NOTHING

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def faults(self) -> tuple[Fault, ...]:
        return tuple(Fault(check.name, problem) for check in self.checks for problem in check.problems)

    @property
    def seconds(self) -> float:
        return sum(check.seconds for check in self.checks)


def report_to_plain(report: Report) -> dict[str, Any]:
    """The report as JSON values; `report_from_plain` reads it back."""
    return {
        "lesson": report.lesson,
        "surface": report.surface,
        "volume": list(report.volume),
        "checks": [
            {
                "name": check.name,
                "purpose": check.purpose,
                "problems": list(check.problems),
                "seconds": round(check.seconds, 6),
            }
            for check in report.checks
        ],
    }


def report_from_plain(plain: Mapping[str, Any]) -> Report:
    checks: Sequence[Mapping[str, Any]] = plain["checks"]
    return Report(
        checks=tuple(
            Check(row["name"], row["purpose"], tuple(row["problems"]), row["seconds"]) for row in checks
        ),
        lesson=plain["lesson"],
        surface=plain["surface"],
        volume=Volume(*plain.get("volume", NOTHING)),
    )
