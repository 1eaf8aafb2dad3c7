"""Worksheets: the model one earns everything, a blank one nothing, and no other conversation's ends earn a mark."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence

from tickets.engine import Endpoint, Protocol, describe, lesson
from tickets.grading import (
    Accepted,
    Answers,
    Criterion,
    Grade,
    Help,
    Key,
    answers_to_plain,
    build_key,
    grade_worksheet,
    model_answers,
    read_accepted,
    read_answers,
    show_records,
)
from tickets.packs import Scenario
from tickets.quality.exhibit import Exhibit, ends_of, key_of

# Facts that every ticket is about. Where the key says that nobody can know, the ends are not marked.
ALWAYS_MARKED = (Criterion.REVERSED, Criterion.OUTCOME, Criterion.DISPOSITION)
EVERYONE = "255.255.255.255"


def check_model(exhibit: Exhibit) -> Iterator[str]:
    """The model worksheet, typed as a trainee would, earns every point; what the author expects is marked."""
    key = key_for(exhibit)
    typed, problems = read_answers(answers_to_plain(model_answers(key)))
    yield from (f"the model's {problem.field} cannot be typed: {problem.problem}" for problem in problems)
    grade = grade_answers(exhibit, typed)
    if grade.points != grade.max_points:
        lost = ", ".join(mark.criterion.value for mark in grade.criteria if mark.points != mark.max_points)
        yield f"the model worksheet earns {grade.points} of {grade.max_points}: {lost}"
    for criterion in ALWAYS_MARKED:
        if not key.is_marked(criterion):
            yield f"{criterion.value} is not marked: {key.facts[criterion].why_unmarked}"


def check_blank(exhibit: Exhibit) -> Iterator[str]:
    """A blank worksheet earns nothing."""
    grade = grade_answers(exhibit, Answers())
    if grade.points or not grade.max_points:
        yield f"a blank worksheet earns {grade.points} of {grade.max_points}"


def check_key_records(exhibit: Exhibit) -> Iterator[str]:
    """Every marked fact can be shown in a record that stands in the evidence or among the notes."""
    notes = len(exhibit.filled.context.notes)
    for criterion, fact in key_for(exhibit).facts.items():
        shown = [
            place
            for place in fact.records
            if place in exhibit.by_place or (place.file == "context" and place.number <= notes)
        ]
        if fact.is_marked and not shown:
            yield f"{criterion.value} is marked, and no record of the evidence shows it"


def check_distractors(exhibit: Exhibit) -> Iterator[str]:
    """Nobody earns a mark by accident: no other conversation has the client port of this one, and the two sides of it
    differ in what is asked."""
    key = key_for(exhibit)
    orig, resp = key.originator, key.responder
    if orig is None or resp is None:
        return
    if orig.ip == resp.ip:
        yield f"both sides have the address {orig.ip}"
    if key.is_marked(Criterion.ORIGINATOR_PORT) and orig.port != resp.port:
        yield from _same_port(exhibit, orig)
    yield from _whole_answers(exhibit, key)


def _same_port(exhibit: Exhibit, orig: Endpoint) -> Iterator[str]:
    """A client port that another host uses by chance, or the same host for another purpose, is no distractor."""
    reported = set()
    for record in exhibit.records:
        if (
            record.protocol is Protocol.ICMP
            or key_of(record.protocol, *ends_of(record)) in exhibit.lesson_keys
        ):
            continue
        for end in ends_of(record):
            if (
                end.port == orig.port
                and end != orig
                and end not in reported
                and not _is_group(end)
                and not _is_lesson_end(exhibit, end)
            ):
                reported.add(end)
                yield f"{record.location} has {end}, with the originator's port {orig.port}"


def _is_group(end: Endpoint) -> bool:
    """An address of many never sends, so its port is nobody's client port (RFC 1122, 3.2.1.3; RFC 1112, 6.1)."""
    try:
        return end.ip == EVERYONE or ipaddress.ip_address(end.ip).is_multicast
    except ValueError:  # a host's name in place of an address
        return False


def _is_lesson_end(exhibit: Exhibit, end: Endpoint) -> bool:
    return any(end in ends for _, ends in exhibit.lesson_keys)


def _whole_answers(exhibit: Exhibit, key: Key) -> Iterator[str]:
    """Another conversation's ends, written down in its own order, must not be the key's."""
    assert key.originator is not None
    assert key.responder is not None
    for flow in exhibit.flows:
        is_lesson = key_of(flow.protocol, *ends_of(flow)) in exhibit.lesson_keys
        if not is_lesson and (flow.orig, flow.resp) == (key.originator, key.responder):
            yield f"{flow.location} is another conversation with the key's ends"


def key_for(exhibit: Exhibit) -> Key:
    return build_key(exhibit.verdict, _accepted(exhibit.scenario))


def grade_answers(exhibit: Exhibit, answers: Answers, helps: Sequence[Help] = ()) -> Grade:
    """The grade of a worksheet on this variant, with the codes that its author accepts and the help that was had."""
    filled = exhibit.filled
    return grade_worksheet(
        answers,
        exhibit.verdict,
        _accepted(exhibit.scenario),
        describe=describe,
        lesson=lesson,
        shown=show_records(
            exhibit.records,
            rule=exhibit.scenario.rule,
            statement=filled.statement,
            notes=filled.context.notes,
        ),
        helps=helps,
    )


def _accepted(scenario: Scenario) -> tuple[Accepted, ...]:
    """The author's other codes in the words of grading."""
    return read_accepted(
        {"reason_code": item.reason_code, "credit": item.credit, "reason": item.reason}
        for item in scenario.accepted
    )
