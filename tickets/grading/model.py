"""The model worksheet: the key in the fields, and five short texts that say no more than the key does.

It earns every mark, which is how a variant is proven markable. It is no example of good prose."""

from __future__ import annotations

from dataclasses import replace

from tickets.engine import Disposition, IntentMatch, Location, Outcome, Reversed
from tickets.grading.answers import Answers, OutcomeAnswer
from tickets.grading.criteria import Criterion
from tickets.grading.given import key_answers
from tickets.grading.key import Key

_OUTCOMES = {
    Outcome.ESTABLISHED: "The connection was established.",
    Outcome.REFUSED: "The connection was refused.",
    Outcome.REJECTED: "The connection was blocked.",
    Outcome.UNANSWERED: "The attempt stayed unanswered.",
    Outcome.MIDSTREAM: "The capture is midstream.",
    Outcome.ONE_WAY: "The capture is one-way.",
    OutcomeAnswer.CANNOT_BE_DETERMINED: "It cannot be determined whether it succeeded.",
}
_DIRECTIONS = {
    Reversed.YES: "The alert is reversed.",
    Reversed.NO: "The alert is not reversed.",
    Reversed.CANNOT_BE_DETERMINED: "It cannot be determined who opened the conversation.",
}
_INTENTS = {IntentMatch.MATCH: "It fits the rule.", IntentMatch.MISMATCH: "It does not fit the rule."}
_CONCLUSIONS = {
    Disposition.TRUE_POSITIVE: "True positive",
    Disposition.BENIGN: "Benign",
    Disposition.FALSE_POSITIVE: "False positive",
    Disposition.UNDETERMINED: "Undetermined",
    Disposition.DUPLICATE: "Duplicate",
}
_ACTIONS = {
    Disposition.TRUE_POSITIVE: "Escalate the ticket.",
    Disposition.BENIGN: "Close the ticket.",
    Disposition.FALSE_POSITIVE: "Close the ticket.",
    Disposition.UNDETERMINED: "Investigate what is missing.",
    Disposition.DUPLICATE: "Close the ticket.",
}


def model_answers(key: Key) -> Answers:
    """The worksheet that earns every mark."""
    return replace(key_answers(key), texts=_texts(key))


def _texts(key: Key) -> dict[str, str]:
    place = _place(key)
    outcome, disposition = _outcome(key), key.disposition
    reversed_ = _expected(key, Criterion.REVERSED)
    intent = _expected(key, Criterion.INTENT)
    return {
        "reason": f"The rule looks for traffic like this packet. The alert shows {key.claim[0]} -> {key.claim[1]}.",
        "supporting_evidence": _join(_sides(key), outcome, place),
        "analysis": _join(
            _DIRECTIONS[Reversed(reversed_)] if reversed_ else "",
            place,
            outcome,
            _INTENTS[IntentMatch(intent)] if intent else "",
        ),
        "conclusion": f"{_CONCLUSIONS[disposition or Disposition.UNDETERMINED]}, because the records show it.",
        "next_steps": _ACTIONS[disposition or Disposition.UNDETERMINED],
    }


def _join(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _expected(key: Key, criterion: Criterion) -> str:
    return key.facts[criterion].expected if key.is_marked(criterion) else ""


def _outcome(key: Key) -> str:
    expected = _expected(key, Criterion.OUTCOME)
    return _OUTCOMES[OutcomeAnswer(expected)] if expected else ""


def _sides(key: Key) -> str:
    protocol = _expected(key, Criterion.PROTOCOL).upper()
    if key.originator is None or key.responder is None:
        return f"It is {protocol}." if protocol else ""
    has_ports = key.is_marked(Criterion.RESPONDER_PORT)
    orig, resp = (key.originator, key.responder) if has_ports else (key.originator.ip, key.responder.ip)
    return (
        f"It went from {orig} to {resp} over {protocol}." if protocol else f"It went from {orig} to {resp}."
    )


def _place(key: Key) -> str:
    """A record that proves something, cited as the desk names it."""
    return f"The record {_first(key)} shows it."


def _first(key: Key) -> Location | str:
    records = [record for fact in key.facts.values() if fact.is_marked for record in fact.records]
    return records[0] if records else ""
