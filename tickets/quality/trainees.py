"""Simulated trainees: the worksheet of somebody who holds one wrong idea and is right in everything else.

Each is written from the idea's definition, never from the detector in grading, so that the two can be held against
each other. An idea that a variant gives no occasion to writes nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tickets.engine import (
    DISPOSITION_OF,
    Claim,
    Disposition,
    Effect,
    Endpoint,
    Location,
    Malice,
    Outcome,
    Protocol,
    ReasonCode,
    Record,
    Reversed,
    Verdict,
)
from tickets.grading import Answers, Criterion, Key, Line, OutcomeAnswer, TextLine, model_answers

HOUR_NS = 3_600_000_000_000
MINUTE_NS = 60_000_000_000
SYSTEM_PORTS = 1024  # RFC 6335: the well-known ones are below
PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
NO_EFFECT = frozenset({Effect.BLOCKED, Effect.RST, Effect.NOREPLY, Effect.FAILED})
NO_SESSION = frozenset({Outcome.REFUSED, Outcome.REJECTED, Outcome.UNANSWERED, Outcome.ONE_WAY})
# Ports with a habit, and by which names a payload may show what is usual there.
HABITS: Mapping[int, tuple[str, frozenset[str]]] = {
    22: ("SSH", frozenset({"ssh"})),
    53: ("DNS", frozenset({"dns"})),
    80: ("HTTP", frozenset({"http"})),
    443: ("HTTPS", frozenset({"tls", "ssl", "https", "quic"})),
    445: ("SMB", frozenset({"smb"})),
    3389: ("RDP", frozenset({"rdp"})),
}
PASSED_ON = ("forwarded", "xff", "client-ip")  # in a record that names the client behind whoever sent it
TURNED = {Reversed.YES: Reversed.NO, Reversed.NO: Reversed.YES}


@dataclass(frozen=True, slots=True)
class World:
    """What a trainee has before him, and what is right in it."""

    verdict: Verdict
    key: Key
    records: Sequence[Record] = ()

    @property
    def model(self) -> Answers:
        return model_answers(self.key)

    @property
    def sides(self) -> tuple[Endpoint, Endpoint] | None:
        """Originator and responder, where the key names them."""
        orig, resp = self.key.originator, self.key.responder
        return None if orig is None or resp is None else (orig, resp)

    @property
    def outcome(self) -> Outcome | None:
        return self.verdict.outcome if self.key.is_marked(Criterion.OUTCOME) else None

    def is_reversed(self, truth: Reversed) -> bool:
        return self.key.is_marked(Criterion.REVERSED) and self.verdict.reversed is truth

    def is_protocol(self, protocol: Protocol) -> bool:
        conversation = self.verdict.conversation
        return conversation is not None and conversation.protocol is protocol

    def control_says(self, word: str) -> bool:
        findings = (item for item in self.verdict.findings if item.claim is Claim.EFFECT)
        return any(item.value == word for item in findings)


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


# Direction


def _as_ends(answers: Answers, orig: Endpoint, resp: Endpoint, reverses: Reversed) -> Answers:
    return replace(
        answers,
        reversed=reverses,
        originator_ip=orig.ip,
        originator_port=None if answers.originator_port is None else orig.port,
        responder_ip=resp.ip,
        responder_port=None if answers.responder_port is None else resp.port,
    )


def _face_value(world: World) -> Answers | None:
    """M01: the alert is reversed, and is taken as it is printed."""
    alert = world.verdict.alert
    if world.sides is None or not world.is_reversed(Reversed.YES):
        return None
    return _as_ends(world.model, alert.src, alert.dst, Reversed.NO)


def _reverses_all(world: World) -> Answers | None:
    """M02: the alert is right, and is turned round."""
    alert = world.verdict.alert
    if world.sides is None or not world.is_reversed(Reversed.NO):
        return None
    return _as_ends(world.model, alert.dst, alert.src, Reversed.YES)


def _client_port(world: World) -> Answers | None:
    """M03: the addresses are right, and the port that the client drew is taken for the service."""
    if world.sides is None or world.is_protocol(Protocol.ICMP):
        return None
    orig, resp = world.sides
    if orig.port == resp.port or orig.port < SYSTEM_PORTS:
        return None
    return replace(world.model, originator_port=resp.port, responder_port=orig.port)


def _known_port(world: World) -> Answers | None:
    """M04: who opened it used a well-known port, and is taken for the server."""
    if world.sides is None or world.is_protocol(Protocol.ICMP):
        return None
    orig, resp = world.sides
    return _turned(world) if orig.port < SYSTEM_PORTS <= resp.port else None


def _inside_victim(world: World) -> Answers | None:
    """M12: a host of the inside opened it to the outside, and is taken for the one that was called. Whoever is sure of
    that for every alert has no use for the question whether this one is reversed, and leaves it open."""
    if world.sides is None:
        return None
    orig, resp = world.sides
    turned = _turned(world) if _is_inside(orig) and not _is_inside(resp) else None
    return None if turned is None else replace(turned, reversed=None)


def _turned(world: World) -> Answers | None:
    """Both sides exchanged, and the alert judged accordingly."""
    if world.sides is None or world.verdict.reversed not in TURNED:
        return None
    orig, resp = world.sides
    return _as_ends(world.model, resp, orig, TURNED[world.verdict.reversed])


def _is_inside(end: Endpoint) -> bool:
    address = ipaddress.ip_address(end.ip)
    return any(address in network for network in PRIVATE if network.version == address.version)


def _translated_source(world: World) -> Answers | None:
    """M10: a record states a translation, and the translated address is taken for the source."""
    conversation = world.verdict.conversation
    if world.sides is None or conversation is None:
        return None
    orig = world.sides[0]
    at = conversation.endpoints.index(orig) if orig in conversation.endpoints else 0
    outer = next((view[at] for view in conversation.translated if view[at].ip != orig.ip), None)
    if outer is None:
        return None
    port = None if world.model.originator_port is None else outer.port
    return replace(world.model, originator_ip=outer.ip, originator_port=port)


def _proxy_source(world: World) -> Answers | None:
    """M11: a record names the client behind the device that passed its request on, and that device is given."""
    if world.sides is None:
        return None
    orig = world.sides[0]
    passed = (
        getattr(record, "orig", None) or getattr(record, "src", None)
        for record in world.records
        if orig.ip in (raw := getattr(record, "raw", "").lower()) and any(word in raw for word in PASSED_ON)
    )
    proxy = next((end for end in passed if end is not None and end.ip != orig.ip), None)
    return None if proxy is None else replace(world.model, originator_ip=proxy.ip)


# Service


def _port_says_service(world: World) -> Answers | None:
    """M17: the payload shows another protocol than the port's usual one, and that one is written down."""
    usual = HABITS.get(world.sides[1].port) if world.sides is not None else None
    told = (item for item in world.verdict.findings if item.claim is Claim.SERVICE and item.supports)
    spoken = {item.value for item in told if item.rule == "service.application"}
    if usual is None or not spoken or not spoken.isdisjoint(usual[1]):
        return None
    texts = dict(world.model.texts)
    texts["supporting_evidence"] = f"{texts['supporting_evidence']} The service is {usual[0]}."
    return replace(world.model, texts=texts)


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
    Idea("M01", Criterion.REVERSED, _face_value),
    Idea("M02", Criterion.REVERSED, _reverses_all),
    Idea("M03", Criterion.RESPONDER_PORT, _client_port),
    Idea("M04", Criterion.RESPONDER_PORT, _known_port),
    Idea("M05", Criterion.OUTCOME, _succeeded_if(_is_asked_only)),
    Idea("M06", Criterion.OUTCOME, _succeeded_if(_is_refused)),
    Idea("M07", Criterion.OUTCOME, _late_is_failed),
    Idea("M08", Criterion.OUTCOME, _succeeded_if(_is_stopped)),
    Idea("M09", Criterion.OUTCOME, _succeeded_if(_is_let_through)),
    Idea("M10", Criterion.ORIGINATOR_IP, _translated_source),
    Idea("M11", Criterion.ORIGINATOR_IP, _proxy_source),
    Idea("M12", Criterion.RESPONDER_IP, _inside_victim),
    Idea("M13", Criterion.DISPOSITION, _severity_decides),
    Idea("M14", Criterion.DISPOSITION, _failed_is_false),
    Idea("M15", Criterion.OUTCOME, _succeeded_if(_is_unheard)),
    Idea("M16", Criterion.EVIDENCE, _wrong_hour),
    Idea("M17", TextLine.SUPPORTING_EVIDENCE, _port_says_service),
    Idea("M18", Criterion.EVIDENCE, _uncited),
)
