"""From a worksheet and a verdict to a grade: marks, wrong ideas, the three arrows, the worked path.

The same worksheet, verdict and list of accepted codes give the same grade to the byte; no clock, no
order of a set, no floating point in the marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tickets.engine import Claim, Endpoint, Finding, Location, Verdict
from tickets.grading.answers import Answers
from tickets.grading.feedback import LABELS, Describe, Lesson, Telling, explain
from tickets.grading.key import (
    Accepted,
    Criterion,
    Key,
    build_key,
    findings_of,
    given_answer,
)
from tickets.grading.misconceptions import (
    MISCONCEPTIONS,
    Misconception,
    find_misconceptions,
    possible_misconceptions,
)
from tickets.grading.rubric import CENT, FULL, Credit, credit_answers, max_points, points_for


class Result(StrEnum):
    """Correct is full marks, wrong and blank are none, partial is between."""

    CORRECT = "correct"
    PARTIAL = "partial"
    WRONG = "wrong"
    BLANK = "blank"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionMark:
    """One line of the rubric. `points` and `max_points` are in hundredths; `misconception` is a code or "";
    `follows` the criterion whose mistake this one follows from, or ""."""

    criterion: Criterion
    label: str
    given: str
    expected: str
    result: Result
    points: Decimal
    max_points: Decimal
    misconception: str
    follows: str
    explanation: str
    rule: str
    next_time: str
    records: tuple[Location, ...]


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A criterion that carries no marks in this variant, and why."""

    criterion: Criterion
    label: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMisconception:
    """A wrong idea that cost marks, and where."""

    code: str
    name: str
    text: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """One account of the direction, from the side said to have acted to the other; "" where not said."""

    tail: str
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The alert's arrow, the trainee's and the true one (None where it cannot be known), and the record
    that decides between them."""

    alert: Arrow
    trainee: Arrow
    truth: Arrow | None
    sentence: str
    record: Location | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    """One step of the worked path. `supports` is False for a fact that speaks against the conclusion."""

    claim: Claim
    value: str
    sentence: str
    supports: bool
    records: tuple[Location, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """The whole result. `exposed` are the codes that this variant could have shown."""

    engine_version: str
    points: Decimal
    max_points: Decimal
    criteria: tuple[CriterionMark, ...]
    unmarked: tuple[Unmarked, ...]
    misconceptions: tuple[ShownMisconception, ...]
    exposed: tuple[str, ...]
    confidence: int | None
    strip: Strip
    path: tuple[PathStep, ...]


def grade_worksheet(
    answers: Answers,
    verdict: Verdict,
    accepted: Sequence[Accepted] = (),
    *,
    describe: Describe,
    lesson: Lesson,
) -> Grade:
    """Mark one worksheet.

    `describe(finding)` gives the engine's sentence for a finding, `lesson(rule)` the general rule behind a
    finding's rule id ("" where there is none)."""
    key = build_key(verdict, accepted)
    earned = credit_answers(answers, key)
    ideas = {
        criterion: idea
        for criterion, idea in find_misconceptions(answers, key, verdict).items()
        if criterion in earned and earned[criterion].share < FULL
    }
    marks = tuple(
        _mark(
            Telling(
                answers=answers,
                key=key,
                criterion=criterion,
                credit=credit,
                misconception=ideas.get(criterion),
                describe=describe,
                lesson=lesson,
            )
        )
        for criterion, credit in earned.items()
    )
    return Grade(
        engine_version=verdict.engine_version,
        points=sum((mark.points for mark in marks), Decimal("0.00")),
        max_points=sum((mark.max_points for mark in marks), Decimal("0.00")),
        criteria=marks,
        unmarked=_unmarked(key),
        misconceptions=_shown(ideas),
        exposed=possible_misconceptions(key, verdict),
        confidence=None if answers.confidence is None else int(answers.confidence),
        strip=_strip(answers, key, verdict, describe),
        path=_path(verdict, describe),
    )


def _mark(telling: Telling) -> CriterionMark:
    criterion, credit = telling.criterion, telling.credit
    maximum = max_points(telling.key, criterion).quantize(CENT)
    given = given_answer(telling.answers, criterion)
    told = explain(telling)
    return CriterionMark(
        criterion=criterion,
        label=LABELS[criterion],
        given=given,
        expected=telling.fact.expected,
        result=_result(given, credit),
        points=points_for(credit, maximum),
        max_points=maximum,
        misconception=telling.misconception.code if telling.misconception is not None else "",
        follows=credit.follows.value if credit.follows is not None else "",
        explanation=told.text,
        rule=told.rule,
        next_time=told.next_time,
        records=told.records,
    )


def _result(given: str, credit: Credit) -> Result:
    if not given:
        return Result.BLANK
    if credit.share == FULL:
        return Result.CORRECT
    return Result.PARTIAL if credit.share else Result.WRONG


def _unmarked(key: Key) -> tuple[Unmarked, ...]:
    facts = (key.facts[criterion] for criterion in Criterion)
    return tuple(
        Unmarked(fact.criterion, LABELS[fact.criterion], fact.why_unmarked)
        for fact in facts
        if not fact.is_marked
    )


def _shown(ideas: Mapping[Criterion, Misconception]) -> tuple[ShownMisconception, ...]:
    """The wrong ideas that cost marks, in the library's order."""
    return tuple(
        ShownMisconception(
            code=idea.code,
            name=idea.name,
            text=idea.text,
            criteria=tuple(criterion for criterion in Criterion if ideas.get(criterion) is idea),
        )
        for idea in MISCONCEPTIONS
        if idea in ideas.values()
    )


def _strip(answers: Answers, key: Key, verdict: Verdict, describe: Describe) -> Strip:
    alert = verdict.alert
    deciding = key.facts[Criterion.REVERSED].findings[:1]
    records = deciding[0].records if deciding else ()
    return Strip(
        alert=Arrow(str(alert.src), str(alert.dst)),
        trainee=Arrow(
            _end(answers.originator_ip, answers.originator_port),
            _end(answers.responder_ip, answers.responder_port),
        ),
        truth=Arrow(str(key.originator), str(key.responder)) if key.originator and key.responder else None,
        sentence=describe(deciding[0]) if deciding else "",
        record=records[0] if records else None,
    )


def _end(ip: str | None, port: int | None) -> str:
    """The trainee's end of the arrow as far as it was given: an address, a port as `:80`, or both."""
    if ip is None:
        return "" if port is None else f":{port}"
    return ip if port is None else str(Endpoint(ip, port))


_PATH_ORDER = (
    Claim.ORIGINATOR,
    Claim.REVERSED,
    Claim.OUTCOME,
    Claim.SERVICE,
    Claim.JOINED,
    Claim.INTENT,
    Claim.EFFECT,
    Claim.DISPOSITION,
)


def _path(verdict: Verdict, describe: Describe) -> tuple[PathStep, ...]:
    """Every finding in the order of the argument; within a claim the deciding one first, what it rests on behind it."""
    return tuple(
        PathStep(
            claim=claim,
            value=finding.value,
            sentence=describe(finding),
            supports=finding.supports,
            records=finding.records,
        )
        for claim in _PATH_ORDER
        for finding in _told_first(findings_of(verdict, claim))
    )


def _told_first(findings: Iterable[Finding]) -> list[Finding]:
    """What supports the conclusion before what contradicts it, each in its own order; but how the ticket is
    closed, or why that stays open, comes before the context statements behind it."""
    return sorted(
        findings, key=lambda finding: (not finding.rule.startswith("disposition."), not finding.supports)
    )


def grade_to_plain(grade: Grade) -> dict[str, object]:
    """The grade as JSON-ready values in a fixed order: marks are numbers with at most two decimals,
    records are texts `<file>:<number>`."""
    return {
        "points": float(grade.points),
        "max_points": float(grade.max_points),
        "criteria": [_mark_to_plain(mark) for mark in grade.criteria],
        "unmarked": [
            {"criterion": line.criterion.value, "label": line.label, "reason": line.reason}
            for line in grade.unmarked
        ],
        "misconceptions": [
            {
                "code": idea.code,
                "name": idea.name,
                "text": idea.text,
                "criteria": [c.value for c in idea.criteria],
            }
            for idea in grade.misconceptions
        ],
        "exposed": list(grade.exposed),
        "confidence": grade.confidence,
        "strip": _strip_to_plain(grade.strip),
        "path": [
            {
                "claim": step.claim.value,
                "value": step.value,
                "sentence": step.sentence,
                "supports": step.supports,
                "records": [str(record) for record in step.records],
            }
            for step in grade.path
        ],
        "engine_version": grade.engine_version,
    }


def _mark_to_plain(mark: CriterionMark) -> dict[str, object]:
    return {
        "criterion": mark.criterion.value,
        "label": mark.label,
        "given": mark.given,
        "expected": mark.expected,
        "result": mark.result.value,
        "points": float(mark.points),
        "max_points": float(mark.max_points),
        "misconception": mark.misconception,
        "follows": mark.follows,
        "explanation": mark.explanation,
        "rule": mark.rule,
        "next_time": mark.next_time,
        "records": [str(record) for record in mark.records],
    }


def _strip_to_plain(strip: Strip) -> dict[str, object]:
    def arrow(drawn: Arrow) -> dict[str, str]:
        return {"tail": drawn.tail, "head": drawn.head}

    return {
        "alert": arrow(strip.alert),
        "trainee": arrow(strip.trainee),
        "truth": None if strip.truth is None else arrow(strip.truth),
        "sentence": strip.sentence,
        "record": None if strip.record is None else str(strip.record),
    }
