"""A worksheet's answers by criterion, and the key as a worksheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from tickets.engine import Disposition, IntentMatch, Protocol, ReasonCode, Reversed
from tickets.grading.answers import Answers, OutcomeAnswer
from tickets.grading.criteria import Criterion
from tickets.grading.key import Key

E = TypeVar("E", bound=StrEnum)

_READ: Mapping[Criterion, Callable[[Answers], object]] = {
    Criterion.REVERSED: lambda a: a.reversed,
    Criterion.ORIGINATOR_IP: lambda a: a.originator_ip,
    Criterion.ORIGINATOR_PORT: lambda a: a.originator_port,
    Criterion.RESPONDER_IP: lambda a: a.responder_ip,
    Criterion.RESPONDER_PORT: lambda a: a.responder_port,
    Criterion.PROTOCOL: lambda a: a.protocol,
    Criterion.OUTCOME: lambda a: a.outcome,
    Criterion.INTENT: lambda a: a.intent,
    Criterion.DISPOSITION: lambda a: a.disposition,
    Criterion.REASON_CODE: lambda a: a.reason_code,
    Criterion.EVIDENCE: lambda a: ", ".join(map(str, a.evidence)) or None,
}


def given_answer(answers: Answers, criterion: Criterion) -> str:
    """What the trainee gave for a criterion as canonical text, "" for a blank."""
    value = _READ[criterion](answers)
    return "" if value is None else str(value)


def key_answers(key: Key) -> Answers:
    """The key as a worksheet: every field right, one proving record pinned a claim, and no text."""
    expected = {criterion: fact.expected for criterion, fact in key.facts.items() if fact.is_marked}

    def port(criterion: Criterion) -> int | None:
        return int(expected[criterion]) if criterion in expected else None

    return Answers(
        originator_ip=expected.get(Criterion.ORIGINATOR_IP),
        originator_port=port(Criterion.ORIGINATOR_PORT),
        responder_ip=expected.get(Criterion.RESPONDER_IP),
        responder_port=port(Criterion.RESPONDER_PORT),
        protocol=_enum(Protocol, expected, Criterion.PROTOCOL),
        reversed=_enum(Reversed, expected, Criterion.REVERSED),
        outcome=_enum(OutcomeAnswer, expected, Criterion.OUTCOME),
        intent=_enum(IntentMatch, expected, Criterion.INTENT),
        disposition=_enum(Disposition, expected, Criterion.DISPOSITION),
        reason_code=_enum(ReasonCode, expected, Criterion.REASON_CODE),
        evidence=tuple(dict.fromkeys(proof.records[0] for proof in key.proofs)),
    )


def _enum(kind: type[E], expected: Mapping[Criterion, str], criterion: Criterion) -> E | None:
    return kind(expected[criterion]) if criterion in expected else None
