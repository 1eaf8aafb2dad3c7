"""The texts in the grade: what was read in them, what it earns, and what stands against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tickets.engine import Claim, Effect, Location, Outcome, Verdict
from tickets.grading.answers import Answers
from tickets.grading.cases import Misconception
from tickets.grading.citing import findings_of
from tickets.grading.criteria import LINE_OF_STEP, Criterion
from tickets.grading.key import Key
from tickets.grading.results import CriterionMark, StepText, Unmarked, result_of
from tickets.grading.shown import Shown, read_addresses, read_hosts
from tickets.grading.texts import CRITERION_OF, Need, TextContext, TextMark, services_of
from tickets.grading.texts.reading import read_text
from tickets.grading.texts.telling import NEED_WORDS, tell_check, tell_denial, tell_fact, tell_passage
from tickets.methodology import STEPS

_TITLES = {step.name: step.title for step in STEPS}
_MANY = 6  # records beside one mark

_RULES: Mapping[str, str] = {
    "reason": "The reason says what the rule looks for and what the alert claims, apart from what happened.",
    "supporting_evidence": "Evidence is from whom to whom, on which port, by which protocol, with what outcome, and the record that shows it.",
    "analysis": "An analysis goes from records to who opened the conversation and what became of it, and holds that against the rule.",
    "conclusion": "A conclusion is one disposition and its reason, and agrees with the field.",
    "next_steps": "A next step fits how the ticket is closed: escalate or contain an incident, close or tune what is harmless.",
}
_NEXT_TIME: Mapping[str, str] = {
    "reason": "Write one sentence that begins with “The rule looks for” and one that begins with “The alert shows”.",
    "supporting_evidence": "Name both sides by address in one sentence, with the port, and cite a record as capture.pcap:1.",
    "analysis": "Say who sent the first packet and which record shows it, then what came back, then whether the rule meant that.",
    "conclusion": "Write the disposition, the word because, and the fact that decides it.",
    "next_steps": "Begin with a verb that somebody can carry out today.",
}


def text_context(answers: Answers, key: Key, verdict: Verdict, shown: Shown) -> TextContext:
    """What the texts are held against."""
    alert = verdict.alert
    in_notes = read_addresses((*shown.notes, shown.statement))
    return TextContext(
        answers=answers,
        key=key,
        hosts=read_hosts(shown.notes),
        addresses=shown.addresses | in_notes | {alert.src.ip, alert.dst.ip}
        if shown.addresses
        else frozenset(),
        copied=(shown.rule, shown.statement, alert.message, *shown.notes),
        claim=f"{alert.src.ip}>{alert.dst.ip}",
        sids=frozenset() if alert.sid is None else frozenset({alert.sid}),
        has_denial=_has_denial(verdict),
    )


def check_texts(
    answers: Answers, *, claim: str, notes: Iterable[str] = (), copied: Iterable[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Where a text says something else than the trainee's own fields, while it is being written: sentences by step,
    the steps with none left out. Nothing of the truth goes in. `claim` is the alert's "A>B", `notes` the ticket's
    context, `copied` what a text may not just repeat."""
    kept = tuple(notes)
    context = TextContext(
        answers=answers, hosts=read_hosts(kept), copied=(*copied, *kept), claim=claim, has_denial=True
    )
    readings = (read_text(step, text, context) for step, text in answers.texts.items() if text.strip())
    told = {r.step: tuple(dict.fromkeys(tell_check(found) for found in r.own)) for r in readings}
    return {step: checks for step, checks in told.items() if checks}


def _has_denial(verdict: Verdict) -> bool:
    """Does any record say that a device denied it?"""
    told = findings_of(verdict, Claim.EFFECT, Claim.OUTCOME)
    return any(finding.value in (Effect.BLOCKED, Outcome.REJECTED) for finding in told)


def services_named(marks: Iterable[TextMark]) -> frozenset[str]:
    """The services that the texts on evidence and analysis name as spoken."""
    steps = ("supporting_evidence", "analysis")
    return frozenset(name for m in marks if m.step in steps for name in services_of(m.reading.facts))


def mark_text(mark: TextMark, key: Key, idea: Misconception | None) -> CriterionMark:
    """The line of the rubric for one step's text. Nothing is ever taken away."""
    line = LINE_OF_STEP[mark.step]
    share = mark.points / mark.max_points
    given = _words(mark.held) if mark.held else "nothing that is asked for" if mark.text.strip() else ""
    return CriterionMark(
        criterion=line,
        label=f"Text: {_TITLES[mark.step].lower()}",
        given=given,
        expected=_words((*mark.held, *mark.missing)),
        result=result_of(given, share),
        points=mark.points,
        max_points=mark.max_points,
        misconception="" if idea is None else idea.code,
        follows="",
        explanation=" ".join((*_explain(mark, given), *(() if idea is None else (idea.text,)))),
        rule=_RULES[mark.step] if idea is None else idea.rule,
        next_time=_NEXT_TIME[mark.step] if idea is None else idea.next_time,
        records=_records(mark, key),
    )


def _words(needs: Iterable[Need]) -> str:
    return "; ".join(NEED_WORDS[need] for need in needs)


def _explain(mark: TextMark, given: str) -> Iterator[str]:
    if not given:
        yield "You left this blank."
    if mark.held:
        yield f"Your text says {_words(mark.held)}."
    if mark.is_left_to_a_person:
        yield "It names far more addresses than the ticket has, so it is left to an instructor and earns nothing here."
        return
    if mark.missing:
        yield f"What was not found in it: {_words(mark.missing)}. The records beside this show it."
    yield from (f"{tell_denial(found)} Please check." for found in mark.reading.verdict)


def _records(mark: TextMark, key: Key) -> tuple[Location, ...]:
    """The records that show what is missing, else those that show what was said."""
    needs = mark.missing or mark.held
    shown = [record for need in needs for record in _records_of(need, key)[:2]]
    return tuple(dict.fromkeys(shown))[:_MANY]


def _records_of(need: Need, key: Key) -> tuple[Location, ...]:
    criterion = CRITERION_OF.get(need, Criterion.DISPOSITION if need is Need.BECAUSE else Criterion.REVERSED)
    anything = (record for fact in key.facts.values() for record in fact.records)
    return key.facts[criterion].records or tuple(anything)[:1]


def unmarked_texts(marks: Iterable[TextMark], key: Key) -> Iterator[Unmarked]:
    why = "The key asks for nothing here." if key.weights.text else "This ticket gives no marks for texts."
    for mark in marks:
        if not mark.max_points:
            yield Unmarked(LINE_OF_STEP[mark.step], f"Text: {_TITLES[mark.step].lower()}", why)


def tell_text(mark: TextMark) -> StepText:
    """One step as its reader understood it, for the trainee and the instructor."""
    reading = mark.reading
    return StepText(
        step=mark.step,
        read=tuple(dict.fromkeys(tell_fact(fact) for fact in reading.facts)),
        missing=tuple(NEED_WORDS[need] for need in mark.missing),
        checks=tuple(dict.fromkeys(tell_check(found) for found in reading.own)),
        against=tuple(dict.fromkeys(tell_denial(found) for found in reading.verdict)),
        unread=tuple(dict.fromkeys(tell_passage(passage) for passage in reading.passages)),
        is_left_to_a_person=mark.is_left_to_a_person,
    )
