"""One step's text read: the facts in it, what contradicts, what is missing, what was not read.

Facts and contradictions only. Whether an argument is sound is an instructor's to judge (docs/free-text.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from tickets.engine import Protocol
from tickets.grading.answers import Answers
from tickets.grading.given import key_answers
from tickets.grading.texts.facts import Fact, Kind, Passage, Stuffing, TextContext, asserted
from tickets.grading.texts.needs import Need, held_needs, needs_of
from tickets.grading.texts.sides import read_sides
from tickets.grading.texts.statements import FAILED, read_statements
from tickets.grading.texts.stuffing import find_passages
from tickets.grading.texts.things import port_value, read_things
from tickets.grading.texts.words import Sentence, cut_sentences


class Against(StrEnum):
    """What a text can contradict. Each is a question to the writer ("please check"), and costs nothing."""

    DIRECTION = "direction"
    REVERSED = "reversed"
    OUTCOME = "outcome"
    INTENT = "intent"
    DISPOSITION = "disposition"
    CODE = "code"
    PORT = "port"
    PROTOCOL = "protocol"
    UNKNOWN = "unknown"  # an address that is nowhere in the ticket
    DENIAL = "denial"  # a block that no record tells of


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A fact of the text, and what it is held against ("" where there is nothing to show)."""

    against: Against
    fact: Fact
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReading:
    """What was read of one step. `own` are contradictions with the trainee's own fields, which may be shown at
    any time; `verdict` those with the truth, which may not be shown before the grade is."""

    step: str
    facts: tuple[Fact, ...]
    own: tuple[Contradiction, ...]
    verdict: tuple[Contradiction, ...]
    missing: tuple[Need, ...]
    passages: tuple[Passage, ...]

    @property
    def is_left_to_a_person(self) -> bool:
        return any(passage.why is Stuffing.EVERYTHING for passage in self.passages)


def read_text(step: str, text: str, context: TextContext) -> TextReading:
    """Read one step. `context.key` may be None while nobody may know the truth: nothing is held against it then."""
    passages = find_passages(text, context)
    sentences = tuple(s for s in cut_sentences(text, context.hosts) if not _is_within(s, passages))
    facts = _facts(step, sentences, context)
    passages += _too_many(text, cut_sentences(text, context.hosts), context)
    truth = key_answers(context.key) if context.key is not None else None
    return TextReading(
        step=step,
        facts=facts,
        own=tuple(_contradictions(facts, context.answers, context)),
        verdict=tuple(_contradictions(facts, truth, replace(context, addresses=frozenset())))
        if truth
        else (),
        missing=_missing(step, facts, context, passages),
        passages=passages,
    )


def _missing(
    step: str, facts: tuple[Fact, ...], context: TextContext, passages: tuple[Passage, ...]
) -> tuple[Need, ...]:
    if context.key is None:
        return ()
    held = held_needs(step, facts, context, passages)
    return tuple(need for need in needs_of(step, context.key) if need not in held)


def _is_within(sentence: Sentence, passages: Iterable[Passage]) -> bool:
    return any(p.start <= sentence.start and sentence.end <= p.end for p in passages)


def _facts(step: str, sentences: tuple[Sentence, ...], context: TextContext) -> tuple[Fact, ...]:
    sides = read_sides(sentences, step) if step != "next_steps" else ()
    facts = (*sides, *read_things(sentences, context, step), *read_statements(sentences, step))
    if step == "next_steps":
        facts += _chosen(context.answers, facts)
    return tuple(sorted(facts, key=lambda fact: (fact.start, fact.end, fact.kind, fact.value)))


def _chosen(answers: Answers, written: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The actions ticked beside the text of the next steps, which say the same as the text would. Of an action that
    the text speaks of, also to deny it, the text decides."""
    said = {fact.value for fact in written if fact.kind is Kind.ACTION}
    return tuple(Fact(Kind.ACTION, action.value, 0, 0) for action in answers.actions if action not in said)


def _too_many(text: str, sentences: tuple[Sentence, ...], context: TextContext) -> tuple[Passage, ...]:
    """More than one and a half times the ticket's addresses in one step is naming everything (method, 5.2)."""
    named = {token.value for sentence in sentences for token in sentence.tokens if token.gloss == "A"}
    if context.addresses and len(named) > 1.5 * len(context.addresses):
        return (Passage(Stuffing.EVERYTHING, 0, len(text)),)
    return ()


def _contradictions(
    facts: tuple[Fact, ...], answers: Answers, context: TextContext
) -> Iterator[Contradiction]:
    for fact in asserted(facts, Kind.OPENED):
        expected = f"{answers.originator_ip or ''}>{answers.responder_ip or ''}"
        if answers.originator_ip and answers.responder_ip and not _is_part(fact.value, expected):
            yield Contradiction(Against.DIRECTION, fact, expected)
    yield from _ports(facts, answers)
    yield from _simple(facts, answers)
    for fact in asserted(facts, Kind.OUTCOME):
        given = "" if answers.outcome is None else answers.outcome.value
        if given and not is_compatible(fact.value, given):
            yield Contradiction(Against.OUTCOME, fact, given)
        if fact.value == "rejected" and not context.has_denial:
            yield Contradiction(Against.DENIAL, fact, "")
    yield from _unknown(facts, context)


def _is_part(said: str, whole: str) -> bool:
    """Is what was said of the sides, one or both, the same as the whole?"""
    tail, head = said.split(">")
    known_tail, known_head = whole.split(">")
    return (not tail or tail == known_tail) and (not head or head == known_head)


def _ports(facts: tuple[Fact, ...], answers: Answers) -> Iterator[Contradiction]:
    """A port tied to one of the two sides, which has another in its own field."""
    for ip, port in (
        (answers.originator_ip, answers.originator_port),
        (answers.responder_ip, answers.responder_port),
    ):
        if ip is None or port is None or answers.originator_ip == answers.responder_ip:
            continue
        prefix = port_value(ip, 0)[:-1]
        for fact in asserted(facts, Kind.PORT):
            if fact.value.startswith(prefix) and fact.value != f"{prefix}{port}":
                yield Contradiction(Against.PORT, fact, f"{prefix}{port}")


def _simple(facts: tuple[Fact, ...], answers: Answers) -> Iterator[Contradiction]:
    rows = (
        (Kind.REVERSED, Against.REVERSED, answers.reversed),
        (Kind.INTENT, Against.INTENT, answers.intent),
        (Kind.DISPOSITION, Against.DISPOSITION, answers.disposition),
        (Kind.CODE, Against.CODE, answers.reason_code),
    )
    for kind, against, given in rows:
        for fact in asserted(facts, kind):
            if given is not None and fact.value != given.value:
                yield Contradiction(against, fact, given.value)
    said = {fact.value for fact in asserted(facts, Kind.PROTOCOL)}
    if isinstance(answers.protocol, Protocol) and said and answers.protocol.value not in said:
        yield Contradiction(Against.PROTOCOL, asserted(facts, Kind.PROTOCOL)[0], answers.protocol.value)


_NO_SUCCESS = frozenset({"refused", "rejected", "unanswered", FAILED})


def is_compatible(said: str, given: str) -> bool:
    """May both be true of one conversation? "It failed" goes with every way to fail, and a conversation whose
    beginning or whose other direction is missing may well have been established."""
    if said == given or "midstream" in {said, given} or given == "one_way":
        return True
    if FAILED in {said, given}:
        return given in _NO_SUCCESS
    return False


def _unknown(facts: tuple[Fact, ...], context: TextContext) -> Iterator[Contradiction]:
    """An address that the ticket nowhere has: a slip of the pen, or another ticket's."""
    if not context.addresses:
        return
    told: set[str] = set()
    for fact in asserted(facts, Kind.OPENED, Kind.SENT, Kind.CLAIMED, Kind.PORT):
        for address in _addresses_of(fact):
            if address not in context.addresses and address not in told:
                told.add(address)
                yield Contradiction(Against.UNKNOWN, fact, address)


def _addresses_of(fact: Fact) -> tuple[str, ...]:
    if fact.kind is Kind.PORT:
        return (fact.value.rsplit(":", 1)[0].strip("[]"),) if ":" in fact.value else ()
    return tuple(side for side in fact.value.split(">") if side)
