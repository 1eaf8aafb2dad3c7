"""Nobody loses a mark without a reason and a record to look at: every scenario, every field wrong in turn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from tests.quality.scenarios import FAMILIES, play_scenario, scenario_of
from tickets.engine import (
    DISPOSITION_OF,
    Disposition,
    EvidenceFile,
    IntentMatch,
    Protocol,
    ReasonCode,
    Reversed,
    analyze,
)
from tickets.grading import (
    HINT_LEVELS,
    MAX_PINS,
    Answers,
    Criterion,
    CriterionMark,
    Grade,
    Help,
    OutcomeAnswer,
    answers_to_plain,
    model_answers,
    read_answers,
)
from tickets.methodology import STEP_NAMES
from tickets.packs import fill_scenario
from tickets.quality.exhibit import Exhibit
from tickets.quality.trainees import write_worksheets
from tickets.quality.worksheet import grade_answers, key_for
from tickets.quality.world import World

Worksheets = Iterator[tuple[str, Answers]]
ELSEWHERE = "192.0.2.249"
NOBODYS_PORT = 1
# What would be no feedback: a judgement and nothing else.
BARE = re.compile(r"\b(in)?correct\b|\bwrong\b", re.IGNORECASE)


@cache
def exhibit_of(family: str) -> Exhibit:
    scenario, played = scenario_of(family), play_scenario(family)
    context = fill_scenario(scenario, played.values).context
    files = [EvidenceFile(name=file.name, data=file.data) for file in played.files]
    verdict = analyze(files, alert=played.alert, rule=scenario.rule, context=context)
    return Exhibit(scenario, played, verdict)


def worksheets(exhibit: Exhibit) -> Worksheets:
    """The model with one thing wrong, for every thing that can be; nothing at all; everything wrong; every wrong idea."""
    key = key_for(exhibit)
    model = model_answers(key)
    yield "blank", Answers()
    yield from write_worksheets(World(exhibit.verdict, key, exhibit.records)).items()
    fields = dict(_fields(exhibit, model))
    for name, wrong in fields.items():
        yield name, wrong
    everything = replace(model, texts=dict.fromkeys(STEP_NAMES, "It is as it is."), evidence=())
    for wrong in fields.values():
        changed = {
            name: getattr(wrong, name)
            for name in _changed(model, wrong)
            if name not in ("texts", "evidence") and getattr(wrong, name) is not None
        }
        everything = replace(everything, **changed)
    yield "everything", everything


def _changed(model: Answers, wrong: Answers) -> list[str]:
    return [name for name in Answers.__dataclass_fields__ if getattr(model, name) != getattr(wrong, name)]


def _fields(exhibit: Exhibit, model: Answers) -> Worksheets:
    values: Iterable[Any]
    value: Any
    for name, value in (
        ("originator_ip", ELSEWHERE),
        ("originator_port", NOBODYS_PORT),
        ("responder_ip", ELSEWHERE),
        ("responder_port", NOBODYS_PORT),
    ):
        yield name, replace(model, **{name: value})
        nothing: dict[str, Any] = {name: None}
        yield f"no {name}", replace(model, **nothing)
    for name, values in (
        ("protocol", Protocol),
        ("reversed", Reversed),
        ("outcome", OutcomeAnswer),
        ("intent", IntentMatch),
    ):
        for other in (None, *values):
            if other != getattr(model, name):
                yield f"{name} {other}", replace(model, **{name: other})
    yield from _closings(model)
    yield from _pins(exhibit, model)
    for step in STEP_NAMES:
        for text in (
            "",
            "It is as it is.",
            "True positive, false positive: it succeeded and it was refused.",
        ):
            yield f"{step}: {text}", replace(model, texts={**model.texts, step: text})


def _closings(model: Answers) -> Worksheets:
    yield "no closing", replace(model, disposition=None, reason_code=None)
    for disposition in Disposition:
        if disposition is not model.disposition:
            yield f"closed {disposition}", replace(model, disposition=disposition, reason_code=None)
    for code in ReasonCode:
        if code is not model.reason_code:
            yield f"closed {code}", replace(model, disposition=DISPOSITION_OF[code], reason_code=code)


def _pins(exhibit: Exhibit, model: Answers) -> Worksheets:
    places = [record.location for record in exhibit.records if record.location is not None]
    yield "no pins", replace(model, evidence=())
    yield "last record", replace(model, evidence=(places[-1],))
    yield "every record", replace(model, evidence=tuple(places[: MAX_PINS + 1]))


def _flaws(exhibit: Exhibit, grade: Grade) -> Iterator[str]:
    for mark in grade.criteria:
        if mark.points < mark.max_points:
            yield from (
                f"{mark.criterion.value} {flaw}: {mark.explanation}" for flaw in _flaws_of(exhibit, mark)
            )


def _flaws_of(exhibit: Exhibit, mark: CriterionMark) -> Iterator[str]:
    notes = len(exhibit.filled.context.notes)
    if not mark.records:
        yield "cites no record"
    for place in mark.records:
        if place not in exhibit.by_place and not (place.file == "context" and 1 <= place.number <= notes):
            yield f"cites {place}, which is not in the evidence"
    said = BARE.sub("", mark.explanation).split()
    if len(said) < 6 or not mark.explanation.endswith((".", "?", "!", "”")):
        yield "is not explained in a sentence"
    if not mark.rule or not mark.next_time:
        yield "has no rule, or nothing for the next time"
    if "None" in mark.explanation or "{" in mark.explanation:
        yield "has a gap in its sentence"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_lost_mark_is_explained_and_cites_a_record_of_the_trainees_own_evidence(family: str) -> None:
    exhibit = exhibit_of(family)
    seen: set[Answers | str] = set()
    flaws = []
    for name, written in worksheets(exhibit):
        typed, problems = read_answers(answers_to_plain(written))
        assert problems == (), (name, problems)
        grade = grade_answers(exhibit, typed)
        seen |= {mark.criterion.value for mark in grade.criteria if mark.points < mark.max_points}
        flaws += [f"{name}: {flaw}" for flaw in _flaws(exhibit, grade)]
    assert flaws == []
    marked = {mark.criterion.value for mark in grade_answers(exhibit, Answers()).criteria}
    assert seen == marked  # nothing that is marked was right in all of them


@pytest.mark.parametrize("family", FAMILIES)
def test_a_mark_that_a_hint_cost_says_so_and_cites_a_record_though_the_answer_was_right(family: str) -> None:
    exhibit = exhibit_of(family)
    dearest = HINT_LEVELS[-1]
    helps = [Help(name="Hint 3 was taken", lines=tuple(Criterion), percent=dearest.percent)]
    grade = grade_answers(exhibit, model_answers(key_for(exhibit)), helps)
    told = {line.criterion: line for line in grade.helped}
    fields = [mark for mark in grade.criteria if isinstance(mark.criterion, Criterion)]
    assert fields
    for mark in fields:
        assert mark.points < mark.max_points
        assert told[mark.criterion].lost == mark.max_points - mark.points
        assert told[mark.criterion].told.startswith("Hint 3 was taken: ")
        assert list(_flaws_of(exhibit, mark)) == []


def test_a_mark_without_a_reason_or_a_record_would_be_found() -> None:
    exhibit = exhibit_of("T001")
    blank = grade_answers(exhibit, Answers()).criteria[0]
    assert list(_flaws_of(exhibit, blank)) == []
    assert list(_flaws_of(exhibit, replace(blank, records=()))) == ["cites no record"]
    foreign = replace(blank, records=(blank.records[0]._replace(number=99_999),))
    assert len(list(_flaws_of(exhibit, foreign))) == 1
    assert list(_flaws_of(exhibit, replace(blank, explanation="Incorrect."))) == [
        "is not explained in a sentence"
    ]
    assert len(list(_flaws_of(exhibit, replace(blank, rule="")))) == 1
