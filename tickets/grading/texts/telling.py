"""What was read of a text, in words: facts, needs, contradictions, and what was not read."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.grading.texts.facts import Fact, Kind, Passage, Standing, Stuffing
from tickets.grading.texts.needs import Need
from tickets.grading.texts.reading import Against, Contradiction

NEED_WORDS: Mapping[Need, str] = {
    Need.EXPECTATION: "what the rule looks for",
    Need.CLAIM: "what the alert shows",
    Need.SIDES: "from whom to whom it went",
    Need.PORT: "the service port, on its side",
    Need.PROTOCOL: "the protocol",
    Need.OUTCOME: "the outcome",
    Need.RECORD: "a record that proves something",
    Need.DIRECTION: "who opened it, or whether the alert is reversed",
    Need.PROOF: "a record or a flag that shows it",
    Need.INTENT: "whether it fits the rule",
    Need.DISPOSITION: "the one disposition that is right",
    Need.BECAUSE: "the reason for the disposition",
    Need.ACTION: "an action that fits how the ticket is closed",
}

_FRAMES: Mapping[Kind, str] = {
    Kind.OPENED: "{tail} turned to {head}",
    Kind.SENT: "something went from {tail} to {head}",
    Kind.CLAIMED: "the alert shows {tail} to {head}",
    Kind.PORT: "port {}",
    Kind.PROTOCOL: "protocol {}",
    Kind.SERVICE: "service {}",
    Kind.FLAG: "{} packet",
    Kind.RECORD: "record {}",
    Kind.TIME: "time {}",
    Kind.SID: "rule {}",
    Kind.OUTCOME: "outcome {}",
    Kind.INTENT: "{} with the rule",
    Kind.DISPOSITION: "disposition {}",
    Kind.CODE: "reason code {}",
    Kind.EXPECTATION: "what the rule looks for",
    Kind.BECAUSE: "a reason",
    Kind.ACTION: "action: {}",
}
_REVERSED = {
    "yes": "the alert is reversed",
    "no": "the alert is not reversed",
    "cannot_be_determined": "it cannot be determined who opened it",
}
_STANDING = {Standing.ASSERTED: "", Standing.NEGATED: " (denied)", Standing.HEDGED: " (guessed)"}

_PASSAGES: Mapping[Stuffing, str] = {
    Stuffing.KEYWORDS: "A list of words without a sentence was not read.",
    Stuffing.PASTED: "Pasted log lines are evidence presented, not a fact stated: they were not read.",
    Stuffing.COPIED: "What is copied from the ticket was not read.",
    Stuffing.REPEATED: "A sentence that stood there before was read once.",
    Stuffing.EVERYTHING: "More addresses are named than the ticket has: this step is left to an instructor.",
}


def tell_fact(fact: Fact) -> str:
    """The fact as a reader would say it, with its writer's standing."""
    return f"{_plainly(fact.kind, fact.value)}{_STANDING[fact.standing]}"


def _plainly(kind: Kind, value: str) -> str:
    if kind is Kind.REVERSED:
        return _REVERSED.get(value, value)
    if kind in (Kind.OPENED, Kind.SENT, Kind.CLAIMED):
        tail, _, head = value.partition(">")
        return _FRAMES[kind].format(tail=tail or "somebody", head=head or "somebody")
    return _FRAMES[kind].format(value.replace("_", " "))


# What a contradicted field holds, in the words of a fact of that kind.
_OTHER: Mapping[Against, Kind] = {
    Against.DIRECTION: Kind.OPENED,
    Against.REVERSED: Kind.REVERSED,
    Against.OUTCOME: Kind.OUTCOME,
    Against.INTENT: Kind.INTENT,
    Against.DISPOSITION: Kind.DISPOSITION,
    Against.CODE: Kind.CODE,
    Against.PORT: Kind.PORT,
    Against.PROTOCOL: Kind.PROTOCOL,
}


def tell_check(found: Contradiction) -> str:
    """A contradiction with the trainee's own fields, or with what is in the ticket at all."""
    said = _plainly(found.fact.kind, found.fact.value)
    if found.against is Against.UNKNOWN:
        return f"The text names {found.other}, which is nowhere in this ticket."
    if found.against is Against.DENIAL:
        return "The text says that it was blocked, and no record tells of a device that did."
    return f"The text says “{said}”, and your field says “{_plainly(_OTHER[found.against], found.other)}”."


def tell_denial(found: Contradiction) -> str:
    """A contradiction with the records."""
    said = _plainly(found.fact.kind, found.fact.value)
    if found.against not in _OTHER:
        return tell_check(found)
    return f"The text says “{said}”, and the records show “{_plainly(_OTHER[found.against], found.other)}”."


def tell_passage(passage: Passage) -> str:
    return _PASSAGES[passage.why]
