"""The words of a mark: what you wrote, what the records show, the rule, what to check next time.

The engine words its own findings; here they are only put beside what the trainee wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from tickets.engine import Claim, Finding, Location
from tickets.grading.accepted import Accepted
from tickets.grading.answers import Answers, OutcomeAnswer
from tickets.grading.cases import Misconception
from tickets.grading.criteria import Criterion
from tickets.grading.facts import Fact
from tickets.grading.given import given_answer
from tickets.grading.key import Key
from tickets.grading.rubric import FULL, MAX_PINS, Credit, Note

Describe = Callable[[Finding], str]
Lesson = Callable[[str], str]

LABELS: Mapping[Criterion, str] = {
    Criterion.REVERSED: "Is the alert reversed?",
    Criterion.ORIGINATOR_IP: "Originator's address",
    Criterion.ORIGINATOR_PORT: "Originator's port",
    Criterion.RESPONDER_IP: "Responder's address",
    Criterion.RESPONDER_PORT: "Responder's port",
    Criterion.PROTOCOL: "Protocol",
    Criterion.OUTCOME: "Outcome",
    Criterion.INTENT: "Does it fit what the rule expects?",
    Criterion.DISPOSITION: "Disposition",
    Criterion.REASON_CODE: "Reason code",
    Criterion.EVIDENCE: "Evidence cited",
}

# What the key says, as the end of a sentence that begins "The records show that": one frame, or one a value.
_CLAIMS: Mapping[Criterion, str | Mapping[str, str]] = {
    Criterion.REVERSED: {
        "yes": "the alert is reversed",
        "no": "the alert is not reversed",
        "cannot_be_determined": "it cannot be determined who opened the conversation",
    },
    Criterion.ORIGINATOR_IP: "the originator's address is {}",
    Criterion.ORIGINATOR_PORT: "the originator's port is {}",
    Criterion.RESPONDER_IP: "the responder's address is {}",
    Criterion.RESPONDER_PORT: "the responder's port is {}",
    Criterion.PROTOCOL: "the protocol is {}",
    Criterion.OUTCOME: "the outcome is {}",
    Criterion.INTENT: {
        "match": "the conversation fits what the rule expects",
        "mismatch": "the conversation does not fit what the rule expects",
    },
    Criterion.DISPOSITION: "the disposition is {}",
    Criterion.REASON_CODE: "the reason code is {}",
}

_RULES: Mapping[Criterion, str] = {
    Criterion.REVERSED: "An alert is reversed when the source it prints is the side that answered.",
    Criterion.ORIGINATOR_IP: "The originator is the side that opened the conversation, whichever side the alert prints first.",
    Criterion.ORIGINATOR_PORT: "A port belongs to its address; the asking side usually takes a free one for a single conversation.",
    Criterion.RESPONDER_IP: "The responder is the side that was asked, whether or not it answered.",
    Criterion.RESPONDER_PORT: "The service port is the one on the side that was asked.",
    Criterion.PROTOCOL: "The protocol is read off the packet's own header or the log's protocol field.",
    Criterion.OUTCOME: "The outcome is what the other side answered, not what was asked or allowed.",
    Criterion.INTENT: "A rule's expectation is compared with the corrected conversation: which side it expects to ask, which port, which state.",
    Criterion.DISPOSITION: "First ask whether the alert was right about what happened, then what it meant.",
    Criterion.REASON_CODE: "The reason code says why the disposition holds; it decides what happens next.",
    Criterion.EVIDENCE: "Each claim stands on a record that another analyst can open.",
}

_NEXT_TIME: Mapping[Criterion, str] = {
    Criterion.REVERSED: "Find the record that opened the conversation and hold its source against the alert's.",
    Criterion.ORIGINATOR_IP: "Read the address off the sender of the first request.",
    Criterion.ORIGINATOR_PORT: "Copy the port from the same record and side as the originator's address.",
    Criterion.RESPONDER_IP: "Read the address off the destination of the first request.",
    Criterion.RESPONDER_PORT: "Copy the port from the same record and side as the responder's address.",
    Criterion.PROTOCOL: "Look at the protocol of one packet or log line of this conversation.",
    Criterion.OUTCOME: "Look for the first thing that came back from the side that was asked.",
    Criterion.INTENT: "Read the rule's header and options again with the corrected originator and responder in mind.",
    Criterion.DISPOSITION: "Go through the context notes and the outcome once more before you close.",
    Criterion.REASON_CODE: "Read the list of reason codes under your disposition and say why each other one does not fit.",
    Criterion.EVIDENCE: "Pin the one record that decides each claim, while you have it open.",
}

_CLAIM_WORDS: Mapping[Claim, str] = {
    Claim.ORIGINATOR: "who opened the conversation",
    Claim.OUTCOME: "what the outcome was",
}

_NOTES: Mapping[Note, str] = {
    Note.CAPPED: "The side that opened the conversation is not named rightly, so this is marked as luck: at most half.",
    Note.TRANSLATED: "That is how the originator looks beyond an address translation: the right host, seen from the wrong "
    "side, and worth half.",
    Note.MISSED_INCIDENT: "Missed incident: this was closed as harmless although the records show activity that needs "
    "a response. That earns nothing, whatever else is right.",
    Note.OVER_ESCALATION: "Over-escalation: asking for a response to something harmless costs half.",
    Note.TOO_MANY_PINS: f"More than {MAX_PINS} records are pinned, and pinning everything is not citing: no marks.",
    Note.PIN_AGAINST_ANSWER: "You pinned the right record, and it contradicts what you wrote: read it once more.",
}

MAX_SHOWN = 6  # records beside one mark; the worked path holds the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What is told about one mark. `records` is never empty where marks were lost."""

    text: str
    rule: str
    next_time: str
    records: tuple[Location, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """All that an explanation draws on."""

    answers: Answers
    key: Key
    criterion: Criterion
    credit: Credit
    misconception: Misconception | None
    describe: Describe
    lesson: Lesson

    @property
    def fact(self) -> Fact:
        return self.key.facts[self.criterion]


def explain(telling: Telling) -> Explanation:
    """The explanation of one marked criterion, lost marks or not."""
    parts = (_wrote(telling), _shown(telling), _idea(telling), *_notes(telling))
    return Explanation(
        text=" ".join(part for part in parts if part),
        rule=_rule(telling),
        next_time=_next_time(telling),
        records=_records(telling),
    )


def in_words(value: str) -> str:
    """`cannot_be_determined` as a reader says it."""
    return value.replace("_", " ")


def _wrote(telling: Telling) -> str:
    if telling.credit.share == FULL:
        return ""
    given = given_answer(telling.answers, telling.criterion)
    if telling.criterion is Criterion.EVIDENCE:
        many = len(telling.answers.evidence)
        pinned = given if many <= MAX_PINS else f"{many} records"
        return f"You pinned {pinned}." if given else "You pinned no record."
    return f"You wrote “{in_words(given)}”." if given else "You left this blank."


def _shown(telling: Telling) -> str:
    if telling.criterion is Criterion.EVIDENCE:
        return _shown_proofs(telling)
    opening = "Right:" if telling.credit.share == FULL else "The records show that"
    claim = f"{opening} {_claim(telling.fact)}."
    return claim if _follows(telling) else f"{claim} {_proof(telling)}"


def _claim(fact: Fact) -> str:
    frame = _CLAIMS[fact.criterion]
    if fact.criterion is Criterion.OUTCOME and fact.expected == OutcomeAnswer.CANNOT_BE_DETERMINED:
        return "the outcome cannot be determined"
    return frame.format(in_words(fact.expected)) if isinstance(frame, str) else frame[fact.expected]


def _proof(telling: Telling) -> str:
    fact = telling.fact
    if fact.findings:
        return telling.describe(fact.findings[0])
    if fact.criterion is Criterion.OUTCOME:
        return "None of them tells what came back from the side that was asked."
    return "The record's own header or field says so."


def _shown_proofs(telling: Telling) -> str:
    """Which record would have proved each claim that no pin proves."""
    missing = [proof for proof in telling.key.proofs if proof.claim in telling.credit.uncited]
    if not missing:
        return "Your pins prove what there is to prove."
    told = [f"{_CLAIM_WORDS[proof.claim]} is shown by {_some(proof.records)}" for proof in missing]
    sentence = " and ".join(told)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _some(records: tuple[Location, ...]) -> str:
    return " or ".join(str(record) for record in records[:3])


def _idea(telling: Telling) -> str:
    """The wrong idea is explained where it was the mistake, not again on every line that follows from it."""
    return telling.misconception.text if telling.misconception is not None and not _follows(telling) else ""


def _follows(telling: Telling) -> bool:
    return telling.credit.follows is not None


def _notes(telling: Telling) -> Iterable[str]:
    for note in telling.credit.notes:
        if note is Note.FOLLOWS and telling.credit.follows is not None:
            root = LABELS[telling.credit.follows]
            yield f"This follows from your answer to “{root}”: it is the same mistake, and keeps part of its marks."
        elif note is Note.LISTED and telling.credit.listed is not None:
            yield _listed(telling.credit.listed, is_raised=Note.OVER_ESCALATION in telling.credit.notes)
        elif note in _NOTES:
            yield _NOTES[note]


def _listed(listed: Accepted, *, is_raised: bool) -> str:
    earns = "" if is_raised else f" earns {_percent(listed.credit)} here"
    return f"{listed.reason_code}{earns}: {listed.reason}"


def _percent(share: Decimal) -> str:
    return f"{share * 100:.0f} %" if share else "nothing"


def _rule(telling: Telling) -> str:
    """The wrong idea's rule, else the lesson of the finding that decided, else the criterion's own."""
    if telling.misconception is not None and not _follows(telling):
        return telling.misconception.rule
    deciding = telling.fact.findings[:1]
    lesson = telling.lesson(deciding[0].rule) if deciding and not _follows(telling) else ""
    return lesson or _RULES[telling.criterion]


def _next_time(telling: Telling) -> str:
    if telling.misconception is not None and not _follows(telling):
        return telling.misconception.next_time
    return _NEXT_TIME[telling.criterion]


def _records(telling: Telling) -> tuple[Location, ...]:
    """The deciding finding's records; for evidence the proofs that were missed."""
    if telling.criterion is Criterion.EVIDENCE:
        missed = [proof for proof in telling.key.proofs if proof.claim in telling.credit.uncited]
        shown = [record for proof in missed or telling.key.proofs for record in proof.records[:3]]
        return tuple(dict.fromkeys(shown))
    deciding = telling.fact.findings[0].records if telling.fact.findings else ()
    return (deciding or telling.fact.records)[:MAX_SHOWN]
