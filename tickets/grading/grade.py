"""From a worksheet and a verdict to a grade: marks, wrong ideas, the three arrows, the worked path.

The same worksheet, verdict, list of accepted codes, weights, help and ticket give the same grade to the byte; no clock, no
order of a set, no floating point in the marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from tickets.engine import Claim, Endpoint, Finding, Verdict
from tickets.grading.accepted import Accepted
from tickets.grading.answers import Answers
from tickets.grading.assistance import Help, assisted_lines, charge
from tickets.grading.cases import Case, Misconception, Truth
from tickets.grading.citing import findings_of
from tickets.grading.criteria import LINE_OF_STEP, Criterion, Line, TextLine
from tickets.grading.feedback import LABELS, Describe, Lesson, Telling, explain
from tickets.grading.given import given_answer
from tickets.grading.key import Key, build_key
from tickets.grading.misconceptions import MISCONCEPTIONS, find_misconceptions, possible_misconceptions
from tickets.grading.model import model_answers
from tickets.grading.prose import mark_text, services_named, tell_text, text_context, unmarked_texts
from tickets.grading.results import (
    Arrow,
    CriterionMark,
    Grade,
    PathStep,
    ShownMisconception,
    Strip,
    Unmarked,
    result_of,
)
from tickets.grading.rubric import CENT, FULL, Credit, credit_answers, max_points, points_for
from tickets.grading.shown import NOTHING_SHOWN, Shown
from tickets.grading.texts import TextMark, mark_texts
from tickets.grading.weights import DEFAULT_WEIGHTS, Weights


def grade_worksheet(
    answers: Answers,
    verdict: Verdict,
    accepted: Sequence[Accepted] = (),
    *,
    describe: Describe,
    lesson: Lesson,
    shown: Shown = NOTHING_SHOWN,
    weights: Weights = DEFAULT_WEIGHTS,
    helps: Sequence[Help] = (),
) -> Grade:
    """Mark one worksheet.

    `describe(finding)` gives the engine's sentence for a finding, `lesson(rule)` the general rule behind a
    finding's rule id ("" where there is none); `shown` is what the ticket shows, `weights` the scenario's, `helps`
    the help that was had."""
    key = build_key(verdict, accepted, weights)
    earned = credit_answers(answers, key)
    texts = mark_texts(text_context(answers, key, verdict, shown))
    case = Case(answers, Truth(key, verdict, shown), services_named(texts))
    ideas = _costly(find_misconceptions(case), earned, texts)
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
    marks += tuple(
        mark_text(text, key, ideas.get(LINE_OF_STEP[text.step])) for text in texts if text.max_points
    )
    marks, helped = charge(marks, helps)
    return Grade(
        engine_version=verdict.engine_version,
        points=sum((mark.points for mark in marks), Decimal("0.00")),
        max_points=sum((mark.max_points for mark in marks), Decimal("0.00")),
        criteria=marks,
        unmarked=(*_unmarked(key), *unmarked_texts(texts, key)),
        misconceptions=_shown(ideas),
        exposed=possible_misconceptions(case.truth),
        confidence=None if answers.confidence is None else int(answers.confidence),
        strip=_strip(answers, key, verdict, describe),
        path=_path(verdict, describe, lesson),
        proofs=key.proofs,
        model=model_answers(key),
        texts=tuple(tell_text(text) for text in texts),
        rubric=weights.rubric.quantize(CENT),
        helped=helped,
        assisted=assisted_lines(helps),
    )


def _costly(
    ideas: Mapping[Line, Misconception], earned: Mapping[Criterion, Credit], texts: Iterable[TextMark]
) -> dict[Line, Misconception]:
    """The ideas that cost marks: a listed alternative may have earned all of them."""
    lost: set[Line] = {criterion for criterion, credit in earned.items() if credit.share < FULL}
    lost |= {LINE_OF_STEP[text.step] for text in texts if text.points < text.max_points}
    return {line: idea for line, idea in ideas.items() if line in lost}


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
        result=result_of(given, credit.share),
        points=points_for(credit, maximum),
        max_points=maximum,
        misconception=telling.misconception.code if telling.misconception is not None else "",
        follows=credit.follows.value if credit.follows is not None else "",
        explanation=told.text,
        rule=told.rule,
        next_time=told.next_time,
        records=told.records,
    )


def _unmarked(key: Key) -> tuple[Unmarked, ...]:
    facts = (key.facts[criterion] for criterion in Criterion)
    return tuple(
        Unmarked(fact.criterion, LABELS[fact.criterion], fact.why_unmarked)
        for fact in facts
        if not fact.is_marked
    )


def _shown(ideas: Mapping[Line, Misconception]) -> tuple[ShownMisconception, ...]:
    """The wrong ideas that cost marks, in the library's order."""
    return tuple(
        ShownMisconception(
            code=idea.code,
            name=idea.name,
            text=idea.text,
            criteria=tuple(line for line in (*Criterion, *TextLine) if ideas.get(line) is idea),
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


def _path(verdict: Verdict, describe: Describe, lesson: Lesson) -> tuple[PathStep, ...]:
    """Every finding in the order of the argument; within a claim the deciding one first, what it rests on behind it."""
    return tuple(
        PathStep(
            claim=claim,
            value=finding.value,
            sentence=describe(finding),
            supports=finding.supports,
            records=finding.records,
            rule=lesson(finding.rule),
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
