"""What an author states because it is not on the wire: variables, notes, the decision table's inputs."""

from __future__ import annotations

from typing import Any

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
    read_fields,
    read_list,
    read_list_of_one_or_more,
    read_pairs,
    read_text,
    read_whole_number,
)


def read_context(text: str) -> Context:
    """Read a context file (docs/scenario-file.md, "Context"). PackError with every mistake and its line."""
    document = open_document(text)
    context = read_context_node(document)
    if not document.report:
        _check_variables(document, context)
    close_document(document)
    return context


def read_context_node(place: Node) -> Context:
    """The context at this place of a file; mistakes go to its report."""
    values = read_fields(place, FIELDS)
    context = Context(**values)
    for name, stated in context.inputs.items():
        for number in stated.notes:
            if not 1 <= number <= len(context.notes):
                _place_of(place, "inputs", name).mistake(f"There is no note {number}.")
    if _is_contradiction(context):
        _place_of(place, "inputs", "evid").mistake(
            "An attack that is confirmed cannot have a harmless purpose (evid confirmed, mal n)."
        )
    return context


def _read_variables(place: Node) -> dict[str, tuple[str, ...]]:
    read = read_list_of_one_or_more(read_text)
    variables = {}
    for name, child in read_pairs(place).items():
        if not name.isidentifier():
            child.mistake("The name of a variable is letters, digits and _, without $.")
        variables[name] = read(child)
    return variables


def _read_inputs(place: Node) -> dict[str, Stated]:
    inputs = {}
    for name, child in read_pairs(place).items():
        if name not in STATED_INPUTS:
            child.mistake(f"This input is not known; known are {', '.join(STATED_INPUTS)}.")
            continue
        inputs[name] = _read_stated(child)
        value = inputs[name].value
        if value and value not in STATED_INPUTS[name]:
            child.mistake(f"{value!r} is not one of {', '.join(STATED_INPUTS[name])}.")
    return inputs


def _read_stated(place: Node) -> Stated:
    """A word, or a mapping of the word and the notes that say so."""
    if not isinstance(place.node, yaml.MappingNode):
        return Stated(value=read_text(place))
    values: dict[str, Any] = read_fields(place, _STATED_FIELDS)
    return Stated(**values)


def _check_variables(place: Node, context: Context) -> None:
    try:
        check_variables(context.variables)
    except EngineError as error:
        name = error.place.removeprefix("variable ")
        _place_of(place, "variables", name).mistake(error.problem)


def _is_contradiction(context: Context) -> bool:
    stated = {name: item.value for name, item in context.inputs.items()}
    return stated.get("evid") == Evidence.CONFIRMED and stated.get("mal") == Malice.NO


def _place_of(place: Node, *keys: str) -> Node:
    """The node that these keys lead to, as far as it exists. Reads silently: it was read before."""
    quiet = Node(place.node, place.key, [])
    for key in keys:
        quiet = read_pairs(quiet).get(key, quiet)
    return Node(quiet.node, quiet.key, place.report)


_STATED_FIELDS = {
    "value": Field(read_text),
    "notes": optional(read_list(read_whole_number), ()),
}

FIELDS = {
    "variables": optional(_read_variables, {}),
    "notes": optional(read_list(read_text), ()),
    "inputs": optional(_read_inputs, {}),
}
