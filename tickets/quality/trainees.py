"""Simulated trainees: the worksheet of somebody who holds one wrong idea and is right in everything else.

Each is written from the idea's definition, never from the detector in grading, so that the two can be held against
each other. An idea that a variant gives no occasion to writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from tickets.engine import (
    DISPOSITION_OF,
    Disposition,
    Effect,
    Location,
    Malice,
    Outcome,
    Protocol,
    ReasonCode,
    Record,
)
from tickets.grading import Answers, Criterion, Line, OutcomeAnswer, TextLine
from tickets.quality.sides import (
    client_port,
    face_value,
    inside_victim,
    known_port,
    port_says_service,
    proxy_source,
    reverses_all,
    translated_source,
)
from tickets.quality.world import World

HOUR_NS = 3_600_000_000_000
MINUTE_NS = 60_000_000_000
NO_EFFECT = frozenset({Effect.BLOCKED, Effect.RST, Effect.NOREPLY, Effect.FAILED})
NO_SESSION = frozenset({Outcome.REFUSED, Outcome.REJECTED, Outcome.UNANSWERED, Outcome.ONE_WAY})


@dataclass(frozen=True, slots=True)
class Idea:
    """A wrong idea: its code, the fact that it spoils first, and what who holds it writes."""

    code: str
    criterion: Line
    write: Callable[[World], Answers | None]


def write_worksheets(world: World) -> Mapping[str, Answers]:
    """The worksheets of all ideas that this variant gives occasion to, by code."""
    written = ((idea.code, idea.write(world)) for idea in IDEAS)
    return {code: answers for code, answers in written if answers is not None}


# Outcome


def _succeeded_if(is_occasion: Callable[[World], bool]) -> Callable[[World], Answers | None]:
    """Success is written although there was none."""

    def write(world: World) -> Answers | None:
        failed = world.outcome in NO_SESSION and is_occasion(world)
        return replace(world.model, outcome=OutcomeAnswer.ESTABLISHED) if failed else None

    return write


def _is_asked_only(world: World) -> bool:
    """M05: SYNs, and nothing that answers them."""
    return world.is_protocol(Protocol.TCP) and world.outcome is Outcome.UNANSWERED


def _is_refused(world: World) -> bool:
    """M06: a reset, or an ICMP error."""
    return world.outcome in (Outcome.REFUSED, Outcome.REJECTED)


def _is_stopped(world: World) -> bool:
    """M08: a control stopped it."""
    return world.verdict.effect is Effect.BLOCKED or world.control_says("blocked")


def _is_let_through(world: World) -> bool:
    """M09: the firewall allowed it, the host refused it or never answered."""
    is_allowed = world.control_says("allowed") and not world.control_says("blocked")
    return is_allowed and world.outcome in (Outcome.REFUSED, Outcome.UNANSWERED)


def _is_unheard(world: World) -> bool:
    """M15: datagrams in one direction only."""
    return world.is_protocol(Protocol.UDP) and world.outcome in (Outcome.UNANSWERED, Outcome.ONE_WAY)


def _late_is_failed(world: World) -> Answers | None:
    """M07: both sides talk, the beginning was not captured, and that is taken for a failure."""
    is_late = world.outcome is Outcome.MIDSTREAM
    return replace(world.model, outcome=OutcomeAnswer.UNANSWERED) if is_late else None


# Disposition


def _severity_decides(world: World) -> Answers | None:
    """M13: the severity calls for one disposition, the evidence for another. 1 is Suricata's highest; the middle one
    calls for none."""
    severity, right = world.verdict.alert.severity, world.key.disposition
    harmless = (Disposition.BENIGN, Disposition.FALSE_POSITIVE)
    if severity is None or severity == 2 or right is None:
        return None
    if severity < 2:
        return None if right is Disposition.TRUE_POSITIVE else _closed(world, Disposition.TRUE_POSITIVE)
    return None if right in harmless else _closed(world, Disposition.BENIGN)


def _failed_is_false(world: World) -> Answers | None:
    """M14: a real attack came to nothing, and is called a false positive."""
    inputs, right = world.verdict.inputs, world.key.disposition
    is_real = inputs.mal is Malice.YES and world.verdict.effect in NO_EFFECT
    if not is_real or right in (None, Disposition.FALSE_POSITIVE, Disposition.UNDETERMINED):
        return None
    return _closed(world, Disposition.FALSE_POSITIVE)


def _closed(world: World, disposition: Disposition) -> Answers | None:
    """Closed with a code of that disposition which the author does not accept in full, if there is one."""
    whole = {item.reason_code for item in world.key.facts[Criterion.DISPOSITION].accepted if item.credit == 1}
    code = next((code for code in _codes_of(disposition) if code not in whole), None)
    return None if code is None else replace(world.model, disposition=disposition, reason_code=code)


def _codes_of(disposition: Disposition) -> Iterator[ReasonCode]:
    return (code for code, owner in DISPOSITION_OF.items() if owner is disposition)


# Evidence


def _wrong_hour(world: World) -> Answers | None:
    """M16: what is cited lies whole hours away from the conversation."""
    pins = tuple(dict.fromkeys(_hours_away(world)))[:1]
    return replace(world.model, evidence=pins) if pins and world.key.proofs else None


def _hours_away(world: World) -> Iterator[Location]:
    """Records of the same hosts that are off by an hour, or several, to the minute."""
    conversation = world.verdict.conversation
    if conversation is None:
        return
    ours = {end.ip for end in conversation.endpoints}
    for record in world.records:
        if record.time_ns is None or record.location is None or ours.isdisjoint(_ips_of(record)):
            continue
        away_ns = max(conversation.first_ns - record.time_ns, record.time_ns - conversation.last_ns)
        over_ns = (away_ns + MINUTE_NS) % HOUR_NS
        if away_ns > HOUR_NS // 2 and over_ns <= 2 * MINUTE_NS:
            yield record.location


def _ips_of(record: Record) -> set[str]:
    """The addresses that a record prints first and second, whatever its format calls them."""
    ends = (getattr(record, name, None) for name in ("src", "dst", "orig", "resp"))
    return {end.ip for end in ends if end is not None}


def _uncited(world: World) -> Answers | None:
    """M18: all is right, and nothing is cited that shows it."""
    return replace(world.model, evidence=()) if world.key.proofs else None


IDEAS: tuple[Idea, ...] = (
    Idea("M01", Criterion.REVERSED, face_value),
    Idea("M02", Criterion.REVERSED, reverses_all),
    Idea("M03", Criterion.RESPONDER_PORT, client_port),
    Idea("M04", Criterion.RESPONDER_PORT, known_port),
    Idea("M05", Criterion.OUTCOME, _succeeded_if(_is_asked_only)),
    Idea("M06", Criterion.OUTCOME, _succeeded_if(_is_refused)),
    Idea("M07", Criterion.OUTCOME, _late_is_failed),
    Idea("M08", Criterion.OUTCOME, _succeeded_if(_is_stopped)),
    Idea("M09", Criterion.OUTCOME, _succeeded_if(_is_let_through)),
    Idea("M10", Criterion.ORIGINATOR_IP, translated_source),
    Idea("M11", Criterion.ORIGINATOR_IP, proxy_source),
    Idea("M12", Criterion.RESPONDER_IP, inside_victim),
    Idea("M13", Criterion.DISPOSITION, _severity_decides),
    Idea("M14", Criterion.DISPOSITION, _failed_is_false),
    Idea("M15", Criterion.OUTCOME, _succeeded_if(_is_unheard)),
    Idea("M16", Criterion.EVIDENCE, _wrong_hour),
    Idea("M17", TextLine.SUPPORTING_EVIDENCE, port_says_service),
    Idea("M18", Criterion.EVIDENCE, _uncited),
)
