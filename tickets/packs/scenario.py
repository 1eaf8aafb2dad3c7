"""The scenario file: what plays, what the trainee is told, what is right. See docs/scenario-file.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from tickets.engine import (
    DISPOSITION_OF,
    Context,
    Disposition,
    EngineError,
    IntentMatch,
    ReasonCode,
    Reversed,
    check_variables,
    parse_rule,
)
from tickets.grading import OutcomeAnswer, read_weights
from tickets.simulator import Setting, ShownSensor, Span
from tickets.skills import BY_CODE

from .context import Section, Told, read_context_node
from .document import (
    Field,
    Mistake,
    Node,
    PackError,
    close_document,
    leaves_of,
    open_document,
    optional,
    place_of,
    read_fields,
    read_list,
    read_one_of,
    read_one_or_more,
    read_pairs,
    read_share,
    read_short_text,
    read_text,
    read_whole_number,
    read_word,
)
from .network import Network, check_sensors, read_network, read_parameters, read_sensor
from .signatures import signature_of

SCHEMA = 1
FAMILY = r"T[0-9]{3}[a-z]?"
SLUG = r"(?=.{1,80}$)[a-z0-9]+(-[a-z0-9]+)*"
VERSION = r"[0-9]+(\.[0-9]+)?"
TECHNIQUE = r"T[0-9]{4}(\.[0-9]{3})?"
MAX_TITLE = 160
MAX_SENSOR = 80
# Evidence keeps its name on the desk.
FILE_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
ALERT = r"\S+\s+\S+\s*->\s*\S+"
FOR_A_STORY = frozenset({"network", "parameters", "sensors"})
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
    outcome: OutcomeAnswer
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
class Attack:
    """Techniques of MITRE ATT&CK, and the version of its matrix in which they have these numbers."""

    version: str
    techniques: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The file as read, and its text. `statement`, `context` and `hints` may still hold {placeholders}: see
    `fill_scenario`. `headings` says of each note of the context under which heading it stands.

    A scenario has a `story`, or `evidence`: files that stand beside it, whose alert is printed in `alert` or, if that is
    blank, the first of an EVE file.

    `hints` are three: where to look, what decides, the record and the rule. `contrast` are families that look alike and
    end otherwise."""

    source: str = field(repr=False)
    family: str
    slug: str
    title: str
    lesson: str
    level: Level
    severity: Severity
    sensor: str
    story: str
    evidence: tuple[str, ...]
    alert: str
    skills: tuple[str, ...]
    attack: Attack
    rule: str
    network: Network
    parameters: Mapping[str, tuple[str, ...] | Span]
    sensors: tuple[ShownSensor, ...]
    statement: str
    context: Context
    headings: tuple[Section, ...]
    hints: tuple[str, str, str]
    contrast: tuple[str, ...]
    expected: Expected
    accepted: tuple[Accepted, ...]
    weights: Mapping[str, float]
    next_steps: tuple[str, ...]


class Filled(NamedTuple):
    """What one variant's trainee is told, and what its author states."""

    statement: str
    context: Context
    hints: tuple[str, str, str]


def read_scenario(text: str) -> Scenario:
    """Read a scenario file. PackError with every mistake and its line."""
    document = open_document(text)
    values = read_fields(document, FIELDS)
    told: Told = values.pop("context") or Told(Context(), ())
    del values["schema"]
    _check_accepted(document, values["expected"], values["accepted"])
    if not _has_mistake(document, "context.variables"):
        _check_variables(document, told.context)
    _check_source(document)
    # Where the network could not be read, what it lacks says nothing of the sensors.
    if values["sensors"] and not _has_mistake(document, "network"):
        check_sensors(place_of(document, "sensors"), values["sensors"], values["network"])
    close_document(document)
    return Scenario(source=text, context=told.context, headings=told.headings, **values)


def read_expected(text: str) -> Expected:
    """What the author of a scenario file says is right, and nothing else of the file. PackError for a mistake in it."""
    document = open_document(text)
    pairs = read_pairs(document)
    if "expected" not in pairs:
        document.mistake("The key expected is missing.")
    expected = _read_expected(pairs["expected"]) if "expected" in pairs else None
    close_document(document)
    assert expected is not None  # a mistake would have been told
    return expected


def setting_of(scenario: Scenario) -> Setting:
    """What the scenario says to its story."""
    return Setting(
        signature=signature_of(parse_rule(scenario.rule)),
        severity=scenario.severity.value,
        hosts=scenario.network.hosts,
        published=scenario.network.published,
        taps=scenario.network.taps,
        parameters=scenario.parameters,
        sensors=scenario.sensors,
    )


def placeholders(scenario: Scenario) -> frozenset[str]:
    """The names that a story must give for this scenario."""
    context = scenario.context
    texts = [
        scenario.statement,
        *scenario.hints,
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
        return _fill(text, values)

    context = replace(
        scenario.context,
        notes=tuple(map(fill, scenario.context.notes)),
        variables=fill_variables(scenario.context.variables, values),
    )
    first, second, third = map(fill, scenario.hints)
    return Filled(fill(scenario.statement), context, (first, second, third))


def fill_variables(
    variables: Mapping[str, Iterable[str]], values: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """The variables of one variant. PackError for a value that is not given, or a list that is none once filled."""
    named = {name for texts in variables.values() for text in texts for name in PLACEHOLDER.findall(text)}
    if missing := sorted(named - set(values)):
        raise PackError(
            Mistake(1, "context.variables", f"There is no value for {name!r}.") for name in missing
        )
    filled = {name: tuple(_fill(text, values) for text in texts) for name, texts in variables.items()}
    try:
        check_variables(filled)
    except EngineError as error:
        raise PackError([Mistake(1, f"context.variables, {error.place}", error.problem)]) from None
    return filled


def _fill(text: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


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


def _read_attack(place: Node) -> Attack:
    values = read_fields(place, _ATTACK_FIELDS)
    return Attack(**values)


def _read_hints(place: Node) -> tuple[str, str, str]:
    values = read_fields(place, _HINT_FIELDS)
    return values["1"] or "", values["2"] or "", values["3"] or ""


def _read_schema(place: Node) -> int:
    if (number := read_whole_number(place)) != SCHEMA:
        place.mistake(f"This is read by schema {SCHEMA}, not {number}.")
    return number


def _read_expected(place: Node) -> Expected | None:
    values = read_fields(place, _EXPECTED_FIELDS)
    return Expected(**values)


def _read_accepted(place: Node) -> Accepted:
    values = read_fields(place, _ACCEPTED_FIELDS)
    return Accepted(**values)


def _read_weights(place: Node) -> dict[str, float]:
    """Points by line of the rubric; each is checked as grading will read it."""
    weights: dict[str, float] = {}
    for name, node in read_pairs(place).items():
        text = read_text(node)
        try:
            weight = float(text)
            read_weights({name: weight})
        except ValueError as error:
            told = str(error) if name and not str(error).startswith("could not") else ""
            node.mistake(told or f"A number from 0 to 100 is expected here, not {text!r}.")
        else:
            weights[name] = weight
    return weights


def _check_source(document: Node) -> None:
    """What is shown comes of a story or stands beside the file, and what only a story uses stands with a story."""
    pairs = read_pairs(Node(document.node, "", []))
    if ("story" in pairs) == ("evidence" in pairs):
        document.below(document.node, "story").mistake("A scenario has a story or evidence, and not both.")
    if "evidence" not in pairs:
        if "alert" in pairs:
            pairs["alert"]._replace(report=document.report).mistake("A story raises its own alert.")
        return
    for name in FOR_A_STORY & pairs.keys():
        place_of(document, name).mistake("Only a story uses this.")
    for leaf in leaves_of(document):
        if leaf.key.split(".")[0] in ("statement", "hints", "context"):
            for name in PLACEHOLDER.findall(leaf.node.value):
                leaf.mistake(f"No story fills {{{name}}} in.")


def _has_mistake(document: Node, key: str) -> bool:
    return any(f"{mistake.key}.".startswith(f"{key}.") for mistake in document.report)


def _check_accepted(document: Node, expected: Expected | None, accepted: tuple[Accepted, ...]) -> None:
    seen = {expected.reason_code} if expected else set()
    for number, item in enumerate(accepted, start=1):
        # A code that could not be read is None, and told already.
        if item.reason_code and item.reason_code in seen:
            place_of(document, "accepted", str(number), "reason_code").mistake(
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
        name = error.place.removeprefix("variable ")
        place_of(document, "context", "variables", name).mistake(error.problem)


_ATTACK_FIELDS = {
    "version": Field(_read_matching(VERSION, "a version of ATT&CK such as 17.1")),
    "techniques": optional(read_list(_read_matching(TECHNIQUE, "a technique such as T1595.001")), ()),
}
_HINT_FIELDS = {level: Field(read_text) for level in ("1", "2", "3")}
_EXPECTED_FIELDS = {
    "reversed": Field(read_word(Reversed)),
    "outcome": Field(read_word(OutcomeAnswer)),
    "intent": Field(read_word(IntentMatch)),
    "reason_code": Field(read_word(ReasonCode)),
}

_ACCEPTED_FIELDS = {
    "reason_code": Field(read_word(ReasonCode)),
    "credit": Field(read_share),
    "reason": Field(read_text),
}

_read_family = _read_matching(FAMILY, "a family such as T001")

FIELDS = {
    "schema": Field(_read_schema),
    "family": Field(_read_family),
    "slug": Field(_read_matching(SLUG, "lower-case letters, digits and hyphens, at most 80")),
    "title": Field(read_short_text(MAX_TITLE)),
    "lesson": Field(read_text),
    "level": Field(read_word(Level)),
    "severity": Field(read_word(Severity)),
    "sensor": Field(read_short_text(MAX_SENSOR)),
    "story": optional(_read_matching(r"[a-z][a-z0-9_]*", "the name of a story"), ""),
    "evidence": optional(
        read_one_or_more(_read_matching(FILE_NAME, "the name of a file beside this one")), ()
    ),
    "alert": optional(_read_matching(ALERT, "an alert such as tcp 203.0.113.80:80 -> 10.20.30.40:3932"), ""),
    "skills": Field(read_one_or_more(read_one_of(BY_CODE))),
    "attack": Field(_read_attack),
    "rule": Field(_read_rule),
    "network": optional(read_network, Network({}, (), {})),
    "parameters": optional(read_parameters, {}),
    "sensors": optional(read_list(read_sensor), ()),
    "statement": Field(read_text),
    "context": Field(read_context_node),
    "hints": Field(_read_hints),
    "contrast": optional(read_list(_read_family), ()),
    "expected": Field(_read_expected),
    "accepted": optional(read_list(_read_accepted), ()),
    "weights": optional(_read_weights, {}),
    "next_steps": Field(read_one_or_more(read_text)),
}
