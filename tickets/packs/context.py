"""What an author states because it is not on the wire: variables, notes, the decision table's inputs."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

import yaml

from tickets.engine import (
    STATED_INPUTS,
    Context,
    EngineError,
    Evidence,
    Malice,
    Stated,
    check_variables,
)

from .document import (
    Field,
    Node,
    close_document,
    open_document,
    optional,
    place_of,
    read_fields,
    read_list,
    read_one_or_more,
    read_pairs,
    read_text,
)


class Section(StrEnum):
    """The parts of what a trainee is told, in the order in which they are numbered as `context:1`, `context:2` ..."""

    ASSETS = "assets"
    AUTHORISED = "authorised"
    CHANGES = "changes"
    EARLIER_TICKETS = "earlier_tickets"
    NOTES = "notes"
    # Last: the notes of files that are older than this section keep their numbers, which worksheets cite.
    INTELLIGENCE = "intelligence"


class Told(NamedTuple):
    """The context, and under which heading each of its notes stands."""

    context: Context
    headings: tuple[Section, ...]


def read_context(text: str) -> Context:
    """Read a context file (docs/scenario-file.md, "Context"). PackError with every mistake and its line."""
    document = open_document(text)
    context = read_context_node(document).context
    if not document.report:
        _check_variables(document, context)
    close_document(document)
    return context


def read_headings(text: str) -> tuple[Section, ...]:
    """Under which heading each note of a context file stands, if it has no mistakes."""
    return read_context_node(open_document(text)).headings


def read_context_node(place: Node) -> Told:
    """The context at this place of a file; mistakes go to its report."""
    values = read_fields(place, FIELDS)
    by_section: dict[Section, tuple[str, ...]] = {section: values[section] for section in Section}
    headings = tuple(section for section, notes in by_section.items() for _ in notes)
    inputs = {}
    for name, (value, references) in values["inputs"].items():
        child = place_of(place, "inputs", name)
        inputs[name] = Stated(value=value, notes=_resolve(child, references, by_section))
    context = Context(
        variables=values["variables"],
        notes=tuple(note for notes in by_section.values() for note in notes),
        inputs=inputs,
    )
    if _is_contradiction(context):
        place_of(place, "inputs", "evid").mistake(
            "An attack that is confirmed cannot have a harmless purpose (evid confirmed, mal n)."
        )
    return Told(context, headings)


def _resolve(
    place: Node, references: tuple[str, ...], by_section: dict[Section, tuple[str, ...]]
) -> tuple[int, ...]:
    """`changes.2` as the number of that note among all. A bare number is one of the section `notes`."""
    numbers = []
    for reference in references:
        word, dot, digits = reference.rpartition(".")
        section = word if dot else Section.NOTES.value
        if section not in set(Section) or not digits.isascii() or not digits.isdigit():
            place.mistake(f"{reference!r} is no note: SECTION.NUMBER, as in assets.1.")
            continue
        here, number = Section(section), int(digits)
        if not 1 <= number <= len(by_section[here]):
            place.mistake(f"There is no note {reference}.")
            continue
        before = sum(len(notes) for each, notes in by_section.items() if _stands_before(each, here))
        numbers.append(before + number)
    return tuple(numbers)


def _stands_before(one: Section, other: Section) -> bool:
    order = list(Section)
    return order.index(one) < order.index(other)


def _read_variables(place: Node) -> dict[str, tuple[str, ...]]:
    read = read_one_or_more(read_text)
    variables = {}
    for name, child in read_pairs(place).items():
        if not name.isidentifier():
            child.mistake("The name of a variable is letters, digits and _, without $.")
        variables[name] = read(child)
    return variables


def _read_inputs(place: Node) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Each input's word, and the references of the notes that say so."""
    inputs = {}
    for name, child in read_pairs(place).items():
        if name not in STATED_INPUTS:
            child.mistake(f"This input is not known; known are {', '.join(STATED_INPUTS)}.")
            continue
        inputs[name] = _read_stated(child)
        value, _ = inputs[name]
        if value and value not in STATED_INPUTS[name]:
            child.mistake(f"{value!r} is not one of {', '.join(STATED_INPUTS[name])}.")
    return inputs


def _read_stated(place: Node) -> tuple[str, tuple[str, ...]]:
    """A word, or a mapping of the word and the notes that say so."""
    if not isinstance(place.node, yaml.MappingNode):
        return read_text(place), ()
    values: dict[str, Any] = read_fields(place, _STATED_FIELDS)
    return values["value"] or "", values["notes"]


def _check_variables(place: Node, context: Context) -> None:
    try:
        check_variables(context.variables)
    except EngineError as error:
        name = error.place.removeprefix("variable ")
        place_of(place, "variables", name).mistake(error.problem)


def _is_contradiction(context: Context) -> bool:
    stated = {name: item.value for name, item in context.inputs.items()}
    return stated.get("evid") == Evidence.CONFIRMED and stated.get("mal") == Malice.NO


_STATED_FIELDS = {
    "value": Field(read_text),
    "notes": optional(read_list(read_text), ()),
}

FIELDS = {
    "variables": optional(_read_variables, {}),
    **{section.value: optional(read_list(read_text), ()) for section in Section},
    "inputs": optional(_read_inputs, {}),
}
