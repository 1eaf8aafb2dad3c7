"""Findings in plain words, for trainees. The only prose in the engine.

Each rule id has a sentence about the case (filled from the finding's facts) and a lesson: the general rule
and what to look at next time. A rule without words is a fault of ours and raises. One file a subject.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..types import Finding
from . import alerts, dispositions, effects, originators, outcomes
from .lessons import Words
from .rule_parts import RulePart, explain_rule
from .rule_text import rule_reads

__all__ = ["WORDS", "RulePart", "Words", "describe", "explain_rule", "lesson", "name_inputs", "rule_reads"]

WORDS: Mapping[str, Words] = {
    **originators.WORDS,
    **outcomes.WORDS,
    **alerts.WORDS,
    **effects.WORDS,
    **dispositions.WORDS,
}

# The decision table's inputs as questions that the evidence or the author would answer.
INPUT_WORDS = {
    "dir": "whether the alert's direction is right",
    "intent": "whether it fits the rule",
    "effect": "what was achieved",
    "evid": "whether an attack succeeded",
    "auth": "whether it was authorised",
    "role": "what the protected host is",
    "origin": "which side acted",
    "mal": "whether it was meant as harm",
}


class Fact(str):
    """A fact as a sentence prints it: `{attempts}`, or with the noun that it counts, `{attempts:time}`."""

    __slots__ = ()

    def __format__(self, noun: str) -> str:
        if not noun:
            return str(self)
        return f"{self} {noun}" if self == "1" else f"{self} {noun}s"


def describe(finding: Finding) -> str:
    """One plain sentence that says what was found. KeyError for a rule, value or fact without words."""
    sentence = WORDS[finding.rule].sentence
    text = sentence if isinstance(sentence, str) else sentence[finding.value]
    facts = {name: Fact(value or "not given") for name, value in finding.facts.items()}
    if "depends_on" in facts:
        facts["depends_on"] = Fact(name_inputs(facts["depends_on"].split(", ")))
    return text.format_map({**facts, "value": finding.value})


def name_inputs(names: Iterable[str]) -> str:
    """Inputs of the decision table in words: `whether it was authorised, which side acted`."""
    return ", ".join(INPUT_WORDS[name] for name in names)


def lesson(rule_id: str) -> str:
    """The general rule behind a finding and what to check next time: two short sentences."""
    return WORDS[rule_id].lesson
