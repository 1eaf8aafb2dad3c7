"""Truth: what the story made so, what the author expects, and what the engine finds in the evidence alone."""

from __future__ import annotations

from collections.abc import Iterator

from tickets.engine import Claim, Outcome, Reversed, Verdict
from tickets.grading import Criterion, Fact, OutcomeAnswer
from tickets.packs import Expected
from tickets.quality.exhibit import Exhibit
from tickets.quality.worksheet import key_for

# What the records prove less surely than this is not marked (grading.key.SURE_ENOUGH is the same bar).
CERTAIN = 0.9


def check_reading(exhibit: Exhibit) -> Iterator[str]:
    """Every evidence file can be read to its end."""
    told = dict.fromkeys(map(str, (*exhibit.verdict.problems, *exhibit.problems)))
    yield from told


def check_truth(exhibit: Exhibit) -> Iterator[str]:
    """The engine finds from the evidence what the story made true, or the key says that it cannot be determined."""
    truth, verdict = exhibit.played.truth, exhibit.verdict
    conversation = verdict.conversation
    if conversation is None:
        yield "the evidence holds no conversation of the alert"
        return
    found: dict[str, tuple[object, object]] = {"protocol": (truth.protocol, conversation.protocol)}
    if not truth.has_opener and not is_side_open(exhibit):
        yield "nobody opened it in the story, and the scenario file says who did"
    if not is_side_open(exhibit):
        found |= {
            "originator": (truth.orig, conversation.orig),
            "responder": (truth.resp, conversation.resp),
            "reversed": (truth.reversed, verdict.reversed),
        }
    if not is_outcome_open(exhibit):
        found["outcome"] = (truth.outcome, verdict.outcome)
    yield from _differences(found, "the story's truth", "the engine's verdict")


def is_side_open(exhibit: Exhibit) -> bool:
    """Does the author say that nobody can know who opened it?"""
    return exhibit.scenario.expected.reversed is Reversed.CANNOT_BE_DETERMINED


def is_outcome_open(exhibit: Exhibit) -> bool:
    """Does the author say that nobody can know what became of it?"""
    return str(exhibit.scenario.expected.outcome) == OutcomeAnswer.CANNOT_BE_DETERMINED


def check_open(exhibit: Exhibit) -> Iterator[str]:
    """What the author calls impossible to determine is open in the evidence: the engine takes no side and names no
    outcome, no record proves one, and the key asks for just that."""
    verdict, key = exhibit.verdict, key_for(exhibit)
    conversation = verdict.conversation
    if is_side_open(exhibit):
        if conversation is not None and conversation.orig is not None:
            yield f"the engine takes {conversation.orig} for the originator, which should be open"
        yield from _proven(exhibit, Claim.ORIGINATOR)
        yield from _not_asked(key.facts[Criterion.REVERSED], Reversed.CANNOT_BE_DETERMINED)
        if key.originator is not None or key.responder is not None:
            yield "the key names the sides, which should be open"
    if is_outcome_open(exhibit):
        if verdict.outcome is not None:
            yield f"the engine finds the outcome {verdict.outcome}, which should be open"
        yield from _proven(exhibit, Claim.OUTCOME)
        yield from _not_asked(key.facts[Criterion.OUTCOME], OutcomeAnswer.CANNOT_BE_DETERMINED)


def _proven(exhibit: Exhibit, claim: Claim) -> Iterator[str]:
    """Proofs that name one value leave nothing open. Where equally strong ones contradict each other nobody can know."""
    strong = [item for item in exhibit.verdict.findings if item.claim is claim and item.confidence >= CERTAIN]
    values = {item.value for item in strong}
    if len(values) == 1 and not (claim is Claim.OUTCOME and values <= NEED_SIDES):
        places = ", ".join(map(str, strong[0].records[:3]))
        yield f"{strong[0].rule} in {places} proves the {claim.value} {strong[0].value}, which should be open"


# What silence means, or a SYN-ACK that was reset, depends on who asked: the engine names no outcome without that. Where
# it does name one, that is told before.
NEED_SIDES = {Outcome.UNANSWERED.value, Outcome.MIDSTREAM.value}


def _not_asked(fact: Fact, wanted: str) -> Iterator[str]:
    if not fact.is_marked or fact.expected != wanted:
        yield f"the key's {fact.criterion.value} is {fact.expected or 'not marked'}, not {wanted}"


def check_expectation(exhibit: Exhibit) -> Iterator[str]:
    """The engine concludes what the author expects."""
    yield from tell_unexpected(exhibit.scenario.expected, exhibit.verdict)


def tell_unexpected(expected: Expected, verdict: Verdict) -> Iterator[str]:
    """In what the engine concludes otherwise than the author expects."""
    found: dict[str, tuple[object, object]] = {
        "reversed": (expected.reversed, verdict.reversed),
        "outcome": (str(expected.outcome), str(verdict.outcome or OutcomeAnswer.CANNOT_BE_DETERMINED)),
        "intent": (expected.intent, verdict.intent),
        "reason code": (expected.reason_code, verdict.reason_code),
    }
    yield from _differences(found, "the scenario file", "the engine's verdict")


def _differences(found: dict[str, tuple[object, object]], one: str, other: str) -> Iterator[str]:
    for what, (wanted, given) in found.items():
        if wanted != given:
            yield f"{what} is {wanted} in {one} and {given} in {other}"


def check_contradictions(exhibit: Exhibit) -> Iterator[str]:
    """No record proves the contrary of the key. A weak one may speak against it: that is what lessons are made of."""
    settled = {
        Claim.ORIGINATOR: not is_side_open(exhibit),
        Claim.OUTCOME: not is_outcome_open(exhibit),
    }
    for finding in exhibit.verdict.findings:
        if settled.get(finding.claim) and not finding.supports and finding.confidence >= CERTAIN:
            places = ", ".join(map(str, finding.records[:3]))
            yield f"{finding.rule} in {places} speaks against the {finding.claim.value} with {finding.confidence}"


# What the values in the texts name, and which side of the truth it is.
SIDES = (
    ("client_ip", "orig", "ip"),
    ("client_port", "orig", "port"),
    ("server_ip", "resp", "ip"),
    ("server_port", "resp", "port"),
)


def check_values(exhibit: Exhibit) -> Iterator[str]:
    """The texts name the hosts of the story and the ends of the alert."""
    values, played = exhibit.played.values, exhibit.played
    for name, side, part in SIDES:
        wanted = str(getattr(getattr(played.truth, side), part))
        if values.get(name, wanted) != wanted:
            yield f"{name} is {values[name]} in the texts and {wanted} in the story"
    for name, end in (("alert_source", played.alert.src), ("alert_destination", played.alert.dst)):
        if values.get(name, str(end)) != str(end):
            yield f"{name} is {values[name]} in the texts and {end} in the alert"
