"""The model worksheet: the key in the fields, and five short texts that say no more than the key does.

It earns every mark, which is how a variant is proven markable, and is shown when the worked path has been read."""

from __future__ import annotations

from dataclasses import replace

from tickets.engine import Claim, Disposition, IntentMatch, Outcome, Reversed
from tickets.grading.answers import Action, Answers, OutcomeAnswer
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
_NO_SESSION = (Outcome.REFUSED, Outcome.REJECTED, Outcome.UNANSWERED)
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
    Disposition.TRUE_POSITIVE: (Action.ESCALATE, "Escalate the ticket."),
    Disposition.BENIGN: (Action.CLOSE, "Close the ticket."),
    Disposition.FALSE_POSITIVE: (Action.CLOSE, "Close the ticket."),
    Disposition.UNDETERMINED: (Action.INVESTIGATE, "Investigate what is missing."),
    Disposition.DUPLICATE: (Action.CLOSE, "Close the ticket."),
}


def model_answers(key: Key) -> Answers:
    """The worksheet that earns every mark."""
    action, _ = _ACTIONS[key.disposition or Disposition.UNDETERMINED]
    return replace(key_answers(key), actions=(action,), texts=_texts(key))


def _texts(key: Key) -> dict[str, str]:
    opened, answered = _place(key, Claim.ORIGINATOR), _place(key, Claim.OUTCOME)
    outcome, disposition = _outcome(key), key.disposition or Disposition.UNDETERMINED
    # Where no side is marked there is no sentence to cite it in.
    alone = f"The record {opened} shows it." if opened else ""
    return {
        "reason": f"The rule looks for traffic like this packet. The alert shows {key.claim[0]} -> {key.claim[1]}.",
        "supporting_evidence": _join(_cited(_sides(key), opened) or alone, _cited(outcome, answered)),
        "analysis": _join(_cited(_direction(key), opened) or alone, _cited(outcome, answered), _intent(key)),
        "conclusion": f"{_CONCLUSIONS[disposition]}, because {_because(key, disposition)}",
        "next_steps": _ACTIONS[disposition][1],
    }


def _direction(key: Key) -> str:
    expected = _expected(key, Criterion.REVERSED)
    return _DIRECTIONS[Reversed(expected)] if expected else ""


def _intent(key: Key) -> str:
    expected = _expected(key, Criterion.INTENT)
    return _INTENTS[IntentMatch(expected)] if expected else ""


def _because(key: Key, disposition: Disposition) -> str:
    """A false positive is one by its direction or its fit, and what came to nothing is closed by that."""
    said = ""
    if disposition is Disposition.FALSE_POSITIVE:
        said = _direction(key) if _expected(key, Criterion.REVERSED) == Reversed.YES else _intent(key)
    elif _expected(key, Criterion.OUTCOME) in _NO_SESSION:
        said = _outcome(key)
    return said[:1].lower() + said[1:] if said else "the records show it."


def _cited(sentence: str, place: str) -> str:
    """The sentence with the record that shows it."""
    return f"{sentence.removesuffix('.')} ({place})." if sentence and place else sentence


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


def _place(key: Key, claim: Claim) -> str:
    """The record that proves a claim, cited as the desk names it; else one that shows anything."""
    proofs = (record for proof in key.proofs if proof.claim is claim for record in proof.records)
    shown = (record for fact in key.facts.values() if fact.is_marked for record in fact.records)
    return next((str(record) for record in (*proofs, *shown)), "")
