"""The checks of one generated variant: story, scenario file and the engine's verdict held against each other.

The verdict comes from the evidence alone, so a fault here means that the evidence does not carry the
lesson, that the scenario file states something else, or that the engine is wrong. In each case nobody
may be given the variant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tickets.engine import Claim, Outcome, ReasonCode, Verdict, parse_rule
from tickets.packs import Scenario, fill_scenario
from tickets.simulator import Simulation

CERTAIN = 0.9
GRADED = (Claim.ORIGINATOR, Claim.OUTCOME, Claim.REVERSED, Claim.INTENT, Claim.DISPOSITION)
# What a title, statement, note, message or file name may not say: the key in its own words.
TELLTALES = re.compile(
    r"\b(?:{})\b".format(
        "|".join(
            (
                *(outcome.value.replace("_", "[ _-]") for outcome in Outcome),
                *(code.value for code in ReasonCode if code is not ReasonCode.UN),
                "revers(?:ed|al)",
                "backwards?",
                "swapped",
                "flipped",
                "return(?:ing)? traffic",
                "back-?scatter",
                "originator",
                "responder",
                "true[ _-]positive",
                "false[ _-]positive",
                "benign",
            )
        )
    ),
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why a variant may not be served: the check's name, and what is wrong in a sentence."""

    check: str
    problem: str

    def __str__(self) -> str:
        return f"{self.check}: {self.problem}"


class Case(NamedTuple):
    scenario: Scenario
    played: Simulation
    verdict: Verdict


def check_variant(scenario: Scenario, played: Simulation, verdict: Verdict) -> tuple[Fault, ...]:
    """Every fault of a variant that was played for `scenario`; `verdict` is the engine's about its files.

    None means that it may be served.
    """
    case = Case(scenario, played, verdict)
    return tuple(Fault(name, problem) for name, check in CHECKS.items() for problem in check(case))


def _check_reading(case: Case) -> Iterator[str]:
    """Every evidence file can be read to its end."""
    yield from map(str, case.verdict.problems)


def _check_truth(case: Case) -> Iterator[str]:
    """The engine finds from the evidence what the story made true."""
    truth, verdict = case.played.truth, case.verdict
    conversation = verdict.conversation
    found: dict[str, tuple[object, object]] = {
        "originator": (truth.orig, conversation and conversation.orig),
        "responder": (truth.resp, conversation and conversation.resp),
        "protocol": (truth.protocol, conversation and conversation.protocol),
        "outcome": (truth.outcome, verdict.outcome),
        "reversed": (truth.reversed, verdict.reversed),
    }
    yield from _differences(found, "the story's truth", "the engine's verdict")


def _check_expectation(case: Case) -> Iterator[str]:
    """The engine concludes what the author expects."""
    expected, verdict = case.scenario.expected, case.verdict
    found: dict[str, tuple[object, object]] = {
        "reversed": (expected.reversed, verdict.reversed),
        "outcome": (expected.outcome, verdict.outcome),
        "intent": (expected.intent, verdict.intent),
        "reason code": (expected.reason_code, verdict.reason_code),
    }
    yield from _differences(found, "the scenario file", "the engine's verdict")


def _differences(found: dict[str, tuple[object, object]], one: str, other: str) -> Iterator[str]:
    for what, (wanted, given) in found.items():
        if wanted != given:
            yield f"{what} is {wanted} in {one} and {given} in {other}"


def _check_proofs(case: Case) -> Iterator[str]:
    """Every graded fact has a finding that supports it, is as good as certain, and cites a record."""
    conversation = case.verdict.conversation
    findings = (*case.verdict.findings, *(conversation.findings if conversation else ()))
    for claim in GRADED:
        strong = [item for item in findings if item.claim is claim and item.supports and item.records]
        if not any(item.confidence >= CERTAIN for item in strong):
            yield f"no record proves the {claim.value} with a confidence of {CERTAIN} or more"


def _check_rule(case: Case) -> Iterator[str]:
    """The alert comes from the rule that the trainee is shown."""
    rule, alert = parse_rule(case.scenario.rule), case.played.alert
    found: dict[str, tuple[object, object]] = {
        "sid": (rule.sid, alert.sid),
        "rev": (rule.rev, alert.rev),
        "message": (rule.msg, alert.message),
    }
    yield from _differences(found, "the rule", "the alert")


def _check_silence(case: Case) -> Iterator[str]:
    """Nothing that stands around the evidence gives the answer away."""
    filled = fill_scenario(case.scenario, case.played.values)
    shown = {
        "the title": case.scenario.title,
        "the slug": case.scenario.slug,
        "the statement": filled.statement,
        "the sensor": case.scenario.sensor,
        "the alert's message": case.played.alert.message,
        "the files' names": " ".join(file.name for file in case.played.files),
        **{f"note {number}": note for number, note in enumerate(filled.context.notes, 1)},
    }
    for place, text in shown.items():
        for word in dict.fromkeys(found.lower() for found in TELLTALES.findall(text)):
            yield f"{place} says {word!r}"


CHECKS: dict[str, Callable[[Case], Iterator[str]]] = {
    "reading": _check_reading,
    "truth": _check_truth,
    "expectation": _check_expectation,
    "proofs": _check_proofs,
    "rule": _check_rule,
    "silence": _check_silence,
}
