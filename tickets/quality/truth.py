"""Truth: what the story made so, what the author expects, and what the engine finds in the evidence alone."""

from __future__ import annotations

from collections.abc import Iterator

from tickets.engine import Claim, Reversed
from tickets.quality.exhibit import Exhibit

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
    if exhibit.scenario.expected.reversed is Reversed.CANNOT_BE_DETERMINED:
        yield from _sides_taken(exhibit)
        return
    found: dict[str, tuple[object, object]] = {
        "originator": (truth.orig, conversation and conversation.orig),
        "responder": (truth.resp, conversation and conversation.resp),
        "protocol": (truth.protocol, conversation and conversation.protocol),
        "outcome": (truth.outcome, verdict.outcome),
        "reversed": (truth.reversed, verdict.reversed),
    }
    yield from _differences(found, "the story's truth", "the engine's verdict")


def _sides_taken(exhibit: Exhibit) -> Iterator[str]:
    """Where nobody can know, the engine must not either."""
    conversation = exhibit.verdict.conversation
    if conversation is None:
        yield "the evidence holds no conversation of the alert"
    elif conversation.orig is not None:
        yield f"the engine takes {conversation.orig} for the originator, and the key says that it cannot be determined"


def check_expectation(exhibit: Exhibit) -> Iterator[str]:
    """The engine concludes what the author expects."""
    expected, verdict = exhibit.scenario.expected, exhibit.verdict
    found: dict[str, tuple[object, object]] = {
        "reversed": (expected.reversed, verdict.reversed),
        "outcome": (expected.outcome, verdict.outcome),
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
    for finding in exhibit.verdict.findings:
        is_about_wire = finding.claim in (Claim.ORIGINATOR, Claim.OUTCOME)
        is_taken = exhibit.scenario.expected.reversed is not Reversed.CANNOT_BE_DETERMINED
        if is_about_wire and is_taken and not finding.supports and finding.confidence >= CERTAIN:
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
