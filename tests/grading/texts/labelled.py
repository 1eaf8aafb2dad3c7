"""The labelled answers, and how far the reader agrees with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tickets.grading import Answers, read_answers
from tickets.grading.texts import Kind, TextContext, TextReading, asserted, read_text

FILE = Path(__file__).with_name("answers.yaml")


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled answer. `says` are facts and `checks` contradictions with the ticket's own answers."""

    number: int
    ticket: str
    step: str
    writer: str
    text: str
    says: frozenset[str]
    checks: frozenset[str]

    @property
    def is_kept_aside(self) -> bool:
        return self.number % 3 == 2


@lru_cache(maxsize=1)
def load() -> tuple[Mapping[str, Any], tuple[Row, ...]]:
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    tickets = document["tickets"]
    return tickets, tuple(_row(number, row, tickets) for number, row in enumerate(document["answers"]))


def rows() -> tuple[Row, ...]:
    return load()[1]


def _row(number: int, row: list[Any], tickets: Mapping[str, Any]) -> Row:
    ticket, step, writer, text, says, *checks = row
    labels = frozenset(_spell(label, tickets[ticket]) for label in says)
    return Row(number, ticket, step, writer, text, labels, frozenset(checks[0] if checks else ()))


def _spell(label: str, ticket: Mapping[str, Any]) -> str:
    """`opened c>s` with the ticket's addresses in the letters' places."""
    kind, _, value = label.partition(" ")
    if kind in {"opened", "sent", "claimed"}:
        value = ">".join(ticket.get(side, side) for side in value.split(">"))
    elif kind == "port" and ":" in value:
        side, port = value.split(":")
        ip = ticket[side]
        value = f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
    return f"{kind} {value}".strip()


def own_answers(ticket: Mapping[str, Any]) -> Answers:
    """The ticket's own structured answers: what a trainee who is right would have in the fields."""
    disposition = {"TP": "true_positive", "BN": "benign", "FP": "false_positive"}[ticket["code"][:2]]
    answers, problems = read_answers(
        {
            "originator_ip": ticket["c"],
            "originator_port": ticket["cport"] or "",
            "responder_ip": ticket["s"],
            "responder_port": ticket["sport"] or "",
            "protocol": ticket["protocol"],
            "reversed": ticket["reversed"],
            "outcome": ticket["outcome"],
            "intent": ticket["intent"],
            "disposition": disposition,
            "reason_code": ticket["code"],
        }
    )
    assert problems == ()
    return answers


def context_of(name: str) -> TextContext:
    ticket = load()[0][name]
    return TextContext(
        answers=own_answers(ticket),
        hosts={host: ticket[side] for host, side in ticket["hosts"].items()},
        addresses=frozenset({ticket["c"], ticket["s"], ticket["r"]}),
        copied=(ticket["message"],),
        sids=frozenset({ticket["sid"]}),
    )


def read(row: Row) -> TextReading:
    return read_text(row.step, row.text, context_of(row.ticket))


def said(reading: TextReading) -> frozenset[str]:
    return frozenset(str(fact) for fact in asserted(reading.facts, *Kind))


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many facts were found rightly, found wrongly, and not found."""

    found: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f} ({self.wrong} wrong of {self.found + self.wrong}), "
            f"recall {self.recall:.3f} ({self.missed} missed of {self.found + self.missed})"
        )


def agreement(pairs: Iterable[tuple[frozenset[str], frozenset[str]]]) -> Agreement:
    """Of pairs of what was read and what was labelled."""
    found = wrong = missed = 0
    for read_, labelled in pairs:
        found += len(read_ & labelled)
        wrong += len(read_ - labelled)
        missed += len(labelled - read_)
    return Agreement(found, wrong, missed)


SIDES = frozenset({"opened", "sent", "claimed"})
NAMES = frozenset({"port", "protocol", "service", "flag", "record", "time", "sid"})
STATEMENTS = frozenset(kind.value for kind in Kind) - SIDES - NAMES


def facts_of(chosen: Iterable[Row], kinds: frozenset[str] = SIDES | NAMES | STATEMENTS) -> Agreement:
    def of_kinds(facts: frozenset[str]) -> frozenset[str]:
        return frozenset(fact for fact in facts if fact.split()[0] in kinds)

    return agreement((of_kinds(said(read(row))), of_kinds(row.says)) for row in chosen)


def checks_of(chosen: Iterable[Row]) -> Agreement:
    return agreement((frozenset(c.against.value for c in read(row).own), row.checks) for row in chosen)
