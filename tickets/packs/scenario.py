"""The scenario file: what plays, what the trainee is told, what is right. See docs/scenario-file.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from tickets.engine import (
    DISPOSITION_OF,
    Context,
    Disposition,
    EngineError,
    IntentMatch,
    Outcome,
    ReasonCode,
    Reversed,
    check_variables,
    parse_rule,
)

from .context import read_context_node
from .document import (
    Field,
    Mistake,
    Node,
    PackError,
    close_document,
    open_document,
    optional,
    read_fields,
    read_list,
    read_list_of_one_or_more,
    read_pairs,
    read_share,
    read_text,
    read_word,
)

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Level(StrEnum):
    NOVICE = "novice"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"
    EXPERT = "expert"


class Severity(StrEnum):
    """What the sensor prints: the rule author's prior, no part of the truth."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the author says is right. The engine judges on its own; the two must agree."""

    reversed: Reversed
    outcome: Outcome
    intent: IntentMatch
    reason_code: ReasonCode

    @property
    def disposition(self) -> Disposition:
        return DISPOSITION_OF[self.reason_code]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Another reason code that earns a share (0 to 1) of the disposition's marks, and why."""

    reason_code: ReasonCode
    credit: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The file as read. `statement` and `context` may still hold {placeholders}: see `fill_scenario`."""

    family: str
    slug: str
    title: str
    lesson: str
    level: Level
    severity: Severity
    sensor: str
    story: str
    rule: str
    statement: str
    context: Context
    expected: Expected
    accepted: tuple[Accepted, ...]
    next_steps: tuple[str, ...]


class Filled(NamedTuple):
    """What one variant's trainee is told, and what its author states."""

    statement: str
    context: Context


def read_scenario(text: str) -> Scenario:
    """Read a scenario file. PackError with every mistake and its line."""
    document = open_document(text)
    values = read_fields(document, FIELDS)
    if not document.report:
        _check_accepted(document, values["expected"], values["accepted"])
        _check_variables(document, values["context"])
    close_document(document)
    return Scenario(**values)


def placeholders(scenario: Scenario) -> frozenset[str]:
    """The names that a story must give for this scenario."""
    context = scenario.context
    texts = [
        scenario.statement,
        *context.notes,
        *(text for item in context.variables.values() for text in item),
    ]
    return frozenset(name for text in texts for name in PLACEHOLDER.findall(text))


def fill_scenario(scenario: Scenario, values: Mapping[str, str]) -> Filled:
    """Put the story's values in. PackError names those that the story does not give, and a variable
    that is no list of addresses or ports once filled."""
    if missing := sorted(placeholders(scenario) - set(values)):
        raise PackError(Mistake(1, "", f"The story {scenario.story} gives no {name!r}.") for name in missing)

    def fill(text: str) -> str:
        return PLACEHOLDER.sub(lambda found: values[found[1]], text)

    context = replace(
        scenario.context,
        notes=tuple(map(fill, scenario.context.notes)),
        variables={name: tuple(map(fill, texts)) for name, texts in scenario.context.variables.items()},
    )
    try:
        check_variables(context.variables)
    except EngineError as error:
        raise PackError([Mistake(1, f"context.variables, {error.place}", error.problem)]) from None
    return Filled(fill(scenario.statement), context)


def _read_matching(pattern: str, what: str) -> Callable[[Node], str]:
    def read_one(place: Node) -> str:
        text = read_text(place)
        if text and not re.fullmatch(pattern, text):
            place.mistake(f"{text!r} is not {what}.")
        return text

    return read_one


def _read_rule(place: Node) -> str:
    text = read_text(place)
    if text:
        try:
            parse_rule(text)
        except EngineError as error:
            place.mistake(f"{error.place}: {error.problem}")
    return text


def _read_expected(place: Node) -> Expected | None:
    values = read_fields(place, _EXPECTED_FIELDS)
    return Expected(**values)


def _read_accepted(place: Node) -> Accepted:
    values = read_fields(place, _ACCEPTED_FIELDS)
    return Accepted(**values)


def _check_accepted(document: Node, expected: Expected, accepted: tuple[Accepted, ...]) -> None:
    seen = {expected.reason_code}
    for item in accepted:
        if item.reason_code in seen:
            read_pairs(document)["accepted"].mistake(
                f"{item.reason_code} stands here although it is the expected code or listed before."
            )
        seen.add(item.reason_code)


def _check_variables(document: Node, context: Context) -> None:
    """Variables that wait for a story's value are checked when they are filled."""
    texts = [text for item in context.variables.values() for text in item]
    if any(PLACEHOLDER.search(text) for text in texts):
        return
    try:
        check_variables(context.variables)
    except EngineError as error:
        read_pairs(document)["context"].mistake(f"{error.place}: {error.problem}")


_EXPECTED_FIELDS = {
    "reversed": Field(read_word(Reversed)),
    "outcome": Field(read_word(Outcome)),
    "intent": Field(read_word(IntentMatch)),
    "reason_code": Field(read_word(ReasonCode)),
}

_ACCEPTED_FIELDS = {
    "reason_code": Field(read_word(ReasonCode)),
    "credit": Field(read_share),
    "reason": Field(read_text),
}

FIELDS = {
    "family": Field(_read_matching(r"T[0-9]{3}[a-z]?", "a family such as T001")),
    "slug": Field(_read_matching(r"[a-z0-9]+(-[a-z0-9]+)*", "lower-case letters, digits and hyphens")),
    "title": Field(read_text),
    "lesson": Field(read_text),
    "level": Field(read_word(Level)),
    "severity": Field(read_word(Severity)),
    "sensor": Field(read_text),
    "story": Field(_read_matching(r"[a-z][a-z0-9_]*", "the name of a story")),
    "rule": Field(_read_rule),
    "statement": Field(read_text),
    "context": Field(read_context_node),
    "expected": Field(_read_expected),
    "accepted": optional(read_list(_read_accepted), ()),
    "next_steps": Field(read_list_of_one_or_more(read_text)),
}
