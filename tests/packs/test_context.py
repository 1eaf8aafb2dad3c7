"""The context file: what is stated is read as it stands, and every mistake is told with its line."""

from __future__ import annotations

import pytest

from tickets.engine import STATED_INPUTS, Stated
from tickets.packs import PackError, Section, read_context, read_headings

CONTEXT = """\
variables:
  HOME_NET: [10.20.0.0/16, 192.0.2.0/24]
  EXTERNAL_NET: ["!$HOME_NET"]
  HTTP_PORTS: [80, 8000:8090]
notes:
  - Asset record, 10.20.30.40 is a workstation of ana's.
  - >
    The change calendar has no entry
    for this night.
inputs:
  auth: no
  role: {value: work, notes: [1]}
  mal: n
  origin: int
  evid: none
  dup: y
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(PackError) as caught:
        read_context(text)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_context_is_read_as_it_stands() -> None:
    context = read_context(CONTEXT)
    assert context.variables["HOME_NET"] == ("10.20.0.0/16", "192.0.2.0/24")
    assert context.variables["HTTP_PORTS"] == ("80", "8000:8090")
    assert context.notes[1] == "The change calendar has no entry for this night."
    assert context.inputs["role"] == Stated(value="work", notes=(1,))


def test_what_lists_say_stands_behind_all_other_notes() -> None:
    text = (
        "intelligence: [a list]\nnotes: [a note]\ninputs: {mal: {value: y, notes: [intelligence.1, notes.1]}}"
    )
    context = read_context(text)
    assert context.notes == ("a note", "a list")
    assert context.inputs["mal"].notes == (2, 1)
    assert read_headings(text) == (Section.NOTES, Section.INTELLIGENCE)


def test_words_that_yaml_would_turn_into_truth_values_stay_words() -> None:
    inputs = read_context(CONTEXT).inputs
    assert (inputs["auth"].value, inputs["mal"].value, inputs["dup"].value) == ("no", "n", "y")


def test_every_part_of_a_context_may_be_absent() -> None:
    context = read_context("notes: [nothing else is known]")
    assert (context.variables, context.inputs) == ({}, {})


def test_all_mistakes_are_told_at_once_each_with_its_line() -> None:
    text = CONTEXT.replace("auth: no", "auth: maybe").replace("[1]", "[3]").replace("dup: y", "weather: fine")
    assert mistakes(text) == [
        "line 11: inputs.auth: 'maybe' is not one of in, out, no, unk.",
        "line 12: inputs.role: There is no note 3.",
        f"line 16: inputs.weather: This input is not known; known are {', '.join(STATED_INPUTS)}.",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: The file is empty."),
        ("notes: [a, b", "line 1: This is not YAML: expected ',' or ']', but got '<stream end>'."),
        ("just words", "line 1: A mapping of keys and values is expected here."),
        ("notes: one", "line 1: notes: A list is expected here."),
        ("notes:\n- [a]", "line 2: notes.1: Text is expected here."),
        ("notes: []\nnotes: []", "line 2: notes: This key stands here a second time."),
        (
            "truth: yes",
            "line 1: truth: This key is not known; known are variables, assets, authorised, changes, earlier_tickets, notes, intelligence, inputs.",
        ),
        ("variables:\n  HOME_NET: []", "line 2: variables.HOME_NET: At least one is needed here."),
        (
            "variables:\n  A: [1.1.1.1]\n  HOME_NET: [ten]",
            "line 3: variables.HOME_NET: 'ten' is not an address or a network.",
        ),
        (
            "variables:\n  $HOME: [any]",
            "line 2: variables.$HOME: The name of a variable is letters, digits and _, without $.",
        ),
        (
            "inputs:\n  role: {value: work, notes: [x]}",
            "line 2: inputs.role: 'x' is no note: SECTION.NUMBER, as in assets.1.",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(text: str, told: str) -> None:
    assert told in mistakes(text)


def test_a_confirmed_attack_with_a_harmless_purpose_is_refused() -> None:
    told = mistakes("inputs:\n  mal: n\n  evid: confirmed\n")
    assert told == [
        "line 3: inputs.evid: An attack that is confirmed cannot have a harmless purpose (evid confirmed, mal n)."
    ]


def test_a_tag_that_would_make_an_object_has_no_effect() -> None:
    assert mistakes("notes: [!!python/object/apply:os.getcwd []]") == [
        "line 1: notes.1: Text is expected here."
    ]


def test_a_text_that_stands_for_itself_is_refused() -> None:
    told = "A reference (*name) is not read; quote a text that begins so."
    assert mistakes("variables: {}\nnotes: &all [*all]") == [f"line 2: {told}"]


def test_deep_nesting_and_great_length_are_refused() -> None:
    assert mistakes("[" * 5000) == ["line 1: This is not YAML that can be read."]
    assert "longer than" in mistakes("#" * 200_001)[0]
